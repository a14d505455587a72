#include <algorithm>
#include <bit>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <vector>

#include <netinet/in.h>
#include <sys/socket.h>

#include <tcpkit/base/units.hpp>
#include <tcpkit/sock/tcp_info.hpp>

#include "os/descriptor.hpp"
#include "os/kernel.hpp"
#include "sock/tcp_info_reader.hpp"
#include "support/catch.hpp"

using namespace tcpkit;

namespace {

/// A kernel that answers getsockopt with given bytes, as an older or a newer one would.
class FakeInfoKernel final : public os::Kernel {
 public:
  explicit FakeInfoKernel(std::vector<std::byte> answer) : answer_(std::move(answer)) {}
  explicit FakeInfoKernel(int errno_value) : error_(errno_value, std::system_category()) {}

  std::error_code get_option(int, int level, int number, void* out, std::size_t& length) override {
    if (level != IPPROTO_TCP || number != 11) return {ENOPROTOOPT, std::system_category()};
    if (error_) return error_;
    length = std::min(length, answer_.size());
    if (length > 0) std::memcpy(out, answer_.data(), length);
    return {};
  }
  std::error_code set_option(int, int, int, const void*, std::size_t) override {
    return {EPERM, std::system_category()};
  }
  std::error_code read_file(const char*, std::string&) override { return {ENOENT, std::system_category()}; }

 private:
  std::vector<std::byte> answer_;
  std::error_code error_;
};

/// Bytes that differ from their neighbours, so that a wrong offset shows.
std::vector<std::byte> counting_bytes(std::size_t length) {
  std::vector<std::byte> bytes(length);
  for (std::size_t i = 0; i < length; ++i) bytes[i] = static_cast<std::byte>(i + 1);
  return bytes;
}

const TcpInfoField& field(std::string_view name) {
  const TcpInfoField* found = find_tcp_info_field(name);
  REQUIRE(found != nullptr);
  return *found;
}

}  // namespace

TEST_CASE("a short answer leaves newer fields absent") {
  const std::size_t length = GENERATE(0U, 1U, 7U, 8U, 104U, 232U, 248U, 276U, 280U, 400U);
  FakeInfoKernel kernel(counting_bytes(length));
  const Result<TcpInfo> info = read_tcp_info(kernel, -1);
  REQUIRE(info);
  CHECK(info->size() == length);
  for (const TcpInfoField& row : tcp_info_fields()) {
    INFO(row.name << " of an answer of " << length << " bytes");
    CHECK(info->get(row).has_value() == (std::size_t{row.offset} + row.width <= length));
  }
}

TEST_CASE("the edges of the answers that kernels give") {
  const auto present = [](std::size_t length, const char* name) {
    return TcpInfo(counting_bytes(length)).get(name).has_value();
  };
  CHECK(present(8, "fastopen_client_fail"));
  CHECK_FALSE(present(8, "rto"));
  CHECK(present(104, "total_retrans"));
  CHECK_FALSE(present(104, "pacing_rate"));
  CHECK_FALSE(present(108, "pacing_rate"));
  CHECK(present(232, "snd_wnd"));
  CHECK_FALSE(present(232, "rcv_wnd"));
  CHECK(present(248, "total_rto_time"));
  CHECK_FALSE(present(248, "received_ce"));
  CHECK(present(400, "received_ce_bytes"));
}

TEST_CASE("absent is not zero") {
  const TcpInfo zeros(std::vector<std::byte>(104));
  CHECK(zeros.get("total_retrans") == std::uint64_t{0});
  CHECK(zeros.get("bytes_acked") == std::nullopt);
}

TEST_CASE("a number is taken from its offset in the machine's byte order") {
  std::vector<std::byte> bytes = counting_bytes(280);
  const std::uint16_t timeouts = 517;
  const std::uint32_t rtt = 1234567;
  const std::uint64_t rate = 0xfedcba9876543210;
  std::memcpy(&bytes[240], &timeouts, sizeof timeouts);
  std::memcpy(&bytes[68], &rtt, sizeof rtt);
  std::memcpy(&bytes[104], &rate, sizeof rate);
  const TcpInfo info(bytes);
  CHECK(info.get("total_rto") == timeouts);
  CHECK(info.get("rtt") == rtt);
  CHECK(info.get("tcpi_rtt_us") == rtt);
  CHECK(info.get("pacing_rate") == rate);
  CHECK(info.get("state") == std::uint64_t{1});
}

TEST_CASE("bit fields are taken as the compiler lays them out") {
  struct Scales {  // the declaration of include/uapi/linux/tcp.h
    std::uint8_t snd_wscale : 4, rcv_wscale : 4;
    std::uint8_t app_limited : 1, fastopen_client_fail : 2;
  };
  Scales scales{};
  scales.snd_wscale = 7;
  scales.rcv_wscale = 10;
  scales.app_limited = 1;
  scales.fastopen_client_fail = 2;
  std::vector<std::byte> bytes(8);
  std::memcpy(&bytes[6], &scales, sizeof scales);
  const TcpInfo info(bytes);
  CHECK(info.get("snd_wscale") == std::uint64_t{7});
  CHECK(info.get("rcv_wscale") == std::uint64_t{10});
  CHECK(info.get("delivery_rate_app_limited") == std::uint64_t{1});
  CHECK(info.get("fastopen_client_fail") == std::uint64_t{2});
  if constexpr (std::endian::native == std::endian::little) CHECK(bytes[6] == std::byte{0xa7});
}

TEST_CASE("a failed TCP_INFO says what was being read and why it failed") {
  FakeInfoKernel kernel(ENOPROTOOPT);
  const Result<TcpInfo> info = read_tcp_info(kernel, 3);
  REQUIRE_FALSE(info);
  CHECK(describe(info.error()) == "read TCP_INFO: Protocol not available");
  CHECK(TcpInfo::read(-1).error().code == std::errc::bad_file_descriptor);
}

TEST_CASE("a fresh socket and a listener are told apart by their state") {
  const os::Descriptor fresh(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  REQUIRE(fresh);
  const Result<TcpInfo> closed = TcpInfo::read(fresh.get());
  REQUIRE(closed);
  CHECK(format_value(field("state"), closed->get("state").value()) == "CLOSE");
  CHECK(format_value(field("min_rtt"), closed->get("min_rtt").value()) == "no sample");
  CHECK(format_value(field("snd_ssthresh"), closed->get("snd_ssthresh").value()) == "infinite");

  REQUIRE(::listen(fresh.get(), 7) == 0);
  const Result<TcpInfo> listening = TcpInfo::read(fresh.get());
  REQUIRE(listening);
  CHECK(format_value(field("state"), listening->get("state").value()) == "LISTEN");
  CHECK(listening->get("sacked") == std::uint64_t{7});
  CHECK(listening->get("unacked") == std::uint64_t{0});
}

TEST_CASE("enumerations and flags are shown by name, unknown ones by number") {
  CHECK(format_value(field("state"), 1) == "ESTABLISHED");
  CHECK(format_value(field("state"), 99) == "99");
  CHECK(format_value(field("ca_state"), 0) == "Open");
  CHECK(format_value(field("options"), 0) == "none");
  CHECK(format_value(field("options"), 7) == "ts sack wscale");
  CHECK(format_value(field("options"), 0x107) == "ts sack wscale 0x100");
  CHECK(format_value(field("options"), 0x300) == "0x300");
  CHECK(format_value(field("fastopen_client_fail"), 1) == "cookie unavailable");
  CHECK(format_value(field("delivery_rate_app_limited"), 0) == "no");
  CHECK(format_value(field("delivery_rate_app_limited"), 1) == "yes");
}

TEST_CASE("numbers that stand for none are shown as what they mean") {
  constexpr std::uint64_t kAllOnes = std::numeric_limits<std::uint64_t>::max();
  CHECK(format_value(field("snd_ssthresh"), 2147483647) == "infinite");
  CHECK(format_value(field("min_rtt"), 4294967295) == "no sample");
  CHECK(format_value(field("pacing_rate"), kAllOnes) == "unlimited");
  CHECK(format_value(field("max_pacing_rate"), kAllOnes) == "unlimited");
  CHECK(format_value(field("snd_ssthresh"), 10) == "10");
}

TEST_CASE("times, sizes and rates are shown in a reader's units") {
  CHECK(format_value(field("rtt"), 40200) == "40.2 ms");
  CHECK(format_value(field("rtt"), 0) == "0");
  CHECK(format_value(field("last_data_sent"), 40) == format_duration(std::chrono::milliseconds(40)));
  CHECK(format_value(field("snd_mss"), 1448) == "1448 B");
  CHECK(format_value(field("snd_wnd"), 131072) == "131072 (128 KiB)");
  CHECK(format_value(field("pacing_rate"), 1000000000) == "8.00 Gbit/s");
  CHECK(format_value(field("snd_cwnd"), 10) == "10");
}

TEST_CASE("numbers too large for a reader's units are shown as they are") {
  constexpr std::uint64_t kAllOnes = std::numeric_limits<std::uint64_t>::max();
  CHECK(format_value(field("busy_time"), kAllOnes) == "18446744073709551615 us");
  CHECK(format_value(field("last_ack_recv"), kAllOnes) == "18446744073709551615 ms");
  CHECK(format_value(field("delivery_rate"), kAllOnes) == "18446744073709551615 bytes/s");
}

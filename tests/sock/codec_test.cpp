#include "sock/codec.hpp"

#include <cerrno>
#include <cstring>
#include <map>
#include <utility>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "support/catch.hpp"

using namespace tcpkit;

namespace {

/// Answers as told and remembers what it was asked.
class FakeKernel final : public os::Kernel {
 public:
  std::map<std::pair<int, int>, int> errors;
  std::map<std::pair<int, int>, std::vector<std::byte>> answers;
  std::vector<std::pair<int, int>> asked;

  std::error_code get_option(int, int level, int number, void* out, std::size_t& length) override {
    asked.emplace_back(level, number);
    if (const auto error = errors.find({level, number}); error != errors.end()) {
      return {error->second, std::system_category()};
    }
    const auto answer = answers.find({level, number});
    if (answer == answers.end()) return {ENOPROTOOPT, std::system_category()};
    length = std::min(length, answer->second.size());
    std::memcpy(out, answer->second.data(), length);
    return {};
  }

  std::error_code set_option(int, int level, int number, const void* value, std::size_t length) override {
    const auto* bytes = static_cast<const std::byte*>(value);
    answers[{level, number}] = std::vector<std::byte>(bytes, bytes + length);
    return {};
  }

  std::error_code read_file(const char*, std::string&) override { return {ENOENT, std::system_category()}; }
};

template <class T>
std::vector<std::byte> bytes_of(const T& value) {
  std::vector<std::byte> bytes(sizeof value);
  std::memcpy(bytes.data(), &value, sizeof value);
  return bytes;
}

const Option& row(std::string_view name) {
  const Option* found = find_option(name);
  REQUIRE(found != nullptr);
  return *found;
}

std::string reason_after(std::string_view name, int error, int family = AF_INET, int protocol = IPPROTO_TCP) {
  FakeKernel kernel;
  kernel.answers[{SOL_SOCKET, SO_DOMAIN}] = bytes_of(family);
  kernel.answers[{SOL_SOCKET, SO_PROTOCOL}] = bytes_of(protocol);
  kernel.errors[{row(name).level, row(name).number}] = error;
  const OptionReading reading = read_option(kernel, 3, row(name));
  CHECK_FALSE(reading.value.has_value());
  CHECK(reading.option == &row(name));
  return reading.reason;
}

void check_round_trip(std::string_view name, const Value& value) {
  CAPTURE(name);
  CHECK(decode(row(name), encode(row(name), value)) == value);
}

}  // namespace

TEST_CASE("a value survives being encoded and decoded, whatever its kind") {
  check_round_trip("nodelay", true);
  check_round_trip("nodelay", false);
  check_round_trip("keepidle", std::int64_t{7200});
  check_round_trip("peek-off", std::int64_t{-1});
  check_round_trip("mark", std::int64_t{UINT32_MAX});
  check_round_trip("max-pacing-rate", std::uint64_t{UINT64_MAX});
  check_round_trip("mtu-discover", std::int64_t{5});
  check_round_trip("buf-lock", std::int64_t{3});
  check_round_trip("congestion", std::string("bbr"));
  check_round_trip("linger", Structure{{"onoff", 1}, {"linger", 30}});
  check_round_trip("rcvtimeo", std::int64_t{1'234'567});
  check_round_trip("unicast-if", std::int64_t{2});
  check_round_trip("local-port-range", Numbers{40000, 65535});
  check_round_trip("txtime", Structure{{"clockid", 1}, {"flags", 2}});
  check_round_trip("options", std::string("01fe0ab0"));
  check_round_trip("options", std::string());
}

TEST_CASE("upper-case hex digits mean the same bytes") {
  CHECK(encode(row("options"), std::string("0AFf")) == encode(row("options"), std::string("0aff")));
}

TEST_CASE("any number but zero is an on switch") {
  CHECK(decode(row("nodelay"), bytes_of(2)) == Value{true});
  CHECK(decode(row("nodelay"), bytes_of(0)) == Value{false});
}

TEST_CASE("an interface index is turned from network byte order") {
  CHECK(decode(row("unicast-if"), bytes_of(htonl(2))) == Value{std::int64_t{2}});
}

TEST_CASE("a name ends at its first zero byte") {
  const char padded[16] = "cubic";
  CHECK(decode(row("congestion"), bytes_of(padded)) == Value{std::string("cubic")});
  CHECK(decode(row("congestion"), {}) == Value{std::string()});
}

TEST_CASE("words come with their names in the kernel's order") {
  const std::uint32_t words[9] = {1, 2, 3, 4, 5, 6, 7, 8, UINT32_MAX};
  const auto value = decode(row("meminfo"), bytes_of(words));
  REQUIRE(value.has_value());
  const auto& members = std::get<Structure>(*value);
  REQUIRE(members.size() == 9);
  CHECK(members.front() == Member{"rmem_alloc", 1});
  CHECK(members.back() == Member{"drops", UINT32_MAX});
}

TEST_CASE("addresses of both families are text with their port") {
  sockaddr_in v4{};
  v4.sin_family = AF_INET;
  v4.sin_port = htons(80);
  v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  CHECK(decode(row("peername"), bytes_of(v4)) == Value{std::string("127.0.0.1:80")});

  sockaddr_in6 v6{};
  v6.sin6_family = AF_INET6;
  v6.sin6_port = htons(443);
  v6.sin6_addr = in6addr_loopback;
  CHECK(decode(row("peername"), bytes_of(v6)) == Value{std::string("[::1]:443")});
}

TEST_CASE("an address of another family or half of one is no value") {
  sockaddr_in6 v6{};
  v6.sin6_family = AF_INET6;
  const auto whole = bytes_of(v6);
  CHECK_FALSE(decode(row("peername"), std::span(whole).first(16)).has_value());
  sockaddr_in other{};
  other.sin_family = AF_UNIX;
  CHECK_FALSE(decode(row("peername"), bytes_of(other)).has_value());
}

TEST_CASE("a time too long for microseconds saturates") {
  timeval longest{};
  longest.tv_sec = INT64_MAX;
  CHECK(decode(row("rcvtimeo"), bytes_of(longest)) == Value{std::int64_t{INT64_MAX}});
}

TEST_CASE("too few bytes are no value") {
  const std::vector<std::byte> three(3);
  const std::vector<std::byte> seven(7);
  for (const char* name : {"nodelay", "keepidle", "mark", "mtu-discover", "buf-lock", "unicast-if"}) {
    CAPTURE(name);
    CHECK_FALSE(decode(row(name), three).has_value());
  }
  for (const char* name : {"cookie", "linger", "rcvtimeo", "meminfo", "txtime", "peername"}) {
    CAPTURE(name);
    CHECK_FALSE(decode(row(name), seven).has_value());
  }
}

TEST_CASE("a short answer of the kernel is told with both lengths") {
  FakeKernel kernel;
  kernel.answers[{SOL_SOCKET, row("cookie").number}] = bytes_of(1);
  const auto reading = read_option(kernel, 3, row("cookie"));
  CHECK_FALSE(reading.value.has_value());
  CHECK(reading.reason == "unreadable: 4 bytes returned, 8 expected");
}

TEST_CASE("what is readable has a value and no reason") {
  FakeKernel kernel;
  kernel.answers[{IPPROTO_TCP, 4}] = bytes_of(600);
  const auto reading = read_option(kernel, 3, row("keepidle"));
  CHECK(reading.value == Value{std::int64_t{600}});
  CHECK(reading.reason.empty());
}

TEST_CASE("a seccomp filter makes an option unreadable") {
  CHECK(reason_after("nodelay", EPERM) == "unreadable: Operation not permitted");
  CHECK(reason_after("nodelay", ENOTSOCK) == "unreadable: Socket operation on non-socket");
}

TEST_CASE("a number the kernel refuses is not known to it") {
  CHECK(reason_after("rto-max-ms", ENOPROTOOPT) == "not known to this kernel");
  CHECK(reason_after("peek-off", EOPNOTSUPP) == "not known to this kernel");
}

TEST_CASE("an IPv6 option is not applicable to IPv4, and only there") {
  CHECK(reason_after("tclass", ENOPROTOOPT, AF_INET) == "not applicable");
  CHECK(reason_after("tclass", EOPNOTSUPP, AF_INET) == "not applicable");
  CHECK(reason_after("tclass", ENOPROTOOPT, AF_INET6) == "not known to this kernel");
}

TEST_CASE("an option of other socket types is not applicable to TCP") {
  CHECK(reason_after("passcred", EOPNOTSUPP) == "not applicable");
  CHECK(reason_after("so-inq", ENOPROTOOPT) == "not applicable");
  CHECK(reason_after("peergroups", ENODATA) == "not applicable");
}

TEST_CASE("what a multipath socket refuses is not put down to the kernel") {
  CHECK(reason_after("user-timeout", EOPNOTSUPP, AF_INET, 262) == "not offered on multipath sockets");
}

TEST_CASE("what needs a connection says so") {
  CHECK(reason_after("mtu", ENOTCONN) == "not connected");
  CHECK(reason_after("peername", ENOTCONN) == "not connected");
}

TEST_CASE("the kernel is never asked for what reading would consume or what cannot be read") {
  FakeKernel kernel;
  for (const Option& option : options()) {
    if (!option.consuming_read && !option.secret && option.access != Access::WriteOnly) continue;
    CAPTURE(option.symbol);
    const auto reading = read_option(kernel, 3, option);
    CHECK_FALSE(reading.value.has_value());
    const std::string_view allowed = option.secret ? "not read: a secret" : "write-only";
    CHECK(reading.reason == (option.consuming_read ? "consuming read" : allowed));
  }
  CHECK(kernel.asked.empty());
}

TEST_CASE("a successful read asks the kernel once") {
  FakeKernel kernel;
  kernel.answers[{IPPROTO_TCP, 1}] = bytes_of(1);
  CHECK(read_option(kernel, 3, row("nodelay")).value == Value{true});
  CHECK(kernel.asked.size() == 1);
}

TEST_CASE("what is written is what is read back") {
  FakeKernel kernel;
  CHECK_FALSE(write_option(kernel, 3, row("congestion"), std::string("reno")));
  CHECK(read_option(kernel, 3, row("congestion")).value == Value{std::string("reno")});
}

TEST_CASE("a refused write returns the kernel's error") {
  CHECK(write_option(os::real_kernel(), -1, row("nodelay"), true) == std::errc::bad_file_descriptor);
}

#include "inspect_words.hpp"

#include <cstring>
#include <initializer_list>
#include <string_view>
#include <utility>
#include <vector>

#include "inspect_progress.hpp"
#include "support/catch.hpp"

namespace {

using namespace tcpkit;
using namespace std::chrono_literals;

using Numbers32 = std::initializer_list<std::pair<std::string_view, std::uint64_t>>;

/// A connection whose TCP_INFO has these numbers.
SocketEntry connection(Numbers32 numbers, std::size_t length = 280) {
  std::vector<std::byte> bytes(280);
  for (const auto& [name, number] : numbers) {
    const TcpInfoField* field = find_tcp_info_field(name);
    REQUIRE(field != nullptr);
    std::memcpy(&bytes[field->offset], &number, field->width);  // the host is little-endian, or the numbers are 64 bit
  }
  SocketEntry entry;
  entry.state = SocketState::Established;
  entry.cookie = 7;
  entry.info = TcpInfo(std::span(bytes).first(length));
  return entry;
}

}  // namespace

TEST_CASE("what held a sender back for a third of its time is named") {
  CHECK_FALSE(held_back(connection({})));
  CHECK_FALSE(held_back(connection({{"busy_time", 900}, {"rwnd_limited", 299}, {"snd_cwnd", 10}})));
  const auto window = held_back(connection({{"busy_time", 900}, {"rwnd_limited", 300}, {"sndbuf_limited", 10}}));
  REQUIRE(window);
  CHECK(window->by == "peer window");
  CHECK(window->percent_of_busy == 33);
  const auto buffer = held_back(connection({{"busy_time", 900}, {"rwnd_limited", 300}, {"sndbuf_limited", 450}}));
  REQUIRE(buffer);
  CHECK(buffer->by == "send buffer");
  CHECK(buffer->percent_of_busy == 50);
}

TEST_CASE("a congestion window that is full holds back") {
  CHECK_FALSE(held_back(connection({{"snd_cwnd", 10}, {"unacked", 9}})));
  CHECK_FALSE(held_back(connection({{"snd_cwnd", 10}, {"unacked", 12}, {"sacked", 3}})));
  const auto full = held_back(connection({{"snd_cwnd", 10}, {"unacked", 10}}));
  REQUIRE(full);
  CHECK(full->by == "cwnd");
}

TEST_CASE("a connection without a process waits to be accepted, or was closed") {
  SocketEntry entry = connection({});
  CHECK(is_unaccepted(entry));
  entry.state = SocketState::FinWait2;
  CHECK_FALSE(is_unaccepted(entry));
  entry.state = SocketState::CloseWait;
  CHECK(is_unaccepted(entry));
  entry.inode = 4711;
  CHECK_FALSE(is_unaccepted(entry));
}

TEST_CASE("a listener's numbers mean something else, and nothing holds it back") {
  SocketEntry listener = connection({{"unacked", 200}, {"snd_cwnd", 10}});
  listener.state = SocketState::Listen;
  CHECK_FALSE(held_back(listener));
}

TEST_CASE("the name of a process cannot reach the terminal unescaped") {
  CHECK(holder_text({12, "a\x1b[31m\n", 3}) == "a\\x1b[31m\\n[12]/3");
}

TEST_CASE("progress is what came since the look before, and a socket not seen in it begins anew") {
  const ProgressWatch::Clock::time_point start{};
  ProgressWatch watch;
  watch.next_round();
  CHECK_FALSE(watch.look(connection({{"bytes_acked", 1000}}), start));
  watch.next_round();
  const auto progress = watch.look(connection({{"bytes_acked", 3000}, {"total_retrans", 2}}), start + 500ms);
  REQUIRE(progress);
  CHECK(progress->acked_bytes == 2000);
  CHECK(progress->received_bytes == 0);
  CHECK(progress->retransmissions == 2);
  CHECK(progress_text(*progress) == "32.0 Kbit/s out, 2 retransmitted just now");
  watch.next_round();
  watch.next_round();
  CHECK_FALSE(watch.look(connection({{"bytes_acked", 4000}}), start + 2s));
}

TEST_CASE("a kernel that counts no bytes tells no progress, which is not none") {
  const SocketEntry old = connection({{"total_retrans", 2}}, 104);  // before tcpi_pacing_rate
  const ProgressWatch::Clock::time_point start{};
  ProgressWatch watch;
  watch.next_round();
  CHECK_FALSE(watch.look(old, start));
  watch.next_round();
  CHECK_FALSE(watch.look(old, start + 1s));
}

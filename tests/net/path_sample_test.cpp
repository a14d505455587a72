#include "net/path_sample.hpp"

#include <chrono>
#include <cstddef>
#include <cstring>
#include <initializer_list>
#include <string_view>
#include <utility>
#include <vector>

#include "support/catch.hpp"

using namespace tcpkit;
using namespace std::chrono_literals;

namespace {

using Fields = std::initializer_list<std::pair<std::string_view, std::uint64_t>>;
using Number = std::optional<std::uint64_t>;

constexpr std::size_t kAllBytes = 280;
constexpr std::size_t kBytesOfLinux41 = 136;  // ends before tcpi_segs_out: no clocks of what held a sender back
constexpr WindowLooks kSeldomFull{100, 10};
constexpr WindowLooks kMostlyFull{100, 90};

void put(std::vector<std::byte>& bytes, std::string_view name, std::uint64_t number) {
  const TcpInfoField* field = find_tcp_info_field(name);
  REQUIRE(field != nullptr);
  REQUIRE(field->bits == 0);
  REQUIRE(field->offset + field->width <= bytes.size());
  std::memcpy(bytes.data() + field->offset, &number, field->width);
}

/// What a kernel with such a TCP_INFO would answer; fields not given are 0, and there is no limit of the rate.
TcpInfo info(Fields fields, std::size_t size = kAllBytes) {
  std::vector<std::byte> bytes(size);
  put(bytes, "max_pacing_rate", UINT64_MAX);
  for (const auto& [name, number] : fields) put(bytes, name, number);
  return TcpInfo(bytes);
}

PathSample sample(std::vector<PathSample::Asked> connections) {
  return {std::move(connections)};
}

/// A connection that was idle before this second and has these fields after it.
PathNumbers second_of(Fields after, bool requests = false, const WindowLooks& looks = kSeldomFull) {
  return path_between(sample({{1, info({})}}), sample({{1, info(after)}}), requests, looks);
}

}  // namespace

TEST_CASE("sums and times are those of the stretch, the state is that of its end") {
  const PathSample before =
      sample({{1, info({{"rtt", 9000}, {"snd_cwnd", 99}, {"total_retrans", 5}, {"busy_time", 1000}})}});
  const PathSample after = sample({{1, info({{"rtt", 200},
                                             {"snd_cwnd", 10},
                                             {"total_retrans", 8},
                                             {"busy_time", 5000},
                                             {"rwnd_limited", 300},
                                             {"sndbuf_limited", 20},
                                             {"delivery_rate", 7'000'000'000}})}});
  const PathNumbers path = path_between(before, after, true, {});
  CHECK(path.connections == 1);
  CHECK(path.rtt_us == Number(200));
  CHECK(path.cwnd == Number(10));
  CHECK(path.retransmits == Number(3));
  CHECK(path.busy_us == Number(4000));
  CHECK(path.rwnd_limited_us == Number(300));
  CHECK(path.sndbuf_limited_us == Number(20));
  CHECK(path.delivery_rate_bytes_per_s == Number(7'000'000'000));
}

TEST_CASE("several connections give means of their state and sums of what they did") {
  const PathSample before = sample({{1, info({{"total_retrans", 1}})}, {2, info({{"total_retrans", 10}})}});
  const PathSample after = sample({{1, info({{"rtt", 100}, {"snd_cwnd", 10}, {"total_retrans", 2}})},
                                   {2, info({{"rtt", 500}, {"snd_cwnd", 20}, {"total_retrans", 13}})}});
  const PathNumbers path = path_between(before, after, true, {});
  CHECK(path.connections == 2);
  CHECK(path.rtt_us == Number(300));
  CHECK(path.rtt_max_us == Number(500));
  CHECK(path.cwnd == Number(15));
  CHECK(path.retransmits == Number(4));
}

TEST_CASE("a connection opened meanwhile counts from its own begin, one that ended does not count") {
  const PathSample before = sample({{1, info({{"total_retrans", 50}})}, {2, info({{"total_retrans", 1}})}});
  const PathSample after = sample({{2, info({{"total_retrans", 4}})}, {3, info({{"total_retrans", 2}})}});
  const PathNumbers path = path_between(before, after, true, {});
  CHECK(path.connections == 2);
  CHECK(path.retransmits == Number(5));
}

TEST_CASE("when all connections were opened anew, all they did is of this stretch") {
  const PathSample before = sample({{1, info({{"busy_time", 900}})}});
  const PathNumbers path = path_between(before, sample({{2, info({{"busy_time", 70}})}}), true, {});
  CHECK(path.busy_us == Number(70));
}

TEST_CASE("fields that the kernel does not have are absent, and say nothing of a limit") {
  const PathSample old = sample({{1, info({{"rtt", 100}, {"snd_cwnd", 10}}, kBytesOfLinux41)}});
  const PathNumbers path = path_between(old, old, false, kMostlyFull);
  CHECK(path.rtt_us == Number(100));
  CHECK(path.retransmits == Number(0));
  CHECK_FALSE(path.busy_us);
  CHECK_FALSE(path.rwnd_limited_us);
  CHECK_FALSE(path.sndbuf_limited_us);
  CHECK_FALSE(path.delivery_rate_bytes_per_s);
  CHECK(path.limiter == Limiter::Unknown);
}

TEST_CASE("of no connection nothing is told") {
  const PathNumbers path = path_between({}, {}, false, {});
  CHECK(path.connections == 0);
  CHECK_FALSE(path.rtt_us);
  CHECK_FALSE(path.rtt_max_us);
  CHECK_FALSE(path.retransmits);
  CHECK(path.limiter == Limiter::Unknown);
}

TEST_CASE("a sender that never had anything on its way tells no limit") {
  CHECK(second_of({{"busy_time", 0}}).limiter == Limiter::Unknown);
}

TEST_CASE("the larger of two brakes is named when it held for a third of the busy time") {
  CHECK(second_of({{"busy_time", 900'000}, {"rwnd_limited", 300'000}, {"sndbuf_limited", 100'000}}).limiter ==
        Limiter::PeerWindow);
  CHECK(second_of({{"busy_time", 900'000}, {"rwnd_limited", 200'000}, {"sndbuf_limited", 301'000}}).limiter ==
        Limiter::SendBuffer);
  CHECK(second_of({{"busy_time", 900'000}, {"rwnd_limited", 299'000}, {"sndbuf_limited", 299'000}}).limiter ==
        Limiter::Processor);
}

TEST_CASE("a brake of the path is named also for requests, whose sender otherwise held itself back") {
  CHECK(second_of({{"busy_time", 900'000}, {"rwnd_limited", 800'000}}, true).limiter == Limiter::PeerWindow);
  CHECK(second_of({{"busy_time", 900'000}}, true, kMostlyFull).limiter == Limiter::Application);
}

TEST_CASE("a sender of requests waits for replies, a stream always has bytes to send") {
  CHECK(second_of({{"busy_time", 10}}, true, kMostlyFull).limiter == Limiter::Application);
  CHECK(second_of({{"busy_time", 10}}, false, kMostlyFull).limiter == Limiter::CongestionWindow);
  CHECK(second_of({{"busy_time", 10}}, false, kSeldomFull).limiter == Limiter::Processor);
}

TEST_CASE("a rate at its limit is paced, and no limit is none") {
  constexpr std::uint64_t kLimit = 1'000'000;
  const auto limiter = [](std::uint64_t rate, std::uint64_t limit) {
    return second_of({{"busy_time", 900'000}, {"delivery_rate", rate}, {"max_pacing_rate", limit}}).limiter;
  };
  CHECK(limiter(kLimit, kLimit) == Limiter::Pacing);
  CHECK(limiter(kLimit * 8 / 10, kLimit) == Limiter::Pacing);
  CHECK(limiter(kLimit / 2, kLimit) == Limiter::Processor);
  CHECK(limiter(kLimit, UINT64_MAX) == Limiter::Processor);
}

TEST_CASE("a congestion window that most looks found full held the sender back") {
  const auto limiter = [](const WindowLooks& looks) {
    return second_of({{"busy_time", 900'000}}, false, looks).limiter;
  };
  CHECK(limiter({100, 50}) == Limiter::CongestionWindow);
  CHECK(limiter({100, 49}) == Limiter::Processor);
  CHECK(limiter({0, 0}) == Limiter::Processor);
}

TEST_CASE("a send buffer that most looks found full held the sender back, where the congestion window did not") {
  const auto limiter = [](const WindowLooks& looks) {
    return second_of({{"busy_time", 900'000}}, false, looks).limiter;
  };
  CHECK(limiter({100, 0, 50}) == Limiter::SendBuffer);
  CHECK(limiter({100, 0, 49}) == Limiter::Processor);
  CHECK(limiter({100, 50, 50}) == Limiter::CongestionWindow);
}

TEST_CASE("a window is full when as many segments are in flight as it allows") {
  CHECK(window_is_full(info({{"snd_cwnd", 10}, {"unacked", 10}})));
  CHECK_FALSE(window_is_full(info({{"snd_cwnd", 10}, {"unacked", 9}})));
  CHECK_FALSE(window_is_full(info({{"snd_cwnd", 10}, {"unacked", 10}, {"sacked", 1}})));
  CHECK(window_is_full(info({{"snd_cwnd", 10}, {"unacked", 12}, {"lost", 3}, {"retrans", 1}})));
  CHECK_FALSE(window_is_full(info({{"snd_cwnd", 10}, {"unacked", 1}, {"lost", 3}})));
  CHECK_FALSE(window_is_full(info({})));
}

TEST_CASE("limits have names for people") {
  CHECK(limiter_name(Limiter::Unknown) == "unknown");
  CHECK(limiter_name(Limiter::Application) == "application");
  CHECK(limiter_name(Limiter::CongestionWindow) == "cwnd");
  CHECK(limiter_name(Limiter::PeerWindow) == "peer window");
  CHECK(limiter_name(Limiter::SendBuffer) == "send buffer");
  CHECK(limiter_name(Limiter::Pacing) == "pacing");
  CHECK(limiter_name(Limiter::Processor) == "processor");
}

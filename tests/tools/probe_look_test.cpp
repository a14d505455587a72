#include "probe_look.hpp"

#include <chrono>

#include "support/catch.hpp"
#include "support/snapshot_builder.hpp"

namespace {

using namespace tcpkit;
using namespace std::chrono_literals;
using tcpkit::test::SnapshotBuilder;

const TcpInfoField& field(std::string_view name) {
  return tcp_info_field(name);
}

Look look(std::chrono::nanoseconds at, const SnapshotBuilder& builder) {
  return {Clock::time_point(at), builder.build().info, ""};
}

SnapshotBuilder acked(std::uint64_t bytes) {
  return SnapshotBuilder().field("bytes_acked", bytes);
}

}  // namespace

TEST_CASE("a rate is over the time that was measured, not the one that was asked for") {
  const Look before = look(1s, acked(1000));
  CHECK(growth_per_second(field("bytes_acked"), before, look(3s, acked(5000))) == 2000.0);
  CHECK(growth_per_second(field("bytes_acked"), before, look(1500ms, acked(5000))) == 8000.0);
  CHECK(shown(field("bytes_acked"), &before, look(3s, acked(5000))).text == "16.0 Kbit/s");
}

TEST_CASE("without time between two looks there is no rate") {
  const Look before = look(1s, acked(1000));
  CHECK_FALSE(growth_per_second(field("bytes_acked"), before, look(1s, acked(5000))));
  CHECK(shown(field("bytes_acked"), &before, look(1s, acked(5000))).text == "-");
}

TEST_CASE("the first look has no rates, but totals") {
  const Look now = look(1s, acked(1000).field("total_retrans", 3));
  CHECK(shown(field("bytes_acked"), nullptr, now).text == "-");
  CHECK_FALSE(shown(field("bytes_acked"), nullptr, now).number);
  CHECK(shown(field("total_retrans"), nullptr, now).text == "3");
  CHECK_FALSE(shown(field("total_retrans"), nullptr, now).number);
}

TEST_CASE("a counter of events is shown with what came since the look before") {
  const Look before = look(1s, SnapshotBuilder().field("total_retrans", 3));
  const Look now = look(3s, SnapshotBuilder().field("total_retrans", 8));
  CHECK(shown(field("total_retrans"), &before, now).text == "8 (+5)");
  CHECK(shown(field("total_retrans"), &before, now).number == 2.5);
  CHECK(shown(field("total_retrans"), &before, before).text == "3");
}

TEST_CASE("a counter that began again at 0 grew by what is between") {
  const Look before = look(1s, SnapshotBuilder().field("segs_out", 4294967290));
  CHECK(growth(field("segs_out"), before, look(2s, SnapshotBuilder().field("segs_out", 10))) == 16);
}

TEST_CASE("what this kernel does not return is absent, and never 0") {
  const Look before = look(1s, SnapshotBuilder().info_size(104));
  const Look now = look(2s, SnapshotBuilder().info_size(104));
  CHECK_FALSE(growth(field("bytes_acked"), before, now));
  CHECK_FALSE(share_percent(field("busy_time"), before, now));
  for (const std::string_view name : {"bytes_acked", "busy_time", "delivery_rate", "min_rtt"}) {
    CAPTURE(name);
    CHECK(shown(field(name), &before, now).text == "-");
    CHECK_FALSE(shown(field(name), &before, now).number);
  }
  const Look unread{Clock::time_point(1s), std::nullopt, "read TCP_INFO: Operation not permitted"};
  CHECK_FALSE(number_in(unread, field("rtt")));
}

TEST_CASE("a share is of the time between two looks, and never more than all of it") {
  const Look before = look(1s, SnapshotBuilder().field("busy_time", 1'000'000));
  CHECK(share_percent(field("busy_time"), before, look(3s, SnapshotBuilder().field("busy_time", 1'500'000))) == 25);
  CHECK(share_percent(field("busy_time"), before, look(1001ms, SnapshotBuilder().field("busy_time", 1'004'000))) ==
        100);
  CHECK(shown(field("busy_time"), &before, before).text == "-");
}

TEST_CASE("a number that stands for none is told and not drawn") {
  const Look now = look(1s, SnapshotBuilder().field("snd_ssthresh", 2147483647).field("min_rtt", 4294967295));
  CHECK(shown(field("snd_ssthresh"), nullptr, now).text == "infinite");
  CHECK_FALSE(shown(field("snd_ssthresh"), nullptr, now).number);
  CHECK(shown(field("min_rtt"), nullptr, now).text == "no sample");
}

TEST_CASE("a number of a chart is told in the unit that its field is shown in") {
  CHECK(chart_number(field("rtt"), 25'100) == "25.1 ms");
  CHECK(chart_number(field("bytes_acked"), 1e6) == "8.00 Mbit/s");
  CHECK(chart_number(field("busy_time"), 12) == "12 %");
  CHECK(chart_number(field("total_retrans"), 2.5) == "2.5/s");
}

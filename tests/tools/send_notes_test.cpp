#include "send_notes.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>

#include "support/catch.hpp"

namespace {

using namespace tcpkit;
using namespace std::chrono_literals;

constexpr Nanoseconds kLoopback = 20us;  // to connect

void add(Histogram& times, Nanoseconds time, int count) {
  for (int n = 0; n < count; ++n) times.add(time);
}

LoadPlan plan_of(LoadMode mode = LoadMode::RequestResponse) {
  LoadPlan plan;
  plan.mode = mode;
  plan.request = std::string(64, 'x');
  return plan;
}

LoadPlan with_nodelay(LoadMode mode = LoadMode::RequestResponse) {
  LoadPlan plan = plan_of(mode);
  plan.connect.settings.push_back(*parse_setting("nodelay"));
  return plan;
}

/// A run of requests that took `usual`, and of `stalled` that took `stall`.
LoadResult result_of(int usual, Nanoseconds stall = 0ns, int stalled = 0) {
  LoadResult result;
  add(result.numbers.latency, 15us, usual);
  add(result.numbers.latency, stall, stalled);
  result.numbers.requests = result.numbers.latency.count();
  result.numbers.duration = 10s;
  return result;
}

std::vector<Note> notes_of(const LoadPlan& plan, const LoadResult& result, Nanoseconds connect_time = kLoopback) {
  return find_notes(plan, result, connect_time);
}

std::string text_of(const std::vector<Note>& notes, std::string_view id) {
  const auto note = std::ranges::find(notes, id, &Note::id);
  return note == notes.end() ? "" : note->text;
}

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("an ordinary run gets no notes") {
  CHECK(notes_of(plan_of(), result_of(1000)).empty());
  LoadPlan scheduled = plan_of();
  scheduled.rate = 100;
  CHECK(notes_of(scheduled, result_of(1000)).empty());
  CHECK(notes_of(plan_of(LoadMode::Idle), LoadResult{}).empty());
  CHECK(notes_of(plan_of(LoadMode::Stream), LoadResult{}).empty());
}

TEST_CASE("a group of samples around 40 ms is the mark of a delayed ACK") {
  const auto notes = notes_of(plan_of(), result_of(990, 40ms, 10));
  const std::string text = text_of(notes, "delayed-ack");
  CHECK(contains(text, "10 of 1000 requests (1.0 %) took about 40"));
  CHECK(contains(text, "-o nodelay"));
  CHECK(contains(text, "-o quickack=always"));
  CHECK_FALSE(contains(text_of(notes_of(with_nodelay(), result_of(990, 40ms, 10)), "delayed-ack"), "-o nodelay"));
}

TEST_CASE("two writes that stall are compared with nodelay, or else it is the server's turn") {
  const LoadResult stalled = result_of(0, 44ms, 100);
  CHECK(contains(text_of(notes_of(plan_of(LoadMode::WriteWriteRead), stalled), "delayed-ack"), "-o nodelay"));
  CHECK(contains(text_of(notes_of(with_nodelay(LoadMode::WriteWriteRead), stalled), "delayed-ack"),
                 "look at the server"));
}

TEST_CASE("where all requests stall, the time to connect tells that it is not the path") {
  CHECK_FALSE(text_of(notes_of(plan_of(), result_of(0, 44ms, 100)), "delayed-ack").empty());
  CHECK(text_of(notes_of(plan_of(), result_of(0, 44ms, 100), 43ms), "delayed-ack").empty());
}

TEST_CASE("a group of samples around 200 ms is the mark of a retransmission timeout") {
  const auto notes = notes_of(plan_of(), result_of(995, 205ms, 5));
  CHECK(contains(text_of(notes, "rto"), "5 of 1000 requests (0.5 %)"));
  CHECK(text_of(notes, "delayed-ack").empty());
}

TEST_CASE("200 ms without a retransmission are no timeout") {
  LoadResult result = result_of(995, 205ms, 5);
  result.numbers.path.retransmits = 0;
  CHECK(text_of(notes_of(plan_of(), result), "rto").empty());
  CHECK(contains(text_of(notes_of(plan_of(), result), "stall"), "nothing was retransmitted here"));
  result.numbers.path.retransmits = 1;
  CHECK_FALSE(text_of(notes_of(plan_of(), result), "rto").empty());
}

TEST_CASE("a few samples are no group, and neither is the tail of a broad distribution") {
  CHECK_FALSE(find_mode(result_of(100, 40ms, 2).numbers.latency, 35ms, 60ms, kLoopback));
  CHECK(find_mode(result_of(100, 40ms, 3).numbers.latency, 35ms, 60ms, kLoopback));
  CHECK_FALSE(find_mode(result_of(10'000, 40ms, 49).numbers.latency, 35ms, 60ms, kLoopback));
  CHECK(find_mode(result_of(10'000, 40ms, 51).numbers.latency, 35ms, 60ms, kLoopback));
  Histogram broad;
  for (int ms = 0; ms < 100; ++ms) add(broad, ms * 1ms, 10);
  CHECK_FALSE(find_mode(broad, 35ms, 60ms, kLoopback));
  CHECK_FALSE(find_mode(Histogram(), 35ms, 60ms, kLoopback));
}

TEST_CASE("a mode is where its middle is") {
  const auto mode = find_mode(result_of(100, 44ms, 50).numbers.latency, 35ms, 60ms, kLoopback);
  REQUIRE(mode);
  CHECK(mode->count == 50);
  CHECK(mode->at > 43ms);
  CHECK(mode->at < 45ms);
}

TEST_CASE("two writes without a stall say that an echo cannot show one") {
  LoadResult result = result_of(100);
  CHECK(contains(text_of(notes_of(plan_of(LoadMode::WriteWriteRead), result), "no-stall"),
                 "such as a plain echo, cannot show one"));
  result.numbers.in_pieces = 80;
  CHECK(contains(text_of(notes_of(plan_of(LoadMode::WriteWriteRead), result), "no-stall"), "--reply-every 64"));
  CHECK(contains(text_of(notes_of(plan_of(LoadMode::WriteWriteRead), result), "no-stall"), "began before"));
}

TEST_CASE("two writes without a stall are as they should be with nodelay, and a stall is told instead") {
  CHECK(notes_of(with_nodelay(LoadMode::WriteWriteRead), result_of(100)).empty());
  CHECK(text_of(notes_of(plan_of(LoadMode::WriteWriteRead), result_of(0, 44ms, 100)), "no-stall").empty());
  CHECK(text_of(notes_of(plan_of(), result_of(100)), "no-stall").empty());
}

TEST_CASE("a client that took a whole processor was the limit") {
  LoadResult result = result_of(1000);
  result.numbers.cpu_user = 4s;
  result.numbers.cpu_system = 4900ms;
  CHECK(notes_of(plan_of(), result).empty());
  result.numbers.cpu_system = 5s;
  CHECK(contains(text_of(notes_of(plan_of(), result), "client-limit"), "took 90 % of a processor"));
  result.numbers.duration = 50ms;
  CHECK_FALSE(client_share(result.numbers));
  CHECK_FALSE(client_was_limit(result.numbers));
}

TEST_CASE("time in which the client did not run is not the server's") {
  LoadResult result = result_of(1000);
  result.absences = {2, 3s, 2s};
  const std::string text = text_of(notes_of(plan_of(), result), "absence");
  CHECK(contains(text, "2 times, for 3 s in all, 2 s at the longest"));
}

TEST_CASE("late requests are told when they are one in a hundred") {
  LoadPlan plan = plan_of();
  plan.rate = 100;
  LoadResult result = result_of(1000);
  result.numbers.late = 9;
  CHECK(notes_of(plan, result).empty());
  result.numbers.late = 10;
  CHECK(contains(text_of(notes_of(plan, result), "late"), "10 requests"));
  CHECK(contains(text_of(notes_of(plan, result), "late"), "--rate 100"));
}

TEST_CASE("what the server did is told with what to do") {
  LoadResult result = result_of(1000);
  result.reopened = 2;
  result.numbers.failures.at(static_cast<std::size_t>(LoadFailure::Longer)) = 1;
  const auto notes = notes_of(plan_of(), result);
  CHECK(contains(text_of(notes, "reopened"), "2 connections"));
  CHECK(contains(text_of(notes, "reopened"), "--mode crr"));
  CHECK(contains(text_of(notes, "longer"), "--reply bytes:N"));
}

TEST_CASE("a stream that comes back is no stream to a discard server") {
  LoadResult result;
  result.numbers.bytes_sent = 1000;
  result.numbers.bytes_received = 900;
  CHECK_FALSE(text_of(notes_of(plan_of(LoadMode::Stream), result), "not-discard").empty());
  CHECK(notes_of(plan_of(LoadMode::Bidirectional), result).empty());
  LoadPlan reversed = plan_of(LoadMode::Stream);
  reversed.reversed = true;
  CHECK(notes_of(reversed, result).empty());
  result.numbers.bytes_received = 100;
  CHECK(notes_of(plan_of(LoadMode::Stream), result).empty());
}

TEST_CASE("where ports ran out, the note says how to have more of them, or to keep none") {
  LoadResult result = result_of(10);
  CHECK(text_of(notes_of(plan_of(), result), "ports").empty());
  result.first_failure = system_error(ECONNREFUSED, "connect");
  CHECK(text_of(notes_of(plan_of(), result), "ports").empty());
  result.first_failure = system_error(EADDRNOTAVAIL, "connect");
  const std::string text = text_of(notes_of(plan_of(), result), "ports");
  CHECK(contains(text, "net.ipv4.ip_local_port_range"));
  CHECK(contains(text, "-o linger=0s"));
}

#include "send_notes.hpp"

#include <algorithm>
#include <chrono>

#include <fmt/format.h>

#include <tcpkit/base/units.hpp>

using namespace tcpkit;

namespace {

using std::chrono::milliseconds;
using Notes = std::vector<Note>;

constexpr double kWholeProcessor = 0.9;
constexpr std::uint64_t kWorthALine = 100;  // one request in so many is late on any host

std::string share_text(std::uint64_t part, std::uint64_t whole) {
  return fmt::format("{} of {} requests ({:.1f} %)", part, whole,
                     100 * static_cast<double>(part) / static_cast<double>(whole));
}

bool has_nodelay(const LoadPlan& plan) {
  const auto sets_nodelay = [](const Setting& setting) {
    return setting.option != nullptr && setting.option->symbol == "TCP_NODELAY" && setting.value == Value(true);
  };
  return std::ranges::any_of(plan.connect.settings, sets_nodelay);
}

std::uint64_t failures(const LoadResult& result, LoadFailure failure) {
  return result.numbers.failures.at(static_cast<std::size_t>(failure));
}

std::string about(Nanoseconds time) {
  return fmt::format("about {} ms", std::chrono::round<milliseconds>(time).count());
}

/// net/ipv4/tcp_output.c, tcp_send_delayed_ack(): an acknowledgment waits for 40 ms at least, TCP_ATO_MIN.
std::optional<LatencyMode> delayed_ack_mode(const LoadResult& result, Nanoseconds connect_time) {
  return find_mode(result.numbers.latency, milliseconds(35), milliseconds(60), connect_time);
}

/// Nagle's algorithm may be at work at either end. Ours holds nothing back when a request is a single segment.
std::string delayed_ack_remedy(const LoadPlan& plan) {
  if (plan.mode != LoadMode::WriteWriteRead) {
    return std::string(has_nodelay(plan) ? "" : "compare with -o nodelay, and ") +
           "if the server writes its replies in parts, with -o quickack=always: then the server should set nodelay";
  }
  return has_nodelay(plan) ? "nodelay is on here, so look at the server: it should set nodelay, or quickack=always"
                           : "compare with -o nodelay, which turns Nagle's algorithm off";
}

void add_delayed_ack(const LoadPlan& plan, const LoadResult& result, Nanoseconds connect_time, Notes& notes) {
  const auto mode = delayed_ack_mode(result, connect_time);
  if (!mode) return;
  notes.push_back(
      {"delayed-ack", fmt::format("{} took {}: the mark of a delayed ACK that Nagle's algorithm waits for; {}",
                                  share_text(mode->count, result.numbers.latency.count()), about(mode->at),
                                  delayed_ack_remedy(plan))});
}

/// net/ipv4/tcp.h: TCP_RTO_MIN is 200 ms.
void add_retransmission(const LoadResult& result, Nanoseconds connect_time, Notes& notes) {
  const auto mode = find_mode(result.numbers.latency, milliseconds(190), milliseconds(260), connect_time);
  if (!mode) return;
  const std::string what =
      fmt::format("{} took {}", share_text(mode->count, result.numbers.latency.count()), about(mode->at));
  if (result.numbers.path.retransmits == 0U) {
    notes.push_back({"stall", what + ", and nothing was retransmitted here: the server stalls or its segments were "
                                     "lost, or its host delays ACKs for so long: compare with -o nodelay"});
    return;
  }
  notes.push_back({"rto", what + ": the mark of a retransmission timeout, which is 200 ms at least: segments are lost "
                                 "on the way, and too few follow them to tell the sender sooner"});
}

void add_no_stall(const LoadPlan& plan, const LoadResult& result, Nanoseconds connect_time, Notes& notes) {
  if (plan.mode != LoadMode::WriteWriteRead || result.numbers.latency.empty() || has_nodelay(plan)) return;
  if (delayed_ack_mode(result, connect_time)) return;
  const bool in_pieces = result.numbers.in_pieces * 2 > result.numbers.requests;
  const std::string_view why =
      in_pieces ? "the replies began before the requests were whole, as those of a plain echo server do"
                : "a server that answers each part of a request, such as a plain echo, cannot show one";
  notes.push_back({"no-stall", fmt::format("no stall was seen, and here that need not mean anything: {}; ask one that "
                                           "waits for whole requests, such as tcpkit serve --reply-every {}",
                                           why, plan.request.size())});
}

void add_client_limit(const LoadResult& result, Notes& notes) {
  if (!client_was_limit(result.numbers)) return;
  notes.push_back(
      {"client-limit", fmt::format("the client was the limit, not the server: its thread took {:.0f} % of a processor; "
                                   "measure with less load, or with several clients at once",
                                   100 * client_share(result.numbers).value_or(0))});
}

void add_absence(const LoadResult& result, Notes& notes) {
  const Absences& absences = result.absences;
  if (absences.count == 0) return;
  notes.push_back({"absence", fmt::format("this process did not run {} for {} in all, {} at the longest (stopped, "
                                          "suspended, or no processor was free): latency of that time is not the "
                                          "server's",
                                          absences.count == 1 ? "once," : fmt::format("{} times,", absences.count),
                                          format_duration(absences.total), format_duration(absences.longest))});
}

std::string longest(const Histogram& times) {
  return times.empty() ? "-" : format_duration(times.max());
}

/// Whoever was slow, the requests behind wait for a connection: the longest times tell who it may have been.
void add_late(const LoadPlan& plan, const LoadResult& result, Notes& notes) {
  const LoadNumbers& numbers = result.numbers;
  if (plan.rate == 0 || numbers.late * kWorthALine < numbers.requests) return;
  if (numbers.late == 0) return;
  notes.push_back(
      {"late",
       fmt::format("--rate {} was not kept at all times: {} requests began later than scheduled, because {} "
                   "busy. The longest reply took {}, this client's own delay was {} at most. Latency from the "
                   "scheduled time counts that wait, and more connections (-c) would hide it",
                   plan.rate, numbers.late, plan.connections == 1 ? "the connection was" : "all connections were",
                   longest(numbers.latency), longest(numbers.own_delay))});
}

void add_reopened(const LoadResult& result, Notes& notes) {
  if (result.reopened == 0) return;
  notes.push_back({"reopened", fmt::format("the server ended {} connection{} between two requests, and {} opened anew: "
                                           "--mode crr measures that with every request",
                                           result.reopened, result.reopened == 1 ? "" : "s",
                                           result.reopened == 1 ? "it was" : "they were")});
}

void add_longer(const LoadResult& result, Notes& notes) {
  if (failures(result, LoadFailure::Longer) == 0) return;
  notes.push_back({"longer", "the server sent more than a reply: --reply bytes:N or until:TEXT says what one is"});
}

/// Bytes that come back as they were sent are an echo's. What a discard server sends is nothing.
void add_echo(const LoadPlan& plan, const LoadResult& result, Notes& notes) {
  const LoadNumbers& numbers = result.numbers;
  const bool one_way = plan.mode == LoadMode::Stream && !plan.reversed;
  if (!one_way || numbers.bytes_received * 2 < numbers.bytes_sent || numbers.bytes_received == 0) return;
  notes.push_back({"not-discard",
                   "the server sends back what it gets, so this is no one-way stream: measure against a "
                   "discard server (tcpkit serve --mode discard), or with --mode bidir"});
}

/// The failure itself tells which ports there are, and how many wait.
void add_ports(const LoadResult& result, Notes& notes) {
  if (!result.first_failure || result.first_failure->code != std::errc::address_not_available) return;
  notes.push_back({"ports",
                   "local ports ran out, and each connection that the client ends keeps its own for a minute "
                   "(TIME_WAIT): widen net.ipv4.ip_local_port_range, or end with a reset, -o linger=0s"});
}

}  // namespace

std::optional<LatencyMode> find_mode(const Histogram& latency, Nanoseconds from, Nanoseconds to, Nanoseconds rtt) {
  constexpr std::uint64_t kLeast = 3;
  constexpr double kLeastShare = 0.005;
  const std::uint64_t count = latency.count_between(from, to);
  if (count < kLeast || static_cast<double>(count) < kLeastShare * static_cast<double>(latency.count())) return {};
  const std::uint64_t below = latency.count_between(Nanoseconds(0), from / 4);
  const std::uint64_t between = latency.count_between(from / 4, from);
  if (between * 4 > count || (below == 0 && rtt * 4 > from)) return {};
  const double before = static_cast<double>(below + between);
  const double middle = 100 * (before + static_cast<double>(count) / 2) / static_cast<double>(latency.count());
  return LatencyMode{count, std::clamp(latency.percentile(std::min(middle, 100.0)), from, to)};
}

std::optional<double> client_share(const LoadNumbers& numbers) {
  constexpr Nanoseconds kShortest = milliseconds(100);  // processor time may be counted in ticks of 10 ms
  if (numbers.duration < kShortest) return std::nullopt;
  return static_cast<double>((numbers.cpu_user + numbers.cpu_system).count()) /
         static_cast<double>(numbers.duration.count());
}

bool client_was_limit(const LoadNumbers& numbers) {
  return client_share(numbers).value_or(0) >= kWholeProcessor;
}

std::vector<Note> find_notes(const LoadPlan& plan, const LoadResult& result, Nanoseconds connect_time) {
  Notes notes;
  add_delayed_ack(plan, result, connect_time, notes);
  add_retransmission(result, connect_time, notes);
  add_no_stall(plan, result, connect_time, notes);
  add_client_limit(result, notes);
  add_absence(result, notes);
  add_late(plan, result, notes);
  add_reopened(result, notes);
  add_longer(result, notes);
  add_echo(plan, result, notes);
  add_ports(result, notes);
  return notes;
}

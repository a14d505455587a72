#include "send_interval.hpp"

#include <algorithm>
#include <chrono>

#include <fmt/format.h>

#include <tcpkit/base/units.hpp>
#include <tcpkit/report/data.hpp>

#include "event_report.hpp"
#include "send_latency_report.hpp"
#include "send_numbers.hpp"
#include "send_path_report.hpp"

using namespace tcpkit;

namespace {

std::vector<Field> interval_fields(const SendPlan& plan, const LoadNumbers& numbers) {
  std::vector<Field> fields = {
      hidden("begin_us", microseconds(numbers.begin)),
      hidden("duration_us", microseconds(numbers.duration)),
      hidden("requests", {numbers.requests}),
      hidden("errors", {failed(numbers)}),
      hidden("rate_per_s", rate_data(numbers.requests, numbers.duration)),
      hidden("bytes_sent", {numbers.bytes_sent}),
      hidden("bytes_received", {numbers.bytes_received}),
      hidden("sent_bytes_per_s", rate_data(numbers.bytes_sent, numbers.duration)),
      hidden("received_bytes_per_s", rate_data(numbers.bytes_received, numbers.duration)),
      hidden("failures", failures_data(numbers)),
      hidden("late", plan.load.rate > 0 ? Data{numbers.late} : Data{}),
  };
  std::ranges::move(latency_fields(plan, numbers), std::back_inserter(fields));
  fields.push_back(hidden("path", path_data(numbers.path)));
  fields.push_back(hidden("client", client_data(numbers)));
  return fields;
}

std::string of_requests(const LoadNumbers& numbers) {
  std::string line = fmt::format("{:>8}/s", rate_text(numbers.requests, numbers.duration));
  if (numbers.latency.empty()) return line;
  return line + fmt::format("  p50 {:>7}  p99 {:>7}  max {:>7}", format_duration(numbers.latency.percentile(50)),
                            format_duration(numbers.latency.percentile(99)), format_duration(numbers.latency.max()));
}

std::string of_stream(const LoadPlan& load, const LoadNumbers& numbers) {
  const std::string sent = fmt::format("{:>11}", bit_rate_text(numbers.bytes_sent, numbers.duration));
  const std::string received = fmt::format("{:>11}", bit_rate_text(numbers.bytes_received, numbers.duration));
  const bool both = load.mode == LoadMode::Bidirectional;
  std::string line = both            ? fmt::format("  sent {}  received {}", sent, received)
                     : load.reversed ? fmt::format("  {}", received)
                                     : fmt::format("  {}", sent);
  const PathNumbers& path = numbers.path;
  if (path.rtt_us) line += fmt::format("  rtt {:>7}", format_duration(std::chrono::microseconds(*path.rtt_us)));
  if (both || load.reversed) return line;
  if (path.cwnd) line += fmt::format("  cwnd {:>3}", *path.cwnd);
  if (path.limiter != Limiter::Unknown) line += fmt::format("  limited by {}", limiter_name(path.limiter));
  return line;
}

std::string of_idle(const LoadNumbers& numbers) {
  return fmt::format("  {} connections ended", numbers.lifetime.count());
}

std::string interval_line(const LoadPlan& load, const LoadNumbers& numbers) {
  std::string line = fmt::format("{:>8}", format_duration(numbers.begin + numbers.duration));
  line += has_requests(load.mode)       ? of_requests(numbers)
          : load.mode == LoadMode::Idle ? of_idle(numbers)
                                        : of_stream(load, numbers);
  const std::uint64_t errors = failed(numbers);
  if (errors > 0) line += fmt::format("  {} failed", errors);
  const std::uint64_t retransmits = numbers.path.retransmits.value_or(0);
  if (retransmits > 0) line += fmt::format("  {} resent", retransmits);
  return line;
}

/// "7 s left" by time, "30 % done" by number, or nothing where there is no end.
std::string left_text(const LoadPlan& load, const Tick& now) {
  using std::chrono::seconds;
  if (load.duration.count() > 0) {
    const auto left = std::chrono::round<seconds>(std::max(load.duration - now.elapsed, Nanoseconds(0)));
    return fmt::format(", {} left", format_duration(left));
  }
  if (load.count == 0) return "";
  return fmt::format(", {} % done", 100 * std::min(now.done + now.failed, load.count) / load.count);
}

}  // namespace

Report interval_report(const SendPlan& plan, const LoadNumbers& numbers) {
  return event_report("tcpkit.send/1", "interval", interval_line(plan.load, numbers), interval_fields(plan, numbers));
}

Data interval_data(const SendPlan& plan, const LoadNumbers& numbers) {
  DataObject object;
  for (Field& field : interval_fields(plan, numbers)) object.emplace_back(std::move(field.key), std::move(field.data));
  return {std::move(object)};
}

std::string progress_line(const LoadPlan& load, const Tick& before, const Tick& now) {
  const Nanoseconds time = now.elapsed - before.elapsed;
  const std::string failed = now.failed > 0 ? fmt::format(", {} failed", now.failed) : "";
  if (now.elapsed.count() < 0) return fmt::format("warming up, {} left", format_duration(-now.elapsed));
  if (load.mode == LoadMode::Idle)
    return fmt::format("{} connections held{}{}", load.connections, failed, left_text(load, now));
  if (!has_requests(load.mode)) {
    return fmt::format("{}, {} in all{}{}", bit_rate_text(now.bytes - std::min(before.bytes, now.bytes), time),
                       format_bytes(now.bytes), failed, left_text(load, now));
  }
  return fmt::format("{} requests, {}/s{}{}", now.done, rate_text(now.done - std::min(before.done, now.done), time),
                     failed, left_text(load, now));
}

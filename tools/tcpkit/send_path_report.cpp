#include "send_path_report.hpp"

#include <chrono>
#include <cmath>
#include <optional>

#include <fmt/format.h>

#include <tcpkit/base/units.hpp>

#include "event_report.hpp"
#include "send_notes.hpp"
#include "send_numbers.hpp"

using namespace tcpkit;

namespace {

std::string us_text(std::uint64_t us) {
  return format_duration(std::chrono::microseconds(us));
}

/// "for 9.1 s of 9.8 s with data to send: ", or nothing where the kernel did not notice.
std::string share_of_busy(std::optional<std::uint64_t> limited_us, std::optional<std::uint64_t> busy_us) {
  if (!limited_us || *limited_us == 0 || !busy_us) return "";
  return fmt::format("for {} of {} with data to send: ", us_text(*limited_us), us_text(*busy_us));
}

std::string remark_on(const PathNumbers& path) {
  switch (path.limiter) {
    case Limiter::PeerWindow:
      return share_of_busy(path.rwnd_limited_us, path.busy_us) +
             "the peer reads too slowly, or its receive buffer is small: net.ipv4.tcp_rmem there, serve -o rcvbuf";
    case Limiter::SendBuffer:
      return share_of_busy(path.sndbuf_limited_us, path.busy_us) + "a larger one: net.ipv4.tcp_wmem, or -o sndbuf";
    case Limiter::CongestionWindow:
      return "losses or a long path: see the retransmissions, and -o congestion";
    case Limiter::Pacing:
      return "-o max-pacing-rate, or the congestion control";
    case Limiter::Application:
      return "mostly there was nothing to send";
    case Limiter::Processor:
      return "neither a window nor a buffer was full";
    case Limiter::Unknown:
      break;
  }
  return "the kernel does not tell";
}

std::string_view limiter_text(Limiter limiter) {
  switch (limiter) {
    case Limiter::Application:
      return "the application";
    case Limiter::CongestionWindow:
      return "the congestion window";
    case Limiter::PeerWindow:
      return "the peer's window";
    case Limiter::SendBuffer:
      return "the send buffer";
    case Limiter::Pacing:
      return "the pacing rate";
    case Limiter::Processor:
      return "the processors";
    case Limiter::Unknown:
      break;
  }
  return "unknown";
}

std::string rtt_text(const PathNumbers& path) {
  if (!path.rtt_us) return "-";
  const bool differs = path.connections > 1 && path.rtt_max_us;
  return us_text(*path.rtt_us) + (differs ? fmt::format(", {} at most", us_text(*path.rtt_max_us)) : "");
}

std::string number_text(std::optional<std::uint64_t> number, std::string_view unit) {
  return number ? fmt::format("{}{}", *number, unit) : "-";
}

Field shown(std::string_view label, std::string text, std::string remark = {}) {
  return {.label = std::string(label), .text = std::move(text), .remark = std::move(remark)};
}

void add_limiter(const SendPlan& plan, const PathNumbers& path, Section& section) {
  const bool streams =
      plan.load.mode == LoadMode::Bidirectional || (plan.load.mode == LoadMode::Stream && !plan.load.reversed);
  // Between two requests there is nothing to send: no news.
  if (!streams && (path.limiter == Limiter::Application || path.limiter == Limiter::Unknown)) return;
  section.fields.push_back(shown("held back by", std::string(limiter_text(path.limiter)), remark_on(path)));
}

void add_client(const LoadNumbers& numbers, Section& section) {
  const std::optional<double> part = client_share(numbers);
  const std::string share = part ? fmt::format("{:.0f} % of a processor", 100 * *part) : "-";
  section.fields.push_back(
      shown("client", share,
            fmt::format("{} user, {} system", format_duration(numbers.cpu_user), format_duration(numbers.cpu_system))));
}

}  // namespace

Section path_section(const SendPlan& plan, const LoadNumbers& numbers) {
  const PathNumbers& path = numbers.path;
  Section section{"", "Path and client", {}};
  section.fields.push_back(hidden("path", path_data(path)));
  section.fields.push_back(hidden("client", client_data(numbers)));
  if (path.connections > 0) {
    section.fields.push_back(shown("round-trip time", rtt_text(path), "as the kernel smooths it, at the end"));
    section.fields.push_back(shown("congestion window", number_text(path.cwnd, " segments")));
    section.fields.push_back(shown("retransmissions", number_text(path.retransmits, " segments")));
    add_limiter(plan, path, section);
  }
  add_client(numbers, section);
  return section;
}

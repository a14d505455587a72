#include "inspect_words.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include <tcpkit/base/units.hpp>
#include <tcpkit/net/load.hpp>

using namespace tcpkit;

std::string holder_text(const SocketHolder& holder) {
  return fmt::format("{}[{}]/{}", escape(holder.command), holder.pid, holder.fd);
}

std::string endpoint_text(const Endpoint& endpoint) {
  return escape(endpoint.text());
}

std::string socket_text(const Match& match) {
  const std::string holder = match.holders.empty() ? "" : holder_text(match.holders.front()) + " ";
  const bool connected = match.entry.state != SocketState::Listen;
  const std::string peer = connected ? " " + endpoint_text(match.entry.peer) : "";
  return holder + endpoint_text(match.entry.local) + peer;
}

std::string_view timer_name(SocketTimer timer) {
  switch (timer) {
    case SocketTimer::Retransmit:
      return "retransmit";
    case SocketTimer::Keepalive:
      return "keepalive";
    case SocketTimer::TimeWait:
      return "time-wait";
    case SocketTimer::Persist:
      return "persist";
    case SocketTimer::DelayedAck:
      return "delayed-ack";
    case SocketTimer::Off:
      break;
  }
  return "";
}

/// A third of the time is enough to name a brake, as for the streams of `tcpkit send`.
std::optional<HeldBack> held_back(const SocketEntry& entry) {
  static const TcpInfoField& kBusy = tcp_info_field("busy_time");
  static const TcpInfoField& kWindowLimited = tcp_info_field("rwnd_limited");
  static const TcpInfoField& kBufferLimited = tcp_info_field("sndbuf_limited");
  static const TcpInfoField& kUnacked = tcp_info_field("unacked");
  static const TcpInfoField& kRetransmitted = tcp_info_field("retrans");
  static const TcpInfoField& kSacked = tcp_info_field("sacked");
  static const TcpInfoField& kLost = tcp_info_field("lost");
  static const TcpInfoField& kCwnd = tcp_info_field("snd_cwnd");
  if (!entry.info || !is_synchronized(entry.state)) return std::nullopt;
  const auto number = [&](const TcpInfoField& field) { return entry.info->get(field).value_or(0); };
  const std::uint64_t busy = number(kBusy);
  const std::uint64_t window = number(kWindowLimited);
  const std::uint64_t buffer = number(kBufferLimited);
  const std::uint64_t worst = std::max(window, buffer);
  if (busy > 0 && worst * 3 >= busy) {
    const Limiter limiter = window == worst ? Limiter::PeerWindow : Limiter::SendBuffer;
    return HeldBack{limiter_name(limiter), static_cast<unsigned>(std::min<std::uint64_t>(worst * 100 / busy, 100))};
  }
  const std::uint64_t in_flight = number(kUnacked) + number(kRetransmitted);
  const std::uint64_t left_the_path = number(kSacked) + number(kLost);
  const std::uint64_t cwnd = number(kCwnd);
  if (cwnd == 0 || in_flight < left_the_path + cwnd) return std::nullopt;
  return HeldBack{limiter_name(Limiter::CongestionWindow), 0};
}

bool is_synchronized(SocketState state) {
  switch (state) {
    case SocketState::Established:
    case SocketState::FinWait1:
    case SocketState::FinWait2:
    case SocketState::CloseWait:
    case SocketState::LastAck:
    case SocketState::Closing:
      return true;
    default:
      return false;
  }
}

bool was_chosen(const OptionReading& reading, const Provenance& provenance) {
  // These follow from something else: traffic, listen(2), a buffer that was set, or has grown.
  constexpr std::array<std::string_view, 4> kConsequences = {"TCP_QUICKACK", "SO_ACCEPTCONN", "SO_BUF_LOCK",
                                                             "TCP_WINDOW_CLAMP"};
  const bool setting = reading.option->nature == Nature::Setting;
  const bool chosen = provenance.origin == Origin::Unknown || provenance.origin == Origin::Inherited;
  if (!reading.value || !chosen || !setting) return false;
  return std::ranges::find(kConsequences, reading.option->symbol) == kConsequences.end();
}

bool is_unaccepted(const SocketEntry& entry) {
  if (entry.inode != 0) return false;
  // Only close(2) takes a socket from its process, and ends these states: one without a process never had any.
  return entry.state == SocketState::SynReceived || entry.state == SocketState::Established ||
         entry.state == SocketState::CloseWait;
}

std::string selecting_command(const Match& match) {
  const bool listening = match.entry.state == SocketState::Listen;
  const std::string holder = match.holders.empty() ? "" : fmt::format(" --pid {}", match.holders.front().pid);
  const std::string other_end = listening ? "--listening" : fmt::format("--peer '{}'", endpoint_text(match.entry.peer));
  return fmt::format("tcpkit inspect{} --local '{}' {}", holder, endpoint_text(match.entry.local), other_end);
}

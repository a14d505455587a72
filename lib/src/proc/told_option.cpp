#include <tcpkit/proc/told_option.hpp>

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

namespace tcpkit {
namespace {

template <class Number>
std::optional<Value> number_of(const std::optional<Number>& number) {
  return number ? std::optional<Value>(std::int64_t{*number}) : std::nullopt;
}

std::optional<Value> receive_buffer(const SocketEntry& entry) {
  return entry.memory ? std::optional<Value>(std::int64_t{entry.memory->receive_buffer}) : std::nullopt;
}

std::optional<Value> send_buffer(const SocketEntry& entry) {
  return entry.memory ? std::optional<Value>(std::int64_t{entry.memory->send_buffer}) : std::nullopt;
}

std::optional<Value> congestion(const SocketEntry& entry) {
  return entry.congestion ? std::optional<Value>(*entry.congestion) : std::nullopt;
}

/// tcp_get_info() (net/ipv4/tcp.c) takes it from sk_max_pacing_rate, as getsockopt(2) does.
std::optional<Value> pacing_cap(const SocketEntry& entry) {
  static const TcpInfoField& kCap = tcp_info_field("max_pacing_rate");
  const auto cap = entry.info ? entry.info->get(kCap) : std::nullopt;
  return cap ? std::optional<Value>(*cap) : std::nullopt;
}

/// The name of an interface is another question.
std::optional<Value> no_device(const SocketEntry& entry) {
  return entry.interface ? std::nullopt : std::optional<Value>(std::string());
}

struct Row {
  std::string_view symbol;
  ToldOption told;
};

/// What tcp_get_info(), inet_sk_diag_fill() and inet_diag_msg_attrs_fill() (net/ipv4/inet_diag.c) take from the very
/// fields that getsockopt(2) returns.
constexpr std::array kRows = {
    Row{"SO_RCVBUF", receive_buffer},
    Row{"SO_SNDBUF", send_buffer},
    Row{"SO_MARK", [](const SocketEntry& entry) { return number_of(entry.mark); }},
    Row{"SO_BINDTODEVICE", no_device},
    Row{"SO_MAX_PACING_RATE", pacing_cap},
    Row{"TCP_CONGESTION", congestion},
    Row{"IP_TOS", [](const SocketEntry& entry) { return number_of(entry.tos); }},
};

}  // namespace

ToldOption find_told_option(const Option& option) {
  const auto row = std::ranges::find(kRows, option.symbol, &Row::symbol);
  return row == kRows.end() ? nullptr : row->told;
}

}  // namespace tcpkit

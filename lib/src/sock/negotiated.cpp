#include <tcpkit/sock/negotiated.hpp>

#include <algorithm>
#include <array>

#include <fmt/format.h>
#include <sys/socket.h>

#include "sock/arithmetic.hpp"
#include "sock/snapshot_facts.hpp"

namespace tcpkit {
namespace {

std::optional<Value> as_value(std::optional<std::uint64_t> number) {
  return number ? std::optional<Value>(static_cast<std::int64_t>(*number)) : std::nullopt;
}

/// Why a fact is not there.
std::string absent(const Snapshot& snapshot) {
  return snapshot.info ? "absent: this kernel does not return it" : snapshot.info_reason;
}

struct Feature {
  std::uint64_t bit;
  std::string_view sysctl;
  std::int64_t asking;  // the least value of the sysctl with which a SYN of ours asks for it
};

bool asks(const Feature& feature, std::int64_t held) {
  // tcp_ecn: 1 asks, 2 only accepts; 3 and above are kinds of AccECN, which ask (ip-sysctl).
  if (feature.bit == kEcnAgreed) return held != 0 && held != 2;
  return held >= feature.asking;
}

std::string why_feature(const Feature& feature, bool on, SysctlValues& sysctls) {
  if (on) return {};
  const auto held = sysctls.number(feature.sysctl);
  if (!held) {
    return fmt::format("not agreed; whether it was asked for is unknown: {} is {}", feature.sysctl,
                       sysctls.get(feature.sysctl).reason);
  }
  if (!asks(feature, *held)) return fmt::format("not asked for: {} = {}", feature.sysctl, *held);
  return fmt::format("asked for ({} = {}), not agreed by the peer or the path", feature.sysctl, *held);
}

NegotiatedFact feature_fact(std::string_view key, std::string_view label, const Feature& feature,
                            const Snapshot& snapshot, SysctlValues& sysctls) {
  const auto bits = info_number(snapshot, "options");
  if (!bits) return {key, label, Unit::None, std::nullopt, absent(snapshot)};
  const bool on = (*bits & feature.bit) != 0;
  return {key, label, Unit::None, Value(on), why_feature(feature, on, sysctls)};
}

/// net/ipv4/tcp_output.c, tcp_select_initial_window(): the greatest window ever wanted decides the shift.
std::string why_our_scale(const Snapshot& snapshot, std::uint64_t scale, SysctlValues& sysctls) {
  const auto rmem = sysctls.number("net.ipv4.tcp_rmem", 2);
  const auto rmem_max = sysctls.number("net.core.rmem_max");
  const auto buffer = number(snapshot, "SO_RCVBUF");
  if (is_locked(snapshot, kRcvbufLock) && buffer) {
    const auto space = static_cast<std::uint64_t>(*buffer) / 2;
    if (window_scale_for(space) == static_cast<int>(scale)) {
      return fmt::format("from the receive buffer of {}, fixed before the SYN", *buffer);
    }
  }
  const auto space = static_cast<std::uint64_t>(std::max({rmem.value_or(0), rmem_max.value_or(0), std::int64_t{0}}));
  if (window_scale_for(space) == static_cast<int>(scale)) {
    return fmt::format("from max(tcp_rmem[2] = {}, rmem_max = {})", text_of(rmem), text_of(rmem_max));
  }
  return "from the buffer or window clamp at the time of the SYN";
}

NegotiatedFact scale_fact(std::string_view key, std::string_view label, const Snapshot& snapshot,
                          SysctlValues& sysctls) {
  const auto bits = info_number(snapshot, "options");
  const auto scale = info_number(snapshot, key);
  if (!bits || !scale) return {key, label, Unit::None, std::nullopt, absent(snapshot)};
  constexpr Feature kScaling{kScalingAgreed, "net.ipv4.tcp_window_scaling", 1};
  NegotiatedFact fact{key, label, Unit::None, as_value(scale), {}};
  if ((*bits & kScalingAgreed) == 0) {
    fact.note = "no window above 65535: " + why_feature(kScaling, false, sysctls);
  } else {
    fact.note = key == "rcv_wscale" ? why_our_scale(snapshot, *scale, sysctls) : "the peer's choice in its SYN-ACK";
  }
  return fact;
}

NegotiatedFact size_fact(std::string_view key, std::string_view label, std::optional<std::uint64_t> bytes,
                         const Snapshot& snapshot, std::string note) {
  if (!bytes) return {key, label, Unit::None, std::nullopt, absent(snapshot)};
  return {key, label, Unit::None, as_value(bytes), std::move(note)};
}

std::uint64_t timestamp_bytes(const Snapshot& snapshot) {
  return timestamps_agreed(snapshot) ? static_cast<std::uint64_t>(kTimestampOptionBytes) : 0;
}

std::uint64_t header_bytes(const Snapshot& snapshot) {
  constexpr std::uint64_t kTcp = 20;
  constexpr std::uint64_t kIpv4 = 20;
  constexpr std::uint64_t kIpv6 = 40;
  return kTcp + (snapshot.peer.family() == AF_INET6 ? kIpv6 : kIpv4) + timestamp_bytes(snapshot);
}

/// The path is the usual limit; net/ipv4/tcp_output.c, tcp_bound_to_half_wnd() and the peer's MSS are others.
std::string why_mss(const Snapshot& snapshot) {
  const auto mtu = info_number(snapshot, "pmtu");
  const auto mss = info_number(snapshot, "snd_mss");
  if (!mtu || !mss) return {};
  if (*mss + header_bytes(snapshot) < *mtu) {
    const auto window = info_number(snapshot, "snd_wnd");
    const bool half = window && *mss == *window / 2;
    return fmt::format("{}; path MTU {} allows {}",
                       half ? fmt::format("half of the peer's window of {}", *window) : "by the peer or TCP_MAXSEG",
                       *mtu, *mtu - header_bytes(snapshot));
  }
  return fmt::format(
      "path MTU {}{}", *mtu,
      timestamp_bytes(snapshot) != 0 ? fmt::format(", {} bytes less for timestamps", timestamp_bytes(snapshot)) : "");
}

/// The kernel takes the bytes of timestamps off what it put into the SYN (tcp_rcv_synsent_state_process()).
std::string why_advmss(const Snapshot& snapshot) {
  const auto held = info_number(snapshot, "advmss");
  const std::uint64_t taken = timestamp_bytes(snapshot);
  if (!held || taken == 0) return {};
  return fmt::format("{} in the SYN, {} bytes less for timestamps", *held + taken, taken);
}

}  // namespace

std::vector<NegotiatedFact> negotiated(const Snapshot& snapshot, SysctlValues& sysctls) {
  constexpr Feature kTimestampFeature{kTimestampsAgreed, "net.ipv4.tcp_timestamps", 1};
  constexpr Feature kSackFeature{kSackAgreed, "net.ipv4.tcp_sack", 1};
  constexpr Feature kEcnFeature{kEcnAgreed, "net.ipv4.tcp_ecn", 1};
  return {
      size_fact("mss", "mss", info_number(snapshot, "snd_mss"), snapshot, why_mss(snapshot)),
      size_fact("advmss", "mss offered", info_number(snapshot, "advmss"), snapshot, why_advmss(snapshot)),
      scale_fact("snd_wscale", "window scale, peer", snapshot, sysctls),
      scale_fact("rcv_wscale", "window scale, ours", snapshot, sysctls),
      feature_fact("timestamps", "timestamps", kTimestampFeature, snapshot, sysctls),
      feature_fact("sack", "sack", kSackFeature, snapshot, sysctls),
      feature_fact("ecn", "ecn", kEcnFeature, snapshot, sysctls),
  };
}

}  // namespace tcpkit

#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <tcpkit/base/api.hpp>
#include <tcpkit/sock/snapshot.hpp>
#include <tcpkit/sock/sysctl_values.hpp>

namespace tcpkit {

/// One result of the handshake, and why it came out so.
struct NegotiatedFact {
  std::string_view key;    ///< "rcv_wscale"
  std::string_view label;  ///< "window scale, ours"
  Unit unit = Unit::None;
  std::optional<Value> value;  ///< nothing when the kernel did not tell
  std::string note;            ///< who decided, naming the sysctl and its value
};

/// mss, advmss, snd_wscale, rcv_wscale, timestamps, sack, ecn of a connected socket, in this order.
/// A feature that is off says whether it was switched off here or not agreed to by the peer. Touches no socket; reads
/// the sysctls it needs.
[[nodiscard]] TCPKIT_API std::vector<NegotiatedFact> negotiated(const Snapshot& snapshot, SysctlValues& sysctls);

}  // namespace tcpkit

#pragma once

#include <chrono>
#include <optional>

#include <tcpkit/sock/limits.hpp>

/// Keepalive timers that keep a promise: what remedies are computed from.
namespace tcpkit {

/// A load balancer is known that forgets what has been idle for so long: Elastic Load Balancing, "Network Load
/// Balancers: connection idle timeout". Others take less, which --idle-limit is for.
constexpr std::chrono::seconds kUsualIdleLimit{350};

/// The first probe at half of it: the kernel's timers run late by up to an eighth, and one probe may be lost. Nothing
/// below 2 s, for TCP_KEEPIDLE counts whole seconds.
std::optional<std::chrono::seconds> keepidle_below(std::chrono::seconds idle_limit);

/// Timers that give up an idle connection within this time; nothing below 2 s, for both count whole seconds.
std::optional<KeepaliveTimers> keepalive_within(Milliseconds limit);

/// When an idle connection is given up if nothing but the keepalive timers counts, be they on or not.
Milliseconds keepalive_time(KeepaliveTimers timers);

}  // namespace tcpkit

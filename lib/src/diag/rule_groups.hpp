#pragma once

#include <span>

#include <tcpkit/diag/rule.hpp>

/// The table of rules, by what they are about: one file each.
namespace tcpkit {

std::span<const Rule> buffer_rules();     // buffers that were set, and what they hold back
std::span<const Rule> window_rules();     // the window that the other end sees
std::span<const Rule> delay_rules();      // Nagle, delayed ACKs, cork
std::span<const Rule> pace_rules();       // pacing, the floor of the retransmission timeout, restart after idle
std::span<const Rule> keepalive_rules();  // how long until an idle dead peer is noticed
std::span<const Rule> death_rules();      // how long until anything else is given up
std::span<const Rule> listener_rules();   // queues of a listener, what it hands down
std::span<const Rule> path_rules();       // loss, retransmissions, segment size
std::span<const Rule> host_rules();       // memory, ports, caches
std::span<const Rule> option_rules();     // options that do not do what they seem to

}  // namespace tcpkit

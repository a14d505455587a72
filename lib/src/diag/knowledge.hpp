#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <tcpkit/diag/observation.hpp>

#include "diag/inputs.hpp"

/// What a finding says more with where it is known. No rule needs it: what a rule needs is its input.
namespace tcpkit {

/// A shorter time with data on its way is decided by the kernel's clocks of a few milliseconds.
inline constexpr std::uint64_t kLeastBusyUs = 100'000;
/// On shorter paths even 64 KiB carry 500 Mbit/s, and what the handshake took is no measure of the round trip: a window
/// that is full there is one that a program does not read. A transfer over loopback waits for its reader in nine tenths
/// of its time, and nothing is wrong with it.
inline constexpr std::uint64_t kLeastPathRttUs = 1'000;

/// What the peer acknowledged for each second with data on its way; nothing over less than kLeastBusyUs of that. Of
/// growth("bytes_acked") and growth("busy_time"), which are inputs. tcpi_delivery_rate is no substitute: it is one
/// sample, and of a paced connection over loopback told 1.1 GB/s where 2 MB/s went through.
std::optional<std::uint64_t> rate_while_busy(const Inputs& inputs);

/// What the user says the round trip takes, else the least seen, else the smoothed one.
std::optional<std::uint64_t> path_rtt_us(const Observation& observation);

/// "65535 B carry 10.5 Mbit/s at a round trip of 50 ms", or "65535 B" where no round trip is known.
std::string carried(std::uint64_t window_bytes, std::optional<std::uint64_t> rtt_us);

/// "20 ms" from microseconds.
std::string microseconds_text(std::uint64_t microseconds);

}  // namespace tcpkit

#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <tcpkit/net/load.hpp>

/// A thing that the numbers of a measurement mean, and what to do about it.
struct Note {
  std::string_view id;
  std::string text;
};

/// A group of samples far above the others.
struct LatencyMode {
  std::uint64_t count = 0;
  tcpkit::Nanoseconds at{0};  ///< its middle
};

/// The samples in [from, to), where they are a group of their own: at least 3 and 0.5 % of all, with next to nothing
/// down to a quarter of it, and either others below that or a round trip, `rtt`, that could not explain it.
[[nodiscard]] std::optional<LatencyMode> find_mode(const tcpkit::Histogram& latency, tcpkit::Nanoseconds from,
                                                   tcpkit::Nanoseconds to, tcpkit::Nanoseconds rtt);

/// How much of a processor the measuring thread took: 1 is all of one. Nothing where it was too short to tell.
[[nodiscard]] std::optional<double> client_share(const tcpkit::LoadNumbers& numbers);
/// Whether the client, and not the server or the path, was what limited the result.
[[nodiscard]] bool client_was_limit(const tcpkit::LoadNumbers& numbers);

/// Pure. `connect_time` is that of the first connection.
[[nodiscard]] std::vector<Note> find_notes(const tcpkit::LoadPlan& plan, const tcpkit::LoadResult& result,
                                           tcpkit::Nanoseconds connect_time);

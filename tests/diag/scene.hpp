#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <tcpkit/diag/diagnose.hpp>

#include "support/snapshot_builder.hpp"

/// Observations made by hand: what a socket and its host would show, had they the trouble that a rule is about.
namespace tcpkit::test {

/// Everything that diagnose() looks at. Changes are made one at a time, on a copy.
class Scene {
 public:
  Observation rest;  ///< all but the snapshot, TCP_INFO and counters, which are built from what follows

  Scene& option(std::string_view symbol, Value value);
  Scene& option(std::string_view symbol, int value) { return option(symbol, Value(std::int64_t{value})); }
  Scene& text(std::string_view symbol, std::string_view value) { return option(symbol, Value(std::string(value))); }
  /// A kernel that has never heard of it.
  Scene& unknown(std::string_view symbol);
  Scene& info(std::string_view field, std::uint64_t number);
  /// The field at the begin of the interval; without any the interval is the connection's life.
  Scene& before(std::string_view field, std::uint64_t number);
  Scene& sysctl(std::string_view name, Value value);
  Scene& sysctl(std::string_view name, int value) { return sysctl(name, Value(std::int64_t{value})); }
  /// How much a counter of the namespace grew.
  Scene& counter(std::string_view name, std::uint64_t growth);
  /// A setting made by tcpkit: "rcvbuf=16M"; what became of it is not judged.
  Scene& ask(std::string_view setting);

  Scene& peer(const Endpoint& peer);
  Scene& local(const Endpoint& local);

  /// Takes away what an input needs.
  void remove(const Input& input);

  [[nodiscard]] Diagnosis diagnose();

 private:
  SnapshotBuilder snapshot_;
  std::map<std::string, std::uint64_t, std::less<>> info_;
  std::map<std::string, std::uint64_t, std::less<>> before_;
  std::map<std::string, std::uint64_t, std::less<>> counters_;
  static constexpr std::size_t kWholeInfo = 280;
  std::size_t info_size_ = kWholeInfo;
  SysctlValues sysctls_ = usual_sysctls();
};

/// An idle connection of a host with defaults: nothing above a note may be found.
Scene healthy_connection();
/// 192.0.2.7:443
Endpoint far_peer();
/// A listener with an empty queue.
Scene healthy_listener();

/// A rule, a scene that fires it, and one that differs from it as little as its threshold asks.
struct RuleCase {
  std::string_view id;
  Scene fires;
  Scene just_below;
};

std::vector<RuleCase> buffer_cases();
std::vector<RuleCase> window_cases();
std::vector<RuleCase> delay_cases();
std::vector<RuleCase> pace_cases();
std::vector<RuleCase> keepalive_cases();
std::vector<RuleCase> death_cases();
std::vector<RuleCase> listener_cases();
std::vector<RuleCase> path_cases();
std::vector<RuleCase> host_cases();
std::vector<RuleCase> option_cases();

/// The finding of a rule, or nullptr.
const Finding* finding(const Diagnosis& diagnosis, std::string_view id);
/// The same of a scene: what must be found, and whether it is.
Finding found(Scene scene, std::string_view id);
bool finds(Scene scene, std::string_view id);
const Unchecked* unchecked(const Diagnosis& diagnosis, std::string_view id);

/// Whether a text has this in it.
bool says(std::string_view text, std::string_view part);

}  // namespace tcpkit::test

#include "probe_plan.hpp"

#include <chrono>
#include <utility>

#include <fmt/format.h>

#include "command.hpp"
#include "connect_plan.hpp"
#include "read_flag.hpp"

namespace {

using namespace tcpkit;

Result<void> read_peer(const Args& args, ProbePlan& plan) {
  if (!args.positionals().empty()) {
    plan.target_text = args.positionals().front();
    Result<Target> target = read_target(plan.target_text);
    if (!target) return target.error();
    plan.target = std::move(*target);
  }
  return read_source(args, plan.target ? &*plan.target : nullptr, plan.families, plan.connect.source);
}

Result<void> read_settings(const Args& args, ProbePlan& plan) {
  Result<std::vector<Setting>> settings = read_connect_settings(args);
  if (!settings) return settings.error();
  plan.connect.settings = std::move(*settings);
  return {};
}

Result<void> read_times(const Args& args, ProbePlan& plan) {
  auto read = read_connect_times(args, plan.connect.timeout, plan.deadline, plan.wait);
  return read ? read_flag(args, "interval", parse_time, plan.interval) : read;
}

Result<void> read_view(const Args& args, ProbePlan& plan) {
  if (args.has("all") && args.has("only")) return bad_value("--all and --only exclude each other");
  if (auto read = read_flag(args, "only", parse_selection, plan.view.only); !read) return read;
  if (auto read = read_diagnosis(args, plan.diagnosis); !read) return read;
  plan.view.bandwidth_bps = plan.diagnosis.expected.bandwidth_bps;
  return {};
}

constexpr std::uint64_t kUsualEchoBytes = 64;

/// How often to look. A look takes a few microseconds, and a terminal some more.
Result<Nanoseconds> parse_pace(std::string_view text) {
  constexpr std::chrono::milliseconds kLeast{10};
  if (text.empty()) return Nanoseconds(std::chrono::seconds(1));
  Result<Nanoseconds> pace = parse_duration(text);
  if (pace && *pace < kLeast) return bad_value(fmt::format("{} is too short: at least 10ms", quote(text)));
  return pace;
}

Result<std::uint64_t> parse_echo(std::string_view text) {
  constexpr std::uint64_t kMostBytes = 1ULL << 30;
  return text.empty() ? Result<std::uint64_t>(kUsualEchoBytes) : parse_some_bytes(text, kMostBytes);
}

/// One connection and no end: what is about several, or about a whole result, has no meaning.
Result<void> check_watch(const Args& args, const ProbePlan& plan) {
  for (const std::string_view flag : {"interval", "all", "output"}) {
    if (args.has(flag)) return bad_value(fmt::format("--watch and --{} exclude each other", flag));
  }
  if (args.value("format") == "prometheus") {
    return bad_value("--watch and --format prometheus exclude each other");
  }
  if (!plan.view.only) return {};
  const Selection& only = *plan.view.only;
  const std::string_view other = !only.options.empty()   ? only.options.front()->name
                                 : !only.sysctls.empty() ? only.sysctls.front()->name
                                                         : "";
  if (other.empty()) return {};
  return bad_value(fmt::format("--watch shows TCP_INFO: {} of --only is no field of it", other));
}

Result<void> read_watch(const Args& args, ProbePlan& plan) {
  if (!args.has("watch")) return args.has("echo") ? bad_value("--echo is for --watch only") : Result<void>();
  if (auto checked = check_watch(args, plan); !checked) return checked;
  if (plan.repeats) plan.looks = std::exchange(plan.count, 1);
  plan.repeats = false;
  if (!plan.target) plan.echo_bytes = kUsualEchoBytes;  // its own peer returns everything
  if (auto read = read_flag(args, "echo", parse_echo, plan.echo_bytes); !read) return read;
  return read_flag(args, "watch", parse_pace, plan.watch);
}

}  // namespace

Result<ProbePlan> make_probe_plan(const Args& args) {
  constexpr std::uint64_t kMostConnects = 1'000'000'000;
  ProbePlan plan;
  plan.repeats = args.has("count");
  plan.strict = args.has("strict");
  for (const auto step : {read_peer, read_settings, read_times, read_view}) {
    if (auto read = step(args, plan); !read) return read.error();
  }
  if (auto read = read_flag(args, "count", parse_count<kMostConnects>, plan.count); !read) return read.error();
  if (auto read = read_watch(args, plan); !read) return read.error();
  return plan;
}

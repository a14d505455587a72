#include "probe_plan.hpp"

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
  return plan;
}

#include "probe_plan.hpp"

#include <fmt/format.h>
#include <sys/socket.h>

#include "command.hpp"
#include "read_flag.hpp"

namespace {

using namespace tcpkit;

Result<void> read_target(const Args& args, ProbePlan& plan) {
  if (args.positionals().empty()) return {};
  plan.target_text = args.positionals().front();
  Result<Target> target = parse_target(plan.target_text);
  if (!target) return bad_value("HOST:PORT: " + target.error().doing);
  plan.target = std::move(*target);
  return {};
}

/// An address to connect from settles the family of the address to connect to.
Result<void> read_source(const Args& args, ProbePlan& plan) {
  if (auto read = read_flag(args, "source", parse_source, plan.connect.source); !read) return read;
  if (!plan.connect.source) return {};
  const Endpoint& source = *plan.connect.source;
  const Families family = source.family() == AF_INET6 ? Families::Ipv6 : Families::Ipv4;
  const std::string given =
      fmt::format("--source: {} is an {} address", escape(source.address()), family_name(source.family()));
  if (plan.families != Families::Both && plan.families != family) {
    return bad_value(fmt::format("{}, and {} is given", given, plan.families == Families::Ipv4 ? "-4" : "-6"));
  }
  const bool numeric = plan.target && plan.target->numeric;
  if (numeric && plan.target->numeric->family() != source.family()) {
    return bad_value(fmt::format("{}: it cannot connect to {}", given, escape(plan.target->numeric->text())));
  }
  plan.families = family;
  return {};
}

Result<void> add_setting(ProbePlan& plan, std::string_view flag, std::string_view text) {
  Result<Setting> setting = read_setting(flag, text);
  if (!setting) return setting.error();
  plan.connect.settings.push_back(std::move(*setting));
  return {};
}

Result<void> read_settings(const Args& args, ProbePlan& plan) {
  for (const std::string& text : args.values("option")) {
    if (auto added = add_setting(plan, "option", text); !added) return added;
  }
  const std::optional<std::string> interface = args.value("interface");
  if (!interface) return {};
  if (auto added = add_setting(plan, "interface", "bindtodevice=" + *interface); !added) return added;
  plan.connect.settings.back().text = "--interface " + *interface;
  return {};
}

Result<std::uint64_t> parse_count(std::string_view text) {
  constexpr std::uint64_t kMostConnects = 1'000'000'000;
  return parse_unsigned(text, 1, kMostConnects);
}

Result<void> read_times(const Args& args, ProbePlan& plan) {
  if (auto read = read_flag(args, "timeout", parse_positive_time, plan.connect.timeout); !read) return read;
  if (auto read = read_flag(args, "deadline", parse_positive_time, plan.deadline); !read) return read;
  if (auto read = read_flag(args, "wait", parse_positive_time, plan.wait); !read) return read;
  return read_flag(args, "interval", parse_time, plan.interval);
}

Result<void> read_view(const Args& args, ProbePlan& plan) {
  if (args.has("all") && args.has("only")) return bad_value("--all and --only exclude each other");
  if (auto read = read_flag(args, "only", parse_selection, plan.view.only); !read) return read;
  return read_flag(args, "bandwidth", parse_bit_rate, plan.view.bandwidth_bps);
}

}  // namespace

Result<ProbePlan> make_probe_plan(const Args& args) {
  ProbePlan plan;
  plan.repeats = args.has("count");
  plan.strict = args.has("strict");
  const Result<Families> families = read_families(args);
  if (!families) return families.error();
  plan.families = *families;
  for (const auto step : {read_target, read_source, read_settings, read_times, read_view}) {
    if (auto read = step(args, plan); !read) return read.error();
  }
  if (auto read = read_flag(args, "count", parse_count, plan.count); !read) return read.error();
  return plan;
}

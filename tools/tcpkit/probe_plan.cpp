#include "probe_plan.hpp"

#include <fmt/format.h>
#include <sys/socket.h>

#include "command.hpp"

namespace {

using namespace tcpkit;

/// The text after a flag, parsed; an error names the flag.
template <class T, class Parse>
Result<void> read_flag(const Args& args, std::string_view flag, Parse parse, T& into) {
  const std::optional<std::string> text = args.value(flag);
  if (!text) return {};
  auto parsed = parse(*text);
  if (!parsed) return bad_value(fmt::format("--{}: {}", flag, parsed.error().doing));
  into = std::move(*parsed);
  return {};
}

Result<Nanoseconds> parse_positive_duration(std::string_view text) {
  Result<Nanoseconds> duration = parse_duration(text);
  if (duration && duration->count() == 0)
    return bad_value(fmt::format("{} is too short: it must be more than 0", quote(text)));
  return duration;
}

Result<void> read_target(const Args& args, ProbePlan& plan) {
  if (args.positionals().empty()) return {};
  plan.target_text = args.positionals().front();
  Result<Target> target = parse_target(plan.target_text);
  if (!target) return bad_value("HOST:PORT: " + target.error().doing);
  plan.target = std::move(*target);
  return {};
}

Result<void> read_families(const Args& args, ProbePlan& plan) {
  if (args.has("ipv4") && args.has("ipv6")) return bad_value("-4 and -6 exclude each other");
  if (args.has("ipv4")) plan.families = Families::Ipv4;
  if (args.has("ipv6")) plan.families = Families::Ipv6;
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
  Result<Setting> setting = parse_setting(text);
  if (!setting) {
    Error error = setting.error();
    error.doing = fmt::format("--{}: {}", flag, error.doing);
    return error;
  }
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
  if (auto read = read_flag(args, "timeout", parse_positive_duration, plan.connect.timeout); !read) return read;
  if (auto read = read_flag(args, "deadline", parse_positive_duration, plan.deadline); !read) return read;
  if (auto read = read_flag(args, "wait", parse_positive_duration, plan.wait); !read) return read;
  return read_flag(
      args, "interval", [](std::string_view text) { return parse_duration(text); }, plan.interval);
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
  for (const auto step : {read_target, read_families, read_source, read_settings, read_times, read_view}) {
    if (auto read = step(args, plan); !read) return read.error();
  }
  if (auto read = read_flag(args, "count", parse_count, plan.count); !read) return read.error();
  return plan;
}

#include "inspect_plan.hpp"

#include <array>

#include <fmt/format.h>

#include "command.hpp"
#include "read_flag.hpp"

namespace {

using namespace tcpkit;

constexpr std::array<std::string_view, 7> kSelectors = {"pid", "name", "port", "local", "peer", "state", "listening"};

/// Every value of a flag that may be repeated.
template <class Parse, class Take>
Result<void> read_each(const Args& args, std::string_view flag, Parse parse, Take take) {
  for (const std::string& text : args.values(flag)) {
    auto parsed = parse(text);
    if (!parsed) return bad_value(fmt::format("--{}: {}", flag, parsed.error().doing));
    take(std::move(*parsed));
  }
  return {};
}

Result<std::int64_t> parse_pid(std::string_view text) {
  return parse_integer(text, 1, INT32_MAX);
}

Result<std::string> parse_command_name(std::string_view text) {
  if (text.empty()) return bad_value("a command has a name: /proc/PID/comm shows it");
  return std::string(text);
}

Result<std::uint16_t> parse_either_port(std::string_view text) {
  const Result<AddressMatch> match = parse_address_match(fmt::format(":{}", text));
  if (match && match->port && !match->address) return *match->port;
  return bad_value(fmt::format("{} is no port: a number from 1 to 65535 or the name of a service", quote(text)));
}

Result<void> read_processes(const Args& args, InspectPlan& plan) {
  if (auto read = read_each(args, "pid", parse_pid, [&](auto pid) { plan.processes.pids.push_back(pid); }); !read) {
    return read;
  }
  const auto add_name = [&](std::string name) { plan.processes.names.push_back(std::move(name)); };
  if (auto read = read_each(args, "name", parse_command_name, add_name); !read) return read;
  plan.netns = args.value("netns");
  if (plan.netns && plan.netns->empty()) return bad_value("--netns: a name, as of ip netns, or a process id is needed");
  return {};
}

Result<void> read_states(const Args& args, SocketFilter& filter) {
  std::uint32_t asked = 0;
  const auto add = [&](std::uint32_t states) { asked |= states; };
  if (auto read = read_each(args, "state", parse_socket_state, add); !read) return read;
  if (args.has("state")) filter.states = asked;
  if (args.has("listening")) filter.states &= 1U << static_cast<unsigned>(SocketState::Listen);
  if (filter.states == 0) return bad_value("--listening and --state exclude each other: no socket can be both");
  return {};
}

Result<void> read_filter(const Args& args, InspectPlan& plan) {
  SocketFilter& filter = plan.filter;
  if (auto read = read_states(args, filter); !read) return read;
  const auto add_port = [&](std::uint16_t port) { filter.ports.push_back(port); };
  if (auto read = read_each(args, "port", parse_either_port, add_port); !read) return read;
  const auto add_local = [&](AddressMatch match) { filter.local.push_back(match); };
  if (auto read = read_each(args, "local", parse_address_match, add_local); !read) return read;
  return read_each(args, "peer", parse_address_match, [&](AddressMatch match) { filter.peer.push_back(match); });
}

/// The selectors as typed.
Result<void> read_asked(const Args& args, InspectPlan& plan) {
  const auto add = [&](std::string_view flag, std::string_view value) {
    plan.asked += fmt::format("{}--{}{}{}", plan.asked.empty() ? "" : " ", flag, value.empty() ? "" : " ", value);
  };
  for (const std::string_view flag : kSelectors) {
    for (const std::string& value : args.values(flag)) {
      add(flag, escape(value));
      plan.selects = true;
    }
  }
  if (plan.netns) add("netns", escape(*plan.netns));
  return {};
}

Result<void> read_depth(const Args& args, InspectPlan& plan) {
  plan.all = args.has("all");
  plan.names_processes = args.has("processes");
  plan.copies = !args.has("no-dup");
  if (plan.all && args.has("only")) return bad_value("--all and --only exclude each other");
  if (auto read = read_flag(args, "only", parse_selection, plan.only); !read) return read;
  return read_flag(args, "deadline", parse_positive_time, plan.copying_time);
}

Result<void> read_order(const Args& args, InspectPlan& plan) {
  constexpr std::uint64_t kMostRows = 1'000'000'000;
  read_choice<kSortKeys>(args, "sort", plan.sort);
  if (args.has("top") && plan.sort == SortKey::None) return bad_value("--top is for --sort only");
  return read_flag(args, "top", parse_count<kMostRows>, plan.top);
}

Result<Nanoseconds> parse_pace(std::string_view text) {
  return text.empty() ? Result<Nanoseconds>(std::chrono::seconds(1)) : parse_positive_time(text);
}

/// What goes on for ever has no whole result.
Result<void> read_watch(const Args& args, InspectPlan& plan) {
  const bool metrics = args.value("format") == "prometheus";
  for (const std::string_view flag : {"watch", "set"}) {
    if (metrics && args.has(flag))
      return bad_value(fmt::format("--{} and --format prometheus exclude each other", flag));
  }
  if (args.has("watch") && args.has("output")) return bad_value("--watch and --output exclude each other");
  return read_flag(args, "watch", parse_pace, plan.watch);
}

Result<void> read_judgement(const Args& args, InspectPlan& plan) {
  if (auto read = read_diagnosis(args, plan.diagnosis); !read) return read;
  plan.judges = args.has("findings") || plan.diagnosis.fail_on;
  return {};
}

Result<void> read_settings(const Args& args, InspectPlan& plan) {
  plan.yes = args.has("yes");
  for (const std::string& text : args.values("set")) {
    Result<Setting> setting = read_setting("set", text);
    if (!setting) return setting.error();
    plan.settings.push_back(std::move(*setting));
  }
  if (plan.settings.empty()) return plan.yes ? bad_value("--yes is for --set only") : Result<void>();
  for (const std::string_view flag : {"watch", "no-dup", "sort", "all", "only", "deadline", "findings"}) {
    if (args.has(flag)) return bad_value(fmt::format("--set and --{} exclude each other", flag));
  }
  if (!plan.selects) return bad_value("--set needs to be told which sockets: --pid, --name, --port, --local, ...");
  return {};
}

}  // namespace

Result<InspectPlan> make_inspect_plan(const Args& args) {
  InspectPlan plan;
  for (const auto step :
       {read_processes, read_filter, read_asked, read_depth, read_order, read_watch, read_judgement, read_settings}) {
    if (auto read = step(args, plan); !read) return read.error();
  }
  return plan;
}

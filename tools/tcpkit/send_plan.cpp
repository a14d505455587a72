#include "send_plan.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <limits>

#include <fmt/format.h>

#include "command.hpp"
#include "connect_plan.hpp"
#include "percentiles.hpp"
#include "read_flag.hpp"

namespace {

using namespace tcpkit;

constexpr std::uint64_t kMostMessages = 1'000'000'000'000;
constexpr std::uint64_t kMostConnections = 1'000'000;
constexpr std::uint64_t kMostRate = 100'000'000;
constexpr std::uint64_t kRequestBytes = 64;
constexpr std::uint64_t kWriteBytes = 64U << 10;  // small enough to stay in a cache while it is sent again and again
constexpr std::chrono::seconds kDuration{10};
constexpr std::chrono::milliseconds kShortestReport{10};

constexpr std::array<std::string_view, 5> kSelectMeasurement = {"mode", "duration", "rate", "size", "connections"};
constexpr std::array<std::string_view, 3> kForMessages = {"keep", "half-close", "interval"};
constexpr std::array<std::string_view, 5> kForMeasurement = {"reply-size", "warmup", "percentiles", "report-interval",
                                                             "reverse"};

template <std::size_t kCount>
std::string_view first_given(const Args& args, const std::array<std::string_view, kCount>& flags) {
  const auto given = std::ranges::find_if(flags, [&](std::string_view flag) { return args.has(flag); });
  return given == flags.end() ? std::string_view{} : *given;
}

std::string_view first_for_measurement(const Args& args) {
  const std::string_view given = first_given(args, kForMeasurement);
  if (!given.empty()) return given;
  const auto flag = std::ranges::find_if(finding_flags(), [&](const Flag& row) { return args.has(row.name); });
  return flag == finding_flags().end() ? std::string_view{} : flag->name;
}

/// Why an option makes no sense in a mode.
Error not_in_mode(std::string_view given, LoadMode mode, std::string_view why) {
  return bad_value(fmt::format("{}: --mode {} {}", given, load_mode_name(mode), why));
}

Result<void> read_kind(const Args& args, SendPlan& plan) {
  const std::string_view selects = first_given(args, kSelectMeasurement);
  plan.measures = !selects.empty();
  const std::string_view misplaced = plan.measures ? first_given(args, kForMessages) : first_for_measurement(args);
  read_choice<kLoadModes>(args, "mode", plan.load.mode);
  if (misplaced.empty()) return {};
  if (!plan.measures) {
    return bad_value(fmt::format("--{} is for measurements: it needs --mode, -d, --rate, -s or -c", misplaced));
  }
  return bad_value(fmt::format("--{} is for messages, and --{} asks for a measurement", misplaced, selects));
}

Result<void> read_peer(const Args& args, SendPlan& plan) {
  plan.target_text = args.positionals().front();
  Result<Target> target = read_target(plan.target_text);
  if (!target) return target.error();
  plan.target = std::move(*target);
  if (auto read = read_source(args, &plan.target, plan.families, plan.connect.source); !read) return read;
  Result<std::vector<Setting>> settings = read_connect_settings(args);
  if (!settings) return settings.error();
  plan.connect.settings = std::move(*settings);
  return read_connect_times(args, plan.connect.timeout, plan.deadline, plan.wait);
}

Result<void> read_argument(const std::string& text, bool escapes, SendPlan& plan) {
  if (text == "-" && escapes) return bad_value("--escapes: it is for a MESSAGE argument, and - is standard input");
  if (text == "-") return {};
  plan.message = {MessageSource::Kind::Text, text};
  if (!escapes) return {};
  Result<std::string> bytes = unescape(text);
  if (!bytes) return bad_value("MESSAGE: " + bytes.error().doing);
  plan.message.text = std::move(*bytes);
  return {};
}

Result<void> read_message(const Args& args, SendPlan& plan) {
  const bool argument = args.positionals().size() > 1;
  const std::optional<std::string> file = args.value("file");
  plan.has_message = argument || file;
  if (argument && file) return bad_value("--file and MESSAGE exclude each other");
  if (file && file->empty()) return bad_value("--file: \"\" names no file");
  if (args.has("escapes") && !argument) return bad_value("--escapes is for a MESSAGE argument, and there is none");
  if (file) plan.message = {MessageSource::Kind::File, *file};
  return argument ? read_argument(args.positionals()[1], args.has("escapes"), plan) : Result<void>();
}

Result<void> read_count(const Args& args, SendPlan& plan) {
  plan.repeats = args.has("count");
  if (auto read = read_flag(args, "count", parse_count<kMostMessages>, plan.count); !read) return read;
  if (auto read = read_flag(args, "interval", parse_time, plan.interval); !read) return read;
  plan.keep = args.has("keep");
  plan.half_close = args.has("half-close");
  for (const std::string_view flag : {"interval", "keep"}) {
    if (args.has(flag) && !plan.repeats)
      return bad_value(fmt::format("--{} is for several messages: it needs -n", flag));
  }
  if (plan.keep && plan.half_close) return bad_value("--keep and --half-close exclude each other");
  return {};
}

Result<void> read_reply(const Args& args, SendPlan& plan) {
  const auto reply_size = [](std::string_view text) { return parse_some_bytes(text, INT64_MAX); };
  if (auto read = read_flag(args, "reply", parse_reply_rule, plan.reply); !read) return read;
  if (!args.has("reply-size")) return {};
  if (args.has("reply")) return bad_value("--reply-size and --reply exclude each other");
  plan.reply.kind = ReplyRule::Kind::Bytes;
  return read_flag(args, "reply-size", reply_size, plan.reply.bytes);
}

Result<std::uint64_t> parse_request_size(std::string_view text) {
  return parse_some_bytes(text, kMostRequestBytes);
}

Result<Nanoseconds> parse_report_interval(std::string_view text) {
  Result<Nanoseconds> interval = parse_duration(text);
  if (interval && *interval < kShortestReport) {
    return bad_value(fmt::format("{} is too short: at least {}", quote(text), format_duration(kShortestReport)));
  }
  return interval;
}

Result<void> read_load(const Args& args, SendPlan& plan) {
  LoadPlan& load = plan.load;
  std::uint64_t connections = load.connections;
  if (auto read = read_flag(args, "connections", parse_count<kMostConnections>, connections); !read) return read;
  load.connections = static_cast<std::uint32_t>(connections);
  load.count = plan.repeats ? plan.count : 0;
  load.duration = plan.repeats ? Nanoseconds(0) : kDuration;
  load.reversed = args.has("reverse");
  plan.size = has_requests(load.mode) ? kRequestBytes : kWriteBytes;
  if (auto read = read_flag(args, "duration", parse_positive_time, load.duration); !read) return read;
  if (auto read = read_flag(args, "rate", parse_count<kMostRate>, load.rate); !read) return read;
  if (auto read = read_flag(args, "size", parse_request_size, plan.size); !read) return read;
  if (auto read = read_flag(args, "warmup", parse_positive_time, load.warmup); !read) return read;
  if (auto read = read_flag(args, "percentiles", parse_percentiles, plan.percentiles); !read) return read;
  return read_flag(args, "report-interval", parse_report_interval, load.report_interval);
}

Result<void> check_requests(const Args& args, const SendPlan& plan) {
  const LoadMode mode = plan.load.mode;
  for (const std::string_view flag : {"reply", "reply-size", "rate", "percentiles"}) {
    if (!args.has(flag) || has_requests(mode)) continue;
    return not_in_mode(fmt::format("--{} is about requests", flag), mode, "has none");
  }
  if (has_requests(mode) && plan.reply.kind == ReplyRule::Kind::None) {
    return bad_value("--reply none: requests are measured by their replies; --mode stream measures without");
  }
  return {};
}

/// That what is to be sent is said once, and only where something is sent.
Result<void> check_bytes(const Args& args, const SendPlan& plan) {
  const LoadPlan& load = plan.load;
  if (load.reversed && load.mode != LoadMode::Stream) return bad_value("--reverse is for --mode stream only");
  if (args.has("size") && plan.has_message) return bad_value("--size and a message exclude each other");
  const bool silent = load.reversed || load.mode == LoadMode::Idle;
  const std::string_view of_sender = args.has("size")    ? "--size"
                                     : args.has("count") ? "--count"
                                     : args.has("file")  ? "--file"
                                     : plan.has_message  ? "MESSAGE"
                                                         : "";
  if (silent && !of_sender.empty()) {
    return not_in_mode(of_sender, load.mode, load.reversed ? "with --reverse sends nothing" : "sends nothing");
  }
  if (load.mode == LoadMode::Idle && load.warmup.count() > 0) {
    return not_in_mode("--warmup", load.mode, "has nothing to warm up");
  }
  return {};
}

Result<void> check_lengths(const SendPlan& plan) {
  const bool text = plan.has_message && plan.message.kind == MessageSource::Kind::Text;
  if (plan.has_message && !text) return {};
  const std::uint64_t bytes = text ? plan.message.text.size() : plan.size;
  const std::uint64_t least = plan.load.mode == LoadMode::WriteWriteRead ? 2 : 1;
  if (bytes >= least) return {};
  return bad_value(fmt::format("{}: {} byte{} cannot be measured: --mode {} sends at least {}",
                               text ? "MESSAGE" : "--size", bytes, bytes == 1 ? "" : "s",
                               load_mode_name(plan.load.mode), least));
}

Result<void> read_measurement(const Args& args, SendPlan& plan) {
  if (!plan.measures) return {};
  if (auto read = read_load(args, plan); !read) return read;
  if (auto read = read_diagnosis(args, plan.diagnosis); !read) return read;
  for (const auto check : {check_requests, check_bytes}) {
    if (auto checked = check(args, plan); !checked) return checked;
  }
  plan.load.connect = plan.connect;
  plan.load.reply = plan.reply;
  return check_lengths(plan);
}

}  // namespace

std::string_view load_mode_name(LoadMode mode) {
  return std::ranges::find(kLoadModes, mode, &Meaning<LoadMode>::value)->word;
}

Result<SendPlan> make_send_plan(const Args& args) {
  SendPlan plan;
  plan.strict = args.has("strict");
  for (const auto step : {read_kind, read_peer, read_message, read_count, read_reply, read_measurement}) {
    if (auto read = step(args, plan); !read) return read.error();
  }
  return plan;
}

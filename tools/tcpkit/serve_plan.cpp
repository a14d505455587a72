#include "serve_plan.hpp"

#include <algorithm>
#include <array>
#include <climits>

#include <fmt/format.h>

#include <tcpkit/base/units.hpp>

#include "command.hpp"
#include "read_flag.hpp"

namespace {

using namespace tcpkit;

constexpr std::uint64_t kMostReplyBytes = 16U << 20;
constexpr std::uint64_t kMostReadBytes = 256U << 10;  // what asyncio reads ahead, so what a one-shot read can find
constexpr std::uint64_t kMostThreads = 256;
constexpr std::uint64_t kMostConnections = 1'000'000'000;
constexpr std::size_t kReadBytes = 100;

/// What the asyncio program sets on every connection.
constexpr std::array<std::string_view, 8> kOwnSettings = {"reuseaddr", "reuseport",    "nodelay",   "quickack",
                                                          "keepalive", "keepidle=30m", "keepcnt=5", "keepintvl=15s"};

Result<void> read_addresses(const Args& args, ServeOrder& order) {
  std::vector<std::string> texts = args.positionals();
  if (texts.empty()) texts.emplace_back(order.families == Families::Ipv6 ? "[::1]:8888" : "127.0.0.1:8888");
  for (const std::string& text : texts) {
    Result<ListenAddress> address = parse_listen_address(text);
    if (!address) return bad_value("ADDRESS: " + address.error().doing);
    order.addresses.push_back(std::move(*address));
  }
  return {};
}

/// Serve's own settings first, less those the user gave another value.
Result<void> read_settings(const Args& args, ServeOrder& order) {
  std::vector<Setting> given;
  for (const std::string& text : args.values("option")) {
    Result<Setting> setting = read_setting("option", text);
    if (!setting) return setting.error();
    given.push_back(std::move(*setting));
  }
  for (const std::string_view text : kOwnSettings) {
    Result<Setting> own = parse_setting(text);
    if (!own) return own.error();
    const auto replaces = [&](const Setting& setting) { return same_option(setting, *own); };
    if (std::ranges::none_of(given, replaces)) order.plan.settings.push_back(std::move(*own));
  }
  order.own_settings = order.plan.settings.size();
  std::ranges::move(given, std::back_inserter(order.plan.settings));
  return {};
}

Result<void> check_mode(const Args& args, const ServeOrder& order) {
  const bool echo = order.plan.service == Service::Echo;
  const std::string mode = args.value("mode").value_or("");
  if (args.has("one-shot") && !echo) return bad_value("--one-shot is an echo: it contradicts --mode " + mode);
  if (args.has("reply-every") && !echo) return bad_value("--reply-every is an echo: it contradicts --mode " + mode);
  if (args.has("one-shot") && args.has("reply-every")) {
    return bad_value("--one-shot and --reply-every exclude each other");
  }
  if (args.has("read-size") && !args.has("one-shot")) return bad_value("--read-size is for --one-shot only");
  return {};
}

Result<void> read_mode(const Args& args, ServeOrder& order) {
  const auto reply_bytes = [](std::string_view text) { return parse_some_bytes(text, kMostReplyBytes); };
  const auto read_bytes = [](std::string_view text) { return parse_some_bytes(text, kMostReadBytes); };
  read_choice<kServices>(args, "mode", order.plan.service);
  if (auto read = read_flag(args, "reply-every", reply_bytes, order.plan.request_bytes); !read) return read;
  if (args.has("one-shot")) {
    order.plan.one_shot_bytes = kReadBytes;
    order.plan.idle_timeout = Nanoseconds(0);
  }
  if (auto checked = check_mode(args, order); !checked) return checked;
  return read_flag(args, "read-size", read_bytes, order.plan.one_shot_bytes);
}

Result<void> read_threads(const Args& args, ServeOrder& order) {
  std::uint64_t threads = order.plan.threads;
  if (auto read = read_flag(args, "threads", parse_count<kMostThreads>, threads); !read) return read;
  order.plan.threads = static_cast<unsigned>(threads);
  const Setting* reuse_port = find_setting(order.plan, "SO_REUSEPORT");
  if (threads == 1 || reuse_port == nullptr || reuse_port->value == Value(true)) return {};
  return bad_value(fmt::format("--threads {}: threads share a port by SO_REUSEPORT, and -o {} turns it off", threads,
                               escape(reuse_port->text)));
}

Result<void> read_limits(const Args& args, ServeOrder& order) {
  const auto backlog = [](std::string_view text) { return parse_unsigned(text, 0, INT_MAX); };
  const auto bytes = [](std::string_view text) { return parse_some_bytes(text, INT64_MAX); };
  const auto connections = parse_count<kMostConnections>;
  ServePlan& plan = order.plan;
  auto length = static_cast<std::uint64_t>(plan.backlog);
  if (auto read = read_flag(args, "backlog", backlog, length); !read) return read;
  plan.backlog = static_cast<int>(length);
  if (auto read = read_flag(args, "max-connections", connections, order.max_connections); !read) return read;
  if (auto read = read_flag(args, "max-bytes", bytes, plan.max_bytes); !read) return read;
  if (plan.max_bytes % plan.request_bytes != 0) {
    return bad_value(fmt::format("--max-bytes {}: with --reply-every {} it must be a multiple of that", plan.max_bytes,
                                 plan.request_bytes));
  }
  return read_flag(args, "accept", parse_count<INT64_MAX>, plan.max_accepted);
}

Result<void> read_times(const Args& args, ServeOrder& order) {
  ServePlan& plan = order.plan;
  if (auto read = read_flag(args, "idle-timeout", parse_time, plan.idle_timeout); !read) return read;
  if (auto read = read_flag(args, "max-lifetime", parse_positive_time, plan.max_lifetime); !read) return read;
  if (auto read = read_flag(args, "for", parse_positive_time, plan.duration); !read) return read;
  return read_flag(args, "grace", parse_time, plan.grace);
}

}  // namespace

const Setting* find_setting(const ServePlan& plan, std::string_view symbol) {
  const auto last = std::find_if(plan.settings.rbegin(), plan.settings.rend(), [&](const Setting& setting) {
    return setting.option != nullptr && setting.option->symbol == symbol;
  });
  return last == plan.settings.rend() ? nullptr : &*last;
}

/// Their unit decides what has to be set before bind(2), and how many may wait unless --backlog is given.
Result<void> serve_on(std::vector<PassedSocket> passed, const Args& args, ServeOrder& order) {
  if (!args.positionals().empty()) {
    return bad_value(fmt::format("{} contradicts LISTEN_FDS, which passes {} to serve on",
                                 quote(args.positionals().front()),
                                 passed.size() == 1 ? "a socket" : fmt::format("{} sockets", passed.size())));
  }
  for (const std::string_view flag : {"ipv4", "ipv6"}) {
    if (args.has(flag)) return bad_value(fmt::format("--{} contradicts LISTEN_FDS, which passes sockets", flag));
  }
  order.addresses.clear();
  for (const PassedSocket& socket : passed) {
    order.plan.sockets.push_back(socket.descriptor);
    order.plan.addresses.push_back(socket.address);
  }
  if (!args.has("backlog")) order.plan.backlog = -1;
  std::vector<Setting>& settings = order.plan.settings;
  const auto own = settings.begin() + static_cast<std::ptrdiff_t>(order.own_settings);
  const auto kept = std::remove_if(settings.begin(), own,
                                   [](const Setting& setting) { return belongs(setting, Moment::BeforeBind); });
  order.own_settings = static_cast<std::size_t>(kept - settings.begin());
  settings.erase(kept, own);
  order.passed = std::move(passed);
  return {};
}

Result<ServeOrder> make_serve_order(const Args& args) {
  ServeOrder order;
  order.strict = args.has("strict");
  const Result<Families> families = read_families(args);
  if (!families) return families.error();
  order.families = *families;
  for (const auto step : {read_addresses, read_settings, read_mode, read_threads, read_limits, read_times}) {
    if (auto read = step(args, order); !read) return read.error();
  }
  if (auto read = read_diagnosis(args, order.diagnosis); !read) return read.error();
  return order;
}

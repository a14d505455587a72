#include "lab/options.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <optional>
#include <utility>

#include <fmt/format.h>
#include <tcpkit/base/spelling.hpp>
#include <tcpkit/base/units.hpp>

namespace tcpkit::lab {
namespace {

constexpr std::uint64_t kLeastMtu = 68;  // RFC 791
constexpr std::uint64_t kMostMtu = 65'535;

Result<void> set_mtu(Options& options, std::string_view value) {
  const Result<std::uint64_t> mtu = parse_unsigned(value, kLeastMtu, kMostMtu);
  if (!mtu) return mtu.error();
  options.mtu = static_cast<std::uint32_t>(*mtu);
  return {};
}

Result<void> set_seed(Options& options, std::string_view value) {
  const Result<std::uint64_t> seed = parse_unsigned(value, 0, UINT64_MAX - 1);
  if (!seed) return seed.error();
  options.seed = *seed;
  return {};
}

Result<void> set_keep_metrics(Options& options, std::string_view) {
  options.keep_metrics = true;
  return {};
}

Result<void> set_far(Options& options, std::string_view value) {
  options.far.emplace_back(value);
  return {};
}

Result<void> set_help(Options& options, std::string_view) {
  options.help = true;
  return {};
}

/// What can be said only on the command line.
struct Row {
  std::string_view name, value, brief;
  Result<void> (*apply)(Options& options, std::string_view value);
};

constexpr auto kRows = std::to_array<Row>({
    {"mtu", "N", "of both devices; 1500 unless given, and no IPv6 below 1280", set_mtu},
    {"seed", "N", "another number, other accidents; 1 unless given", set_seed},
    {"keep-metrics", "", "connections learn from earlier ones (net.ipv4.tcp_no_metrics_save stays 0)",
     set_keep_metrics},
    {"far", "COMMAND", "run by sh at the far end; it must listen on TCP before the rest begins; repeatable", set_far},
    {"help", "", "this text", set_help},
});

/// A row of either table.
struct Found {
  std::string_view name;
  bool takes_value;
  Result<void> (*own)(Options& options, std::string_view value);
  const Setting* shared;
};

Result<Found> find(std::string_view name) {
  if (const Setting* setting = find_setting(name)) return Found{name, !setting->value.empty(), nullptr, setting};
  const auto* const row = std::ranges::find(kRows, name, &Row::name);
  if (row != kRows.end()) return Found{name, !row->value.empty(), row->apply, nullptr};
  std::vector<std::string_view> names;
  for (const Setting& each : path_settings()) names.push_back(each.name);
  for (const Row& each : kRows) names.push_back(each.name);
  const std::string_view near = nearest(name, names);
  return bad_value(fmt::format("unknown option {}{}", quote(fmt::format("--{}", name)),
                               near.empty() ? "" : fmt::format(": did you mean --{}?", near)));
}

/// One option; `next` is the word after it, and whether it was used comes back.
Result<bool> apply(Options& options, std::string_view word, const std::string_view* next) {
  if (!word.starts_with("--")) {
    return bad_value(fmt::format("{} is no option; a command comes after --", quote(word)));
  }
  const std::size_t equals = word.find('=');
  const Result<Found> row = find(word.substr(2, equals == std::string_view::npos ? equals : equals - 2));
  if (!row) return row.error();
  const bool attached = equals != std::string_view::npos;
  if (attached && !row->takes_value) return bad_value(fmt::format("--{} takes no value", row->name));
  if (!attached && row->takes_value && next == nullptr) return bad_value(fmt::format("--{} needs a value", row->name));
  const bool uses_next = row->takes_value && !attached;
  const std::string_view value = attached ? word.substr(equals + 1) : uses_next ? *next : std::string_view();
  const Result<void> done =
      row->shared != nullptr ? row->shared->apply(options.settings, value) : row->own(options, value);
  if (!done) return bad_value(fmt::format("--{}: {}", row->name, done.error().doing));
  return uses_next;
}

std::string help_row(std::string_view name, std::string_view value, std::string_view brief) {
  return fmt::format("  --{:<21} {}\n", fmt::format("{}{}{}", name, value.empty() ? "" : " ", value), brief);
}

}  // namespace

Result<Options> parse_options(std::span<const std::string_view> words) {
  Options options;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (words[i] == "--") {
      options.command.assign(words.begin() + static_cast<std::ptrdiff_t>(i) + 1, words.end());
      if (options.command.empty()) return bad_value("no command after --");
      return options;
    }
    const Result<bool> used_next = apply(options, words[i], i + 1 < words.size() ? &words[i + 1] : nullptr);
    if (!used_next) return used_next.error();
    if (*used_next) ++i;
  }
  return options;
}

std::string help_text() {
  std::string text =
      "usage: path_lab [OPTION...] [-- COMMAND [ARGUMENT...]]\n"
      "Joins two network namespaces, near (10.77.0.1, fd77::1) and far (10.77.0.2, fd77::2), by a path.\n"
      "With a COMMAND: runs it at the near end and ends with its status; counters go to standard error.\n"
      "Without: prints \"near PID far PID\", whose namespaces nsenter --net=/proc/PID/ns/net enters, and stays until\n"
      "standard input ends. Meanwhile a line there changes the path: any option of the path without its dashes, like\n"
      "\"loss 1%\", answered by \"ok\" or \"error\"; \"counters\" is answered by a line of JSON, the last line as "
      "well.\n"
      "Most values may be OUT/BACK: --rate 100M/10M is 100 Mbit/s from near to far.\n\nThe path:\n";
  for (const Setting& row : path_settings()) text += help_row(row.name, row.value, row.brief);
  text += "\nThe rest:\n";
  for (const Row& row : kRows) text += help_row(row.name, row.value, row.brief);
  return text;
}

}  // namespace tcpkit::lab

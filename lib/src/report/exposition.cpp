#include "report/exposition.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <variant>

#include <fmt/format.h>

#include <tcpkit/base/units.hpp>

namespace tcpkit {
namespace {

struct UnitSuffix {
  std::string_view of_key;
  std::string_view of_metric;
  int decimals;
};

constexpr std::array kUnits{
    UnitSuffix{"_per_s", "_per_second", 0}, UnitSuffix{"_us", "_seconds", 6}, UnitSuffix{"_ms", "_seconds", 3},
    UnitSuffix{"_ns", "_seconds", 9},       UnitSuffix{"_s", "_seconds", 0},
};

/// [a-z0-9_]: what a name may have, and no colons, which are for recording rules.
std::string plain_name(std::string_view text) {
  std::string name(text);
  for (char& letter : name) {
    const bool upper = letter >= 'A' && letter <= 'Z';
    const bool legal = upper || (letter >= 'a' && letter <= 'z') || (letter >= '0' && letter <= '9');
    letter = upper ? static_cast<char>(letter - 'A' + 'a') : legal ? letter : '_';
  }
  return name;
}

/// What is no printable ASCII comes out as \xNN; of these escapes the reader takes the backslash back.
std::string escaped(std::string_view text) {
  std::string safe;
  for (const char letter : escape(text)) {
    if (letter == '\\' || letter == '"') safe += '\\';
    safe += letter;
  }
  return safe;
}

std::string labels_text(const Labels& labels) {
  std::string text;
  for (const auto& [name, value] : labels) {
    if (!value.empty()) text += fmt::format("{}{}=\"{}\"", text.empty() ? "" : ",", name, escaped(value));
  }
  return text.empty() ? text : fmt::format("{{{}}}", text);
}

/// By digits: a quotient of floating point would not be the number that was measured.
std::string divided(std::string digits, int decimals) {
  const bool negative = digits.starts_with('-');
  if (negative) digits.erase(0, 1);
  const auto places = static_cast<std::size_t>(decimals);
  if (digits.size() <= places) digits.insert(0, places + 1 - digits.size(), '0');
  if (places > 0) digits.insert(digits.size() - places, ".");
  while (places > 0 && digits.back() == '0') digits.pop_back();
  if (digits.back() == '.') digits.pop_back();
  return negative ? "-" + digits : digits;
}

std::optional<std::string> number_text(const Data& data, int decimals) {
  if (const bool* on = std::get_if<bool>(&data.value)) return *on ? "1" : "0";
  if (const auto* number = std::get_if<std::int64_t>(&data.value)) return divided(fmt::to_string(*number), decimals);
  if (const auto* number = std::get_if<std::uint64_t>(&data.value)) return divided(fmt::to_string(*number), decimals);
  return std::nullopt;
}

}  // namespace

MetricName metric_name(std::string_view section, std::string_view key) {
  const std::string name =
      plain_name(section.empty() ? fmt::format("tcpkit_{}", key) : fmt::format("tcpkit_{}_{}", section, key));
  constexpr std::string_view kWithin = "_per_s_";
  if (const std::size_t at = name.find(kWithin); at != std::string::npos) {
    return {std::string(name).replace(at, kWithin.size(), "_per_second_"), 0};
  }
  for (const UnitSuffix& unit : kUnits) {
    if (!name.ends_with(unit.of_key)) continue;
    return {name.substr(0, name.size() - unit.of_key.size()).append(unit.of_metric), unit.decimals};
  }
  return {name, 0};
}

void Exposition::add(const MetricName& metric, MetricType type, std::string_view help, const Labels& labels,
                     const Data& value) {
  const std::optional<std::string> number = number_text(value, metric.decimals);
  if (!number) return;
  std::string name = type == MetricType::Counter ? metric.name + "_total" : metric.name;
  auto family = std::ranges::find(families_, name, &Family::name);
  if (family == families_.end()) {
    family = families_.insert(family, {std::move(name), type, escape(help), {}, {}});
  }
  std::string series = labels_text(labels);
  if (family->series.insert(series).second) family->samples.emplace_back(std::move(series), *number);
}

std::string Exposition::text() const {
  std::string text;
  for (const Family& family : families_) {
    const std::string_view type = family.type == MetricType::Counter ? "counter" : "gauge";
    text += fmt::format("# HELP {0} {1}\n# TYPE {0} {2}\n", family.name, family.help, type);
    for (const auto& [series, number] : family.samples) text += fmt::format("{}{} {}\n", family.name, series, number);
  }
  return text;
}

}  // namespace tcpkit

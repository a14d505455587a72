#include "rows.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include <tcpkit/diag/rule.hpp>
#include <tcpkit/sock/sysctl.hpp>
#include <tcpkit/sock/tcp_info.hpp>

using namespace tcpkit;

namespace {

Words names_of(std::span<const NamedNumber> rows) {
  Words words;
  for (const NamedNumber& row : rows) words.push_back({std::string(row.name)});
  return words;
}

/// The sysctl among those of an option that lists what there is: net.ipv4.tcp_available_congestion_control.
std::string file_of_available(const Option& option) {
  for (const std::string_view name : governing_sysctls(option)) {
    const Sysctl* sysctl = find_sysctl(name);
    if (sysctl == nullptr || sysctl->kind != SysctlKind::List || name.find("_available_") == std::string_view::npos) {
      continue;
    }
    std::string path(name);
    std::ranges::replace(path, '.', '/');
    return "/proc/sys/" + path;
  }
  return {};
}

SettingValues values_of(const Option& option) {
  switch (option.kind) {
    case Kind::Switch: {
      Words words{{"on"}, {"off"}};
      if (option.symbol == "TCP_QUICKACK") words.push_back({"always"});
      return {&option, {Source::OneOf}, words};
    }
    case Kind::Enumeration:
      return {&option, {Source::OneOf}, names_of(option.names)};
    case Kind::Flags:
      return {&option, {Source::OneOf, true}, names_of(option.names)};
    case Kind::Linger:
      return {&option, {Source::Forms}, {{"off"}}};
    case Kind::NetworkIndex:
      return {&option, {Source::Interfaces}};
    case Kind::Name:
      if (option.symbol == "SO_BINDTODEVICE") return {&option, {Source::Interfaces}};
      return {&option, {Source::Forms}, {}, file_of_available(option)};
    default:
      return {&option};
  }
}

bool has_text_form(const Option& option) {
  return option.kind != Kind::Words && option.kind != Kind::Bytes && option.kind != Kind::Address;
}

}  // namespace

std::vector<const Option*> settable_options() {
  std::vector<const Option*> rows;
  for (const Option& option : options()) {
    if (option.access != Access::ReadOnly && has_text_form(option)) rows.push_back(&option);
  }
  return rows;
}

std::vector<SettingValues> setting_values() {
  std::vector<SettingValues> rows;
  for (const Option* option : settable_options()) {
    SettingValues row = values_of(*option);
    if (!row.words.empty() || !row.file.empty() || row.choices.source == Source::Interfaces) {
      rows.push_back(std::move(row));
    }
  }
  return rows;
}

Words row_names() {
  Words words;
  std::set<std::string_view> known;
  const auto add = [&](std::string_view name, std::string_view brief) {
    if (known.insert(name).second) words.push_back({std::string(name), std::string(brief)});
  };
  for (const Option& option : options()) add(option.name, option.brief);
  for (const Option& option : options()) add(option.symbol, option.brief);
  for (const Sysctl& sysctl : sysctls()) add(sysctl.name, sysctl.governs);
  for (const TcpInfoField& field : tcp_info_fields()) add(field.key, field.brief);
  return words;
}

Words finding_names() {
  Words words;
  for (const Rule& rule : rules()) words.push_back({std::string(rule.name), std::string(rule.title)});
  for (const Rule& rule : rules()) words.push_back({std::string(rule.id), std::string(rule.title)});
  return words;
}

std::string_view typed_part(const Word& word) {
  return std::string_view(word.text).substr(
      0, word.text.find(':') == std::string::npos ? word.text.npos : word.text.find(':') + 1);
}

std::string summary(const Flag& flag) {
  std::string_view brief = flag.brief.substr(0, flag.brief.find(". "));
  if (const std::size_t words = brief.find("{}"); flag.choices.words != nullptr && words != brief.npos) {
    brief = brief.substr(0, brief.find_last_of(":,", words));
  }
  if (brief.ends_with('.')) brief.remove_suffix(1);
  return std::string(brief);
}

std::string quoted(std::string_view text) {
  std::string word = "'";
  for (const char letter : text) word += letter == '\'' ? std::string("'\\''") : std::string(1, letter);
  return word + "'";
}

#include "catalogue_sections.hpp"

#include <fmt/format.h>

#include <algorithm>

#include <tcpkit/diag/rule.hpp>
#include <tcpkit/sock/option.hpp>
#include <tcpkit/sock/sysctl.hpp>
#include <tcpkit/sock/tcp_info.hpp>
#include <tcpkit/sock/unit.hpp>

#include "mdoc.hpp"
#include "row_words.hpp"

using namespace tcpkit;

namespace {

constexpr std::string_view kListStart = ".Bl -tag -width Ds\n";
constexpr std::string_view kListEnd = ".El\n";

/// Whether the text starts with a plain word, and not with a name that is written as it is.
bool starts_with_word(std::string_view text) {
  const auto is_lower = [](char byte) { return byte >= 'a' && byte <= 'z'; };
  const auto* end = std::ranges::find_if_not(text, is_lower);
  return end != text.begin() && (end == text.end() || *end == ' ' || *end == ',' || *end == ':');
}

/// A brief or a remark of the tables as a sentence.
std::string as_sentence(std::string_view text) {
  if (text.empty()) return {};
  std::string sentence(text);
  if (starts_with_word(text)) sentence.front() = static_cast<char>(sentence.front() - 'a' + 'A');
  return mdoc_sentences(sentence + (text.ends_with('.') ? "" : "."));
}

std::string labelled(std::string_view label, std::string_view text) {
  return text.empty() ? "" : as_sentence(fmt::format("{}: {}", label, text));
}

std::string spaced_list(std::string_view names) {
  std::string list(names);
  for (std::size_t at = list.find(' '); at != std::string::npos; at = list.find(' ', at + 2)) list.replace(at, 1, ", ");
  return list;
}

std::string option_row(const Option& option) {
  return fmt::format(".It Cm {} Pq Dv {}\n", mdoc_argument(option.name), mdoc_argument(option.symbol)) +
         as_sentence(option.brief) + as_sentence(option.detail) + ".Pp\n" +
         labelled("Kind", kind_term(option.kind).words) + labelled("Unit", unit_name(option.unit)) +
         labelled("Allowed", range_words(option)) + labelled("Set it", phase_term(option).words) +
         labelled("On accept", inherit_words(option.inherit)) + labelled("Needs", option.needs) +
         labelled("Sysctls", spaced_list(option.sysctls)) + labelled("Since Linux", option.since) +
         labelled("Source", option.source);
}

std::string sysctl_row(const Sysctl& sysctl) {
  return fmt::format(".It Va {}\n", mdoc_argument(sysctl.name)) + as_sentence(sysctl.governs) +
         as_sentence(sysctl.caveat) + labelled("Unit", unit_name(sysctl.unit)) +
         labelled("Scope", scope_name(sysctl.scope)) + labelled("Usual value", sysctl.usual) +
         labelled("Since Linux", sysctl.since);
}

std::string tcp_info_row(const TcpInfoField& field) {
  return fmt::format(".It Va {}\n", mdoc_argument(field.key)) + as_sentence(field.brief) +
         labelled("Kernel name", fmt::format("tcpi_{}", field.name)) + labelled("In ss", field.ss_name) +
         labelled("Since Linux", field.since);
}

std::string rule_row(const Rule& rule) {
  return fmt::format(".It Sy {} Cm {} Pq {}\n", mdoc_argument(rule.id), mdoc_argument(rule.name),
                     severity_name(rule.severity)) +
         as_sentence(rule.title) + as_sentence(rule.condition) + ".Pp\n" + as_sentence(rule.why) + ".Pp\n" +
         labelled("Remedy", rule.remedy) + labelled("Source", rule.source);
}

}  // namespace

std::string rule_rows() {
  std::string list(kListStart);
  for (const Rule& rule : rules()) list += rule_row(rule);
  return list + std::string(kListEnd);
}

std::string option_rows() {
  std::string list;
  int level = -1;
  for (const Option& option : options()) {
    if (option.level != level) {
      if (!list.empty()) list += kListEnd;
      list += fmt::format(".Ss {}\n", level_name(option.level)) + std::string(kListStart);
      level = option.level;
    }
    list += option_row(option);
  }
  return list.empty() ? list : list + std::string(kListEnd);
}

std::string sysctl_rows() {
  std::string list(kListStart);
  for (const Sysctl& sysctl : sysctls()) list += sysctl_row(sysctl);
  return list + std::string(kListEnd);
}

std::string tcp_info_rows() {
  std::string list(kListStart);
  for (const TcpInfoField& field : tcp_info_fields()) list += tcp_info_row(field);
  return list + std::string(kListEnd);
}

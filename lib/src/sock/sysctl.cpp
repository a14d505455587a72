#include <tcpkit/sock/sysctl.hpp>

#include <algorithm>
#include <charconv>
#include <system_error>

#include <tcpkit/base/units.hpp>

#include "base/letters.hpp"

#include "sock/sysctl_reader.hpp"

namespace tcpkit {
namespace {

constexpr std::string_view kRoot = "/proc/sys/";
constexpr std::string_view kBlanks = " \t";
constexpr std::size_t kQuotedBytes = 64;  // of content that was not understood

// "net/ipv4/tcp_rmem" and "net.ipv4.tcp_rmem" are one name, as they are to sysctl(8).
bool same_name(std::string_view name, std::string_view spelling) noexcept {
  const auto folded = [](char c) { return c == '/' ? '.' : c == '-' ? '_' : lower_case(c); };
  return std::ranges::equal(name, spelling, [&](char a, char b) { return a == b || a == folded(b); });
}

std::string_view last_part(std::string_view name) noexcept {
  return name.substr(name.rfind('.') + 1);
}

const Sysctl* find_by_last_part(std::string_view part) noexcept {
  const Sysctl* found = nullptr;
  for (const Sysctl& sysctl : sysctls()) {
    if (!same_name(last_part(sysctl.name), part)) continue;
    if (found != nullptr) return nullptr;  // net.ipv4.route.mtu_expires or net.ipv6.route.mtu_expires?
    found = &sysctl;
  }
  return found;
}

// Dots become slashes: no name in the table has a dot within one of its parts.
std::string path_of(const Sysctl& sysctl) {
  std::string path;
  path.reserve(kRoot.size() + sysctl.name.size());
  path.append(kRoot).append(sysctl.name);
  std::replace(path.begin() + static_cast<std::ptrdiff_t>(kRoot.size()), path.end(), '.', '/');
  return path;
}

/// Cuts the next word off the front of `text`; empty at the end.
std::string_view take_word(std::string_view& text) noexcept {
  text.remove_prefix(std::min(text.find_first_not_of(kBlanks), text.size()));
  const std::string_view word = text.substr(0, text.find_first_of(kBlanks));
  text.remove_prefix(word.size());
  return word;
}

template <class Number>
std::optional<Number> whole_number(std::string_view word) noexcept {
  Number number = 0;
  const char* end = word.data() + word.size();
  const auto [stop, error] = std::from_chars(word.data(), end, number);
  if (error != std::errc() || stop != end) return std::nullopt;
  return number;
}

std::optional<Value> parse_scalar(std::string_view text) {
  const std::string_view word = take_word(text);
  if (!take_word(text).empty()) return std::nullopt;
  if (const auto number = whole_number<std::int64_t>(word)) return *number;
  if (const auto number = whole_number<std::uint64_t>(word)) return *number;
  return std::nullopt;
}

// Some files of two states accept any small number, and the kernel takes 2 for true here and for a mode of its own
// there: only 0 and 1 are called off and on.
std::optional<Value> parse_switch(std::string_view text) {
  std::optional<Value> number = parse_scalar(text);
  if (number == Value(std::int64_t{0})) return false;
  if (number == Value(std::int64_t{1})) return true;
  return number;
}

std::optional<Value> parse_numbers(std::string_view text) {
  constexpr std::size_t kLeast = 2;
  constexpr std::size_t kMost = 3;
  Numbers numbers;
  for (std::string_view word = take_word(text); !word.empty(); word = take_word(text)) {
    const auto number = whole_number<std::int64_t>(word);
    if (!number || numbers.size() == kMost) return std::nullopt;
    numbers.push_back(*number);
  }
  if (numbers.size() < kLeast) return std::nullopt;
  return numbers;
}

bool is_plain(std::string_view text) noexcept {
  return std::ranges::all_of(text, [](char c) { return c == '\t' || (c >= ' ' && c <= '~'); });
}

// An empty list is a value: ip_local_reserved_ports is empty on most hosts.
std::optional<Value> parse_list(std::string_view text) {
  if (!is_plain(text)) return std::nullopt;
  std::string words;
  for (std::string_view word = take_word(text); !word.empty(); word = take_word(text)) {
    if (!words.empty()) words += ' ';
    words += word;
  }
  return words;
}

std::optional<Value> parse_name(std::string_view text) {
  const std::string_view word = take_word(text);
  if (word.empty() || !is_plain(word) || !take_word(text).empty()) return std::nullopt;
  return std::string(word);
}

std::string reason_of(std::error_code error) {
  // ENOTDIR: a kernel without the protocol may lack more of the path than its last part.
  if (error == std::errc::no_such_file_or_directory || error == std::errc::not_a_directory) {
    return "absent: no such file in this network namespace";
  }
  return "unreadable: " + error.message();
}

}  // namespace

const Sysctl* find_sysctl(std::string_view spelling) noexcept {
  const auto exact = std::ranges::lower_bound(sysctls(), spelling, {}, &Sysctl::name);
  if (exact != sysctls().end() && exact->name == spelling) return &*exact;
  if (spelling.starts_with(kRoot)) spelling.remove_prefix(kRoot.size());
  for (const Sysctl& sysctl : sysctls()) {
    if (same_name(sysctl.name, spelling)) return &sysctl;
  }
  return find_by_last_part(spelling);
}

std::optional<Value> parse_sysctl(SysctlKind kind, std::string_view content) {
  if (content.ends_with('\n')) content.remove_suffix(1);
  switch (kind) {
    case SysctlKind::Switch:
      return parse_switch(content);
    case SysctlKind::Scalar:
    case SysctlKind::Bitmap:
      return parse_scalar(content);
    case SysctlKind::Triple:
      return parse_numbers(content);
    case SysctlKind::List:
      return parse_list(content);
    case SysctlKind::Name:
      return parse_name(content);
  }
  return std::nullopt;
}

SysctlReading read_sysctl(os::Kernel& kernel, const Sysctl& sysctl) {
  if (sysctl.secret) return {&sysctl, std::nullopt, "not read: a secret"};
  std::string content;
  if (const std::error_code error = kernel.read_file(path_of(sysctl).c_str(), content)) {
    return {&sysctl, std::nullopt, reason_of(error)};
  }
  if (std::optional<Value> value = parse_sysctl(sysctl.kind, content)) return {&sysctl, std::move(value), {}};
  return {&sysctl, std::nullopt, "unreadable: not understood: " + escape(content, kQuotedBytes)};
}

SysctlReading read_sysctl(const Sysctl& sysctl) {
  return read_sysctl(os::real_kernel(), sysctl);
}

std::string_view scope_name(Scope scope) noexcept {
  return scope == Scope::Namespace ? "per namespace" : "global";
}

}  // namespace tcpkit

#include <tcpkit/net/target.hpp>

#include <algorithm>
#include <cctype>

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>

#include <tcpkit/base/units.hpp>

#include "base/split.hpp"
#include "net/target.hpp"
#include "sock/address_parser.hpp"

namespace tcpkit {
namespace {

constexpr std::size_t kLongestName = 253;  // RFC 1035 2.3.4, without the final dot
constexpr std::size_t kLongestLabel = 63;

struct Split {
  std::string_view host;
  std::string_view port;
  bool bracketed = false;
};

Error bad_target(std::string_view text, std::string_view why) {
  return bad_value(fmt::format("{} {}", quote(text), why));
}

/// The system's functions would see only the part before it.
bool has_zero_byte(std::string_view text) {
  return text.find('\0') != std::string_view::npos;
}

Result<Split> split_bracketed(std::string_view text) {
  const std::size_t close = text.find(']');
  if (close == std::string_view::npos)
    return bad_target(text, "has '[' without ']': an IPv6 address goes as [ADDRESS]:PORT");
  const std::string_view rest = text.substr(close + 1);
  if (rest.empty()) return bad_target(text, "has no port: give [ADDRESS]:PORT");
  if (rest.front() != ':') return bad_target(text, "has something other than :PORT after ']'");
  return Split{text.substr(1, close - 1), rest.substr(1), true};
}

bool is_ipv6(std::string_view text) {
  in6_addr address{};
  return inet_pton(AF_INET6, std::string(text.substr(0, text.find('%'))).c_str(), &address) == 1;
}

/// How an address without its brackets was meant: "::1:80" as [::1]:80, "::1" as an address with the port forgotten.
std::string bracket_form(std::string_view text) {
  const std::size_t last = text.rfind(':');
  const std::string_view host = text.substr(0, last);
  if (is_ipv6(host)) return fmt::format("[{}]:{}", escape(host, 64), escape(text.substr(last + 1), 64));
  return is_ipv6(text) ? fmt::format("[{}]:PORT", escape(text, 64)) : "[ADDRESS]:PORT";
}

std::string give(const TargetForm& form) {
  return fmt::format(": give {}", form.usage);
}

Result<Split> split_target(std::string_view text, const TargetForm& form) {
  if (text.empty()) return bad_target(text, "is empty" + give(form));
  if (has_zero_byte(text)) return bad_target(text, "has a zero byte in it" + give(form));
  if (text.find("://") != std::string_view::npos) return bad_target(text, "is a URL" + give(form));
  if (text.find('@') != std::string_view::npos) return bad_target(text, "names a user" + give(form));
  if (text.front() == '[') return split_bracketed(text);
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos) return bad_target(text, "has no port" + give(form));
  if (text.find(':', colon + 1) != std::string_view::npos) {
    return bad_target(text, "has more than one ':': an IPv6 address goes in brackets, " + bracket_form(text));
  }
  return Split{text.substr(0, colon), text.substr(colon + 1), false};
}

bool all_digits(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

/// A name whose last label is a number (or 0x...) can only be meant as an IPv4 address; resolvers would take octal,
/// hex and missing parts for one.
bool meant_as_ipv4(std::string_view host) {
  if (host.ends_with('.')) host.remove_suffix(1);
  const std::size_t dot = host.rfind('.');
  const std::string_view last = dot == std::string_view::npos ? host : host.substr(dot + 1);
  return all_digits(last) || last.starts_with("0x") || last.starts_with("0X");
}

bool valid_label(std::string_view label) {
  return !label.empty() && label.size() <= kLongestLabel && std::ranges::all_of(label, [](unsigned char c) {
    return c < 0x80 && (std::isalnum(c) != 0 || c == '-' || c == '_');
  });
}

bool valid_name(std::string_view host) {
  if (host.ends_with('.')) host.remove_suffix(1);
  if (host.empty() || host.size() > kLongestName) return false;
  return std::ranges::all_of(split(host, '.'), valid_label);
}

std::string why_not_a_name(std::string_view host) {
  if (host.size() > kLongestName)
    return fmt::format("is longer than {} bytes, the most a host name can have", kLongestName);
  return "is not a host name: letters, digits, '-', '_' and '.' in ASCII, parts of 1 to 63";
}

Result<Target> with_host(std::string_view text, const Split& split, bool any_host) {
  Target target;
  target.host = std::string(split.host);
  if (any_host && split.host == "*" && !split.bracketed) return target;
  if (split.bracketed) {
    if (split.host.empty()) return bad_target(text, "has no address between '[' and ']'");
    Result<Endpoint> address = parse_ipv6(split.host);
    if (!address) return address.error();
    target.numeric = *address;
  } else if (!split.host.empty() && meant_as_ipv4(split.host)) {
    Result<Endpoint> address = parse_ipv4(split.host);
    if (!address) return address.error();
    target.numeric = *address;
  } else if (!split.host.empty() && !valid_name(split.host)) {
    return bad_value(fmt::format("{} {}", quote(split.host), why_not_a_name(split.host)));
  }
  return target;
}

}  // namespace

Result<Target> parse_target(std::string_view text) {
  return parse_target(text, TargetForm{});
}

Result<Target> parse_target(std::string_view text, const TargetForm& form) {
  const Result<Split> split = split_target(text, form);
  if (!split) return split.error();
  Result<Target> target = with_host(text, *split, form.any_host);
  if (!target) return target;
  const Result<std::uint16_t> port = parse_port(text, split->port, form.least_port);
  if (!port) return port.error();
  target->port = *port;
  if (target->numeric) target->numeric->set_port(*port);
  return target;
}

Result<Endpoint> parse_source(std::string_view text) {
  if (has_zero_byte(text)) return bad_target(text, "has a zero byte in it: give ADDR or ADDR:PORT");
  const bool bare_ipv6 = std::ranges::count(text, ':') > 1 && !text.starts_with('[');
  if (bare_ipv6) return parse_ipv6(text);
  if (text.starts_with('[') && text.ends_with(']')) return parse_ipv6(text.substr(1, text.size() - 2));
  if (text.find(':') == std::string_view::npos) return parse_ipv4(text);
  const Result<Target> target = parse_target(text);
  if (!target) return target.error();
  if (!target->numeric) return bad_value(fmt::format("{} is not a numeric address of this host", quote(text)));
  return *target->numeric;
}

}  // namespace tcpkit

#include "sock/address_parser.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <string>

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netdb.h>
#include <netinet/in.h>

#include <tcpkit/base/units.hpp>

#include "os/interface.hpp"
#include "os/name_services.hpp"

namespace tcpkit {
namespace {

Error bad_port(std::string_view whole, std::string_view why) {
  return bad_value(fmt::format("{} {}", quote(whole), why));
}

bool service_name(std::string_view text) {
  constexpr std::size_t kLongestService = 32;
  return text.size() <= kLongestService && !text.empty() &&
         std::isalpha(static_cast<unsigned char>(text.front())) != 0 && std::ranges::all_of(text, [](unsigned char c) {
           return std::isalnum(c) != 0 || c == '-' || c == '_' || c == '+';
         });
}

}  // namespace

Result<std::uint16_t> parse_port(std::string_view whole, std::string_view text, std::uint16_t least) {
  if (text.empty()) return bad_port(whole, "has no port after ':'");
  if (!service_name(text)) {
    const Result<std::int64_t> number = parse_integer(text, least, 65535);
    if (!number) return bad_port(whole, fmt::format("has no valid port: {}", number.error().doing));
    return static_cast<std::uint16_t>(*number);
  }
  servent entry = {};
  servent* found = nullptr;
  std::array<char, 4096> room = {};
  os::choose_name_services();
  ::getservbyname_r(std::string(text).c_str(), "tcp", &entry, room.data(), room.size(), &found);
  if (found == nullptr) return bad_port(whole, fmt::format("names no TCP service this host knows: {}", quote(text)));
  return ntohs(static_cast<std::uint16_t>(found->s_port));
}

Result<Endpoint> parse_ipv4(std::string_view text) {
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  // inet_pton takes four decimal numbers and nothing else, unlike inet_aton.
  if (::inet_pton(AF_INET, std::string(text).c_str(), &address.sin_addr) != 1) {
    return bad_value(fmt::format("{} is not an IPv4 address: four numbers from 0 to 255", quote(text)));
  }
  return Endpoint(reinterpret_cast<const sockaddr*>(&address), sizeof(address));
}

Result<Endpoint> parse_ipv6(std::string_view text) {
  sockaddr_in6 address = {};
  address.sin6_family = AF_INET6;
  const std::size_t percent = text.find('%');
  const std::string_view digits = text.substr(0, percent);
  if (::inet_pton(AF_INET6, std::string(digits).c_str(), &address.sin6_addr) != 1) {
    return bad_value(fmt::format("{} is not an IPv6 address", quote(text)));
  }
  if (percent != std::string_view::npos) {
    const std::string_view zone = text.substr(percent + 1);
    const auto index = os::find_interface(zone);
    if (!index) return bad_value(fmt::format("{} is not an interface of this host", quote(zone)));
    address.sin6_scope_id = *index;
  }
  return Endpoint(reinterpret_cast<const sockaddr*>(&address), sizeof(address));
}

}  // namespace tcpkit

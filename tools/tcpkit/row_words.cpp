#include "row_words.hpp"

#include <fmt/format.h>

#include <tcpkit/sock/unit.hpp>

using namespace tcpkit;

std::string_view kind_words(Kind kind) {
  switch (kind) {
    case Kind::Switch:
      return "switch";
    case Kind::Integer:
      return "number";
    case Kind::Unsigned32:
      return "unsigned 32-bit number";
    case Kind::Unsigned64:
      return "unsigned 64-bit number";
    case Kind::Enumeration:
      return "one of several names";
    case Kind::Flags:
      return "set of flags";
    case Kind::Name:
      return "name";
    case Kind::Linger:
      return "switch and time (struct linger)";
    case Kind::Timeval:
      return "time (struct timeval)";
    case Kind::NetworkIndex:
      return "interface index in network byte order";
    case Kind::PortRange:
      return "lowest and highest port";
    case Kind::Words:
      return "structure";
    case Kind::Bytes:
      return "bytes";
    case Kind::Address:
      return "address (struct sockaddr)";
  }
  return "unknown";
}

std::string_view kind_words(SysctlKind kind) {
  switch (kind) {
    case SysctlKind::Switch:
      return "switch";
    case SysctlKind::Scalar:
      return "number";
    case SysctlKind::Bitmap:
      return "set of bits";
    case SysctlKind::Triple:
      return "several numbers";
    case SysctlKind::List:
      return "list of words";
    case SysctlKind::Name:
      return "name";
  }
  return "unknown";
}

std::string_view kind_words(FieldKind kind) {
  switch (kind) {
    case FieldKind::Number:
      return "number";
    case FieldKind::Switch:
      return "switch";
    case FieldKind::Enumeration:
      return "one of several names";
    case FieldKind::Flags:
      return "set of flags";
  }
  return "unknown";
}

std::string_view phase_words(const Option& option) {
  if (option.access == Access::ReadOnly) return "never: it can only be read";
  switch (option.phase) {
    case Phase::BeforeBind:
      return "before bind";
    case Phase::BeforeConnect:
      return "before connect or listen: it shapes the handshake";
    case Phase::AnyTime:
      return "at any time; early, if it is to hold from the first byte";
    case Phase::Listener:
      return "on a listening socket";
    case Phase::Connected:
      return "only after the handshake";
  }
  return "unknown";
}

std::string_view access_words(Access access) {
  switch (access) {
    case Access::ReadWrite:
      return "read and write";
    case Access::ReadOnly:
      return "read only";
    case Access::WriteOnly:
      return "write only";
  }
  return "unknown";
}

std::string_view nature_words(Nature nature) {
  switch (nature) {
    case Nature::Setting:
      return "setting";
    case Nature::Identity:
      return "identity";
    case Nature::Measurement:
      return "measurement";
  }
  return "unknown";
}

std::string_view applies_words(Applies applies) {
  switch (applies) {
    case Applies::Always:
      return "every TCP socket";
    case Applies::Ipv6:
      return "IPv6 sockets";
    case Applies::NotToTcp:
      return "not to TCP sockets";
  }
  return "unknown";
}

std::string_view inherit_words(Inherit inherit) {
  switch (inherit) {
    case Inherit::Yes:
      return "accepted sockets take it over from their listener";
    case Inherit::No:
      return "accepted sockets start without it";
    case Inherit::NotApplicable:
      return {};
  }
  return {};
}

bool has_range(const Option& option) {
  switch (option.kind) {
    case Kind::Integer:
    case Kind::Unsigned32:
    case Kind::Unsigned64:
    case Kind::Linger:
    case Kind::Timeval:
    case Kind::NetworkIndex:
    case Kind::PortRange:
      return option.access != Access::ReadOnly;
    default:
      return false;
  }
}

std::string range_words(const Option& option) {
  if (option.access == Access::ReadOnly) return {};
  if (option.kind == Kind::Switch) return "on or off";
  if (option.kind == Kind::Enumeration) return name_list(option.names, " or ");
  if (option.kind == Kind::Flags) return "any of " + name_list(option.names, ", ");
  if (option.kind == Kind::Name || option.kind == Kind::Bytes) return fmt::format("at most {} bytes", option.size);
  if (!has_range(option)) return {};
  const std::string_view unit = unit_name(option.unit);
  return fmt::format("{} to {}{}{}", option.min, option.max, unit.empty() ? "" : " ", unit);
}

std::string name_list(std::span<const NamedNumber> names, std::string_view last_separator) {
  std::string list;
  for (std::size_t at = 0; at < names.size(); ++at) {
    if (at > 0) list += at + 1 == names.size() ? last_separator : ", ";
    list += names[at].name;
  }
  return list;
}

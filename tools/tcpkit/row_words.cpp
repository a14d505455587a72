#include "row_words.hpp"

#include <fmt/format.h>

#include <tcpkit/sock/unit.hpp>

using namespace tcpkit;

Term kind_term(Kind kind) {
  switch (kind) {
    case Kind::Switch:
      return {"switch", "switch"};
    case Kind::Integer:
      return {"integer", "number"};
    case Kind::Unsigned32:
      return {"unsigned32", "unsigned 32-bit number"};
    case Kind::Unsigned64:
      return {"unsigned64", "unsigned 64-bit number"};
    case Kind::Enumeration:
      return {"enumeration", "one of several names"};
    case Kind::Flags:
      return {"flags", "set of flags"};
    case Kind::Name:
      return {"name", "name"};
    case Kind::Linger:
      return {"linger", "switch and time (struct linger)"};
    case Kind::Timeval:
      return {"timeval", "time (struct timeval)"};
    case Kind::NetworkIndex:
      return {"network-index", "interface index in network byte order"};
    case Kind::PortRange:
      return {"port-range", "lowest and highest port"};
    case Kind::Words:
      return {"structure", "structure"};
    case Kind::Bytes:
      return {"bytes", "bytes"};
    case Kind::Address:
      return {"address", "address (struct sockaddr)"};
  }
  return {"unknown", "unknown"};
}

Term kind_term(SysctlKind kind) {
  switch (kind) {
    case SysctlKind::Switch:
      return {"switch", "switch"};
    case SysctlKind::Scalar:
      return {"integer", "number"};
    case SysctlKind::Bitmap:
      return {"bitmap", "set of bits"};
    case SysctlKind::Triple:
      return {"numbers", "several numbers"};
    case SysctlKind::List:
      return {"list", "list of words"};
    case SysctlKind::Name:
      return {"name", "name"};
  }
  return {"unknown", "unknown"};
}

Term kind_term(FieldKind kind) {
  switch (kind) {
    case FieldKind::Number:
      return {"integer", "number"};
    case FieldKind::Switch:
      return {"switch", "switch"};
    case FieldKind::Enumeration:
      return {"enumeration", "one of several names"};
    case FieldKind::Flags:
      return {"flags", "set of flags"};
  }
  return {"unknown", "unknown"};
}

Term phase_term(const Option& option) {
  if (option.access == Access::ReadOnly) return {"never", "never: it can only be read"};
  switch (option.phase) {
    case Phase::BeforeBind:
      return {"before-bind", "before bind"};
    case Phase::BeforeConnect:
      return {"before-connect", "before connect or listen: it shapes the handshake"};
    case Phase::AnyTime:
      return {"any-time", "at any time; early, if it is to hold from the first byte"};
    case Phase::Listener:
      return {"listener", "on a listening socket"};
    case Phase::Connected:
      return {"connected", "only after the handshake"};
  }
  return {"unknown", "unknown"};
}

Term access_term(Access access) {
  switch (access) {
    case Access::ReadWrite:
      return {"read-write", "read and write"};
    case Access::ReadOnly:
      return {"read-only", "read only"};
    case Access::WriteOnly:
      return {"write-only", "write only"};
  }
  return {"unknown", "unknown"};
}

Term nature_term(Nature nature) {
  switch (nature) {
    case Nature::Setting:
      return {"setting", "setting"};
    case Nature::Identity:
      return {"identity", "identity"};
    case Nature::Measurement:
      return {"measurement", "measurement"};
  }
  return {"unknown", "unknown"};
}

Term applies_term(Applies applies) {
  switch (applies) {
    case Applies::Always:
      return {"tcp", "every TCP socket"};
    case Applies::Ipv6:
      return {"ipv6", "IPv6 sockets"};
    case Applies::NotToTcp:
      return {"not-to-tcp", "not to TCP sockets"};
  }
  return {"unknown", "unknown"};
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

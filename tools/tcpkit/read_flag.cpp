#include "read_flag.hpp"

using namespace tcpkit;

Result<Nanoseconds> parse_time(std::string_view text) {
  return parse_duration(text);
}

Result<Nanoseconds> parse_positive_time(std::string_view text) {
  Result<Nanoseconds> duration = parse_duration(text);
  if (duration && duration->count() == 0)
    return bad_value(fmt::format("{} is too short: it must be more than 0", quote(text)));
  return duration;
}

Result<std::uint64_t> parse_some_bytes(std::string_view text, std::uint64_t most) {
  Result<std::uint64_t> bytes = parse_bytes(text, most);
  if (bytes && *bytes == 0) return bad_value(fmt::format("{} is too small: at least 1 byte", quote(text)));
  return bytes;
}

Result<Families> read_families(const Args& args) {
  if (args.has("ipv4") && args.has("ipv6")) return bad_value("-4 and -6 exclude each other");
  if (args.has("ipv4")) return Families::Ipv4;
  return args.has("ipv6") ? Families::Ipv6 : Families::Both;
}

Result<Setting> read_setting(std::string_view flag, std::string_view text) {
  Result<Setting> setting = parse_setting(text);
  if (setting) return setting;
  Error error = setting.error();
  error.doing = fmt::format("--{}: {}", flag, error.doing);
  return error;
}

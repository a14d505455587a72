#include "connect_plan.hpp"

#include <fmt/format.h>
#include <sys/socket.h>

#include "command.hpp"
#include "read_flag.hpp"

using namespace tcpkit;

Result<Target> read_target(std::string_view text) {
  Result<Target> target = parse_target(text);
  if (!target) return bad_value("HOST:PORT: " + target.error().doing);
  return target;
}

Result<void> read_source(const Args& args, const Target* target, Families& families, std::optional<Endpoint>& source) {
  const Result<Families> asked = read_families(args);
  if (!asked) return asked.error();
  families = *asked;
  if (auto read = read_flag(args, "source", parse_source, source); !read) return read;
  if (!source) return {};
  const Families family = source->family() == AF_INET6 ? Families::Ipv6 : Families::Ipv4;
  const std::string given =
      fmt::format("--source: {} is an {} address", escape(source->address()), family_name(source->family()));
  if (families != Families::Both && families != family) {
    return bad_value(fmt::format("{}, and {} is given", given, families == Families::Ipv4 ? "-4" : "-6"));
  }
  const bool numeric = target != nullptr && target->numeric;
  if (numeric && target->numeric->family() != source->family()) {
    return bad_value(fmt::format("{}: it cannot connect to {}", given, escape(target->numeric->text())));
  }
  families = family;
  return {};
}

Result<std::vector<Setting>> read_connect_settings(const Args& args) {
  std::vector<Setting> settings;
  for (const std::string& text : args.values("option")) {
    Result<Setting> setting = read_setting("option", text);
    if (!setting) return setting.error();
    settings.push_back(std::move(*setting));
  }
  const std::optional<std::string> interface = args.value("interface");
  if (!interface) return settings;
  Result<Setting> setting = read_setting("interface", "bindtodevice=" + *interface);
  if (!setting) return setting.error();
  setting->text = "--interface " + *interface;
  settings.push_back(std::move(*setting));
  return settings;
}

Result<void> read_connect_times(const Args& args, Nanoseconds& timeout, std::optional<Nanoseconds>& deadline,
                                std::optional<Nanoseconds>& wait) {
  if (auto read = read_flag(args, "timeout", parse_positive_time, timeout); !read) return read;
  if (auto read = read_flag(args, "deadline", parse_positive_time, deadline); !read) return read;
  return read_flag(args, "wait", parse_positive_time, wait);
}

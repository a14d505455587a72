#include "lab/control.hpp"

#include <vector>

#include <fmt/format.h>
#include <tcpkit/base/units.hpp>

#include "base/split.hpp"

namespace tcpkit::lab {

std::optional<std::string> Lines::next() {
  const std::size_t end = pending_.find('\n');
  if (end == std::string::npos) return std::nullopt;
  std::string line = pending_.substr(0, end);
  pending_.erase(0, end + 1);
  return line;
}

Result<void> change_setting(LabSettings& settings, std::string_view line) {
  const std::vector<std::string_view> parts = words(line);
  const Setting* setting = parts.empty() ? nullptr : find_setting(parts[0]);
  if (setting == nullptr) return bad_value(fmt::format("{} is nothing that can be changed", quote(line)));
  const std::size_t wanted = setting->value.empty() ? 1 : 2;
  if (parts.size() != wanted) {
    return bad_value(fmt::format("{} takes {}", setting->name, wanted == 1 ? "no value" : "one value"));
  }
  return setting->apply(settings, wanted == 1 ? std::string_view() : parts[1]);
}

}  // namespace tcpkit::lab

#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "lab/settings.hpp"

namespace tcpkit::lab {

/// Bytes that come in pieces, as lines.
class Lines {
 public:
  void add(std::string_view bytes) { pending_ += bytes; }

  /// The next whole line without its newline.
  [[nodiscard]] std::optional<std::string> next();

 private:
  std::string pending_;
};

/// What a line of control changes, "NAME VALUE" or "NAME"; the settings stay as they are if it is wrong.
[[nodiscard]] Result<void> change_setting(LabSettings& settings, std::string_view line);

}  // namespace tcpkit::lab

#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <tcpkit/base/result.hpp>

#include "lab/settings.hpp"

namespace tcpkit::lab {

/// The command line, checked.
struct Options {
  LabSettings settings;
  std::uint32_t mtu = 1500;
  std::uint64_t seed = 1;
  bool keep_metrics = false;
  bool help = false;
  std::vector<std::string> far;      // shell commands for the far end
  std::vector<std::string> command;  // for the near end; empty: stay, and be told what to change
};

[[nodiscard]] Result<Options> parse_options(std::span<const std::string_view> words);

[[nodiscard]] std::string help_text();

}  // namespace tcpkit::lab

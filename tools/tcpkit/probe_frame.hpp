#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include <tcpkit/sock/tcp_info.hpp>

#include "sparkline.hpp"
#include "terminal.hpp"

/// One line of a frame: what it is, what it is now, how it came there.
struct FrameRow {
  const tcpkit::TcpInfoField* field;
  std::string text;
  std::vector<std::optional<double>> series = {};  ///< the last number is now; empty: no chart
};

/// Lines for a terminal of this size: `head`, an empty line, the rows, each with as much of its chart as there is room
/// for. None is as wide as the window, so that no terminal wraps it, and two lines are left for what comes after; what
/// does not fit is left out, the last rows first. Texts are printable ASCII. Pure.
[[nodiscard]] std::vector<std::string> frame_lines(std::span<const std::string> head, std::span<const FrameRow> rows,
                                                   const Window& window, Glyphs glyphs);

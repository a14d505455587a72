#include "terminal.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdlib>
#include <string_view>

#include <tcpkit/base/units.hpp>

namespace {

constexpr int kUsualWidth = 80;
constexpr int kLeastWidth = 40;  // below, label and value no longer fit side by side
constexpr int kGreatestWidth = 1000;

std::string_view environment(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

bool is_sensible(int width) {
  return width >= kLeastWidth && width <= kGreatestWidth;
}

}  // namespace

bool colour_wanted(ColourTime when) {
  if (when != ColourTime::Auto) return when == ColourTime::Always;
  return ::isatty(STDOUT_FILENO) == 1 && environment("NO_COLOR").empty() && environment("TERM") != "dumb";
}

bool can_redraw(int descriptor) {
  return ::isatty(descriptor) == 1 && environment("TERM") != "dumb";
}

bool in_foreground() {
  const pid_t in_front = ::tcgetpgrp(STDOUT_FILENO);  // fails on a terminal that is not this session's own
  return in_front < 0 || in_front == ::getpgrp();
}

Glyphs terminal_glyphs() {
  std::string_view locale;
  for (const char* name : {"LANG", "LC_CTYPE", "LC_ALL"}) {  // locale(7): each goes before the ones above
    if (!environment(name).empty()) locale = environment(name);
  }
  const bool is_utf8 = locale.find("UTF-8") != locale.npos || locale.find("utf8") != locale.npos;
  const bool has_blocks = environment("TERM") != "linux";  // the console's fonts have two of the eight
  return is_utf8 && has_blocks ? Glyphs::Blocks : Glyphs::Ascii;
}

Window window_now() {
  winsize size{};
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0 || size.ws_row == 0) return {};
  return {size.ws_col, size.ws_row};
}

int text_width() {
  if (const auto columns = tcpkit::parse_integer(environment("COLUMNS"), kLeastWidth, kGreatestWidth)) {
    return static_cast<int>(*columns);
  }
  winsize size{};
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && is_sensible(size.ws_col)) return size.ws_col;
  return kUsualWidth;
}

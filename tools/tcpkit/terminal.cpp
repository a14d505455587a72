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

bool can_redraw() {
  return ::isatty(STDERR_FILENO) == 1 && environment("TERM") != "dumb";
}

int text_width() {
  if (const auto columns = tcpkit::parse_integer(environment("COLUMNS"), kLeastWidth, kGreatestWidth)) {
    return static_cast<int>(*columns);
  }
  winsize size{};
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && is_sensible(size.ws_col)) return size.ws_col;
  return kUsualWidth;
}

#pragma once

#include <span>
#include <string>
#include <string_view>

#include <tcpkit/base/api.hpp>
#include <tcpkit/report/report.hpp>

namespace tcpkit {

/// How text is laid out. Machine formats ignore it.
struct Style {
  bool colour = false;
  bool all = false;  ///< fields with Show::All too
  int width = 80;    ///< columns, at least 40; remarks are wrapped to it, values are never cut
};

/// A line of a list for people: cells, and details behind them where they fit, else below. Of the details, single
/// spaced, lines are made as long as the style says. Printable, and ends in a newline, as text output does.
[[nodiscard]] TCPKIT_API std::string render_line(std::string_view cells, std::string_view details, const Style& style);

/// One output format. `complete` formats show every field, so a command that gathers facts for one gathers all.
struct Format {
  std::string_view name;  ///< as in --format
  std::string_view brief;
  bool complete = false;
  bool sums_up = false;  ///< it has a place for numbers of a whole result, and none for its parts as they come
  std::string (*render)(const Report& report, const Style& style) = nullptr;  ///< ends in a newline, or is empty
};

/// All formats: text, json, ndjson, prometheus. Thread-safe, constant. Whatever bytes a report holds, text output is
/// printable ASCII plus newlines (and colour codes if asked for), and JSON output is valid JSON, in ASCII too: a
/// terminal obeys some bytes that JSON allows. Metrics are in Prometheus' text format 0.0.4, in ASCII as well.
[[nodiscard]] TCPKIT_API std::span<const Format> formats() noexcept;
/// By its exact name; null when there is none. Never freed.
[[nodiscard]] TCPKIT_API const Format* find_format(std::string_view name) noexcept;

}  // namespace tcpkit

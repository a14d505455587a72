#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <tcpkit/report/report.hpp>

/// Reports of things that happen: `event` comes first, and there is at most one line of text.

/// A field for programs only.
[[nodiscard]] inline tcpkit::Field hidden(std::string_view key, tcpkit::Data data) {
  return {.key = std::string(key), .data = std::move(data), .show = tcpkit::Show::Never};
}

/// What happened, the line that people read (or empty) and the fields that programs read.
[[nodiscard]] inline tcpkit::Report event_report(std::string_view schema, std::string_view event, std::string line,
                                                 std::vector<tcpkit::Field> fields) {
  fields.insert(fields.begin(), {.key = "event", .data = {std::string(event)}, .text = std::move(line)});
  return {.schema = std::string(schema), .sections = {{.fields = std::move(fields)}}};
}

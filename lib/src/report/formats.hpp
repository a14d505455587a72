#pragma once

#include <string>

#include <tcpkit/report/render.hpp>

/// The renderers behind formats(), one per format.
namespace tcpkit {

std::string render_text(const Report& report, const Style& style);
std::string render_json(const Report& report, const Style& style);
std::string render_ndjson(const Report& report, const Style& style);
std::string render_prometheus(const Report& report, const Style& style);

}  // namespace tcpkit

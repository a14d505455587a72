#include <tcpkit/report/render.hpp>

#include <algorithm>
#include <array>

#include "report/formats.hpp"

namespace tcpkit {
namespace {

constexpr std::array<Format, 4> kFormats = {{
    {.name = "text", .brief = "for people: aligned columns and why", .complete = false, .render = render_text},
    {.name = "json", .brief = "for programs: one indented object", .complete = true, .render = render_json},
    {.name = "ndjson", .brief = "for programs: one object on one line", .complete = true, .render = render_ndjson},
    {.name = "prometheus",
     .brief = "metrics, of probe and inspect alone",
     .complete = true,
     .sums_up = true,
     .render = render_prometheus},
}};

}  // namespace

std::span<const Format> formats() noexcept {
  return kFormats;
}

const Format* find_format(std::string_view name) noexcept {
  const auto found = std::ranges::find(kFormats, name, &Format::name);
  return found == kFormats.end() ? nullptr : &*found;
}

}  // namespace tcpkit

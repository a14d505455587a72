#pragma once

#include <span>
#include <string_view>

#include <tcpkit/base/api.hpp>

namespace tcpkit {

/// The candidate nearest to `text` by edit distance, or empty when none is near enough to be what was meant
/// (more than a third of its letters differ). Case, '-' and '_' do not count as differences. Pure; the
/// result is one of the candidates, and lives as long as that one.
[[nodiscard]] TCPKIT_API std::string_view nearest(std::string_view text, std::span<const std::string_view> candidates);

}  // namespace tcpkit

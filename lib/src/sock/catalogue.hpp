#pragma once

#include <cstddef>

/// What the catalogue's own proof and its readers share.
namespace tcpkit {

constexpr std::size_t kLargestOption = 256;  ///< room for the bytes of any row

}  // namespace tcpkit

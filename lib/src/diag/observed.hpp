#pragma once

#include <string_view>

#include <tcpkit/diag/observation.hpp>

namespace tcpkit {

/// A member of Observation that may be missing.
struct Observed {
  std::string_view name;    ///< as inputs name it
  std::string_view label;   ///< for a reader
  std::string_view reason;  ///< why it may be missing
  bool (*known)(const Observation& observation) = nullptr;
};

/// An unknown name is a bug and asserts.
const Observed& find_observed(std::string_view name);

}  // namespace tcpkit

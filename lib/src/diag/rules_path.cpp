#include "diag/rule_groups.hpp"

namespace tcpkit {

std::span<const Rule> path_rules() {
  return {};
}

}  // namespace tcpkit

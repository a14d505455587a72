#include "diag/rule_groups.hpp"

namespace tcpkit {

std::span<const Rule> death_rules() {
  return {};
}

}  // namespace tcpkit

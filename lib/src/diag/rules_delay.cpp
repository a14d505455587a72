#include "diag/rule_groups.hpp"

namespace tcpkit {

std::span<const Rule> delay_rules() {
  return {};
}

}  // namespace tcpkit

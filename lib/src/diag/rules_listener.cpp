#include "diag/rule_groups.hpp"

namespace tcpkit {

std::span<const Rule> listener_rules() {
  return {};
}

}  // namespace tcpkit

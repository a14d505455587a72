#include "diag/rule_groups.hpp"

namespace tcpkit {

std::span<const Rule> option_rules() {
  return {};
}

}  // namespace tcpkit

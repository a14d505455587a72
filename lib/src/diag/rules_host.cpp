#include "diag/rule_groups.hpp"

namespace tcpkit {

std::span<const Rule> host_rules() {
  return {};
}

}  // namespace tcpkit

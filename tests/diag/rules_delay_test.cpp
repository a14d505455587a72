#include "diag/scene.hpp"

namespace tcpkit::test {

std::vector<RuleCase> delay_cases() {
  return {};
}

}  // namespace tcpkit::test

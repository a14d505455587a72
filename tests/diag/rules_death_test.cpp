#include "diag/scene.hpp"

namespace tcpkit::test {

std::vector<RuleCase> death_cases() {
  return {};
}

}  // namespace tcpkit::test

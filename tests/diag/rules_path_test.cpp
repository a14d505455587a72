#include "diag/scene.hpp"

namespace tcpkit::test {

std::vector<RuleCase> path_cases() {
  return {};
}

}  // namespace tcpkit::test

#include "diag/scene.hpp"

namespace tcpkit::test {

std::vector<RuleCase> listener_cases() {
  return {};
}

}  // namespace tcpkit::test

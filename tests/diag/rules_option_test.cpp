#include "diag/scene.hpp"

namespace tcpkit::test {

std::vector<RuleCase> option_cases() {
  return {};
}

}  // namespace tcpkit::test

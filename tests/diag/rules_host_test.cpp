#include "diag/scene.hpp"

namespace tcpkit::test {

std::vector<RuleCase> host_cases() {
  return {};
}

}  // namespace tcpkit::test

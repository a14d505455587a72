#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string>
#include <vector>

#include "front.hpp"
#include "standard_descriptors.hpp"

namespace {

ExitCode internal_error(const char* what) {
  std::fprintf(stderr, "tcpkit: internal error: %s\n", what);
  return ExitCode::Internal;
}

ExitCode guarded(int argc, char** argv) {
  try {
    const std::vector<std::string> words(argv + (argc > 0 ? 1 : 0), argv + argc);
    return run_tcpkit(words);
  } catch (const std::exception& exception) {
    return internal_error(exception.what());
  } catch (...) {
    return internal_error("unknown exception");
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (!guard_standard_descriptors()) return static_cast<int>(ExitCode::LocalLimit);
  return static_cast<int>(guarded(argc, argv));
}

#pragma once

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <map>
#include <system_error>
#include <utility>
#include <vector>

#include "os/kernel.hpp"

namespace tcpkit::test {

/// The kernel at hand, but for what a test takes away: options it is to refuse, and the end of TCP_INFO.
class FakeKernel final : public os::Kernel {
 public:
  using Place = std::pair<int, int>;  // level, number

  std::map<Place, int> get_errors;            ///< errno of getsockopt
  std::map<Place, int> set_errors;            ///< errno of setsockopt; all others succeed and are only remembered
  std::map<Place, std::size_t> most_lengths;  ///< bytes returned at most
  std::vector<Place> set;

  std::error_code get_option(int socket, int level, int number, void* out, std::size_t& length) override {
    const Place place{level, number};
    if (const auto error = get_errors.find(place); error != get_errors.end()) return code(error->second);
    if (const auto most = most_lengths.find(place); most != most_lengths.end()) length = std::min(length, most->second);
    return os::real_kernel().get_option(socket, level, number, out, length);
  }

  std::error_code set_option(int, int level, int number, const void*, std::size_t) override {
    const auto error = set_errors.find({level, number});
    if (error != set_errors.end()) return code(error->second);
    set.emplace_back(level, number);
    return {};
  }

  std::error_code read_file(const char*, std::string&) override { return code(ENOENT); }

 private:
  static std::error_code code(int errno_value) { return {errno_value, std::system_category()}; }
};

}  // namespace tcpkit::test

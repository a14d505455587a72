#pragma once

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

namespace tcpkit::test {

/// UndefinedBehaviorSanitizer opens a pipe to look at an object's type: without descriptors it finds every type wrong.
#ifdef __SANITIZE_ADDRESS__
inline constexpr bool kSanitizerNeedsDescriptors = true;
#else
inline constexpr bool kSanitizerNeedsDescriptors = false;
#endif

/// While it lives, this process can open only so many descriptors more.
class FewDescriptors {
 public:
  explicit FewDescriptors(int more) {
    ::getrlimit(RLIMIT_NOFILE, &before_);
    rlimit few = before_;
    few.rlim_cur = static_cast<rlim_t>(first_of_free(more));
    ::setrlimit(RLIMIT_NOFILE, &few);
  }
  FewDescriptors(const FewDescriptors&) = delete;
  FewDescriptors& operator=(const FewDescriptors&) = delete;
  ~FewDescriptors() { ::setrlimit(RLIMIT_NOFILE, &before_); }

 private:
  /// The number below which exactly `more` descriptors are free.
  static int first_of_free(int more) {
    int number = 0;
    for (int free = 0;; ++number) {
      if (::fcntl(number, F_GETFD) >= 0) continue;
      if (free++ == more) return number;
    }
  }

  rlimit before_ = {};
};

}  // namespace tcpkit::test

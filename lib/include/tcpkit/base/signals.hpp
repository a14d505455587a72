#pragma once

#include <csignal>

#include <tcpkit/base/api.hpp>

namespace tcpkit {

/// While it lives the calling thread takes no signals, and neither will the threads it starts meanwhile: signals stay
/// with the program's own threads, whose handlers know what may be done there.
class TCPKIT_API SignalsBlocked {
 public:
  SignalsBlocked() noexcept;
  SignalsBlocked(const SignalsBlocked&) = delete;
  SignalsBlocked& operator=(const SignalsBlocked&) = delete;
  ~SignalsBlocked();

 private:
  sigset_t before_;
};

}  // namespace tcpkit

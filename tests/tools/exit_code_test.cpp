#include "exit_code.hpp"

#include <netdb.h>

#include <cerrno>
#include <future>
#include <string>
#include <utility>
#include <vector>

#include "error_name.hpp"
#include "support/catch.hpp"

namespace {

ExitCode of_errno(int errno_value) {
  return exit_code(tcpkit::system_error(errno_value, "connect"));
}

}  // namespace

TEST_CASE("each errno ends in the exit status that scripts were promised") {
  const std::vector<std::pair<ExitCode, std::vector<int>>> promised{
      {ExitCode::CheckFailed, {ESRCH, ENOENT, ESTALE}},  // a process or a socket that was asked for is gone
      {ExitCode::Unreachable, {ECONNREFUSED, ECONNRESET, EHOSTUNREACH, ENETUNREACH, ENETDOWN, EHOSTDOWN, EPIPE}},
      {ExitCode::Timeout, {ETIMEDOUT}},
      {ExitCode::Permission, {EPERM, EACCES}},
      {ExitCode::Unsupported, {ENOPROTOOPT, EOPNOTSUPP, EAFNOSUPPORT, EPROTONOSUPPORT, ENOSYS}},
      {ExitCode::LocalLimit, {EMFILE, ENFILE, ENOBUFS, ENOMEM, EADDRINUSE, EADDRNOTAVAIL, ENOSPC, EBADF, EIO}},
      {ExitCode::Internal, {EFAULT, ENOTSOCK, 4095}},
  };
  for (const auto& [code, errnos] : promised) {
    for (const int errno_value : errnos) {
      CAPTURE(errno_value);
      CHECK(of_errno(errno_value) == code);
    }
  }
}

TEST_CASE("an errno of the generic category counts as one of the system") {
  CHECK(exit_code({std::make_error_code(std::errc::timed_out), "wait"}) == ExitCode::Timeout);
}

TEST_CASE("failures that no errno names have exit statuses of their own") {
  CHECK(exit_code(tcpkit::bad_value("\"x\" is not a port")) == ExitCode::Usage);
  CHECK(exit_code({tcpkit::Errc::unsupported_option, "set TCP_AO"}) == ExitCode::Unsupported);
  CHECK(exit_code({std::error_code(EAI_NONAME, tcpkit::resolver_category()), "resolve nowhere"}) ==
        ExitCode::Resolution);
  CHECK(exit_code({std::make_error_code(std::future_errc::no_state), "wait"}) == ExitCode::Internal);
}

TEST_CASE("the table of exit statuses has every code at the place of its number") {
  const auto statuses = exit_statuses();
  REQUIRE(statuses.size() == 11);
  for (std::size_t number = 0; number < 10; ++number) CHECK(statuses[number].number == std::to_string(number));
  CHECK(static_cast<int>(ExitCode::Internal) == 9);
  CHECK(statuses.back().number == "128+N");
}

TEST_CASE("an error has the name that programs match on") {
  CHECK(error_name(std::error_code(ECONNREFUSED, std::system_category())) == "ECONNREFUSED");
  CHECK(error_name(std::make_error_code(std::errc::timed_out)) == "ETIMEDOUT");
  CHECK(error_name(std::error_code(EAI_NONAME, tcpkit::resolver_category())) == "EAI_NONAME");
  CHECK(error_name(tcpkit::Errc::bad_value) == "bad_value");
  CHECK(error_name(tcpkit::Errc::unsupported_option) == "unsupported_option");
  CHECK(error_name(std::error_code(4095, std::system_category())) == "system:4095");
  CHECK(error_name(std::error_code(-4095, tcpkit::resolver_category())) == "getaddrinfo:-4095");
}

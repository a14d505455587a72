#pragma once

#include <cassert>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <variant>

#include <tcpkit/base/api.hpp>

namespace tcpkit {

/// Failures that no errno names.
enum class Errc {
  bad_value = 1,       ///< a text or number outside what is allowed; `doing` holds the whole sentence
  unsupported_option,  ///< this kernel has no such socket option
};

/// Category of Errc.
TCPKIT_API const std::error_category& tcpkit_category() noexcept;

/// Category of getaddrinfo's EAI_* codes; messages are gai_strerror's.
TCPKIT_API const std::error_category& resolver_category() noexcept;

inline std::error_code make_error_code(Errc code) noexcept {
  return {static_cast<int>(code), tcpkit_category()};
}

/// A failure as data: what went wrong, and what we were doing.
struct Error {
  std::error_code code;
  std::string doing;      ///< "connect to 10.0.0.1:443"; for Errc::bad_value the whole sentence
  std::string hint = {};  ///< one more line for the user, or empty
};

/// The error as one line: "connect to 10.0.0.1:443: Connection refused". Never contains control bytes
/// unless `doing` does; callers escape what they put there.
[[nodiscard]] TCPKIT_API std::string describe(const Error& error);

/// Error with Errc::bad_value; `sentence` names what was given and what is allowed.
[[nodiscard]] TCPKIT_API Error bad_value(std::string sentence);

/// Error from an errno value.
[[nodiscard]] TCPKIT_API Error system_error(int errno_value, std::string doing);

/// T or Error, shaped like std::expected so that it can become it.
/// Reading the side that is not there is a bug and asserts.
template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

  [[nodiscard]] bool has_value() const noexcept { return state_.index() == 0; }
  explicit operator bool() const noexcept { return has_value(); }

  [[nodiscard]] const T& value() const& { return assert(has_value()), std::get<0>(state_); }
  [[nodiscard]] T& value() & { return assert(has_value()), std::get<0>(state_); }
  [[nodiscard]] T&& value() && { return assert(has_value()), std::get<0>(std::move(state_)); }
  [[nodiscard]] const Error& error() const& { return assert(!has_value()), std::get<1>(state_); }
  [[nodiscard]] Error&& error() && { return assert(!has_value()), std::get<1>(std::move(state_)); }

  const T& operator*() const& { return value(); }
  T& operator*() & { return value(); }
  const T* operator->() const { return &value(); }
  T* operator->() { return &value(); }

 private:
  std::variant<T, Error> state_;
};

template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Error error) : error_(std::move(error)) {}

  [[nodiscard]] bool has_value() const noexcept { return !error_; }
  explicit operator bool() const noexcept { return has_value(); }
  [[nodiscard]] const Error& error() const& { return assert(error_), *error_; }

 private:
  std::optional<Error> error_;
};

}  // namespace tcpkit

template <>
struct std::is_error_code_enum<tcpkit::Errc> : std::true_type {};

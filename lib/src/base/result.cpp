#include <tcpkit/base/result.hpp>

#include <netdb.h>

namespace tcpkit {
namespace {

class TcpkitCategory final : public std::error_category {
 public:
  [[nodiscard]] const char* name() const noexcept override { return "tcpkit"; }
  [[nodiscard]] std::string message(int code) const override {
    switch (static_cast<Errc>(code)) {
      case Errc::bad_value:
        return "value not allowed";
      case Errc::unsupported_option:
        return "this kernel has no such option";
    }
    return "unknown error";
  }
};

class ResolverCategory final : public std::error_category {
 public:
  [[nodiscard]] const char* name() const noexcept override { return "getaddrinfo"; }
  [[nodiscard]] std::string message(int code) const override { return ::gai_strerror(code); }
};

}  // namespace

const std::error_category& tcpkit_category() noexcept {
  static const TcpkitCategory kCategory;
  return kCategory;
}

const std::error_category& resolver_category() noexcept {
  static const ResolverCategory kCategory;
  return kCategory;
}

std::string describe(const Error& error) {
  if (error.code == Errc::bad_value) return error.doing;
  return error.doing + ": " + error.code.message();
}

Error bad_value(std::string sentence) {
  return {Errc::bad_value, std::move(sentence)};
}

Error system_error(int errno_value, std::string doing) {
  return {std::error_code(errno_value, std::system_category()), std::move(doing)};
}

}  // namespace tcpkit

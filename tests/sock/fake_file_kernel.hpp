#pragma once

#include <cerrno>
#include <string>
#include <system_error>
#include <utility>

#include "os/kernel.hpp"

/// A kernel whose every file has the same content or cannot be read: what a real /proc will not do on request.
class FakeFileKernel final : public tcpkit::os::Kernel {
 public:
  explicit FakeFileKernel(std::string content) : content_(std::move(content)) {}
  explicit FakeFileKernel(int errno_value) : error_(errno_value, std::system_category()) {}

  std::error_code get_option(int, int, int, void*, std::size_t&) override { return no_such_option(); }
  std::error_code set_option(int, int, int, const void*, std::size_t) override { return no_such_option(); }
  std::error_code read_file(const char* path, std::string& content) override {
    asked_ = path;
    if (!error_) content = content_;
    return error_;
  }

  [[nodiscard]] const std::string& asked() const { return asked_; }

 private:
  static std::error_code no_such_option() { return {ENOPROTOOPT, std::system_category()}; }

  std::string content_;
  std::error_code error_;
  std::string asked_;
};

#pragma once

#include <string>
#include <string_view>

#include <tcpkit/base/result.hpp>

/// A file that is written whole or not at all: who reads it meanwhile finds what it was before.
class OutputFile {
 public:
  /// Touches nothing yet. A link is followed. Fails where no file can be made, or what is there is no regular file:
  /// renaming would put one in its place.
  static tcpkit::Result<OutputFile> at(const std::string& path);

  /// Writes a file beside it, with mode 0644, and renames that.
  [[nodiscard]] tcpkit::Result<void> replace(std::string_view text) const;

 private:
  OutputFile(std::string path, std::string directory) : path_(std::move(path)), directory_(std::move(directory)) {}

  std::string path_;
  std::string directory_;
};

// tcpkit_man TEMPLATE PAGE: writes PAGE, which is TEMPLATE with its lists spliced in. Runs at build time only.
#include <fmt/format.h>

#include <cstdio>
#include <fstream>
#include <string>

#include "sections.hpp"

namespace {

using tcpkit::Result;

constexpr std::string_view kMarkerStart = ".\\\" @";

bool is_marker(std::string_view line) {
  return line.starts_with(kMarkerStart) && line.ends_with('@') && line.size() > kMarkerStart.size() + 1;
}

/// `.\" @OPTIONS explain@`: the name is in capitals and may have spaces, the argument is a command's name.
Result<std::string> spliced(std::string_view line) {
  line.remove_prefix(kMarkerStart.size());
  line.remove_suffix(1);
  const std::size_t argument = line.find_first_of("abcdefghijklmnopqrstuvwxyz");
  if (argument == std::string_view::npos) return man_section(line, {});
  return man_section(line.substr(0, argument - 1), line.substr(argument));
}

Result<std::string> page(std::istream& source) {
  std::string text;
  for (std::string line; std::getline(source, line);) {
    if (!is_marker(line)) {
      text += line + "\n";
      continue;
    }
    const auto section = spliced(line);
    if (!section) return section.error();
    text += *section;
  }
  return text;
}

int fail(std::string_view what) {
  std::fputs(fmt::format("tcpkit_man: {}\n", what).c_str(), stderr);
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return fail("usage: tcpkit_man TEMPLATE PAGE");
  std::ifstream source(argv[1]);
  if (!source) return fail(fmt::format("cannot read {}", argv[1]));
  const auto text = page(source);
  if (!text) return fail(fmt::format("{}: {}", argv[1], tcpkit::describe(text.error())));
  std::ofstream target(argv[2]);
  target << *text << std::flush;
  return target ? 0 : fail(fmt::format("cannot write {}", argv[2]));
}

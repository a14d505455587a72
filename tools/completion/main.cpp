// tcpkit_completion SHELL TEMPLATE SCRIPT: writes SCRIPT, which is TEMPLATE with its tables spliced in. Runs at build
// time only.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <fstream>
#include <string>

#include <tcpkit/base/result.hpp>
#include <tcpkit/base/units.hpp>

#include "rows.hpp"

namespace {

using tcpkit::Result;

constexpr std::string_view kMarkerStart = "# @";

Result<std::string> script(const Shell& shell, std::istream& source) {
  std::string text;
  for (std::string line; std::getline(source, line);) {
    if (!line.starts_with(kMarkerStart) || !line.ends_with('@')) {
      text += line + "\n";
      continue;
    }
    const std::string name = line.substr(kMarkerStart.size(), line.size() - kMarkerStart.size() - 1);
    const auto section = std::ranges::find(shell.sections, name, &ScriptSection::name);
    if (section == shell.sections.end()) return tcpkit::bad_value(fmt::format("no section {}", name));
    text += section->make();
  }
  return text;
}

int fail(std::string_view what) {
  std::fputs(fmt::format("tcpkit_completion: {}\n", what).c_str(), stderr);
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) return fail("usage: tcpkit_completion SHELL TEMPLATE SCRIPT");
  const std::array shells{bash(), fish(), zsh()};
  const auto* shell = std::ranges::find(shells, std::string_view(argv[1]), &Shell::name);
  if (shell == shells.end()) return fail(fmt::format("no shell {}", argv[1]));
  std::ifstream source(argv[2]);
  if (!source) return fail(fmt::format("cannot read {}", argv[2]));
  const auto text = script(*shell, source);
  if (!text) return fail(fmt::format("{}: {}", argv[2], tcpkit::describe(text.error())));
  std::ofstream target(argv[3]);
  target << *text << std::flush;
  return target ? 0 : fail(fmt::format("cannot write {}", argv[3]));
}

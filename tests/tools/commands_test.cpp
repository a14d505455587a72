#include <set>
#include <string>
#include <vector>

#include <tcpkit/report/render.hpp>

#include "command.hpp"
#include "support/catch.hpp"

TEST_CASE("a command is found by its name, and by nothing else") {
  for (const Command& command : commands()) CHECK(find_command(command.name) == &command);
  CHECK(find_command("") == nullptr);
  CHECK(find_command("Probe") == nullptr);
  CHECK(find_command("help") == nullptr);  // taken before the table is looked at
}

TEST_CASE("no two flags of a command share a name or a letter") {
  for (const Command& command : commands()) {
    std::set<std::string_view> names;
    std::set<char> letters;
    for (const Flag& flag : all_flags(command)) {
      CAPTURE(command.name, flag.name);
      CHECK(names.insert(flag.name).second);
      if (flag.letter != 0) CHECK(letters.insert(flag.letter).second);
    }
  }
}

TEST_CASE("the help of --format names every format, and the first one as the default") {
  std::string brief;
  for (const Flag& flag : common_flags()) {
    if (flag.name == "format") brief = brief_of(flag);
  }
  REQUIRE_FALSE(brief.empty());
  for (const tcpkit::Format& format : tcpkit::formats()) {
    CAPTURE(format.name);
    CHECK(brief.find(" " + std::string(format.name) + " (") != std::string::npos);
  }
  CHECK(brief.ends_with("Default: " + std::string(tcpkit::formats().front().name) + "."));
}

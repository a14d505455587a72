#include "choices.hpp"

#include <tcpkit/net/reply.hpp>
#include <tcpkit/proc/socket_filter.hpp>

#include "command.hpp"
#include "help.hpp"
#include "support/catch.hpp"

namespace {

enum class Size { Small, Large };
constexpr std::array kSizes{Meaning<Size>{"small", Size::Small, "a few"}, Meaning<Size>{"large", Size::Large}};

const Choices& choices_of(std::string_view command, std::string_view flag) {
  const auto row = std::ranges::find(find_command(command)->flags, flag, &Flag::name);
  REQUIRE(row != find_command(command)->flags.end());
  return row->choices;
}

}  // namespace

TEST_CASE("a table of words lists them, and gives what one stands for") {
  const Words words = kOneOf<kSizes>.words();
  CHECK(listed(words) == "small or large");
  CHECK(listed_with_briefs(words) == "small (a few) or large");
  CHECK(listed({{"a"}, {"b"}, {"c"}}) == "a, b or c");
  CHECK(listed({{"a"}}) == "a");
  CHECK(meaning_of<kSizes>("large") == Size::Large);
}

TEST_CASE("every flag with a set of words shows them in its brief, and no other leaves a gap there") {
  for (const Command& command : commands()) {
    for (const Flag& flag : all_flags(command)) {
      CAPTURE(command.name, flag.name);
      const bool has_words = flag.choices.source == Source::OneOf || flag.choices.source == Source::Forms;
      CHECK((flag.choices.words != nullptr) == has_words);
      CHECK((flag.brief.find("{}") != std::string_view::npos) == has_words);
      CHECK(brief_of(flag).find_first_of("{}") == std::string::npos);
      if (has_words) CHECK_FALSE(flag.choices.words().empty());
      if (flag.choices.source != Source::Unknown) CHECK_FALSE(flag.value.empty());
    }
  }
}

TEST_CASE("the forms of a reply are those that its parser takes") {
  const Words words = choices_of("send", "reply").words();
  const auto refused = tcpkit::parse_reply_rule("?");
  REQUIRE_FALSE(refused);
  CHECK(refused.error().doing == "\"?\": " + listed(words) + " is allowed");
}

TEST_CASE("the words for states are those that their parser takes") {
  for (const Word& word : choices_of("inspect", "state").words()) {
    CAPTURE(word.text);
    CHECK(tcpkit::parse_socket_state(word.text));
  }
}

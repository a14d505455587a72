#include "layout.hpp"

#include "support/catch.hpp"

TEST_CASE("words are wrapped before the last column and keep their indent") {
  const std::string word(37, 'x');
  CHECK(wrapped(word + " " + word, 4) == "    " + word + " " + word + "\n");
  CHECK(wrapped(word + " " + word + "y", 4) == "    " + word + " " + word + "y\n");
  CHECK(wrapped(word + " " + word + "yz", 4) == "    " + word + "\n    " + word + "yz\n");
}

TEST_CASE("a word longer than the line stays whole") {
  const std::string word(100, 'x');
  CHECK(wrapped("a " + word, 2) == "  a\n  " + word + "\n");
}

TEST_CASE("an explanation stands beside its term, or below where the term is too long") {
  CHECK(definition("-q", "quiet", 8) == "  -q    quiet\n");
  CHECK(definition("--long", "quiet", 8) == "  --long\n        quiet\n");
}

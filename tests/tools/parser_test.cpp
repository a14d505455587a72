#include "parser.hpp"

#include <array>

#include "support/catch.hpp"

namespace {

using Texts = std::vector<std::string>;

constexpr std::array kModes{Meaning<int>{"fast", 1}, Meaning<int>{"slow", 2}};
constexpr std::array kFlags{
    Flag{.name = "timeout", .value = "D", .brief = "A limit."},
    Flag{.name = "option", .letter = 'o', .value = "NAME", .repeatable = true, .brief = "An option."},
    Flag{.name = "strict", .letter = 's', .brief = "A switch."},
    Flag{.name = "mode", .value = "MODE", .choices = kOneOf<kModes>, .brief = "One of {}."},
    Flag{.name = "watch", .value = "D", .value_optional = true, .brief = "With or without."},
};
constexpr std::array kPositionals{
    Positional{.name = "HOST:PORT", .required = true, .brief = "Where to."},
    Positional{.name = "WORD", .required = false, .brief = "What."},
};

Command test_command() {
  return {.name = "test",
          .brief = "A command",
          .synopsis = "HOST:PORT [WORD]",
          .positionals = kPositionals,
          .flags = kFlags,
          .examples = {},
          .run = nullptr};
}

Args parsed(const Texts& words) {
  auto args = parse(test_command(), words);
  INFO((args ? std::string() : args.error().doing));
  REQUIRE(args);
  return *args;
}

std::string refused(const Texts& words) {
  const auto args = parse(test_command(), words);
  REQUIRE_FALSE(args);
  CHECK(args.error().code == tcpkit::Errc::bad_value);
  CHECK(args.error().hint == "see tcpkit test --help");
  return args.error().doing;
}

}  // namespace

TEST_CASE("a value that may be left out stands after an equals sign or not at all") {
  CHECK(parsed({"--watch=2s", ":80"}).value("watch") == "2s");
  CHECK(parsed({"--watch", ":80"}).value("watch") == "");
  CHECK(parsed({"--watch", ":80"}).positionals() == Texts{":80"});
  CHECK(parsed({":80", "--watch"}).has("watch"));
  CHECK_FALSE(parsed({":80"}).has("watch"));
}

TEST_CASE("a value stands after an equals sign, in the next word, or right behind its letter") {
  CHECK(parsed({"--timeout=5s", ":80"}).value("timeout") == "5s");
  CHECK(parsed({"--timeout", "5s", ":80"}).value("timeout") == "5s");
  CHECK(parsed({"-onodelay", ":80"}).value("option") == "nodelay");
  CHECK(parsed({"-o", "nodelay", ":80"}).value("option") == "nodelay");
  CHECK(parsed({"-so", "nodelay", ":80"}).value("option") == "nodelay");
  CHECK(parsed({"--option=rcvbuf=4M", ":80"}).value("option") == "rcvbuf=4M");
}

TEST_CASE("a value may look like a flag or be empty") {
  CHECK(parsed({"--timeout", "-3s", ":80"}).value("timeout") == "-3s");
  CHECK(parsed({"--timeout", "--strict", ":80"}).value("timeout") == "--strict");
  CHECK(parsed({"--timeout", "--", ":80"}).value("timeout") == "--");
  CHECK(parsed({"--timeout=", ":80"}).value("timeout") == "");
  CHECK(parsed({"--timeout", "", ":80"}).value("timeout") == "");
  CHECK(parsed({"-o", "-1", ":80"}).value("option") == "-1");
}

TEST_CASE("a value is never taken apart") {
  CHECK(parsed({"--option=[a,b]", ":80"}).values("option") == Texts{"[a,b]"});
  CHECK(parsed({"-o", "a b,c", ":80"}).values("option") == Texts{"a b,c"});
  CHECK(parsed({"[::1]", "[]"}).positionals() == Texts{"[::1]", "[]"});
  CHECK(parsed({":80", ""}).positionals() == Texts{":80", ""});
}

TEST_CASE("values of a repeatable flag keep their order, however they were written") {
  CHECK(parsed({"-ob", ":80", "--option=a", "-o", "c"}).values("option") == Texts{"b", "a", "c"});
}

TEST_CASE("switches are counted") {
  const Args args = parsed({"-vsv", ":80", "--verbose"});
  CHECK(args.values("verbose").size() == 3);
  CHECK(args.has("strict"));
  CHECK_FALSE(args.has("json"));
  CHECK(args.value("timeout") == std::nullopt);
}

TEST_CASE("a flag with a set of words takes one of them, spelled as it is") {
  CHECK(parsed({"--mode", "slow", ":80"}).value("mode") == "slow");
  const auto args = parse(test_command(), Texts{"--mode=Slow", ":80"});
  REQUIRE_FALSE(args);
  CHECK(args.error().doing == "--mode: \"Slow\" is none: fast or slow is allowed");
}

TEST_CASE("two dashes end the flags") {
  CHECK(parsed({"--", "--strict", "-o"}).positionals() == Texts{"--strict", "-o"});
  CHECK(parsed({":80", "--", "--"}).positionals() == Texts{":80", "--"});
}

TEST_CASE("one dash alone is an argument") {
  CHECK(parsed({"-"}).positionals() == Texts{"-"});
}

TEST_CASE("an unknown flag is named, and the nearest one suggested") {
  CHECK(refused({"--timout=5s", ":80"}) == "unknown option --timout: did you mean --timeout?");
  CHECK(refused({"--zzz", ":80"}) == "unknown option --zzz");
  CHECK(refused({"-x", ":80"}) == "unknown option -x");
  CHECK(refused({"-sx", ":80"}) == "unknown option -x");
  CHECK(refused({"-s-strict", ":80"}) == "unknown option -s-strict: did you mean --strict?");
  CHECK(refused({"---", ":80"}) == "unknown option ---");
  CHECK(refused({"-strict", ":80"}).find("unknown option -trict") == 0);
}

TEST_CASE("bytes that a terminal would obey are escaped") {
  CHECK(refused({"--\x1b[2J\xff", ":80"}) == "unknown option --\\x1b[2J\\xff");
  CHECK(refused({":80", "b", "\x1b"}).find("\"\\x1b\"") != std::string::npos);
}

TEST_CASE("a missing value and a value too many are errors") {
  CHECK(refused({":80", "--timeout"}) == "option --timeout needs a value: --timeout D");
  CHECK(refused({":80", "-so"}) == "option -o needs a value: -o NAME");
  CHECK(refused({"--strict=yes", ":80"}) == "option --strict takes no value, \"yes\" given");
  CHECK(refused({"--strict=true", ":80"}) == "option --strict takes no value, \"true\" given");
  CHECK(refused({"--strict=", ":80"}) == "option --strict takes no value, \"\" given");
}

TEST_CASE("a flag that is not repeatable is given once") {
  CHECK(refused({"--timeout=1s", "--timeout=2s", ":80"}) == "option --timeout was given 2 times, once is allowed");
  CHECK(refused({"-s", "--strict", ":80"}) == "option --strict was given 2 times, once is allowed");
}

TEST_CASE("arguments are neither missing nor too many") {
  CHECK(refused({}) == "HOST:PORT is missing: tcpkit test HOST:PORT [WORD]");
  CHECK(refused({"a", "b", "c"}) == "unexpected argument \"c\": tcpkit test HOST:PORT [WORD]");
}

TEST_CASE("help needs nothing else to be complete") {
  CHECK(parsed({"--help"}).has("help"));
  CHECK(parsed({"-sh", "a", "b", "c"}).has("help"));
}

#include "send_plan.hpp"

#include <chrono>
#include <string>
#include <vector>

#include "command.hpp"
#include "parser.hpp"
#include "support/catch.hpp"

namespace {

using namespace tcpkit;
using namespace std::chrono_literals;

constexpr auto kText = MessageSource::Kind::Text;
constexpr auto kFile = MessageSource::Kind::File;
constexpr auto kStandardInput = MessageSource::Kind::StandardInput;

Result<SendPlan> plan_of(const std::vector<std::string>& arguments) {
  std::vector<std::string> words{"127.0.0.1:8888"};
  words.insert(words.end(), arguments.begin(), arguments.end());
  const Result<Args> args = parse(*find_command("send"), words);
  return args ? make_send_plan(*args) : args.error();
}

SendPlan sound(const std::vector<std::string>& words) {
  Result<SendPlan> plan = plan_of(words);
  CAPTURE(plan ? std::string() : plan.error().doing);
  REQUIRE(plan);
  return *plan;
}

std::string refused(const std::vector<std::string>& words) {
  const Result<SendPlan> plan = plan_of(words);
  REQUIRE_FALSE(plan);
  CHECK(plan.error().code == Errc::bad_value);
  return plan.error().doing;
}

}  // namespace

TEST_CASE("without a message and a measurement send reads standard input and wants an echo") {
  const SendPlan plan = sound({});
  CHECK(plan.target.numeric->text() == "127.0.0.1:8888");
  CHECK(plan.message.kind == kStandardInput);
  CHECK_FALSE(plan.has_message);
  CHECK_FALSE(plan.measures);
  CHECK(plan.reply.kind == ReplyRule::Kind::Echo);
  CHECK(plan.count == 1);
  CHECK(plan.connect.timeout == 5s);
  CHECK_FALSE(plan.deadline);
  CHECK(plan.connect.settings.empty());
}

TEST_CASE("a message is an argument, a file or standard input") {
  CHECK(sound({"hello"}).message.text == "hello");
  CHECK(sound({"hello"}).message.kind == kText);
  CHECK(sound({""}).message.kind == kText);
  CHECK(sound({"-"}).message.kind == kStandardInput);
  CHECK(sound({"-"}).has_message);
  CHECK(sound({"--file", "a/b"}).message.kind == kFile);
  CHECK(sound({"--file", "a/b"}).message.text == "a/b");
}

TEST_CASE("a message that starts with a dash comes after two of them") {
  CHECK(sound({"--", "-x"}).message.text == "-x");
  CHECK(sound({"--", "--"}).message.text == "--");
  CHECK(sound({"--", "[1,2]"}).message.text == "[1,2]");
}

TEST_CASE("escapes are read only where they are asked for") {
  CHECK(sound({"a\\r\\n"}).message.text == "a\\r\\n");
  CHECK(sound({"-e", "a\\r\\n\\x00b\\0"}).message.text == std::string("a\r\n\0b\0", 6));
  CHECK(refused({"-e", "a\\q"}).starts_with("MESSAGE: "));
  CHECK(refused({"-e"}) == "--escapes is for a MESSAGE argument, and there is none");
  CHECK(refused({"-e", "-"}) == "--escapes: it is for a MESSAGE argument, and - is standard input");
}

TEST_CASE("every option of a message is read") {
  const SendPlan plan = sound({"-n", "3", "--interval", "1s", "--keep", "--wait", "2s", "--timeout", "3s", "--deadline",
                               "4s", "--reply", "any", "--strict", "-o", "nodelay", "hello"});
  CHECK(plan.count == 3);
  CHECK(plan.repeats);
  CHECK(plan.interval == 1s);
  CHECK(plan.keep);
  CHECK(plan.wait == Nanoseconds(2s));
  CHECK(plan.connect.timeout == 3s);
  CHECK(plan.deadline == Nanoseconds(4s));
  CHECK(plan.reply.kind == ReplyRule::Kind::Any);
  CHECK(plan.strict);
  CHECK(plan.connect.settings.size() == 1);
  CHECK(sound({"--half-close"}).half_close);
}

TEST_CASE("each of five options asks for a measurement") {
  CHECK(sound({"--mode", "rr"}).measures);
  CHECK(sound({"-d", "1s"}).measures);
  CHECK(sound({"--rate", "10"}).measures);
  CHECK(sound({"-s", "1K"}).measures);
  CHECK(sound({"-c", "2"}).measures);
  CHECK_FALSE(sound({"-n", "2"}).measures);
}

TEST_CASE("a measurement takes 10 s unless it is told a duration or a count") {
  CHECK(sound({"-c", "2"}).load.duration == 10s);
  CHECK(sound({"-c", "2"}).load.count == 0);
  CHECK(sound({"-d", "3s"}).load.duration == 3s);
  CHECK(sound({"-c", "2", "-n", "7"}).load.duration == 0s);
  CHECK(sound({"-c", "2", "-n", "7"}).load.count == 7);
  CHECK(sound({"-d", "3s", "-n", "7"}).load.duration == 3s);
}

TEST_CASE("every option of a measurement is read") {
  const SendPlan plan = sound({"--mode",
                               "crr",
                               "-d",
                               "1m",
                               "--rate",
                               "500",
                               "-s",
                               "2K",
                               "-c",
                               "9",
                               "--reply-size",
                               "10",
                               "--warmup",
                               "1s",
                               "--percentiles",
                               "50,99.95",
                               "--report-interval",
                               "1s",
                               "-o",
                               "nodelay",
                               "--timeout",
                               "2s"});
  CHECK(plan.load.mode == LoadMode::ConnectRequestResponse);
  CHECK(plan.load.duration == 1min);
  CHECK(plan.load.rate == 500);
  CHECK(plan.size == 2048);
  CHECK(plan.load.connections == 9);
  CHECK(plan.load.reply.kind == ReplyRule::Kind::Bytes);
  CHECK(plan.load.reply.bytes == 10);
  CHECK(plan.load.warmup == 1s);
  CHECK(plan.percentiles == std::vector<double>{50, 99.95});
  CHECK(plan.load.report_interval == 1s);
  CHECK(plan.load.connect.settings.size() == 1);
  CHECK(plan.load.connect.timeout == 2s);
}

TEST_CASE("a request is 64 bytes, a write of a stream 64 KiB") {
  CHECK(sound({"--mode", "wwr"}).size == 64);
  CHECK(sound({"--mode", "stream"}).size == 65536);
  CHECK(sound({"--mode", "bidir"}).size == 65536);
  CHECK(sound({"--mode", "stream", "-R"}).load.reversed);
}

TEST_CASE("the name of every mode is the one it is asked for with") {
  for (const char* const name : {"rr", "crr", "stream", "bidir", "wwr", "idle"}) {
    CHECK(load_mode_name(sound({"--mode", name}).load.mode) == name);
  }
  CHECK(refused({"--mode", "RR"}) == "--mode: \"RR\" is none: rr, crr, stream, bidir, wwr or idle is allowed");
}

TEST_CASE("an option of messages is refused in a measurement, and the other way round") {
  CHECK(refused({"-n", "2", "--keep", "-d", "1s"}) == "--keep is for messages, and --duration asks for a measurement");
  CHECK(refused({"--half-close", "--rate", "1"}) == "--half-close is for messages, and --rate asks for a measurement");
  CHECK(refused({"-n", "2", "--interval", "0", "-c", "1"}) ==
        "--interval is for messages, and --connections asks for a measurement");
  for (const auto& [flag, value] : {std::pair{"--warmup", "1s"}, std::pair{"--percentiles", "5"},
                                    std::pair{"--report-interval", "1s"}, std::pair{"--reply-size", "5"}}) {
    CHECK(refused({flag, value}) == std::string(flag) + " is for measurements: it needs --mode, -d, --rate, -s or -c");
  }
  CHECK(refused({"-R"}) == "--reverse is for measurements: it needs --mode, -d, --rate, -s or -c");
}

TEST_CASE("options of send that exclude each other are refused") {
  CHECK(refused({"--file", "f", "hello"}) == "--file and MESSAGE exclude each other");
  CHECK(refused({"--file", ""}) == "--file: \"\" names no file");
  CHECK(refused({"--keep", "x"}) == "--keep is for several messages: it needs -n");
  CHECK(refused({"--interval", "1s", "x"}) == "--interval is for several messages: it needs -n");
  CHECK(refused({"-n", "2", "--keep", "--half-close"}) == "--keep and --half-close exclude each other");
  CHECK(refused({"-d", "1s", "--reply", "any", "--reply-size", "5"}) == "--reply-size and --reply exclude each other");
  CHECK(refused({"-s", "5", "hello"}) == "--size and a message exclude each other");
  CHECK(refused({"-s", "5", "-"}) == "--size and a message exclude each other");
  CHECK(refused({"-4", "--source", "::1"}) == "--source: ::1 is an IPv6 address, and -4 is given");
}

TEST_CASE("what a mode has no use for is refused") {
  CHECK(refused({"--mode", "stream", "--rate", "5"}) == "--rate is about requests: --mode stream has none");
  CHECK(refused({"--mode", "idle", "--reply", "any"}) == "--reply is about requests: --mode idle has none");
  CHECK(refused({"--mode", "bidir", "--reply-size", "5"}) == "--reply-size is about requests: --mode bidir has none");
  CHECK(refused({"--mode", "stream", "--percentiles", "5"}) ==
        "--percentiles is about requests: --mode stream has none");
  CHECK(refused({"-d", "1s", "--reply", "none"}) ==
        "--reply none: requests are measured by their replies; --mode stream measures without");
  CHECK(refused({"--mode", "bidir", "-R"}) == "--reverse is for --mode stream only");
  CHECK(refused({"--mode", "idle", "-s", "5"}) == "--size: --mode idle sends nothing");
  CHECK(refused({"--mode", "idle", "-n", "5"}) == "--count: --mode idle sends nothing");
  CHECK(refused({"--mode", "idle", "hello"}) == "MESSAGE: --mode idle sends nothing");
  CHECK(refused({"--mode", "idle", "--warmup", "1s"}) == "--warmup: --mode idle has nothing to warm up");
  CHECK(refused({"--mode", "stream", "-R", "--file", "f"}) == "--file: --mode stream with --reverse sends nothing");
}

TEST_CASE("a request has a byte, and two where it is written in two parts") {
  CHECK(refused({"-s", "0"}) == "--size: \"0\" is too small: at least 1 byte");
  CHECK(refused({"-c", "1", ""}) == "MESSAGE: 0 bytes cannot be measured: --mode rr sends at least 1");
  CHECK(refused({"--mode", "wwr", "-s", "1"}) == "--size: 1 byte cannot be measured: --mode wwr sends at least 2");
  CHECK(refused({"--mode", "wwr", "x"}) == "MESSAGE: 1 byte cannot be measured: --mode wwr sends at least 2");
  CHECK(sound({"--mode", "wwr", "-s", "2"}).size == 2);
  CHECK(sound({"-s", "1G"}).size == kMostRequestBytes);
  CHECK(refused({"-s", "1025M"}).starts_with("--size: \"1025M\" is too large"));
}

TEST_CASE("an interval between reports is 10 ms at least") {
  CHECK(sound({"-c", "1", "--report-interval", "10ms"}).load.report_interval == 10ms);
  CHECK(refused({"-c", "1", "--report-interval", "9ms"}) == "--report-interval: \"9ms\" is too short: at least 10 ms");
}

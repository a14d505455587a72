#include "serve_plan.hpp"

#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

#include "command.hpp"
#include "parser.hpp"
#include "support/catch.hpp"

namespace {

using namespace tcpkit;
using namespace std::chrono_literals;

Result<ServeOrder> order_of(std::vector<std::string> words) {
  const Result<Args> args = parse(*find_command("serve"), words);
  REQUIRE(args);
  return make_serve_order(*args);
}

ServeOrder sound(std::vector<std::string> words) {
  Result<ServeOrder> order = order_of(std::move(words));
  REQUIRE(order);
  return *order;
}

std::string refused(std::vector<std::string> words) {
  const Result<ServeOrder> order = order_of(std::move(words));
  REQUIRE_FALSE(order);
  CHECK(order.error().code == Errc::bad_value);
  return order.error().doing;
}

std::vector<std::string> texts(const ServeOrder& order) {
  std::vector<std::string> found;
  for (const Setting& setting : order.plan.settings) found.push_back(setting.text);
  return found;
}

}  // namespace

TEST_CASE("without words serve is the asyncio program") {
  const ServeOrder order = sound({});
  REQUIRE(order.addresses.size() == 1);
  REQUIRE(order.addresses.front().target.numeric);
  CHECK(order.addresses.front().target.numeric->text() == "127.0.0.1:8888");
  CHECK(order.plan.backlog == 100);
  CHECK(order.plan.service == Service::Echo);
  CHECK(order.plan.threads == 1);
  CHECK(order.plan.request_bytes == 1);
  CHECK(order.plan.one_shot_bytes == 0);
  CHECK(order.plan.idle_timeout == 60s);
  CHECK(order.plan.grace == 5s);
  CHECK_FALSE(order.max_connections);
  CHECK_FALSE(order.strict);
  CHECK(texts(order) == std::vector<std::string>{"reuseaddr", "reuseport", "nodelay", "quickack", "keepalive",
                                                 "keepidle=30m", "keepcnt=5", "keepintvl=15s"});
  CHECK(order.own_settings == 8);
  CHECK(find_setting(order.plan, "TCP_KEEPIDLE")->value == Value(std::int64_t{1800}));
}

TEST_CASE("with -6 and no address serve listens on the loopback of IPv6") {
  CHECK(sound({"-6"}).addresses.front().target.numeric->text() == "[::1]:8888");
}

TEST_CASE("a setting of the user takes the place of serve's own, in every spelling") {
  for (const char* const text : {"keepidle=1h", "TCP_KEEPIDLE=1h", "6:4=3600"}) {
    const ServeOrder order = sound({"-o", text});
    CAPTURE(text);
    CHECK(order.own_settings == 7);
    CHECK(order.plan.settings.size() == 8);
    CHECK(std::ranges::count(texts(order), text) == 1);
    CHECK(find_setting(order.plan, "TCP_KEEPIDLE")->value == Value(std::int64_t{3600}));
  }
}

TEST_CASE("further settings come after serve's own") {
  const ServeOrder order = sound({"-o", "rcvbuf=64K", "-o", "user-timeout=20s"});
  CHECK(order.own_settings == 8);
  CHECK(texts(order).at(8) == "rcvbuf=64K");
  CHECK(texts(order).at(9) == "user-timeout=20s");
}

TEST_CASE("every number and time of serve is read") {
  const ServeOrder order = sound(
      {"--backlog", "7",           "--threads=3", "--max-connections", "9", "--idle-timeout", "0",  "--max-lifetime",
       "2m",        "--max-bytes", "3K",          "--accept",          "4", "--for",          "5s", "--grace",
       "0",         "--mode",      "source",      "--strict"});
  CHECK(order.plan.backlog == 7);
  CHECK(order.plan.threads == 3);
  CHECK(order.max_connections == 9U);
  CHECK(order.plan.idle_timeout == 0s);
  CHECK(order.plan.max_lifetime == 2min);
  CHECK(order.plan.max_bytes == 3072);
  CHECK(order.plan.max_accepted == 4);
  CHECK(order.plan.duration == 5s);
  CHECK(order.plan.grace == 0s);
  CHECK(order.plan.service == Service::Source);
  CHECK(order.strict);
}

TEST_CASE("one shot is 100 bytes without an idle timeout, unless told otherwise") {
  CHECK(sound({"--one-shot"}).plan.one_shot_bytes == 100);
  CHECK(sound({"--one-shot"}).plan.idle_timeout == 0s);
  CHECK(sound({"--one-shot", "--read-size", "256K"}).plan.one_shot_bytes == 262144);
  CHECK(sound({"--one-shot", "--idle-timeout", "3s"}).plan.idle_timeout == 3s);
}

TEST_CASE("a server of requests answers whole ones") {
  CHECK(sound({"--reply-every", "64K"}).plan.request_bytes == 65536);
  CHECK(sound({"--reply-every", "16M", "--mode", "echo"}).plan.request_bytes == 16U << 20);
}

TEST_CASE("several addresses are all listened on, and port 0 is one") {
  const ServeOrder order = sound({":0", "*:7000", "localhost:echo"});
  REQUIRE(order.addresses.size() == 3);
  CHECK(order.addresses[0].target.port == 0);
  CHECK(order.addresses[1].every_address);
  CHECK(order.addresses[2].target.port == 7);
}

TEST_CASE("what contradicts itself is refused") {
  CHECK(refused({"--read-size", "5"}) == "--read-size is for --one-shot only");
  CHECK(refused({"--one-shot", "--mode", "discard"}) == "--one-shot is an echo: it contradicts --mode discard");
  CHECK(refused({"--reply-every", "5", "--mode", "source"}) ==
        "--reply-every is an echo: it contradicts --mode source");
  CHECK(refused({"--one-shot", "--reply-every", "5"}) == "--one-shot and --reply-every exclude each other");
  CHECK(refused({"-4", "-6"}) == "-4 and -6 exclude each other");
  CHECK(refused({"--threads", "2", "-o", "reuseport=off"}) ==
        "--threads 2: threads share a port by SO_REUSEPORT, and -o reuseport=off turns it off");
  CHECK(refused({"--threads", "2", "-o", "1:15=0"}) ==
        "--threads 2: threads share a port by SO_REUSEPORT, and -o 1:15=0 turns it off");
}

TEST_CASE("one thread needs no shared port") {
  CHECK(sound({"--threads", "1", "-o", "reuseport=off"}).plan.threads == 1);
  CHECK(sound({"--threads", "2", "-o", "reuseport=off", "-o", "reuseport=on"}).plan.threads == 2);
}

TEST_CASE("limits of a number are the ones the error names") {
  CHECK(sound({"--threads", "256"}).plan.threads == 256);
  CHECK(refused({"--threads", "257"}) == "--threads: \"257\" is not a whole number from 1 to 256");
  CHECK(refused({"--threads", "0"}) == "--threads: \"0\" is not a whole number from 1 to 256");
  CHECK(sound({"--backlog", "2147483647"}).plan.backlog == 2147483647);
  CHECK(refused({"--backlog", "2147483648"}) == "--backlog: \"2147483648\" is not a whole number from 0 to 2147483647");
  CHECK(refused({"--reply-every", "0"}) == "--reply-every: \"0\" is too small: at least 1 byte");
  CHECK(refused({"--reply-every", "17M"}) == "--reply-every: \"17M\" is too large: at most 16777216 bytes");
}

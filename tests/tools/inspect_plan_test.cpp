#include "inspect_plan.hpp"

#include <chrono>
#include <string>
#include <vector>

#include "command.hpp"
#include "parser.hpp"
#include "support/catch.hpp"

namespace {

using namespace tcpkit;
using namespace std::chrono_literals;

Result<InspectPlan> plan_of(std::vector<std::string> words) {
  const Result<Args> args = parse(*find_command("inspect"), words);
  REQUIRE(args);
  return make_inspect_plan(*args);
}

InspectPlan sound(std::vector<std::string> words) {
  Result<InspectPlan> plan = plan_of(std::move(words));
  INFO((plan ? std::string() : plan.error().doing));
  REQUIRE(plan);
  return *plan;
}

std::string refused(std::vector<std::string> words) {
  const Result<InspectPlan> plan = plan_of(std::move(words));
  REQUIRE_FALSE(plan);
  CHECK(plan.error().code == Errc::bad_value);
  return plan.error().doing;
}

}  // namespace

TEST_CASE("without a selector every socket is meant, and nothing is selected") {
  const InspectPlan plan = sound({});
  CHECK(plan.filter.states == kAllStates);
  CHECK_FALSE(plan.selects);
  CHECK_FALSE(plan.by_process());
  CHECK(plan.asked.empty());
  CHECK(plan.copies);
  CHECK(plan.copying_time == 10s);
}

TEST_CASE("a selector may be given several times, and is told as it was typed") {
  const InspectPlan plan = sound({"--pid", "1", "--pid", "22", "--name", "a b", "--port", "443", "--port", "80"});
  CHECK(plan.processes.pids == std::vector<std::int64_t>{1, 22});
  CHECK(plan.processes.names == std::vector<std::string>{"a b"});
  CHECK(plan.filter.ports == std::vector<std::uint16_t>{443, 80});
  CHECK(plan.selects);
  CHECK(plan.by_process());
  CHECK(plan.asked == "--pid 1 --pid 22 --name a b --port 443 --port 80");
}

TEST_CASE("states add up, and --listening leaves one of them") {
  constexpr std::uint32_t kListen = 1U << 10;
  constexpr std::uint32_t kEstablished = 1U << 1;
  CHECK(sound({"--listening"}).filter.states == kListen);
  CHECK(sound({"--state", "listen", "--state", "established"}).filter.states == (kListen | kEstablished));
  CHECK(sound({"--state", "listen", "--state", "established", "--listening"}).filter.states == kListen);
  CHECK(refused({"--state", "established", "--listening"}).find("exclude each other") != std::string::npos);
}

TEST_CASE("a namespace alone selects no socket") {
  const InspectPlan plan = sound({"--netns", "web"});
  CHECK(plan.netns == "web");
  CHECK_FALSE(plan.selects);
}

TEST_CASE("watching has a pace, with or without one given") {
  CHECK_FALSE(sound({}).watch);
  CHECK(sound({"--watch"}).watch == 1s);
  CHECK(sound({"--watch=250ms"}).watch == 250ms);
  CHECK(refused({"--watch=0"}).starts_with("--watch: "));
}

TEST_CASE("the first of an order need an order") {
  const InspectPlan plan = sound({"--sort", "retrans", "--top", "5"});
  CHECK(plan.sort == SortKey::Retransmissions);
  CHECK(plan.top == 5);
  CHECK(refused({"--top", "5"}) == "--top is for --sort only");
}

TEST_CASE("settings need to know which sockets are meant, and nothing else to do") {
  const InspectPlan plan = sound({"--port", "443", "--set", "keepidle=1m", "--set", "nodelay", "--yes"});
  CHECK(plan.settings.size() == 2);
  CHECK(plan.yes);
  CHECK(refused({"--set", "nodelay"}).starts_with("--set needs to be told which sockets"));
  CHECK(refused({"--netns", "web", "--set", "nodelay"}).starts_with("--set needs to be told which sockets"));
  CHECK(refused({"--port", "1", "--set", "nodelay", "--all"}) == "--set and --all exclude each other");
  CHECK(refused({"--port", "1", "--set", "nodelay", "--deadline", "1s"}) == "--set and --deadline exclude each other");
}

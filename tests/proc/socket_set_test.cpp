#include <tcpkit/proc/socket_set.hpp>

#include <string>
#include <vector>

#include <netinet/in.h>
#include <sys/socket.h>

#include <tcpkit/sock/reading.hpp>

#include "sock/socket_states.hpp"
#include "support/catch.hpp"
#include "support/child.hpp"

using namespace tcpkit;

namespace {

Setting setting(const std::string& text) {
  Result<Setting> parsed = parse_setting(text);
  INFO((parsed ? text : describe(parsed.error())));
  REQUIRE(parsed);
  return *parsed;
}

std::string why_not(const std::string& text, bool listening) {
  const Result<void> checked = check_late_setting(setting(text), listening);
  if (checked) return "";
  CHECK(checked.error().code == Errc::bad_value);
  return checked.error().doing;
}

bool allowed(const std::string& text, bool listening) {
  return why_not(text, listening).empty();
}

std::string shown(int socket, std::string_view name) {
  const Option* option = find_option(name);
  REQUIRE(option != nullptr);
  const OptionReading reading = read_option(socket, *option);
  return reading.value ? format_value(*option, *reading.value) : reading.reason;
}

LateSetting set_on(int socket, const std::string& text) {
  SysctlValues sysctls;
  Result<LateSetting> late = set_late(socket, setting(text), sysctls);
  INFO((late ? text : describe(late.error())));
  REQUIRE(late);
  return *late;
}

/// Sets what the undo says, one after the other.
void take_back(int socket, const LateSetting& late) {
  for (const std::string& text : late.undo) set_on(socket, text);
}

}  // namespace

TEST_CASE("what tunes a live connection may be set on it") {
  for (const char* text :
       {"nodelay", "cork=off", "quickack", "keepalive", "keepidle=60s", "keepintvl=5s", "keepcnt=3", "user-timeout=20s",
        "congestion=cubic", "tos=16", "priority=3", "mark=1", "notsent-lowat=16K", "rcvbuf=64K", "sndbuf=64K",
        "buf-lock=0", "max-pacing-rate=1000000", "busy-poll=50us", "linger2=10s"}) {
    CAPTURE(text);
    CHECK(allowed(text, false));
  }
}

TEST_CASE("what a listener hands down or acts on may be set on it") {
  for (const char* text : {"defer-accept=10s", "fastopen=5", "save-syn=network", "maxseg=1000", "syncnt=3",
                           "rcvbuf=64K", "nodelay", "keepalive", "window-clamp=20000"}) {
    CAPTURE(text);
    CHECK(allowed(text, true));
  }
  CHECK(why_not("quickack", true) == "quickack is not set on a listening socket in use: it works on a connection only");
}

TEST_CASE("what comes too late for a connection is refused with the reason") {
  CHECK(why_not("maxseg=1000", false) ==
        "maxseg is not set on a connection in use: it shapes the handshake, which is over");
  for (const char* text : {"syncnt=3", "window-clamp=20000", "fastopen-connect", "autoflowlabel=on"}) {
    CAPTURE(text);
    CHECK(why_not(text, false).find("handshake") != std::string::npos);
  }
  for (const char* text : {"defer-accept=10s", "fastopen=5", "save-syn=network"}) {
    CAPTURE(text);
    CHECK(why_not(text, false).find("listening socket only") != std::string::npos);
  }
  for (const char* text : {"reuseaddr", "reuseport", "v6only", "bindtodevice=lo", "transparent"}) {
    CAPTURE(text);
    CHECK(why_not(text, false).find("bind(2)") != std::string::npos);
    CHECK(why_not(text, true).find("bind(2)") != std::string::npos);
  }
}

TEST_CASE("what could break the program is refused on every socket") {
  for (const char* text : {"linger=5s",    "linger=0s",       "rcvlowat=100",    "oobinline",   "peek-off=0",
                           "timestamp",    "recverr",         "minttl=255",      "rcvtimeo=1s", "sndtimeo=1s",
                           "zerocopy=off", "lock-filter",     "ulp=tls",         "inq",         "select-err-queue",
                           "dontroute",    "sndbufforce=64K", "rcvbufforce=64K", "debug=off",   "quickack=always",
                           "6:99=1"}) {
    CAPTURE(text);
    CHECK_FALSE(allowed(text, false));
    CHECK_FALSE(allowed(text, true));
  }
}

TEST_CASE("every option that may be set late can be read, and so undone") {
  for (const Option& row : options()) {
    for (const bool listening : {false, true}) {
      Setting late;
      late.option = &row;
      late.name = std::string(row.name);
      if (!check_late_setting(late, listening)) continue;
      CAPTURE(row.symbol, listening);
      CHECK(row.access == Access::ReadWrite);
      CHECK_FALSE(row.consuming_read);
      CHECK_FALSE(row.secret);
      CHECK(row.nature == Nature::Setting);
    }
  }
}

TEST_CASE("a setting tells what was, what is, and how to take it back") {
  const test::Stage stage = test::set_stage(AF_INET, test::State::Connected);
  const int socket = stage.client.get();
  struct Case {
    const char* text;
    const char* before;
    const char* after;
    const char* undo;
  };
  for (const Case& c :
       {Case{"keepidle=60s", "7200 s (2 h)", "60 s", "keepidle=7200s"}, Case{"nodelay", "off", "on", "nodelay=off"},
        Case{"keepcnt=3", "9 times", "3 times", "keepcnt=9"},
        Case{"user-timeout=20s", "system default", "20000 ms (20 s)", "user-timeout=0ms"}}) {
    CAPTURE(c.text);
    const std::string name = setting(c.text).name;
    const std::string before = shown(socket, name);
    const LateSetting late = set_on(socket, c.text);
    REQUIRE(late.before);
    CHECK(format_value(*late.outcome.setting.option, *late.before) == before);
    CHECK(late.outcome.effect == Effect::Exact);
    CHECK(shown(socket, name) == c.after);
    CHECK(late.undo == std::vector<std::string>{c.undo});
    take_back(socket, late);
    CHECK(shown(socket, name) == before);
  }
}

TEST_CASE("every setting of a connection can be taken back") {
  const test::Stage stage = test::set_stage(AF_INET6, test::State::Connected);
  const int socket = stage.client.get();
  for (const char* text :
       {"nodelay", "cork", "keepalive", "keepintvl=7s", "linger2=10s", "congestion=reno", "tos=16", "tclass=16",
        "priority=3", "notsent-lowat=16K", "max-pacing-rate=1000000", "busy-poll=50us", "mtu-discover=DO", "ttl=9",
        "unicast-hops=9", "thin-linear-timeouts", "txrehash=0", "buf-lock=3"}) {
    CAPTURE(text);
    Result<Setting> one = parse_setting(text);
    REQUIRE(one);
    const std::string before = shown(socket, one->name);
    SysctlValues sysctls;
    const Result<LateSetting> late = set_late(socket, *one, sysctls);
    if (!late) continue;  // rights, or a congestion control, that this host does not have
    CHECK(shown(socket, one->name) != before);
    CHECK(late->undo.size() >= 1);
    take_back(socket, *late);
    CHECK(shown(socket, one->name) == before);
  }
}

TEST_CASE("a buffer goes back to its size and to autotuning") {
  const test::Stage stage = test::set_stage(AF_INET, test::State::Connected);
  const int socket = stage.client.get();
  const std::string size = shown(socket, "rcvbuf");
  const std::string lock = shown(socket, "buf-lock");
  const LateSetting late = set_on(socket, "rcvbuf=32K");
  CHECK(late.outcome.effect == Effect::Adjusted);
  CHECK(late.outcome.why.find("doubles") != std::string::npos);
  CHECK(shown(socket, "rcvbuf") == "65536 (64 KiB)");
  CHECK(shown(socket, "buf-lock") != lock);
  CHECK(late.undo == std::vector<std::string>{"rcvbuf=65536", "buf-lock=0"});
  take_back(socket, late);
  CHECK(shown(socket, "rcvbuf") == size);
  CHECK(shown(socket, "buf-lock") == lock);
}

TEST_CASE("a buffer that autotuning made larger than anybody may ask goes back to autotuning alone") {
  const test::Stage stage = test::set_stage(AF_INET, test::State::Connected);
  SysctlValues sysctls;
  sysctls.put({find_sysctl("net.core.rmem_max"), Value{std::int64_t{4096}}, {}});
  const Result<LateSetting> late = set_late(stage.client.get(), setting("rcvbuf=2K"), sysctls);
  REQUIRE(late);
  CHECK(late->undo == std::vector<std::string>{"buf-lock=0"});
}

TEST_CASE("the priority that a type of service overwrote comes back too") {
  const test::Stage stage = test::set_stage(AF_INET, test::State::Connected);
  const int socket = stage.client.get();
  set_on(socket, "priority=5");
  const LateSetting late = set_on(socket, "tos=16");
  CHECK(shown(socket, "priority") != "5");
  CHECK(late.undo == std::vector<std::string>{"tos=0", "priority=5"});
  take_back(socket, late);
  CHECK(shown(socket, "priority") == "5");
}

TEST_CASE("what changed nothing needs no undo") {
  const test::Stage stage = test::set_stage(AF_INET, test::State::Connected);
  set_on(stage.client.get(), "nodelay");
  const LateSetting late = set_on(stage.client.get(), "nodelay");
  CHECK(late.undo.empty());
  CHECK(late.outcome.effect == Effect::Exact);
}

TEST_CASE("what a listener reads as its default cannot be set again as such") {
  const test::Stage stage = test::set_stage(AF_INET, test::State::Connected);
  CHECK(set_on(stage.listener.get(), "syncnt=3").undo.empty());
  CHECK(shown(stage.listener.get(), "syncnt") == "3 times");
}

TEST_CASE("what the kernel refuses changes nothing and says why") {
  const test::Stage stage = test::set_stage(AF_INET, test::State::Connected);
  const int socket = stage.client.get();
  SysctlValues sysctls;
  const Result<LateSetting> unknown = set_late(socket, setting("congestion=nosuch"), sysctls);
  REQUIRE_FALSE(unknown);
  CHECK(unknown.error().code == Errc::bad_value);
  const Result<LateSetting> other_family = set_late(socket, setting("tclass=16"), sysctls);
  REQUIRE_FALSE(other_family);
  CHECK(describe(other_family.error()).find("is for IPv6") != std::string::npos);
  if (test::skips_without_root()) return;
  const int outcome = test::in_child([&] {
    if (!test::become_nobody()) return test::kChildFailed;
    SysctlValues own;
    const Result<LateSetting> denied = set_late(socket, *parse_setting("mark=7"), own);
    return denied ? 0 : denied.error().code.value();
  });
  CHECK(outcome == EPERM);
}

#include <tcpkit/sock/settings.hpp>

#include <algorithm>
#include <array>
#include <random>
#include <string>

#include <net/if.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "support/catch.hpp"

using namespace tcpkit;

namespace {

Setting accepted(std::string_view text) {
  const Result<Setting> setting = parse_setting(text);
  INFO(text << ": " << (setting ? "" : setting.error().doing));
  REQUIRE(setting);
  CHECK(setting->text == text);
  return *setting;
}

Value value_of(std::string_view text) {
  return accepted(text).value;
}

std::int64_t number_of(std::string_view text) {
  const Value value = value_of(text);
  REQUIRE(std::holds_alternative<std::int64_t>(value));
  return std::get<std::int64_t>(value);
}

std::string refusal(std::string_view text) {
  const Result<Setting> setting = parse_setting(text);
  INFO(text);
  REQUIRE_FALSE(setting);
  CHECK(setting.error().code == Errc::bad_value);
  return setting.error().doing;
}

bool special(const Option& row, std::int64_t number) {
  return std::ranges::any_of(row.special,
                             [&](const NamedNumber& n) { return static_cast<std::int64_t>(n.number) == number; });
}

/// The alternative that the codec wants for the row's kind.
std::size_t alternative_of(Kind kind) {
  switch (kind) {
    case Kind::Switch:
      return Value(true).index();
    case Kind::Unsigned64:
      return Value(std::uint64_t{0}).index();
    case Kind::Name:
    case Kind::Bytes:
    case Kind::Address:
      return Value(std::string()).index();
    case Kind::PortRange:
      return Value(Numbers()).index();
    case Kind::Linger:
    case Kind::Words:
      return Value(Structure()).index();
    default:
      return Value(std::int64_t{0}).index();
  }
}

/// Everything a caller of setsockopt relies on.
bool sound(const Setting& setting) {
  if (setting.option == nullptr) return std::holds_alternative<std::int64_t>(setting.value);
  const Option& row = *setting.option;
  if (row.access == Access::ReadOnly || setting.value.index() != alternative_of(row.kind)) return false;
  if (const auto* number = std::get_if<std::int64_t>(&setting.value)) {
    return (*number >= row.min && *number <= row.max) || special(row, *number);
  }
  if (const auto* name = std::get_if<std::string>(&setting.value)) {
    return !name->empty() && name->size() < row.size && name->find('\0') == std::string::npos;
  }
  return true;
}

std::string sample_for(const Option& row) {
  switch (row.kind) {
    case Kind::Switch:
      return "off";
    case Kind::Name:
      return "cubic";
    case Kind::Linger:
      return "5s";
    case Kind::PortRange:
      return "40000-40999";
    case Kind::NetworkIndex:
      return "lo";
    case Kind::Enumeration:
    case Kind::Flags:
      return std::string(row.names.front().name);
    default:
      return "20";
  }
}

class Mutator {
 public:
  std::string next() {
    const Option& row = options()[below(options().size())];
    std::string text = std::string(below(2) == 0 ? row.name : row.symbol) + "=" + value(row);
    for (std::size_t edits = below(4); edits > 0; --edits) edit(text);
    return text;
  }

 private:
  std::size_t below(std::size_t end) { return std::uniform_int_distribution<std::size_t>(0, end - 1)(random_); }

  std::string value(const Option& row) {
    constexpr std::array kValues = {"1",          "-1",  "0",      "20s",
                                    "4M",         "on",  "always", "18446744073709551615",
                                    "2147483648", "1-2", "",       "9223372036854775807",
                                    "292y",       "3h",  "1KiB",   "6:1=2",
                                    "unlimited"};
    if (below(2) == 0) return kValues[below(kValues.size())];
    return sample_for(row);
  }

  void edit(std::string& text) {
    constexpr std::string_view kBytes("0123456789=:-+_kKMGims\0\xff\n %.", 29);
    const std::size_t at = below(text.size() + 1);
    if (below(2) == 0) {
      text.insert(at, 1, kBytes[below(kBytes.size())]);
    } else {
      text.erase(at, 1 + below(3));
    }
  }

  std::mt19937 random_{20240229};  // the same texts every time
};

}  // namespace

TEST_CASE("one option is found by every spelling of its name") {
  const char* name =
      GENERATE("nodelay", "NODELAY", "no-delay", "no_delay", "TCP_NODELAY", "tcp-nodelay", "Tcp_No_Delay");
  const Setting setting = accepted(name);
  CHECK(setting.option == find_option("nodelay"));
  CHECK(setting.name == "nodelay");
  CHECK(setting.level == IPPROTO_TCP);
  CHECK(setting.number == 1);
  CHECK(setting.value == Value(true));
}

TEST_CASE("a switch is on or off in three spellings each") {
  for (const char* on : {"nodelay=on", "nodelay=yes", "nodelay=1", "nodelay=true"}) CHECK(value_of(on) == Value(true));
  for (const char* off : {"nodelay=off", "nodelay=no", "nodelay=0", "nodelay=false"}) {
    CHECK(value_of(off) == Value(false));
  }
}

TEST_CASE("times are given with their unit and kept in the kernel's") {
  CHECK(number_of("keepidle=30m") == 1800);
  CHECK(number_of("keepintvl=75s") == 75);
  CHECK(number_of("user-timeout=20s") == 20'000);
  CHECK(number_of("user-timeout=250ms") == 250);
  CHECK(number_of("user-timeout=0") == 0);
  CHECK(number_of("rto-min-us=5ms") == 5000);
  CHECK(number_of("rcvtimeo=1us") == 1);
  CHECK(number_of("sndtimeo=2h") == 7'200'000'000);
}

TEST_CASE("sizes and rates take 1024-based and 1000-based units") {
  CHECK(number_of("rcvbuf=4M") == 4194304);
  CHECK(number_of("rcvbuf=4MiB") == 4194304);
  CHECK(number_of("rcvbuf=4MB") == 4000000);
  CHECK(number_of("SO_SNDBUF=65536") == 65536);
  CHECK(number_of("notsent-lowat=16K") == 16384);
  CHECK(value_of("max-pacing-rate=1M") == Value(std::uint64_t{1048576}));
}

TEST_CASE("numbers with a meaning of their own go by name and by number") {
  CHECK(value_of("max-pacing-rate=unlimited") == Value(std::uint64_t{UINT64_MAX}));
  CHECK(value_of("max-pacing-rate=18446744073709551615") == Value(std::uint64_t{UINT64_MAX}));
  CHECK(number_of("notsent-lowat=unlimited") == UINT32_MAX);
  CHECK(number_of("linger2=-1") == -1);
  CHECK(number_of("linger2=no FIN-WAIT-2") == -1);
  CHECK(number_of("maxseg=0") == 0);
  CHECK(number_of("incoming-cpu=-1") == -1);
}

TEST_CASE("plain numbers stand for themselves") {
  CHECK(number_of("keepcnt=9") == 9);
  CHECK(number_of("mark=4294967295") == 4294967295);
  CHECK(number_of("priority=6") == 6);
}

TEST_CASE("names, enumerations and sets of flags") {
  CHECK(value_of("congestion=bbr") == Value(std::string("bbr")));
  CHECK(value_of("bindtodevice=lo") == Value(std::string("lo")));
  const Option& discover = *find_option("mtu-discover");
  for (const NamedNumber& named : discover.names) {
    CHECK(number_of("mtu-discover=" + std::string(named.name)) == static_cast<std::int64_t>(named.number));
  }
  CHECK(number_of("mtu-discover=2") == 2);
  CHECK(number_of("buf-lock=3") == 3);
  CHECK(number_of("buf-lock=sndbuf+rcvbuf") == 3);
  CHECK(number_of("buf-lock=RCVBUF") == 2);
  CHECK(number_of("buf-lock=0") == 0);
}

TEST_CASE("linger, port ranges and interfaces have texts of their own") {
  CHECK(value_of("linger=off") == Value(Structure{{"onoff", 0}, {"linger", 0}}));
  CHECK(value_of("linger=0s") == Value(Structure{{"onoff", 1}, {"linger", 0}}));
  CHECK(value_of("linger=5s") == Value(Structure{{"onoff", 1}, {"linger", 5}}));
  CHECK(value_of("local-port-range=40000-40999") == Value(Numbers{40000, 40999}));
  CHECK(number_of("unicast-if=lo") == static_cast<std::int64_t>(::if_nametoindex("lo")));
  CHECK(refusal("unicast-if=999999") == R"(unicast-if: "999999" is not an interface of this host)");
}

TEST_CASE("quickack=always is on, and again after every read") {
  CHECK(accepted("quickack=always").always);
  CHECK(value_of("quickack=always") == Value(true));
  CHECK_FALSE(accepted("quickack").always);
  CHECK(refusal("nodelay=always") == R"(nodelay: "always" is not on or off)");
}

TEST_CASE("a raw number that the table knows is told by its name") {
  const Setting timeout = accepted("6:18=1000");
  CHECK(timeout.option == find_option("TCP_USER_TIMEOUT"));
  CHECK(timeout.name == "user-timeout");
  CHECK(timeout.value == Value(std::int64_t{1000}));
  CHECK(accepted("6:1=1").value == Value(true));
  CHECK(accepted("6:1=2").option == nullptr);   // a switch that is neither on nor off
  CHECK(accepted("1:13=1").option == nullptr);  // a structure, not an integer
  CHECK(accepted("1:3=1").option == nullptr);   // can only be read: the kernel will say so
}

TEST_CASE("a raw option is a level, a number and an integer") {
  const Setting setting = accepted("6:99=-5");
  CHECK(setting.option == nullptr);
  CHECK(setting.level == 6);
  CHECK(setting.number == 99);
  CHECK(setting.name == "6:99");
  CHECK(setting.value == Value(std::int64_t{-5}));
  CHECK_FALSE(parse_setting("6:99"));
  CHECK_FALSE(parse_setting("6:99="));
  CHECK_FALSE(parse_setting("6:99=2147483648"));
  CHECK_FALSE(parse_setting("6:99=0x1"));
}

TEST_CASE("TCP_REPAIR and what belongs to it are not offered, under no spelling") {
  for (const char* text : {"6:19=1", "6:20=1", "6:21=1", "6:22=1", "6:29=1"}) {
    CHECK(refusal(text).find("breaks live connections") != std::string::npos);
  }
  CHECK_FALSE(parse_setting("TCP_REPAIR=1"));
  CHECK(parse_setting("6:18=1"));
  CHECK(parse_setting("1:19=1"));
}

TEST_CASE("a refusal says in one sentence what was given and what is allowed") {
  CHECK(refusal("") == R"("" names no socket option: give NAME or NAME=VALUE)");
  CHECK(refusal("=1") == R"("=1" names no socket option: give NAME or NAME=VALUE)");
  CHECK(refusal("nodely") == R"(unknown socket option "nodely": did you mean nodelay?)");
  CHECK(refusal("xyzzy=1") == R"(unknown socket option "xyzzy")");
  CHECK(refusal("no\ndelay") == R"(unknown socket option "no\ndelay": did you mean nodelay?)");
  CHECK(refusal("rcvbuf") == "rcvbuf needs a value: rcvbuf=VALUE");
  CHECK(refusal("nodelay=maybe") == R"(nodelay: "maybe" is not on or off)");
  CHECK(refusal("keepcnt=128").starts_with("keepcnt: "));
  CHECK(refusal("keepcnt=128").find("1") != std::string::npos);
  CHECK(refusal("keepcnt=128").find("127") != std::string::npos);
  CHECK(refusal("keepidle=10h") == R"(keepidle: "10h" is too long: at most 32767s)");
  CHECK(refusal("keepidle=1500ms") == R"(keepidle: "1500ms" is not a whole number of s, the kernel's unit here)");
  CHECK(refusal("rcvbuf=2G") == R"(rcvbuf: "2G" is too large: at most 2147483647 bytes)");
  CHECK(refusal("type=1") == "type can only be read, not set");
  CHECK(refusal("type") == "type can only be read, not set");
  CHECK(refusal("congestion=") == R"(congestion: "" is not a name of 1 to 15 printable characters)");
  CHECK(refusal("linger=1500ms") == R"(linger: "1500ms" is not "off" or whole seconds from 0s to 2147483647s)");
  CHECK(refusal("local-port-range=2-1") == R"(local-port-range: "2-1" is not a range of ports, like 40000-40999)");
  CHECK(refusal("unicast-if=nosuch0") == R"(unicast-if: "nosuch0" is not an interface of this host)");
  CHECK(refusal("buf-lock=sndbuf+x") ==
        R"(buf-lock: "sndbuf+x" is not a number or names joined by '+': sndbuf rcvbuf)");
  CHECK(refusal("txtime=1") == "txtime: a structure cannot be given as text");
  CHECK(refusal("6:-1=1") == R"("6:-1" is not LEVEL:NUMBER, two whole numbers like 6:1)");
  CHECK(refusal("1:2:3=1") == R"("1:2:3" is not LEVEL:NUMBER, two whole numbers like 6:1)");
}

TEST_CASE("half a set of flags is refused") {
  CHECK(refusal("buf-lock=sndbuf+").find(R"("sndbuf+")") != std::string::npos);
  CHECK(refusal("buf-lock=+sndbuf").find(R"("+sndbuf")") != std::string::npos);
  CHECK_FALSE(parse_setting("buf-lock="));
}

TEST_CASE("a name does not end at a zero byte") {
  CHECK_FALSE(parse_setting(std::string_view("unicast-if=lo\0x", 15)));
  CHECK_FALSE(parse_setting(std::string_view("bindtodevice=lo\0x", 17)));
  CHECK_FALSE(parse_setting(std::string_view("nodelay\0=1", 10)));
}

TEST_CASE("times and sizes need what the unit says") {
  CHECK_FALSE(parse_setting("keepidle=30"));
  CHECK_FALSE(parse_setting("keepidle=-1s"));
  CHECK_FALSE(parse_setting("linger2=-2"));
  CHECK_FALSE(parse_setting("rcvbuf=-1"));
  CHECK_FALSE(parse_setting("rcvbuf=1.5M"));
  CHECK_FALSE(parse_setting("rcvbuf= 1"));
  CHECK_FALSE(parse_setting("maxseg=87"));
  CHECK_FALSE(parse_setting("maxseg=32768"));
  CHECK_FALSE(parse_setting("user-timeout=596h32m"));
}

TEST_CASE("every row that can be set takes a value, and the others say why not") {
  for (const Option& row : options()) {
    const std::string text = std::string(row.name) + "=" + sample_for(row);
    const Result<Setting> setting = parse_setting(text);
    CAPTURE(text);
    if (setting) {
      CHECK(sound(*setting));
      CHECK(setting->option == &row);
    } else {
      CHECK(setting.error().doing.starts_with(row.name));
    }
  }
}

TEST_CASE("no text makes the parser of settings accept what setsockopt cannot take") {
  Mutator mutator;
  int taken = 0;
  for (int i = 0; i < 100'000; ++i) {
    const std::string text = mutator.next();
    const Result<Setting> setting = parse_setting(text);
    if (setting) ++taken;
    const bool held = setting ? sound(*setting) : setting.error().code == Errc::bad_value;
    if (held && (setting || setting.error().doing.find('\n') == std::string::npos)) continue;
    CAPTURE(text);
    FAIL_CHECK("an unsound answer");
  }
  CHECK(taken > 1000);
  CHECK(taken < 90'000);
}

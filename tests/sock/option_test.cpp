#include <netinet/in.h>
#include <sys/socket.h>
#include <tcpkit/sock/option.hpp>

#include "support/catch.hpp"

using namespace tcpkit;

namespace {

std::string shown(std::string_view name, const Value& value) {
  const Option* row = find_option(name);
  REQUIRE(row != nullptr);
  return format_value(*row, value);
}

constexpr std::uint64_t kAllOnes = UINT64_MAX;

}  // namespace

TEST_CASE("an option is found by its name and by its symbol") {
  const Option* row = find_option("user-timeout");
  REQUIRE(row != nullptr);
  CHECK(row->symbol == "TCP_USER_TIMEOUT");
  CHECK(find_option("TCP_USER_TIMEOUT") == row);
}

TEST_CASE("case, dashes and underscores do not matter in a spelling") {
  const Option* row = find_option("user-timeout");
  CHECK(find_option("USER_TIMEOUT") == row);
  CHECK(find_option("usertimeout") == row);
  CHECK(find_option("tcp-user-timeout") == row);
}

TEST_CASE("an unknown spelling finds nothing") {
  CHECK(find_option("") == nullptr);
  CHECK(find_option("-") == nullptr);
  CHECK(find_option("user") == nullptr);
  CHECK(find_option("user-timeouts") == nullptr);
  CHECK(find_option("TCP_") == nullptr);
}

TEST_CASE("every row finds itself by name, symbol and number") {
  for (const Option& row : options()) {
    CAPTURE(row.symbol);
    CHECK(find_option(row.name) == &row);
    CHECK(find_option(row.symbol) == &row);
    CHECK(find_option(row.level, row.number) == &row);
  }
}

TEST_CASE("a number without a row finds nothing") {
  CHECK(find_option(IPPROTO_TCP, 11) == nullptr);  // TCP_INFO has a table of its own
  CHECK(find_option(12345, 1) == nullptr);
}

TEST_CASE("a level is named, an unknown one is a number") {
  CHECK(level_name(SOL_SOCKET) == "SOL_SOCKET");
  CHECK(level_name(IPPROTO_TCP) == "IPPROTO_TCP");
  CHECK(level_name(IPPROTO_IP) == "IPPROTO_IP");
  CHECK(level_name(IPPROTO_IPV6) == "IPPROTO_IPV6");
  CHECK(level_name(284) == "284");
}

TEST_CASE("the governing sysctls come one by one") {
  CHECK(governing_sysctls(*find_option("rcvbuf")) ==
        std::vector<std::string_view>{"net.core.rmem_max", "net.ipv4.tcp_rmem", "net.ipv4.tcp_moderate_rcvbuf"});
  CHECK(governing_sysctls(*find_option("type")).empty());
  Option spaced = *find_option("type");
  spaced.sysctls = " net.a.b  net.c.d ";
  CHECK(governing_sysctls(spaced) == std::vector<std::string_view>{"net.a.b", "net.c.d"});
}

TEST_CASE("a switch reads on or off") {
  CHECK(shown("nodelay", true) == "on");
  CHECK(shown("nodelay", false) == "off");
}

TEST_CASE("an enumeration reads by name, and by number where there is none") {
  CHECK(shown("mtu-discover", std::int64_t{1}) == "WANT");
  CHECK(shown("mtu-discover", std::int64_t{9}) == "9");
  CHECK(shown("protocol", std::int64_t{262}) == "MPTCP");
}

TEST_CASE("a set of flags lists its names, and what has no name in hexadecimal") {
  CHECK(shown("buf-lock", std::int64_t{0}) == "none");
  CHECK(shown("buf-lock", std::int64_t{2}) == "rcvbuf");
  CHECK(shown("buf-lock", std::int64_t{3}) == "sndbuf rcvbuf");
  CHECK(shown("buf-lock", std::int64_t{9}) == "sndbuf 0x8");
}

TEST_CASE("a number with a meaning of its own reads as that meaning") {
  CHECK(shown("user-timeout", std::int64_t{0}) == "system default");
  CHECK(shown("user-timeout", std::int64_t{20000}) == "20000 ms (20 s)");
  CHECK(shown("max-pacing-rate", kAllOnes) == "unlimited");
  CHECK(shown("notsent-lowat", std::int64_t{0}) == "system default");
  CHECK(shown("notsent-lowat", std::int64_t{UINT32_MAX}) == "unlimited");
  CHECK(shown("incoming-cpu", std::int64_t{-1}) == "none");
  CHECK(shown("linger2", std::int64_t{-1}) == "no FIN-WAIT-2");
  CHECK(shown("rcvtimeo", std::int64_t{0}) == "for ever");
  CHECK(shown("local-port-range", Numbers{0, 0}) == "as net.ipv4.ip_local_port_range");
  CHECK(shown("local-port-range", Numbers{40000, 40010}) == "40000 40010");
}

TEST_CASE("linger reads off or as its time, and a time of zero is not off") {
  CHECK(shown("linger", Structure{{"onoff", 0}, {"linger", 5}}) == "off");
  CHECK(shown("linger", Structure{{"onoff", 1}, {"linger", 5}}) == "5 s");
  CHECK(shown("linger", Structure{{"onoff", 1}, {"linger", 0}}) == "0 s");
}

TEST_CASE("sizes and times read with their human form") {
  CHECK(shown("rcvbuf", std::int64_t{131072}) == "131072 (128 KiB)");
  CHECK(shown("keepidle", std::int64_t{7200}) == "7200 s (2 h)");
  CHECK(shown("keepintvl", std::int64_t{75}) == "75 s");
}

#include <algorithm>
#include <set>
#include <string>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <tcpkit/sock/option.hpp>

#include "support/catch.hpp"

using namespace tcpkit;

namespace {

std::set<std::string_view> symbols_where(bool (*holds)(const Option&)) {
  std::set<std::string_view> symbols;
  for (const Option& row : options()) {
    if (holds(row)) symbols.insert(row.symbol);
  }
  return symbols;
}

bool is_printable(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c >= ' ' && c <= '~'; });
}

/// "net.ipv4.tcp_rmem": at least three parts of lower-case letters, digits and '_'.
bool is_sysctl_name(std::string_view name) {
  const bool legal = std::ranges::all_of(
      name, [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '.'; });
  return legal && name.starts_with("net.") && std::ranges::count(name, '.') >= 2 && !name.ends_with('.') &&
         name.find("..") == std::string_view::npos;
}

bool is_version(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return (c >= '0' && c <= '9') || c == '.'; }) &&
         text.find('.') != std::string_view::npos;
}

}  // namespace

TEST_CASE("the catalogue has the options of all four levels") {
  CHECK(options().size() >= 110);
  for (const int level : {SOL_SOCKET, int{IPPROTO_TCP}, int{IPPROTO_IP}, int{IPPROTO_IPV6}}) {
    CAPTURE(level);
    CHECK(std::ranges::any_of(options(), [level](const Option& row) { return row.level == level; }));
  }
}

TEST_CASE("the rows of a level stand together and in the order of their numbers") {
  std::set<int> finished;
  const Option* last = nullptr;
  for (const Option& row : options()) {
    CAPTURE(row.symbol);
    if (last != nullptr && last->level == row.level) CHECK(last->number < row.number);
    if (last != nullptr && last->level != row.level) finished.insert(last->level);
    CHECK_FALSE(finished.contains(row.level));
    last = &row;
  }
}

TEST_CASE("no two rows share a name, a symbol or a number") {
  std::set<std::string_view> names;
  std::set<std::string_view> symbols;
  std::set<std::pair<int, int>> numbers;
  for (const Option& row : options()) {
    CAPTURE(row.symbol);
    CHECK(names.insert(row.name).second);
    CHECK(symbols.insert(row.symbol).second);
    CHECK(numbers.insert({row.level, row.number}).second);
  }
}

TEST_CASE("the numbers are those of the system's headers where these know them") {
  const auto number_of = [](std::string_view symbol) {
    const Option* row = find_option(symbol);
    return row == nullptr ? -1 : row->number;
  };
#define CHECK_NUMBER(symbol) CHECK(number_of(#symbol) == symbol)
  CHECK_NUMBER(SO_SNDBUF);
  CHECK_NUMBER(SO_LINGER);
  CHECK_NUMBER(SO_MAX_PACING_RATE);
  CHECK_NUMBER(TCP_NODELAY);
  CHECK_NUMBER(TCP_MAXSEG);
  CHECK_NUMBER(TCP_CORK);
  CHECK_NUMBER(TCP_KEEPIDLE);
  CHECK_NUMBER(TCP_KEEPINTVL);
  CHECK_NUMBER(TCP_KEEPCNT);
  CHECK_NUMBER(TCP_SYNCNT);
  CHECK_NUMBER(TCP_LINGER2);
  CHECK_NUMBER(TCP_DEFER_ACCEPT);
  CHECK_NUMBER(TCP_WINDOW_CLAMP);
  CHECK_NUMBER(TCP_QUICKACK);
  CHECK_NUMBER(TCP_CONGESTION);
  CHECK_NUMBER(TCP_USER_TIMEOUT);
  CHECK_NUMBER(TCP_FASTOPEN);
  CHECK_NUMBER(TCP_NOTSENT_LOWAT);
  CHECK_NUMBER(TCP_SAVE_SYN);
  CHECK_NUMBER(TCP_FASTOPEN_CONNECT);
  CHECK_NUMBER(TCP_ULP);
  CHECK_NUMBER(IP_TOS);
  CHECK_NUMBER(IP_TTL);
  CHECK_NUMBER(IP_OPTIONS);
  CHECK_NUMBER(IP_PKTINFO);
  CHECK_NUMBER(IP_MTU_DISCOVER);
  CHECK_NUMBER(IP_RECVERR);
  CHECK_NUMBER(IP_RECVTTL);
  CHECK_NUMBER(IP_RECVTOS);
  CHECK_NUMBER(IP_MTU);
  CHECK_NUMBER(IP_FREEBIND);
  CHECK_NUMBER(IP_TRANSPARENT);
  CHECK_NUMBER(IP_MINTTL);
  CHECK_NUMBER(IP_BIND_ADDRESS_NO_PORT);
  CHECK_NUMBER(IP_UNICAST_IF);
  CHECK_NUMBER(IPV6_UNICAST_HOPS);
  CHECK_NUMBER(IPV6_MTU_DISCOVER);
  CHECK_NUMBER(IPV6_MTU);
  CHECK_NUMBER(IPV6_RECVERR);
  CHECK_NUMBER(IPV6_V6ONLY);
  CHECK_NUMBER(IPV6_RECVPKTINFO);
  CHECK_NUMBER(IPV6_RECVHOPLIMIT);
  CHECK_NUMBER(IPV6_RECVPATHMTU);
  CHECK_NUMBER(IPV6_DONTFRAG);
  CHECK_NUMBER(IPV6_RECVTCLASS);
  CHECK_NUMBER(IPV6_TCLASS);
  CHECK_NUMBER(IPV6_AUTOFLOWLABEL);
  CHECK_NUMBER(IPV6_ADDR_PREFERENCES);
  CHECK_NUMBER(IPV6_MINHOPCOUNT);
  CHECK_NUMBER(IPV6_TRANSPARENT);
  CHECK_NUMBER(IPV6_UNICAST_IF);
  CHECK_NUMBER(IPV6_FREEBIND);
#undef CHECK_NUMBER
}

TEST_CASE("every governing sysctl has its full name, and the default is one of them") {
  for (const Option& row : options()) {
    CAPTURE(row.symbol);
    const auto names = governing_sysctls(row);
    for (const std::string_view name : names) CHECK(is_sysctl_name(name));
    if (!row.default_sysctl.empty()) CHECK(std::ranges::count(names, row.default_sysctl) == 1);
    CHECK(std::set<std::string_view>(names.begin(), names.end()).size() == names.size());
  }
}

TEST_CASE("the texts of a row are plain and fit a terminal") {
  for (const Option& row : options()) {
    CAPTURE(row.symbol);
    CHECK(is_printable(row.brief));
    CHECK(is_printable(row.detail));
    CHECK(is_printable(row.source));
    CHECK(row.brief.size() <= 72);
    CHECK(row.detail.find("  ") == std::string_view::npos);
    if (!row.since.empty()) CHECK(is_version(row.since));
  }
}

TEST_CASE("the reads that take something away are known, and nothing else is") {
  const auto consuming = symbols_where([](const Option& row) { return row.consuming_read; });
  CHECK(consuming == std::set<std::string_view>{"SO_ERROR", "TCP_SAVED_SYN", "TCP_ZEROCOPY_RECEIVE"});
}

TEST_CASE("the options that cannot be read back are known, and nothing else is") {
  const auto write_only = symbols_where([](const Option& row) { return row.access == Access::WriteOnly; });
  CHECK(write_only == std::set<std::string_view>{"SO_SNDBUFFORCE", "SO_RCVBUFFORCE", "SO_CNX_ADVICE",
                                                 "SO_BUSY_POLL_BUDGET", "TCP_MD5SIG", "TCP_MD5SIG_EXT"});
}

TEST_CASE("what could harm a connection or carries a program is not offered") {
  for (const char* symbol : {"TCP_REPAIR", "TCP_REPAIR_QUEUE", "TCP_QUEUE_SEQ", "TCP_REPAIR_WINDOW", "TCP_AO_GET_KEYS",
                             "SO_ATTACH_FILTER", "SO_DETACH_FILTER"}) {
    CAPTURE(symbol);
    CHECK(find_option(symbol) == nullptr);
  }
}

TEST_CASE("the one secret among the options is never read") {
  CHECK(symbols_where([](const Option& row) { return row.secret; }) == std::set<std::string_view>{"TCP_FASTOPEN_KEY"});
}

TEST_CASE("the everyday options have the names everybody knows") {
  for (const char* name :
       {"keepidle",      "keepintvl",    "keepcnt", "nodelay",   "rcvbuf",    "sndbuf",    "user-timeout", "quickack",
        "notsent-lowat", "congestion",   "tos",     "ttl",       "reuseaddr", "reuseport", "keepalive",    "linger",
        "maxseg",        "defer-accept", "inq",     "timestamp", "protocol",  "mtu",       "busy-poll",    "v6only"}) {
    CAPTURE(name);
    const Option* row = find_option(name);
    REQUIRE(row != nullptr);
    CHECK(row->name == name);
  }
}

TEST_CASE("where two levels have the same short name the less usual one carries its level") {
  CHECK(find_option("inq")->symbol == "TCP_INQ");
  CHECK(find_option("timestamp")->symbol == "SO_TIMESTAMP");
  CHECK(find_option("protocol")->symbol == "SO_PROTOCOL");
  CHECK(find_option("mtu-discover")->symbol == "IP_MTU_DISCOVER");
  CHECK(find_option("so-inq")->symbol == "SO_INQ");
  CHECK(find_option("tcp-timestamp")->symbol == "TCP_TIMESTAMP");
  CHECK(find_option("ip-protocol")->symbol == "IP_PROTOCOL");
  CHECK(find_option("ipv6-mtu-discover")->symbol == "IPV6_MTU_DISCOVER");
}

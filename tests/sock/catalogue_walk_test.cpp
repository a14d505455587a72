// Every row of the catalogue against the kernel at hand: read in each state, set, read back, restored.

#include <cerrno>
#include <cstdio>
#include <map>
#include <set>
#include <string>
#include <utility>

#include <net/if.h>
#include <sys/utsname.h>
#include <tcpkit/sock/option.hpp>
#include <tcpkit/sock/reading.hpp>

#include "os/kernel.hpp"
#include "sock/codec.hpp"
#include "sock/socket_states.hpp"
#include "support/catch.hpp"

using namespace tcpkit;
using namespace tcpkit::test;

namespace {

using Version = std::pair<int, int>;

Version version_of(std::string_view text) {
  Version version{0, 0};
  std::sscanf(std::string(text).c_str(), "%d.%d", &version.first, &version.second);
  return version;
}

Version running_kernel() {
  utsname system{};
  ::uname(&system);
  return version_of(system.release);
}

bool is_documented(const std::string& reason) {
  static const std::set<std::string> kReasons{"write-only",    "consuming read",           "not applicable",
                                              "not connected", "not known to this kernel", "not read: a secret"};
  return kReasons.contains(reason);
}

/// The only rows that a kernel older than their `since` may not know; stable kernels may have taken them back earlier.
const std::set<std::string_view> kNewerThanSomeKernels{
    "SO_PREFER_BUSY_POLL", "SO_NETNS_COOKIE",   "SO_BUF_LOCK",        "SO_RESERVE_MEM", "SO_TXREHASH",
    "SO_RCVMARK",          "SO_RCVPRIORITY",    "SO_PEEK_OFF",        "TCP_IS_MPTCP",   "TCP_RTO_MAX_MS",
    "TCP_RTO_MIN_US",      "TCP_DELACK_MAX_US", "IP_LOCAL_PORT_RANGE"};

const std::set<State> kNotConnected{State::Fresh, State::Listening, State::SynSent, State::Reset};

void check_reading(const Option& row, const OptionReading& reading, int family, State state) {
  CAPTURE(row.symbol, family, name_of(state), reading.reason);
  CHECK(reading.option == &row);
  CHECK(reading.value.has_value() == reading.reason.empty());
  if (!reading.reason.empty()) CHECK(is_documented(reading.reason));
  if (reading.reason == "not known to this kernel") {
    CHECK(kNewerThanSomeKernels.contains(row.symbol));
    CHECK(version_of(row.since) > running_kernel());
  }
  if (reading.reason == "not connected") CHECK(kNotConnected.contains(state));
  if (reading.reason == "not applicable") CHECK((row.applies == Applies::NotToTcp || row.applies == Applies::Ipv6));
}

/// A value that differs from the one a new socket has, does no harm on loopback and reads back as it was written.
std::optional<Value> harmless_value(const Option& row, const Value& now) {
  static const std::map<std::string_view, Value> kChosen{
      {"SO_SNDBUF", std::int64_t{30000}},
      {"SO_RCVBUF", std::int64_t{30000}},
      {"SO_PRIORITY", std::int64_t{3}},
      {"SO_TIMESTAMPING", std::int64_t{1U << 3U}},
      {"SO_INCOMING_CPU", std::int64_t{0}},
      {"SO_MAX_PACING_RATE", std::uint64_t{5'000'000}},
      {"SO_BINDTODEVICE", std::string("lo")},
      {"SO_BINDTOIFINDEX", std::int64_t{::if_nametoindex("lo")}},
      {"SO_RESERVE_MEM", std::int64_t{8192}},
      {"SO_TXTIME", Structure{{"clockid", 1}, {"flags", 1}}},
      {"SO_LINGER", Structure{{"onoff", 1}, {"linger", 3}}},
      {"SO_RCVTIMEO", std::int64_t{1'000'000}},
      {"SO_SNDTIMEO", std::int64_t{2'000'000}},
      {"TCP_MAXSEG", std::int64_t{1000}},
      {"TCP_DEFER_ACCEPT", std::int64_t{7}},
      {"TCP_WINDOW_CLAMP", std::int64_t{20000}},
      {"TCP_CONGESTION", std::string("reno")},
      {"TCP_RTO_MAX_MS", std::int64_t{60'000}},
      {"TCP_RTO_MIN_US", std::int64_t{100'000}},
      {"TCP_DELACK_MAX_US", std::int64_t{100'000}},
      {"IP_TOS", std::int64_t{16}},
      {"IP_MINTTL", std::int64_t{10}},
      {"IP_OPTIONS", std::string("01010101")},
      {"IP_UNICAST_IF", std::int64_t{::if_nametoindex("lo")}},
      {"IP_LOCAL_PORT_RANGE", Numbers{40000, 40010}},
      {"IPV6_TCLASS", std::int64_t{16}},
      {"IPV6_ADDR_PREFERENCES", std::int64_t{0x0402}},
      {"IPV6_MINHOPCOUNT", std::int64_t{10}},
      {"IPV6_UNICAST_IF", std::int64_t{::if_nametoindex("lo")}},
  };
  if (const auto chosen = kChosen.find(row.symbol); chosen != kChosen.end()) return chosen->second;
  if (const auto* on = std::get_if<bool>(&now)) return !*on;
  if (const auto* number = std::get_if<std::int64_t>(&now)) {
    const std::int64_t other = std::min(row.max, std::max<std::int64_t>(row.min, 100));
    return other == *number ? other - 1 : other;
  }
  return std::nullopt;
}

/// What the kernel makes of harmless_value() where it does not keep it.
Value expected_value(const Option& row, const Value& before, const Value& written) {
  if (row.symbol == "SO_SNDBUF" || row.symbol == "SO_RCVBUF") return std::get<std::int64_t>(written) * 2;
  if (row.symbol == "SO_BSDCOMPAT" || row.symbol == "TCP_THIN_DUPACK") return before;
  return written;
}

/// Rows that a set and restore says nothing about, each with why.
const std::map<std::string_view, const char*> kNotWalked{
    {"TCP_ULP", "once set it stays, and no protocol is sure to be there"},
    {"IPV6_MTU", "writing sets another thing than reading shows"},
};

/// Errors that depend on who we are or how the host is set up.
bool depends_on_the_host(const Option& row, std::error_code error) {
  if (error == std::errc::operation_not_permitted || error == std::errc::permission_denied) return true;
  if (row.symbol == "SO_RESERVE_MEM") return error == std::errc::operation_not_supported;  // no memory control group
  if (row.symbol == "TCP_FASTOPEN_CONNECT") return error == std::errc::operation_not_supported;  // tcp_fastopen off
  return false;
}

bool can_be_restored(const Option& row) {
  const bool doubled = row.symbol == "SO_SNDBUF" || row.symbol == "SO_RCVBUF";
  const bool one_way = row.symbol == "SO_LOCK_FILTER";
  const bool linger = row.symbol == "SO_LINGER";  // off leaves the time as it was
  const bool unset_is_no_value = row.symbol == "TCP_MAXSEG" || row.symbol == "SO_TXTIME";
  return !doubled && !one_way && !linger && !unset_is_no_value;
}

/// True when the write went through; a refusal must have to do with the host.
bool wrote(int socket, const Option& row, const Value& value) {
  const auto error = write_option(os::real_kernel(), socket, row, value);
  if (!error) return true;
  INFO(error.message());
  CHECK(depends_on_the_host(row, error));
  return false;
}

void walk_setting(const Option& row, int family) {
  os::Kernel& kernel = os::real_kernel();
  const os::Descriptor socket = tcp_socket(family);
  const OptionReading before = read_option(kernel, socket.get(), row);
  if (!before.value) return;
  const auto written = harmless_value(row, *before.value);
  CAPTURE(row.symbol, family);
  REQUIRE(written.has_value());

  if (!wrote(socket.get(), row, *written)) return;
  CHECK(read_option(kernel, socket.get(), row).value == expected_value(row, *before.value, *written));
  if (!can_be_restored(row) || !wrote(socket.get(), row, *before.value)) return;
  CHECK(read_option(kernel, socket.get(), row).value == before.value);
}

/// Rows whose value on a connection is not what was set on the listener, even though it came from there or could have.
const std::set<std::string_view> kChildReadsAnotherThing{
    "SO_INCOMING_CPU",   // the processor of the handshake, which may be the one that was set
    "TCP_MAXSEG",        // the size in use
    "TCP_WINDOW_CLAMP",  // the clamp in use
    "TCP_QUICKACK",      // the mode of the moment
};

/// The socket accepted from the listener, or none. Data is sent so that TCP_DEFER_ACCEPT lets go of it.
os::Descriptor accept_from(const os::Descriptor& listener, int family) {
  sockaddr_storage address{};
  socklen_t length = 0;
  if (!listen_on_loopback(listener.get(), family, address, length)) return {};
  const os::Descriptor client = tcp_socket(family);
  if (::connect(client.get(), reinterpret_cast<const sockaddr*>(&address), length) != 0) return {};
  if (::send(client.get(), "x", 1, MSG_NOSIGNAL) != 1) return {};
  return os::Descriptor(::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
}

/// False where nothing could be compared: the option is absent, inert, or may not be set by us.
bool check_inheritance(const Option& row) {
  os::Kernel& kernel = os::real_kernel();
  const int family = row.applies == Applies::Ipv6 ? AF_INET6 : AF_INET;
  const os::Descriptor listener = tcp_socket(family);
  const OptionReading fresh = read_option(kernel, listener.get(), row);
  if (!fresh.value || write_option(kernel, listener.get(), row, *harmless_value(row, *fresh.value))) return false;
  const OptionReading set = read_option(kernel, listener.get(), row);
  if (set.value == fresh.value) return false;

  CAPTURE(row.symbol);
  const os::Descriptor accepted = accept_from(listener, family);
  REQUIRE(accepted.get() >= 0);
  const bool inherited = read_option(kernel, accepted.get(), row).value == set.value;
  CHECK(inherited == (row.inherit == Inherit::Yes));
  return true;
}

bool is_walked(const Option& row) {
  const bool kept_elsewhere = row.applies == Applies::NotToTcp;
  return row.access == Access::ReadWrite && !kept_elsewhere && !kNotWalked.contains(row.symbol);
}

}  // namespace

TEST_CASE("every option of every socket has a value or a reason that is documented") {
  for (const int family : {AF_INET, AF_INET6}) {
    for (const State state : kStates) {
      const Stage stage = set_stage(family, state);
      CAPTURE(family, name_of(state));
      if (family == AF_INET6 && stage.in(state) < 0) continue;  // a host without IPv6
      REQUIRE(stage.in(state) >= 0);
      for (const Option& row : options()) check_reading(row, read_option(stage.in(state), row), family, state);
    }
  }
}

TEST_CASE("a connected socket has a value for every option that applies to it") {
  const Stage stage = set_stage(AF_INET, State::Connected);
  for (const Option& row : options()) {
    const bool readable = row.access != Access::WriteOnly && !row.consuming_read && !row.secret;
    if (!readable || row.applies != Applies::Always || version_of(row.since) > running_kernel()) continue;
    CAPTURE(row.symbol);
    CHECK(read_option(stage.client.get(), row).value.has_value());
  }
}

TEST_CASE("an option that multipath sockets refuse is not put down to the kernel") {
  constexpr int kProtocolMptcp = 262;
  const os::Descriptor socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, kProtocolMptcp));
  if (!socket) return;  // a kernel without it
  CHECK(read_option(socket.get(), *find_option("protocol")).value == Value{std::int64_t{kProtocolMptcp}});
  for (const Option& row : options()) {
    CAPTURE(row.symbol);
    CHECK(read_option(socket.get(), row).reason != "not known to this kernel");
  }
}

TEST_CASE("every option that can be set reads back as the catalogue says and can be put back") {
  for (const int family : {AF_INET, AF_INET6}) {
    if (!tcp_socket(family)) continue;  // a host without IPv6
    for (const Option& row : options()) {
      if (is_walked(row)) walk_setting(row, family);
    }
  }
}

TEST_CASE("the kernel refuses what lies just outside a range, or bends it silently where the row says so") {
  os::Kernel& kernel = os::real_kernel();
  for (const char* name : {"keepidle", "keepintvl", "keepcnt", "syncnt", "ttl", "minttl", "mtu-discover", "save-syn"}) {
    const Option& row = *find_option(name);
    const os::Descriptor socket = tcp_socket(AF_INET);
    CAPTURE(name);
    CHECK_FALSE(write_option(kernel, socket.get(), row, row.min));
    CHECK_FALSE(write_option(kernel, socket.get(), row, row.max));
    CHECK(write_option(kernel, socket.get(), row, row.max + 1) == std::errc::invalid_argument);
  }
  const os::Descriptor socket = tcp_socket(AF_INET);
  const Option& tos = *find_option("tos");
  CHECK_FALSE(write_option(kernel, socket.get(), tos, tos.max + 1 + 16));
  CHECK(read_option(kernel, socket.get(), tos).value == Value{std::int64_t{16}});
}

TEST_CASE("the default of a new socket is the sysctl the row names") {
  os::Kernel& kernel = os::real_kernel();
  for (const Option& row : options()) {
    if (row.default_sysctl.empty()) continue;
    const os::Descriptor socket = tcp_socket(row.level == IPPROTO_IPV6 ? AF_INET6 : AF_INET);
    std::string path = "/proc/sys/" + std::string(row.default_sysctl);
    std::replace(path.begin(), path.end(), '.', '/');
    std::string content;
    const OptionReading reading = read_option(kernel, socket.get(), row);
    if (!reading.value || kernel.read_file(path.c_str(), content)) continue;  // an older kernel, another namespace
    CAPTURE(row.symbol, path, content);
    if (const auto* name = std::get_if<std::string>(&*reading.value)) {
      CHECK(*name + "\n" == content);
      continue;
    }
    long long numbers[3] = {0, 0, 0};
    REQUIRE(std::sscanf(content.c_str(), "%lld %lld %lld", &numbers[0], &numbers[1], &numbers[2]) >= 1);
    const long long wanted = numbers[row.default_index < 0 ? 0 : row.default_index];
    const auto* on = std::get_if<bool>(&*reading.value);
    CHECK((on != nullptr ? static_cast<long long>(*on) : std::get<std::int64_t>(*reading.value)) == wanted);
  }
}

TEST_CASE("accepted sockets inherit what the catalogue says they inherit") {
  std::size_t compared = 0;
  for (const Option& row : options()) {
    if (!is_walked(row) || kChildReadsAnotherThing.contains(row.symbol)) continue;
    compared += check_inheritance(row) ? 1U : 0U;
  }
  CHECK(compared >= 40);
}

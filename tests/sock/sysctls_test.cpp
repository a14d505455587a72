#include <algorithm>
#include <set>
#include <string>
#include <string_view>

#include <tcpkit/sock/sysctl.hpp>

#include "sock/sysctl_reader.hpp"
#include "support/catch.hpp"

using namespace tcpkit;

TEST_CASE("the sysctl table is sorted and has each name once") {
  const auto rows = sysctls();
  REQUIRE_FALSE(rows.empty());
  CHECK(std::ranges::is_sorted(rows, {}, &Sysctl::name));
  std::set<std::string_view> names;
  for (const Sysctl& sysctl : rows) CHECK(names.insert(sysctl.name).second);
}

TEST_CASE("the texts of the sysctl table are one plain line each") {
  for (const Sysctl& sysctl : sysctls()) {
    INFO(sysctl.name);
    CHECK_FALSE(sysctl.governs.empty());
    for (const std::string_view text : {sysctl.governs, sysctl.caveat, sysctl.usual, sysctl.since}) {
      CHECK(std::ranges::all_of(text, [](char c) { return c >= ' ' && c <= '~'; }));
      CHECK_FALSE(text.ends_with('.'));
    }
  }
}

TEST_CASE("a usual value that is one word of digits is legal content of its row") {
  for (const Sysctl& sysctl : sysctls()) {
    if (sysctl.usual.empty() || sysctl.usual.find_first_not_of("0123456789 ") != std::string_view::npos) continue;
    INFO(sysctl.name);
    CHECK(parse_sysctl(sysctl.kind, sysctl.usual).has_value());
  }
}

TEST_CASE("a usual value of a switch is off or on") {
  for (const Sysctl& sysctl : sysctls()) {
    if (sysctl.kind != SysctlKind::Switch || sysctl.usual.size() != 1) continue;
    INFO(sysctl.name);
    const auto value = parse_sysctl(sysctl.kind, sysctl.usual);
    REQUIRE(value);
    CHECK(std::holds_alternative<bool>(*value));
  }
}

TEST_CASE("the Fast Open key is a secret and is not read") {
  const SysctlReading reading = read_sysctl(*find_sysctl("net.ipv4.tcp_fastopen_key"));
  CHECK(reading.value == std::nullopt);
  CHECK(reading.reason == "not read: a secret");
}

TEST_CASE("a sysctl of an older kernel has its row") {
  CHECK(find_sysctl("tcp_rx_skb_cache") != nullptr);
  CHECK(find_sysctl("tcp_tx_skb_cache") != nullptr);
}

TEST_CASE("every sysctl gives a value or a reason on this kernel") {
  std::size_t values = 0;
  for (const Sysctl& sysctl : sysctls()) {
    INFO(sysctl.name);
    const SysctlReading reading = read_sysctl(sysctl);
    CHECK(reading.sysctl == &sysctl);
    CHECK(reading.value.has_value() == reading.reason.empty());
    if (reading.value) ++values;
  }
  CHECK(values > 50);  // any kernel with TCP has more files than that
}

TEST_CASE("what every kernel has is read as its kind") {
  const auto value = [](const char* name) { return read_sysctl(*find_sysctl(name)).value; };
  REQUIRE(value("tcp_sack"));
  CHECK(std::holds_alternative<bool>(*value("tcp_sack")));
  REQUIRE(value("somaxconn"));
  CHECK(std::holds_alternative<std::int64_t>(*value("somaxconn")));
  REQUIRE(value("tcp_rmem"));
  CHECK(std::get<Numbers>(*value("tcp_rmem")).size() == 3);
  REQUIRE(value("ip_local_port_range"));
  CHECK(std::get<Numbers>(*value("ip_local_port_range")).size() == 2);
}

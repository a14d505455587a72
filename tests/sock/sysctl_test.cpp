#include <cerrno>
#include <cstdint>
#include <string>

#include <tcpkit/sock/sysctl.hpp>

#include "sock/fake_file_kernel.hpp"
#include "sock/sysctl_reader.hpp"
#include "support/catch.hpp"

using namespace tcpkit;

namespace {

const Sysctl& row(std::string_view name) {
  const Sysctl* sysctl = find_sysctl(name);
  REQUIRE(sysctl != nullptr);
  return *sysctl;
}

SysctlReading read_content(std::string_view name, std::string content) {
  FakeFileKernel kernel(std::move(content));
  return read_sysctl(kernel, row(name));
}

SysctlReading read_failing(std::string_view name, int errno_value) {
  FakeFileKernel kernel(errno_value);
  return read_sysctl(kernel, row(name));
}

}  // namespace

TEST_CASE("a sysctl is found by dots, by slashes, by its path and by its last part") {
  const Sysctl& rmem = row("net.ipv4.tcp_rmem");
  CHECK(rmem.name == "net.ipv4.tcp_rmem");
  CHECK(find_sysctl("net/ipv4/tcp_rmem") == &rmem);
  CHECK(find_sysctl("/proc/sys/net/ipv4/tcp_rmem") == &rmem);
  CHECK(find_sysctl("tcp_rmem") == &rmem);
  CHECK(row("rmem_max").name == "net.core.rmem_max");
  CHECK(row("somaxconn").name == "net.core.somaxconn");
  CHECK(row("hop_limit").name == "net.ipv6.conf.all.hop_limit");
}

TEST_CASE("a last part that two sysctls share finds neither") {
  CHECK(find_sysctl("TCP-rmem") == find_sysctl("net.ipv4.tcp_rmem"));
  CHECK(find_sysctl("mtu_expires") == nullptr);
  CHECK(find_sysctl("ip_nonlocal_bind") == nullptr);
  CHECK(find_sysctl("net.ipv6.route.mtu_expires") != nullptr);
}

TEST_CASE("what is no name of a sysctl finds nothing") {
  for (const char* spelling : {"", ".", "/", "/proc/sys/", "net", "net.ipv4", "net.ipv4.tcp_rme", "net.ipv4.tcp_rmemm",
                               ".tcp_rmem", "tcp_rmem.", "tcp_rmem ", "ipv4.tcp_rmem"}) {
    INFO(spelling);
    CHECK(find_sysctl(spelling) == nullptr);
  }
  CHECK(find_sysctl(std::string_view("tcp_rmem\0", 9)) == nullptr);
}

TEST_CASE("every row is found by its own name") {
  for (const Sysctl& sysctl : sysctls()) CHECK(find_sysctl(sysctl.name) == &sysctl);
}

TEST_CASE("the file of a sysctl is its name with slashes for dots") {
  FakeFileKernel kernel("64\n");
  const SysctlReading reading = read_sysctl(kernel, row("net.ipv6.conf.all.hop_limit"));
  CHECK(kernel.asked() == "/proc/sys/net/ipv6/conf/all/hop_limit");
  CHECK(reading.value == Value(std::int64_t{64}));
  CHECK(reading.sysctl == &row("hop_limit"));
  CHECK(reading.reason.empty());
}

TEST_CASE("each kind of content becomes the value of its kind") {
  CHECK(read_content("tcp_sack", "1\n").value == Value(true));
  CHECK(read_content("tcp_sack", "0\n").value == Value(false));
  CHECK(read_content("tcp_fin_timeout", "60\n").value == Value(std::int64_t{60}));
  CHECK(read_content("tcp_ehash_entries", "-262144\n").value == Value(std::int64_t{-262144}));
  CHECK(read_content("tcp_fastopen", "1027\n").value == Value(std::int64_t{1027}));
  CHECK(read_content("tcp_rmem", "4096\t131072\t33554432\n").value == Value(Numbers{4096, 131072, 33554432}));
  CHECK(read_content("ip_local_port_range", "32768\t60999\n").value == Value(Numbers{32768, 60999}));
  CHECK(read_content("tcp_allowed_congestion_control", "reno bbr\n").value == Value(std::string("reno bbr")));
  CHECK(read_content("tcp_congestion_control", "bbr\n").value == Value(std::string("bbr")));
  CHECK(read_content("flow_limit_cpu_bitmap", "ff,00000001\n").value == Value(std::string("ff,00000001")));
}

TEST_CASE("numbers above 32 and above 63 bits keep their value") {
  CHECK(read_content("tcp_notsent_lowat", "4294967295\n").value == Value(std::int64_t{4294967295}));
  CHECK(read_content("bpf_jit_limit", "9223372036854775808\n").value == Value(std::uint64_t{9223372036854775808U}));
  CHECK_FALSE(read_content("bpf_jit_limit", "18446744073709551616\n").value);
}

TEST_CASE("a switch file with another number than 0 and 1 gives that number, not on") {
  CHECK(read_content("tcp_sack", "2\n").value == Value(std::int64_t{2}));
  CHECK(read_content("tcp_sack", "-1\n").value == Value(std::int64_t{-1}));
}

TEST_CASE("an empty list is a value, other empty files are not") {
  const SysctlReading ports = read_content("ip_local_reserved_ports", "\n");
  CHECK(ports.value == Value(std::string()));
  CHECK(ports.reason.empty());
  for (const char* name : {"tcp_sack", "tcp_fin_timeout", "tcp_fastopen", "tcp_rmem", "tcp_congestion_control"}) {
    for (const char* content : {"", "\n", " \n"}) {
      INFO(name);
      const SysctlReading reading = read_content(name, content);
      CHECK_FALSE(reading.value);
      CHECK(reading.reason.starts_with("unreadable: not understood: "));
    }
  }
}

TEST_CASE("a missing file is absent, another failure is unreadable") {
  const std::string absent = "absent: no such file in this network namespace";
  CHECK(read_failing("tcp_rmem", ENOENT).reason == absent);
  CHECK(read_failing("tcp_rmem", ENOTDIR).reason == absent);
  CHECK(read_failing("tcp_rmem", EACCES).reason == "unreadable: Permission denied");
  CHECK(read_failing("tcp_rmem", EIO).reason == "unreadable: Input/output error");
  CHECK_FALSE(read_failing("tcp_rmem", EACCES).value);
  CHECK_FALSE(read_failing("tcp_rmem", ENOENT).value);
}

TEST_CASE("content that is not of the kind is quoted, escaped and cut") {
  const auto name = GENERATE("tcp_sack", "tcp_fin_timeout", "tcp_fastopen", "tcp_rmem", "tcp_congestion_control");
  const auto content = GENERATE(as<std::string>(), std::string("\x1b[31mred", 8), std::string("1\0002", 3),
                                std::string("1\n2\n"), std::string("\xff\xfe\x00\x01", 4), std::string(" \v1"),
                                std::string("1\r\n"), std::string("caf\xc3\xa9"));
  INFO(name);
  const SysctlReading reading = read_content(name, content);
  CHECK_FALSE(reading.value);
  CHECK(reading.reason.starts_with("unreadable: not understood: "));
  for (const char c : reading.reason) CHECK((c >= ' ' && c <= '~'));
}

TEST_CASE("numbers are taken whole or not at all") {
  for (const char* content :
       {"0x10", "+1", "1.5", "1e3", "60s", "1,000", "- 1", "--1", "60 60", "nan", "9999999999999999999999"}) {
    INFO(content);
    CHECK_FALSE(read_content("tcp_fin_timeout", content).value);
    CHECK_FALSE(read_content("tcp_sack", content).value);
  }
  for (const char* content : {"1", "1 2 3 4", "1 2 x", "1;2;3", "1 2 9223372036854775808"}) {
    INFO(content);
    CHECK_FALSE(read_content("tcp_rmem", content).value);
  }
  CHECK_FALSE(read_content("tcp_congestion_control", "reno bbr\n").value);
}

TEST_CASE("a file of any length is survived") {
  const std::string huge(std::size_t{16} << 20, '7');
  for (const char* name : {"tcp_sack", "tcp_fin_timeout", "tcp_rmem"}) {
    const SysctlReading reading = read_content(name, huge);
    CHECK_FALSE(reading.value);
    CHECK(reading.reason.size() < 200);
  }
  std::string words;
  while (words.size() < (std::size_t{1} << 20)) words += "1 ";
  CHECK_FALSE(read_content("tcp_rmem", words).value);
  CHECK(read_content("ip_local_reserved_ports", huge).value == Value(huge));
}

TEST_CASE("the scope of a sysctl is per namespace or global") {
  CHECK(scope_name(Scope::Namespace) == "per namespace");
  CHECK(scope_name(Scope::Global) == "global");
  CHECK(scope_name(Scope::GlobalInitOnly) == "global");
}

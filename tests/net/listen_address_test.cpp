#include <tcpkit/net/listen_address.hpp>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <fstream>
#include <functional>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include "os/descriptor.hpp"
#include "support/catch.hpp"
#include "support/few_descriptors.hpp"

using namespace tcpkit;

namespace {

ListenAddress good(std::string_view text) {
  const Result<ListenAddress> address = parse_listen_address(text);
  INFO(text << ": " << (address ? "" : address.error().doing));
  REQUIRE(address);
  return *address;
}

std::string refusal(std::string_view text) {
  const Result<ListenAddress> address = parse_listen_address(text);
  INFO(text);
  REQUIRE_FALSE(address);
  CHECK(address.error().code == Errc::bad_value);
  return address.error().doing;
}

/// All addresses in one text, or the error.
std::string resolved(std::string_view text, Families families = Families::Both) {
  const Result<ListenAddress> address = parse_listen_address(text);
  if (!address) return address.error().doing;
  const auto endpoints = resolve(*address, families, Clock::time_point::max());
  if (!endpoints) return describe(endpoints.error());
  std::string all;
  for (const Endpoint& endpoint : *endpoints) all += (all.empty() ? "" : " ") + endpoint.text();
  return all;
}

bool loopback(std::string_view address) {
  return is_loopback(*good(std::string(address) + ":80").target.numeric);
}

/// What `body` says in a thread that has been prepared; nothing where that is not allowed. The rest of the program
/// keeps what it has.
std::optional<std::string> in_thread(const std::function<bool()>& prepare, const std::function<std::string()>& body) {
  std::optional<std::string> said;
  std::thread([&] {
    if (prepare()) said = body();
  }).join();
  return said;
}

bool write_file(const char* path, const char* text) {
  std::ofstream file(path);
  file << text << std::flush;
  return file.good();
}

bool bring_loopback_up() {
  const os::Descriptor socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  ifreq request = {};
  std::strcpy(request.ifr_name, "lo");
  request.ifr_flags = IFF_UP;
  return ::ioctl(socket.get(), SIOCSIFFLAGS, &request) == 0;
}

/// The thread is in a network namespace of its own from now on, with IPv6 switched off.
bool leave_ipv6() {
  return ::unshare(CLONE_NEWNET) == 0 && write_file("/proc/sys/net/ipv6/conf/all/disable_ipv6", "1") &&
         bring_loopback_up();
}

/// The thread's socket(2) fails for the family, as on a kernel without it.
bool forget_family(std::uint32_t family) {
  std::array filter = {
      sock_filter{BPF_LD | BPF_W | BPF_ABS, 0, 0, offsetof(seccomp_data, nr)},
      sock_filter{BPF_JMP | BPF_JEQ | BPF_K, 0, 3, __NR_socket},
      sock_filter{BPF_LD | BPF_W | BPF_ABS, 0, 0, offsetof(seccomp_data, args)},
      sock_filter{BPF_JMP | BPF_JEQ | BPF_K, 0, 1, family},
      sock_filter{BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ERRNO | EAFNOSUPPORT},
      sock_filter{BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW},
  };
  const sock_fprog program = {filter.size(), filter.data()};
  return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

}  // namespace

TEST_CASE("a listening address is a target whose port may be 0") {
  CHECK(good("127.0.0.1:0").target.numeric->text() == "127.0.0.1:0");
  CHECK(good("[::1]:0").target.numeric->text() == "[::1]:0");
  CHECK(good("localhost:0").target.port == 0);
  CHECK(good(":0").target.host.empty());
  CHECK(good(":http").target.port == 80);
  CHECK(good("example.org:65535").target.port == 65535);
  CHECK_FALSE(good(":80").every_address);
  CHECK_FALSE(good("0.0.0.0:80").every_address);
  CHECK_FALSE(good("[::]:80").every_address);
}

TEST_CASE("a star alone is every address of this host") {
  CHECK(good("*:80").every_address);
  CHECK(good("*:0").every_address);
  CHECK(good("*:https").target.port == 443);
  for (const char* bad : {"**:80", "*.*:80", "*.example:80", "a*:80", " *:80", "*%lo:80"}) {
    CAPTURE(bad);
    CHECK(refusal(bad).find("is not a host name") != std::string::npos);
  }
  CHECK(refusal("[*]:80") == R"("*" is not an IPv6 address)");
  CHECK(refusal("*:") == R"("*:" has no port after ':')");
  CHECK(refusal("*") == R"("*" has no port: give HOST:PORT, :PORT or *:PORT)");
}

TEST_CASE("a bad listening address says what is wrong and what to give") {
  CHECK(refusal("") == R"("" is empty: give HOST:PORT, :PORT or *:PORT)");
  CHECK(refusal("8888") == R"("8888" has no ':' before its port: give :PORT or *:PORT)");
  CHECK(refusal("localhost") == R"("localhost" has no port: give HOST:PORT, :PORT or *:PORT)");
  CHECK(refusal("127.0.0.1") == R"("127.0.0.1" has no port: give HOST:PORT, :PORT or *:PORT)");
  CHECK(refusal("me@host:80") == R"("me@host:80" names a user: give HOST:PORT, :PORT or *:PORT)");
  CHECK(refusal("tcp://*:80") == R"("tcp://*:80" is a URL: give HOST:PORT, :PORT or *:PORT)");
  CHECK(refusal("::1:80") == R"("::1:80" has more than one ':': an IPv6 address goes in brackets, [::1]:80)");
  CHECK(refusal("[::1]") == R"("[::1]" has no port: give [ADDRESS]:PORT)");
  CHECK(refusal(":65536") == R"(":65536" has no valid port: "65536" is not a whole number from 0 to 65535)");
  for (const char* bad : {":00", ":-0", ":+1", ":0x50", ": 80", "*:080", "*:8.0", "*:-1", "*: 80"}) {
    CAPTURE(bad);
    CHECK(refusal(bad).find("has no valid port") != std::string::npos);
    CHECK(refusal(bad).find("0 to 65535") != std::string::npos);
  }
  CHECK(refusal("*:nosuchservice").find("names no TCP service") != std::string::npos);
  CHECK(refusal(std::string_view("*\0:80", 5)).find("zero byte") != std::string::npos);
}

TEST_CASE("a target still needs a real port and a real host") {
  CHECK_FALSE(parse_target("host:0"));
  CHECK_FALSE(parse_target("*:80"));
  CHECK(parse_target("host:0").error().doing.find("1 to 65535") != std::string::npos);
}

TEST_CASE("no host is the loopback of both families, a star every address of both") {
  CHECK(resolved(":80") == "127.0.0.1:80 [::1]:80");
  CHECK(resolved(":0", Families::Ipv4) == "127.0.0.1:0");
  CHECK(resolved(":80", Families::Ipv6) == "[::1]:80");
  CHECK(resolved("*:80") == "0.0.0.0:80 [::]:80");
  CHECK(resolved("*:80", Families::Ipv4) == "0.0.0.0:80");
  CHECK(resolved("*:0", Families::Ipv6) == "[::]:0");
}

TEST_CASE("a numeric address stays itself, whether this host has it or not") {
  CHECK(resolved("192.0.2.1:80") == "192.0.2.1:80");
  CHECK(resolved("[2001:db8::1]:0") == "[2001:db8::1]:0");
  CHECK(resolved("0.0.0.0:80") == "0.0.0.0:80");
  CHECK(resolved("127.0.0.1:80", Families::Ipv6) == "127.0.0.1 is an IPv4 address, and only IPv6 is asked for");
}

TEST_CASE("a name stands for all its addresses") {
  const std::string both = resolved("localhost:80");
  CHECK(both.find("127.0.0.1:80") != std::string::npos);
  CHECK(resolved("localhost:0", Families::Ipv4) == "127.0.0.1:0");
  CHECK(resolved("nosuchname.invalid:80").find("resolve nosuchname.invalid") == 0);
}

TEST_CASE("IPv6 is left out where it is switched off and both families were meant") {
  const auto here = [](const char* text, Families families = Families::Both) {
    return in_thread(leave_ipv6, [=] { return resolved(text, families); });
  };
  if (!here(":80")) return;  // no namespace without root
  CHECK(here(":80") == "127.0.0.1:80");
  CHECK(here("localhost:80") == "127.0.0.1:80");
  CHECK(here(":80", Families::Ipv6) == "[::1]:80");
  CHECK(here("[::1]:80") == "[::1]:80");
  // The kernel lets a socket have it all the same, and it comes to life with the first IPv6 address.
  CHECK(here("*:80") == "0.0.0.0:80 [::]:80");
}

TEST_CASE("a family that the kernel does not have is left out where both were meant") {
  const auto without = [](std::uint32_t family, const char* text, Families families = Families::Both) {
    return in_thread([=] { return forget_family(family); }, [=] { return resolved(text, families); });
  };
  if (!without(AF_INET6, ":80")) return;  // no seccomp
  CHECK(without(AF_INET6, ":80") == "127.0.0.1:80");
  CHECK(without(AF_INET6, "*:80") == "0.0.0.0:80");
  CHECK(without(AF_INET6, "*:80", Families::Ipv6) == "[::]:80");
  CHECK(without(AF_INET, ":80") == "[::1]:80");
  CHECK(without(AF_INET, "*:0") == "[::]:0");
  CHECK(without(AF_INET, "*:80", Families::Ipv4) == "0.0.0.0:80");
}

TEST_CASE("where no family is left, all stay for bind to say why") {
  const auto prepare = [] { return forget_family(AF_INET) && forget_family(AF_INET6); };
  const auto said = in_thread(prepare, [] { return resolved(":80"); });
  if (!said) return;  // no seccomp
  CHECK(*said == "127.0.0.1:80 [::1]:80");
}

TEST_CASE("a limit that is hit leaves no family out") {
  if (test::kSanitizerNeedsDescriptors) return;
  const ListenAddress every = good("*:80");
  const test::FewDescriptors none(0);
  CHECK(resolve(every, Families::Both, Clock::time_point::max())->size() == 2);
}

TEST_CASE("loopback is what only this host can reach") {
  for (const char* address :
       {"127.0.0.1", "127.255.255.255", "127.0.0.0", "[::1]", "[::ffff:127.0.0.1]", "[::ffff:127.9.9.9]"}) {
    CAPTURE(address);
    CHECK(loopback(address));
  }
  for (const char* address : {"0.0.0.0", "126.255.255.255", "128.0.0.1", "10.0.0.127", "[::]", "[::2]", "[fe80::1]",
                              "[::ffff:128.0.0.1]", "[::ffff:0.0.0.0]", "[::127.0.0.1]", "[7f00::1]"}) {
    CAPTURE(address);
    CHECK_FALSE(loopback(address));
  }
  CHECK_FALSE(is_loopback(Endpoint()));
}

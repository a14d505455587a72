#include "sock/settings.hpp"

#include <cerrno>
#include <vector>

#include <netinet/in.h>
#include <sys/socket.h>

#include <fmt/format.h>

#include <tcpkit/sock/reading.hpp>

#include "sock/socket_states.hpp"
#include "support/catch.hpp"
#include "support/fake_kernel.hpp"

using namespace tcpkit;
using tcpkit::test::FakeKernel;

namespace {

constexpr int kNoSocket = -1;

Setting setting(std::string_view text) {
  const Result<Setting> parsed = parse_setting(text);
  REQUIRE(parsed);
  return *parsed;
}

FakeKernel::Place place_of(const Setting& one) {
  return {one.level, one.number};
}

/// What apply() says when the kernel answers with this errno.
Error refusal(FakeKernel& kernel, int socket, std::string_view text, int errno_value) {
  const std::vector settings = {setting(text)};
  kernel.set_errors[place_of(settings[0])] = errno_value;
  for (const Moment moment : {Moment::BeforeBind, Moment::BeforeConnect, Moment::Connected}) {
    if (auto applied = apply(kernel, socket, settings, moment); !applied) return applied.error();
  }
  FAIL("nothing was refused");
  return {};
}

Error refusal(std::string_view text, int errno_value) {
  FakeKernel kernel;
  return refusal(kernel, kNoSocket, text, errno_value);
}

}  // namespace

TEST_CASE("settings go to their moment in the order given") {
  const std::vector settings = {setting("nodelay"),     setting("reuseaddr"), setting("rcvbuf=64K"), setting("6:99=1"),
                                setting("transparent"), setting("keepcnt=3"), setting("nodelay=off")};
  std::vector<FakeKernel::Place> before_bind;
  std::vector<FakeKernel::Place> before_connect;
  std::vector<FakeKernel::Place> connected;
  for (const Setting& one : settings) {
    const Phase phase = one.option == nullptr ? Phase::BeforeConnect : one.option->phase;
    auto& moment = phase == Phase::BeforeBind ? before_bind : phase == Phase::Connected ? connected : before_connect;
    moment.push_back(place_of(one));
  }
  CHECK(before_bind.size() >= 2);
  CHECK(before_connect.size() >= 4);
  FakeKernel kernel;
  REQUIRE(apply(kernel, kNoSocket, settings, Moment::BeforeBind));
  CHECK(kernel.set == before_bind);
  kernel.set.clear();
  REQUIRE(apply(kernel, kNoSocket, settings, Moment::BeforeConnect));
  CHECK(kernel.set == before_connect);
  kernel.set.clear();
  REQUIRE(apply(kernel, kNoSocket, settings, Moment::Connected));
  CHECK(kernel.set == connected);
}

TEST_CASE("every row that can be set belongs to exactly one moment") {
  for (const Option& row : options()) {
    if (row.kind != Kind::Switch || row.access == Access::ReadOnly) continue;
    const std::vector settings = {setting(row.name)};
    FakeKernel kernel;
    for (const Moment moment : {Moment::BeforeBind, Moment::BeforeConnect, Moment::Connected}) {
      REQUIRE(apply(kernel, kNoSocket, settings, moment));
    }
    CAPTURE(row.symbol);
    CHECK(kernel.set == std::vector{place_of(settings[0])});
  }
}

TEST_CASE("the first refusal stops the rest") {
  const std::vector settings = {setting("nodelay"), setting("keepcnt=3"), setting("cork")};
  FakeKernel kernel;
  kernel.set_errors[place_of(settings[1])] = EINVAL;
  CHECK_FALSE(apply(kernel, kNoSocket, settings, Moment::BeforeConnect));
  CHECK(kernel.set == std::vector{place_of(settings[0])});
}

TEST_CASE("a refusal for lack of permission names the capability") {
  for (const int denied : {EPERM, EACCES}) {
    const Error error = refusal("rcvbufforce=1M", denied);
    CHECK(error.code == std::error_code(denied, std::system_category()));
    CHECK(error.doing == "set rcvbufforce=1M");
    CHECK(error.hint.find("CAP_NET_ADMIN") != std::string::npos);
  }
}

TEST_CASE("an option this kernel lacks says since when others have it") {
  for (const int unknown : {ENOPROTOOPT, EOPNOTSUPP}) {
    const Error error = refusal("rto-max-ms=2s", unknown);
    CHECK(error.code == Errc::unsupported_option);
    CHECK(error.doing == "set rto-max-ms=2s");
    CHECK(error.hint == "TCP_RTO_MAX_MS is there since Linux 6.15");
  }
  CHECK(refusal("6:99=1", ENOPROTOOPT).code == Errc::unsupported_option);
  CHECK(refusal("6:99=1", ENOPROTOOPT).hint.empty());
}

// SO_RESERVE_MEM outside of a memory control group, TCP_FASTOPEN_CONNECT where net.ipv4.tcp_fastopen is off
TEST_CASE("what can be read and not set as things are is not called unknown") {
  const os::Descriptor socket = test::tcp_socket(AF_INET);
  for (const char* text : {"reserve-mem=4096", "fastopen-connect"}) {
    const Option& option = *setting(text).option;
    if (!read_option(socket.get(), option).value) continue;  // a kernel before 5.16
    FakeKernel kernel;
    const Error as_things_are = refusal(kernel, socket.get(), text, EOPNOTSUPP);
    CHECK(as_things_are.code == std::errc::operation_not_supported);
    CHECK(as_things_are.hint ==
          fmt::format("this kernel has {}, but not as things are: tcpkit explain {}", option.symbol, option.name));
    CHECK(refusal(kernel, socket.get(), text, ENOPROTOOPT).code == Errc::unsupported_option);
    kernel.get_errors[{option.level, option.number}] = EOPNOTSUPP;
    CHECK(refusal(kernel, socket.get(), text, EOPNOTSUPP).code == Errc::unsupported_option);
  }
}

TEST_CASE("a value the kernel refuses is a bad value") {
  const Error error = refusal("keepcnt=3", EINVAL);
  CHECK(error.code == Errc::bad_value);
  CHECK(error.doing == "keepcnt=3: the kernel refuses it: Invalid argument");
  CHECK(refusal("bindtodevice=nosuch0", ENODEV).code == Errc::bad_value);
}

TEST_CASE("a kernel short of memory is no fault of the value") {
  CHECK(refusal("rcvbuf=1M", ENOBUFS).code == std::errc::no_buffer_space);
  CHECK(refusal("rcvbuf=1M", ENOMEM).code == std::errc::not_enough_memory);
  CHECK(refusal("congestion=bbr", ENOMEM).code == std::errc::not_enough_memory);
}

TEST_CASE("an unknown congestion control is answered with those there are") {
  const Error error = refusal("congestion=nosuch", ENOENT);
  CHECK(error.code == Errc::bad_value);
  CHECK(error.doing == "congestion: this kernel has no congestion control \"nosuch\"");
  CHECK(error.hint.starts_with("available: "));
  CHECK(error.hint.find("allowed without CAP_NET_ADMIN: ") != std::string::npos);
}

TEST_CASE("a congestion control that is not allowed is a matter of permission") {
  const Error error = refusal("congestion=cubic", EPERM);
  CHECK(error.code == std::errc::operation_not_permitted);
  CHECK(error.hint.starts_with("available: "));
}

TEST_CASE("a congestion control that is there but busy is not called unknown") {
  const Error error = refusal("congestion=cubic", EBUSY);
  CHECK(error.code == Errc::bad_value);
  CHECK(error.doing == "congestion=cubic: the kernel refuses it: Device or resource busy");
}

TEST_CASE("what is applied holds on a real socket") {
  const os::Descriptor socket = test::tcp_socket(AF_INET);
  REQUIRE(socket);
  const std::vector settings = {setting("nodelay"), setting("user-timeout=3s"), setting("6:1=0")};
  REQUIRE(apply(socket.get(), settings, Moment::BeforeConnect));
  CHECK(read_option(socket.get(), *find_option("user-timeout")).value == Value(std::int64_t{3000}));
  CHECK(read_option(socket.get(), *find_option("nodelay")).value == Value(false));
}

TEST_CASE("an option of IPv6 on an IPv4 socket is a mistake, not a missing option") {
  const os::Descriptor socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const Result<Setting> setting = parse_setting("tclass=32");
  REQUIRE(setting);
  const Result<void> applied = apply(socket.get(), std::vector{*setting}, Moment::BeforeConnect);
  REQUIRE_FALSE(applied);
  CHECK(describe(applied.error()) == "tclass=32: IPV6_TCLASS is for IPv6 connections, and this one is IPv4");
}

TEST_CASE("an accepted socket is given what its listener does not hand down") {
  CHECK(belongs(setting("quickack"), Moment::Accepted));
  CHECK(belongs(setting("priority=3"), Moment::Accepted));
  CHECK(belongs(setting("6:99=1"), Moment::Accepted));
  CHECK_FALSE(belongs(setting("nodelay"), Moment::Accepted));
  CHECK_FALSE(belongs(setting("reuseaddr"), Moment::Accepted));
  CHECK_FALSE(belongs(setting("defer-accept=1s"), Moment::Accepted));
}

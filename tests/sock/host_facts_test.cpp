#include <array>

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <tcpkit/sock/provenance.hpp>

#include "sock/arithmetic.hpp"
#include "sock/socket_states.hpp"
#include "support/catch.hpp"

using namespace tcpkit;

namespace {

template <class T>
T read_back(int socket, int number, T value) {
  socklen_t length = sizeof(value);
  REQUIRE(::setsockopt(socket, SOL_SOCKET, number, &value, sizeof(value)) == 0);
  REQUIRE(::getsockopt(socket, SOL_SOCKET, number, &value, &length) == 0);
  return value;
}

}  // namespace

TEST_CASE("the host's facts predict what this kernel makes of buffers") {
  const Result<HostFacts> host = find_host_facts();
  REQUIRE(host);
  CHECK(host->least_rcvbuf > 2048);
  CHECK(host->least_sndbuf == 2 * host->least_rcvbuf);
  SysctlValues sysctls;
  const auto rmem_max = sysctls.number("net.core.rmem_max");
  REQUIRE(rmem_max);
  const os::Descriptor socket = test::tcp_socket(AF_INET);
  for (const int asked : {-1, 0, 1, 1152, 1460, 65536, 212992, 4194304, INT32_MAX}) {
    CAPTURE(asked);
    CHECK(read_back(socket.get(), SO_RCVBUF, asked) == effective_buffer(asked, *rmem_max, host->least_rcvbuf));
  }
}

TEST_CASE("the host's tick predicts what this kernel makes of times") {
  const Result<HostFacts> host = find_host_facts();
  REQUIRE(host);
  constexpr std::array<std::int64_t, 5> kTicks = {1000, 2500, 3334, 4000, 10000};  // HZ = 1000, 400, 300, 250, 100
  CHECK(std::find(kTicks.begin(), kTicks.end(), host->jiffy_us) != kTicks.end());
  const os::Descriptor socket = test::tcp_socket(AF_INET);
  const timeval held = read_back(socket.get(), SO_RCVTIMEO, timeval{0, 100'001});
  CHECK(held.tv_usec == round_up(100'001, host->jiffy_us));
}

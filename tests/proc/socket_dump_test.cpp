#include "proc/socket_dump.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <functional>
#include <utility>
#include <vector>

#include <sys/socket.h>

#include "support/catch.hpp"

using namespace tcpkit;

namespace {

/// What a dump in place of the kernel's tells at one try, and how it ends.
struct Try {
  std::vector<std::uint64_t> cookies;
  int errno_value = 0;
};

/// Sockets of IPv4 alone, the n-th call its n-th try and all later ones the last.
class ScriptedDump {
 public:
  explicit ScriptedDump(std::vector<Try> tries) : tries_(std::move(tries)) {}

  Result<void> operator()(const DiagRequest& request, const DiagCallback& each) {
    if (request.mptcp || request.family != AF_INET) return {};
    const Try& now = tries_[std::min(calls_++, tries_.size() - 1)];
    for (const std::uint64_t cookie : now.cookies) {
      DiagSocket socket;
      socket.local = Endpoint::ipv4_loopback(80);
      socket.state = 1;
      socket.cookie = cookie;
      each(socket);
    }
    return now.errno_value == 0 ? Result<void>() : system_error(now.errno_value, "dump");
  }

  [[nodiscard]] std::size_t calls() const { return calls_; }

 private:
  std::vector<Try> tries_;
  std::size_t calls_ = 0;
};

struct Told {
  std::vector<std::uint64_t> cookies;
  ListingNotes notes;
  std::error_code error;
};

Told listen_to(const DumpFunction& dump) {
  Told told;
  const auto notes = list_sockets(
      SocketFilter(), DiagDetail::Full, [&](const SocketEntry& entry) { told.cookies.push_back(entry.cookie); }, dump);
  if (notes) told.notes = *notes;
  if (!notes) told.error = notes.error().code;
  return told;
}

using Cookies = std::vector<std::uint64_t>;

}  // namespace

TEST_CASE("an interrupted dump is asked for again, and a socket told once") {
  const int interrupted = GENERATE(EINTR, ENOBUFS);
  ScriptedDump dump({{{1, 2}, interrupted}, {{2, 3, 3}, interrupted}, {{4, 1}, 0}});
  const Told told = listen_to(std::ref(dump));
  CHECK(told.cookies == Cookies{1, 2, 3, 4});
  CHECK_FALSE(told.notes.incomplete);
  CHECK(dump.calls() == 3);
}

TEST_CASE("a dump that never comes to an end whole is told as incomplete") {
  ScriptedDump dump({{{1}, EINTR}});
  const Told told = listen_to(std::ref(dump));
  CHECK(told.cookies == Cookies{1});
  CHECK(told.notes.incomplete);
  CHECK_FALSE(told.error);
  CHECK(dump.calls() == 5);
}

TEST_CASE("any other failure of the kernel ends the listing") {
  ScriptedDump dump({{{1}, EACCES}});
  const Told told = listen_to(std::ref(dump));
  CHECK(told.error == std::errc::permission_denied);
  CHECK(dump.calls() == 1);
}

TEST_CASE("the kernel is asked for the states, and for a port that all alternatives share") {
  const auto match = [](const char* text) { return *parse_address_match(text); };
  SocketFilter filter;
  filter.states = *parse_socket_state("listen");
  filter.local = {match(":80"), match("10.0.0.1:80")};
  filter.peer = {match(":80"), match("10.0.0.1")};
  filter.ports = {443};
  std::vector<DiagRequest> asked;
  const auto dump = [&](const DiagRequest& request, const DiagCallback&) -> Result<void> {
    asked.push_back(request);
    return {};
  };
  const auto detail = GENERATE(DiagDetail::Addresses, DiagDetail::Full);
  CHECK(list_sockets(
      filter, detail, [](const SocketEntry&) {}, dump));
  REQUIRE(asked.size() == 4);
  for (const DiagRequest& request : asked) {
    CHECK(request.states == 1U << 10);
    CHECK(request.local_port == 80);
    CHECK(request.peer_port == 0);
    CHECK((request.attributes != 0) == (detail == DiagDetail::Full));
  }
  CHECK(asked[0].family == AF_INET);
  CHECK(asked[1].family == AF_INET6);
  CHECK((asked[2].mptcp && asked[3].mptcp && !asked[0].mptcp && !asked[1].mptcp));
}

TEST_CASE("a kernel without a list of multipath sockets tells the others") {
  const auto dump = [](const DiagRequest& request, const DiagCallback& each) -> Result<void> {
    if (request.mptcp) return system_error(ENOENT, "dump");
    DiagSocket socket;
    socket.cookie = static_cast<std::uint64_t>(request.family);
    each(socket);
    return {};
  };
  const Told told = listen_to(dump);
  CHECK(told.cookies == Cookies{AF_INET, AF_INET6});
  CHECK(told.notes.mptcp_missing);
  CHECK_FALSE(told.notes.incomplete);
}

TEST_CASE("raw sockets that an old kernel tells for multipath ones are not taken for such") {
  const std::array<unsigned char, 8> raw = {5, 0, 10, 0, 58, 0, 0, 0};  // INET_DIAG_PROTOCOL, one byte
  const auto dump = [&](const DiagRequest& request, const DiagCallback& each) -> Result<void> {
    DiagSocket socket;
    if (request.mptcp) socket.attributes = std::as_bytes(std::span(raw));
    if (request.mptcp) each(socket);
    return {};
  };
  const Told told = listen_to(dump);
  CHECK(told.cookies.empty());
  CHECK(told.notes.mptcp_missing);
}

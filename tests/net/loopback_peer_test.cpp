#include <tcpkit/net/loopback_peer.hpp>

#include <array>
#include <string>
#include <utility>
#include <vector>

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "os/descriptor.hpp"
#include "support/catch.hpp"
#include "support/few_descriptors.hpp"

using namespace tcpkit;

namespace {

/// A blocking client that gives up rather than hang a test.
os::Descriptor client_of(const Endpoint& endpoint) {
  os::Descriptor socket(::socket(endpoint.family(), SOCK_STREAM | SOCK_CLOEXEC, IPPROTO_TCP));
  const timeval limit = {10, 0};
  ::setsockopt(socket.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
  ::setsockopt(socket.get(), SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
  if (::connect(socket.get(), endpoint.data(), endpoint.size()) != 0) return {};
  return socket;
}

bool send_all(const os::Descriptor& socket, const std::string& text) {
  return ::send(socket.get(), text.data(), text.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(text.size());
}

std::string receive(const os::Descriptor& socket, std::size_t length) {
  std::string text(length, '\0');
  const ssize_t got = ::recv(socket.get(), text.data(), length, MSG_WAITALL);
  text.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
  return text;
}

/// Nobody answers any more: the end of the stream or a reset.
bool at_end(const os::Descriptor& socket) {
  char byte = 0;
  const ssize_t got = ::recv(socket.get(), &byte, 1, 0);
  return got == 0 || (got < 0 && errno == ECONNRESET);
}

}  // namespace

TEST_CASE("the loopback peer sends back what it gets, in both families") {
  const int family = GENERATE(AF_INET, AF_INET6);
  const Result<LoopbackPeer> peer = LoopbackPeer::start(family);
  REQUIRE(peer);
  CHECK(peer->endpoint().family() == family);
  CHECK(peer->endpoint().port() != 0);
  const os::Descriptor client = client_of(peer->endpoint());
  REQUIRE(client);
  for (const std::string& text : {std::string("one"), std::string("\0\xff", 2), std::string(20'000, 'x')}) {
    REQUIRE(send_all(client, text));
    CHECK(receive(client, text.size()) == text);
  }
}

TEST_CASE("the loopback peer serves several clients, each with its own bytes") {
  const Result<LoopbackPeer> peer = LoopbackPeer::start(AF_INET);
  REQUIRE(peer);
  std::vector<os::Descriptor> clients;
  for (int i = 0; i < 20; ++i) clients.push_back(client_of(peer->endpoint()));
  for (std::size_t i = 0; i < clients.size(); ++i) REQUIRE(send_all(clients[i], "client " + std::to_string(100 + i)));
  for (std::size_t i = 0; i < clients.size(); ++i)
    CHECK(receive(clients[i], 10) == "client " + std::to_string(100 + i));
}

TEST_CASE("a client that leaves does not take the others along") {
  const Result<LoopbackPeer> peer = LoopbackPeer::start(AF_INET);
  REQUIRE(peer);
  const os::Descriptor staying = client_of(peer->endpoint());
  {
    const os::Descriptor leaving = client_of(peer->endpoint());
    const linger reset = {1, 0};
    ::setsockopt(leaving.get(), SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
    REQUIRE(send_all(leaving, "bye"));
  }
  REQUIRE(send_all(staying, "still"));
  CHECK(receive(staying, 5) == "still");
}

TEST_CASE("the end of a client's stream is answered with the end of the peer's") {
  const Result<LoopbackPeer> peer = LoopbackPeer::start(AF_INET);
  REQUIRE(peer);
  const os::Descriptor client = client_of(peer->endpoint());
  REQUIRE(send_all(client, "last"));
  REQUIRE(::shutdown(client.get(), SHUT_WR) == 0);
  CHECK(receive(client, 4) == "last");
  CHECK(at_end(client));
}

TEST_CASE("the loopback peer goes with its object, and its connections with it") {
  os::Descriptor client;
  Endpoint endpoint;
  {
    const Result<LoopbackPeer> peer = LoopbackPeer::start(AF_INET);
    REQUIRE(peer);
    endpoint = peer->endpoint();
    client = client_of(endpoint);
    REQUIRE(send_all(client, "x"));
    REQUIRE(receive(client, 1) == "x");
  }
  CHECK(at_end(client));
  CHECK_FALSE(client_of(endpoint));
}

TEST_CASE("a moved peer goes on") {
  Result<LoopbackPeer> first = LoopbackPeer::start(AF_INET);
  Result<LoopbackPeer> second = LoopbackPeer::start(AF_INET);
  REQUIRE(first);
  REQUIRE(second);
  const Endpoint endpoint = first->endpoint();
  *second = std::move(*first);
  CHECK(second->endpoint() == endpoint);
  const os::Descriptor client = client_of(endpoint);
  REQUIRE(send_all(client, "x"));
  CHECK(receive(client, 1) == "x");
}

TEST_CASE("peers come and go without anybody calling") {
  for (int i = 0; i < 20; ++i) REQUIRE(LoopbackPeer::start(AF_INET));
}

TEST_CASE("a process out of descriptors has no loopback peer, and is told so") {
  if (test::kSanitizerNeedsDescriptors) return;
  for (int left = 0; left < 5; ++left) {
    const test::FewDescriptors few(left);
    const Result<LoopbackPeer> peer = LoopbackPeer::start(AF_INET);
    if (peer) break;  // an acceptor and the event loop's own fit
    CAPTURE(left);
    CHECK(peer.error().code == std::errc::too_many_files_open);
    CHECK(peer.error().doing == "start an echo peer on loopback");
  }
}

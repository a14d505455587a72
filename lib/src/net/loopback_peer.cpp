#include <tcpkit/net/loopback_peer.hpp>

#include <array>
#include <chrono>
#include <thread>

#include <asio/awaitable.hpp>
#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/io_context.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/steady_timer.hpp>
#include <asio/write.hpp>

#include "net/await.hpp"

namespace tcpkit {
namespace {

using asio::ip::tcp;

constexpr const char* kStarting = "start an echo peer on loopback";

asio::awaitable<void> echo(tcp::socket socket) {
  std::array<char, 4096> data;
  for (;;) {
    const auto [read_error, length] = co_await socket.async_read_some(asio::buffer(data), kAwait);
    if (read_error) co_return;
    const auto [write_error, written] = co_await asio::async_write(socket, asio::buffer(data, length), kAwait);
    if (write_error) co_return;
  }
}

asio::awaitable<void> accept_all(tcp::acceptor& acceptor) {
  for (;;) {
    auto [error, socket] = co_await acceptor.async_accept(kAwait);
    if (error == asio::error::operation_aborted) co_return;
    if (error) {  // no descriptor left, or a client that is gone already: the next one may do better
      asio::steady_timer pause(acceptor.get_executor(), std::chrono::milliseconds(50));
      co_await pause.async_wait(kAwait);
      continue;
    }
    asio::co_spawn(acceptor.get_executor(), echo(std::move(socket)), asio::detached);
  }
}

}  // namespace

/// The thread is joined before the acceptor and its connections go: they belong to the context.
struct LoopbackPeer::Server {
  asio::io_context context{1};
  tcp::acceptor acceptor{context};
  std::thread thread;

  ~Server() {
    context.stop();
    if (thread.joinable()) thread.join();
  }
};

LoopbackPeer::LoopbackPeer(std::unique_ptr<Server> server, const Endpoint& endpoint)
    : server_(std::move(server)), endpoint_(endpoint) {}
LoopbackPeer::LoopbackPeer(LoopbackPeer&&) noexcept = default;
LoopbackPeer& LoopbackPeer::operator=(LoopbackPeer&&) noexcept = default;
LoopbackPeer::~LoopbackPeer() = default;

Result<LoopbackPeer> LoopbackPeer::start(int family) try {
  auto server = std::make_unique<Server>();
  tcp::acceptor& acceptor = server->acceptor;
  const tcp::endpoint any_port = family == AF_INET6 ? tcp::endpoint(asio::ip::address_v6::loopback(), 0)
                                                    : tcp::endpoint(asio::ip::address_v4::loopback(), 0);
  std::error_code error;
  acceptor.open(any_port.protocol(), error);
  if (!error) acceptor.bind(any_port, error);
  if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
  if (error) return Error{standard(error), kStarting};
  const Endpoint endpoint = local_endpoint(acceptor.native_handle());
  asio::co_spawn(server->context, accept_all(acceptor), asio::detached);
  server->thread = std::thread([&context = server->context] { context.run(); });
  return LoopbackPeer(std::move(server), endpoint);
} catch (const std::system_error& failure) {
  // A context makes descriptors and std::thread a task, and both only throw where a limit is hit.
  return Error{standard(failure.code()), kStarting};
}

}  // namespace tcpkit

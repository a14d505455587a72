#include <tcpkit/net/loopback_peer.hpp>

#include <system_error>
#include <thread>

#include <sys/socket.h>

#include <tcpkit/base/signals.hpp>

#include "net/listen_socket.hpp"
#include "net/worker.hpp"

namespace tcpkit {
namespace {

constexpr const char* kStarting = "start an echo peer on loopback";

ServePlan echo_plan(int family) {
  ServePlan plan;
  plan.addresses = {family == AF_INET6 ? Endpoint::ipv6_loopback(0) : Endpoint::ipv4_loopback(0)};
  plan.backlog = SOMAXCONN;
  plan.idle_timeout = Nanoseconds::zero();
  return plan;
}

}  // namespace

struct LoopbackPeer::Server {
  explicit Server(int family) : plan(echo_plan(family)) {}
  ~Server() {
    if (!thread.joinable()) return;
    worker->command(Worker::Command::End);
    thread.join();
  }

  ServePlan plan;
  Admission admission{UINT64_MAX, 0};
  std::unique_ptr<Worker> worker;
  ServeEvents nobody_listens;
  std::thread thread;
};

LoopbackPeer::LoopbackPeer(std::unique_ptr<Server> server, const Endpoint& endpoint)
    : server_(std::move(server)), endpoint_(endpoint) {}
LoopbackPeer::LoopbackPeer(LoopbackPeer&&) noexcept = default;
LoopbackPeer& LoopbackPeer::operator=(LoopbackPeer&&) noexcept = default;
LoopbackPeer::~LoopbackPeer() = default;

Result<LoopbackPeer> LoopbackPeer::start(int family) try {
  auto server = std::make_unique<Server>(family);
  auto sockets = listen_on_all(server->plan);
  if (!sockets) return Error{sockets.error().code, kStarting};
  auto worker = Worker::make(server->plan, server->admission, std::move(*sockets));
  if (!worker) return Error{worker.error().code, kStarting};
  server->worker = std::move(*worker);
  const SignalsBlocked blocked;
  server->thread = std::thread([server = server.get()] { server->worker->run(server->nobody_listens); });
  const Endpoint endpoint = server->plan.addresses.front();
  return LoopbackPeer(std::move(server), endpoint);
} catch (const std::system_error& failure) {
  return Error{failure.code(), kStarting};  // the limit of tasks
}

}  // namespace tcpkit

#pragma once

#include <cerrno>
#include <cstddef>
#include <functional>
#include <list>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include <sys/socket.h>

#include <tcpkit/sock/endpoint.hpp>

#include "os/descriptor.hpp"
#include "support/catch.hpp"

/// A server of a few lines: what it does with a connection is up to the test.
namespace tcpkit::test {

/// Listens on a free port of loopback; without `backlog` connections are refused, but the port is owned.
inline os::Descriptor loopback_listener(int backlog = 512) {
  os::Descriptor listener(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const Endpoint any = Endpoint::ipv4_loopback(0);
  REQUIRE(::bind(listener.get(), any.data(), any.size()) == 0);
  if (backlog > 0) REQUIRE(::listen(listener.get(), backlog) == 0);
  return listener;
}

/// Reads exactly so many bytes; fewer where the client ends before.
inline std::string read_bytes(int socket, std::size_t count) {
  std::string bytes(count, '\0');
  const ssize_t got = ::recv(socket, bytes.data(), count, MSG_WAITALL);
  bytes.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
  return bytes;
}

inline void write_bytes(int socket, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
}

/// The next close(2) resets the connection.
inline void reset_at_close(int socket) {
  const linger at_once = {1, 0};
  ::setsockopt(socket, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
}

/// Waits until the client is gone.
inline void await_end(int socket) {
  while (!read_bytes(socket, 4096).empty()) continue;
}

class SmallServer {
 public:
  /// Gets each connection, numbered from 0, in a thread of its own; it is closed afterwards.
  using Handler = std::function<void(int socket, int number)>;

  explicit SmallServer(Handler handler)
      : handler_(std::move(handler)), listener_(loopback_listener()), accepting_([this] { accept_all(); }) {}
  SmallServer(const SmallServer&) = delete;
  SmallServer& operator=(const SmallServer&) = delete;
  ~SmallServer() {
    leave();
    for (Client& client : clients_) client.thread.join();
  }

  [[nodiscard]] Endpoint address() const { return local_endpoint(listener_.get()); }

  /// From now on connections are refused.
  void stop_listening() {
    if (!accepting_.joinable()) return;
    ::shutdown(listener_.get(), SHUT_RDWR);
    accepting_.join();
  }

  /// The same, and those there are end.
  void leave() {
    stop_listening();
    for (Client& client : clients_) end(client);
  }

 private:
  struct Client {
    os::Descriptor socket;
    std::mutex mutex;  // of the socket, which its thread closes and leave() ends
    std::thread thread;
  };

  static void end(Client& client) {
    const std::lock_guard lock(client.mutex);
    if (client.socket) ::shutdown(client.socket.get(), SHUT_RDWR);
  }

  void serve(Client& client, int number) const {
    handler_(client.socket.get(), number);
    const std::lock_guard lock(client.mutex);
    client.socket = os::Descriptor();
  }

  void accept_all() {
    for (int number = 0;; ++number) {
      os::Descriptor socket(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
      if (!socket) return;
      Client& client = clients_.emplace_back();
      client.socket = std::move(socket);
      client.thread = std::thread([this, &client, number] { serve(client, number); });
    }
  }

  Handler handler_;
  os::Descriptor listener_;
  std::list<Client> clients_;
  std::thread accepting_;
};

}  // namespace tcpkit::test

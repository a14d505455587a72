#pragma once

#include <array>
#include <string>

#include <netinet/in.h>
#include <sys/socket.h>

#include "os/descriptor.hpp"

/// TCP sockets on loopback in the four states in which options are read.
namespace tcpkit::test {

enum class State { Fresh, Listening, Connected, Accepted };

inline constexpr std::array kStates{State::Fresh, State::Listening, State::Connected, State::Accepted};

inline const char* name_of(State state) {
  constexpr std::array kNames{"fresh", "listening", "connected", "accepted"};
  return kNames[static_cast<std::size_t>(state)];
}

/// A socket and the others it needs to stay in its state.
struct Stage {
  os::Descriptor listener;
  os::Descriptor client;
  os::Descriptor accepted;

  [[nodiscard]] int in(State state) const {
    switch (state) {
      case State::Listening:
        return listener.get();
      case State::Accepted:
        return accepted.get();
      default:
        return client.get();
    }
  }
};

inline os::Descriptor tcp_socket(int family) {
  return os::Descriptor(::socket(family, SOCK_STREAM | SOCK_CLOEXEC, IPPROTO_TCP));
}

inline bool listen_on_loopback(int socket, int family, sockaddr_storage& address, socklen_t& length) {
  if (family == AF_INET6) {
    auto& v6 = reinterpret_cast<sockaddr_in6&>(address);
    v6.sin6_addr = in6addr_loopback;
  } else {
    auto& v4 = reinterpret_cast<sockaddr_in&>(address);
    v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  }
  address.ss_family = static_cast<sa_family_t>(family);
  length = family == AF_INET6 ? sizeof(sockaddr_in6) : sizeof(sockaddr_in);
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  return ::bind(socket, generic, length) == 0 && ::listen(socket, 4) == 0 &&
         ::getsockname(socket, generic, &length) == 0;
}

/// All three sockets for the family, or empty descriptors where this host has no such family.
inline Stage set_stage(int family, State state) {
  Stage stage{tcp_socket(family), tcp_socket(family), {}};
  if (state == State::Fresh || !stage.client) return stage;
  sockaddr_storage address{};
  socklen_t length = 0;
  if (!listen_on_loopback(stage.listener.get(), family, address, length)) return {};
  if (::connect(stage.client.get(), reinterpret_cast<const sockaddr*>(&address), length) != 0) return {};
  stage.accepted = os::Descriptor(::accept4(stage.listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
  return stage;
}

}  // namespace tcpkit::test

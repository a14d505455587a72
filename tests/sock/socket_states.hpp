#pragma once

#include <array>
#include <string>
#include <utility>

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include "os/descriptor.hpp"

/// TCP sockets on loopback in the states in which options are read.
namespace tcpkit::test {

/// As tcp(7) and RFC 9293 name them, but for a connection's two ends and for one that its peer has reset.
enum class State { Fresh, Listening, SynSent, Connected, Accepted, FinWait2, CloseWait, Reset };

inline constexpr std::array kStates{State::Fresh,    State::Listening, State::SynSent,   State::Connected,
                                    State::Accepted, State::FinWait2,  State::CloseWait, State::Reset};

inline const char* name_of(State state) {
  constexpr std::array kNames{"fresh",    "listening",  "syn-sent",   "connected",
                              "accepted", "fin-wait-2", "close-wait", "reset"};
  return kNames[static_cast<std::size_t>(state)];
}

/// A socket and the others it needs to stay in its state.
struct Stage {
  os::Descriptor listener;
  os::Descriptor client;
  os::Descriptor accepted;
  os::Descriptor waiting;

  [[nodiscard]] int in(State state) const {
    switch (state) {
      case State::Listening:
        return listener.get();
      case State::SynSent:
        return waiting.get();
      case State::Accepted:
      case State::CloseWait:
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

inline bool wait_for(int socket, short events) {
  constexpr int kPatienceMs = 10'000;
  pollfd wanted{.fd = socket, .events = events, .revents = 0};
  return ::poll(&wanted, 1, kPatienceMs) == 1 && (wanted.revents & events) != 0;
}

/// One end of a connection is closed: in order, or by a reset.
inline bool half_close(const Stage& stage) {
  return ::shutdown(stage.client.get(), SHUT_WR) == 0 && wait_for(stage.accepted.get(), POLLRDHUP);
}

inline bool reset_by_peer(Stage& stage) {
  const linger at_once{.l_onoff = 1, .l_linger = 0};
  ::setsockopt(stage.accepted.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  stage.accepted = os::Descriptor();
  return wait_for(stage.client.get(), POLLHUP);
}

/// All sockets that the state needs, or empty descriptors where this host has no such family.
inline Stage set_stage(int family, State state) {
  Stage stage{tcp_socket(family), tcp_socket(family), {}, {}};
  if (state == State::Fresh || !stage.client) return stage;
  sockaddr_storage address{};
  socklen_t length = 0;
  if (!listen_on_loopback(stage.listener.get(), family, address, length)) return {};
  const auto* generic = reinterpret_cast<const sockaddr*>(&address);
  if (state == State::SynSent) ::listen(stage.listener.get(), 0);  // there is room for one, and no answer to others
  if (::connect(stage.client.get(), generic, length) != 0) return {};
  if (state == State::SynSent) {
    stage.waiting = os::Descriptor(::socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_TCP));
    return ::connect(stage.waiting.get(), generic, length) != 0 ? std::move(stage) : Stage{};
  }
  stage.accepted = os::Descriptor(::accept4(stage.listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
  if ((state == State::FinWait2 || state == State::CloseWait) && !half_close(stage)) return {};
  if (state == State::Reset && !reset_by_peer(stage)) return {};
  return stage;
}

}  // namespace tcpkit::test

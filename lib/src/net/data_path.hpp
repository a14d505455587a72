#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include <sys/types.h>

#include <tcpkit/net/server.hpp>

#include "net/counter.hpp"
#include "net/session.hpp"

namespace tcpkit {

/// Moves the bytes of a worker's connections: the place where speed is decided. Plain recv(2) and send(2) on whatever
/// the kernel reports ready, one buffer for all connections, nothing allocated unless a client does not take its
/// answer. Asio is not used here, for both of its ways to wait for bytes cost a fourth system call a request beside
/// epoll_wait, recv and send: async_wait() an epoll_ctl, async_receive() a recv that fails (asio 1.22,
/// detail/impl/epoll_reactor.ipp, start_op).
class DataPath {
 public:
  DataPath(const ServePlan& plan, ServeEvents& events, Traffic& traffic);

  /// Serves a connection of which epoll reported `ready`, up to a share that leaves the others their turn.
  Turn take_turn(Session& session, std::uint32_t ready);

  /// What to watch a connection for from its start.
  [[nodiscard]] std::uint32_t interest() const noexcept;

 private:
  Turn echo(Session& session, std::uint32_t ready);
  Turn discard(Session& session, std::uint32_t ready);
  Turn source(Session& session, std::uint32_t ready);
  Turn answer_once(Session& session);

  Turn answer(Session& session, std::string_view bytes);
  Turn answer_rest(Session& session);
  Turn flush(Session& session, std::size_t count);
  Turn produce(Session& session);
  Turn drop_and_produce(Session& session, std::uint32_t ready);
  Turn drop(Session& session, std::uint32_t ready, std::uint64_t most);
  Turn finish(Session& session);
  Turn finish_source(Session& session);
  Turn await_end(Session& session, std::uint32_t ready);

  ssize_t receive(Session& session, std::size_t most, int flags = 0);
  ssize_t send(Session& session, std::string_view bytes);
  [[nodiscard]] std::uint64_t allowance(std::uint64_t moved) const noexcept;
  [[nodiscard]] std::size_t due(const Session& session) const noexcept;

  const ServePlan& plan_;
  ServeEvents& events_;
  Traffic& traffic_;
  bool rearm_quickack_;
  std::unique_ptr<char[]> buffer_;
  std::vector<char> pattern_;  // what Source sends
};

}  // namespace tcpkit

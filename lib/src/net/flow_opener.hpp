#pragma once

#include <optional>

#include <tcpkit/net/load.hpp>

#include "net/flow.hpp"
#include "net/poll_set.hpp"

namespace tcpkit {

/// Opens and closes the connections of a load, without waiting.
class FlowOpener {
 public:
  /// Both outlive it.
  FlowOpener(const LoadPlan& plan, const PollSet& poll_set) : plan_(plan), poll_set_(poll_set) {}

  /// The address for all connections.
  void use(const Endpoint& address) { address_ = address; }

  /// Takes over a connected socket.
  std::optional<Error> adopt(Flow& flow, os::Descriptor socket, Clock::time_point now) const;

  /// Starts a handshake. Afterwards the flow is Free, and watched only with watch(); or Connecting, and watched.
  std::optional<Error> start(Flow& flow, Clock::time_point now) const;

  /// Ends a handshake of which epoll reported something: afterwards the flow is Free or still Connecting.
  std::optional<Error> finish(Flow& flow, Clock::time_point now) const;

  /// Watches a flow that start() left unwatched.
  std::optional<Error> watch(Flow& flow) const;
  /// From now on also for room in its send buffer.
  std::optional<Error> watch_room(Flow& flow) const;

  void close(Flow& flow) const noexcept;

 private:
  std::optional<Error> connected(Flow& flow, Clock::time_point now) const;
  [[nodiscard]] std::optional<Error> add(Flow& flow, std::uint32_t events) const;

  const LoadPlan& plan_;
  const PollSet& poll_set_;
  Endpoint address_;
};

}  // namespace tcpkit

#pragma once

#include <cstdint>
#include <memory>

#include <tcpkit/net/load.hpp>

#include "net/flow.hpp"
#include "net/tally.hpp"

namespace tcpkit {

/// How a flow stands after its turn.
struct FlowTurn {
  enum class Next : std::uint8_t {
    Wait,      ///< for the kernel to report it again
    WaitRoom,  ///< the same, and for room in its send buffer
    Again,     ///< it had its share, and there may be more
    Complete,  ///< the reply is there
    Finished,  ///< the server has ended its stream, as it may
    Failed,
  };
  Next next = Next::Wait;
  LoadFailure failure = LoadFailure::Reset;
  int errno_value = 0;
};

/// Moves the bytes of requests and replies: the meter's own speed is decided here. Plain send(2) and recv(2), one
/// buffer for all connections, no second recv(2) after a short one, no memory asked for.
class RequestPath {
 public:
  /// Both outlive it.
  RequestPath(const LoadPlan& plan, Tally& tally);

  /// Sends what the kernel takes of the request under way.
  FlowTurn send(Flow& flow);

  /// Goes on with a flow of which epoll reported `ready`.
  FlowTurn take_turn(Flow& flow, std::uint32_t ready);

 private:
  FlowTurn receive(Flow& flow);
  FlowTurn judge(Flow& flow, std::string_view bytes);
  [[nodiscard]] std::size_t next_write(const Flow& flow) const noexcept;

  const LoadPlan& plan_;
  Tally& tally_;
  bool rearm_quickack_;
  std::uint64_t second_write_;  // bytes of the last write of a request, or all of them
  std::unique_ptr<char[]> buffer_;
};

}  // namespace tcpkit

#pragma once

#include <cstdint>
#include <memory>

#include <tcpkit/net/load.hpp>

#include "net/flow.hpp"
#include "net/request_path.hpp"
#include "net/tally.hpp"

namespace tcpkit {

/// Moves the bytes of streams: what is sent is the plan's request over and over; what comes is dropped in the kernel
/// without a copy (MSG_TRUNC, tcp(7)).
class StreamPath {
 public:
  /// Both outlive it.
  StreamPath(const LoadPlan& plan, Tally& tally);

  /// Bytes still to be written by all flows together.
  void allow(std::uint64_t bytes) noexcept { allowance_ = bytes; }
  [[nodiscard]] bool may_write() const noexcept { return allowance_ > 0; }

  /// Moves a share of the bytes of a flow of which epoll reported `ready`.
  FlowTurn take_turn(Flow& flow, std::uint32_t ready);

 private:
  FlowTurn send(Flow& flow);
  FlowTurn drop(Flow& flow);

  const LoadPlan& plan_;
  Tally& tally_;
  bool sends_;
  std::uint64_t share_;  // bytes, then another flow's turn
  bool rearm_quickack_;
  std::uint64_t allowance_ = UINT64_MAX;
  std::unique_ptr<char[]> buffer_;
};

}  // namespace tcpkit

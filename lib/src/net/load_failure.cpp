#include "net/load_failure.hpp"

#include <cerrno>

#include <fmt/format.h>

#include <tcpkit/base/units.hpp>

#include "os/errno_code.hpp"

namespace tcpkit {
namespace {

std::string ended_after(const Flow& flow) {
  const std::uint64_t received = flow.matcher.received();
  if (!flow.has_request) return "the server ended the connection";
  if (flow.matcher.missing() == 0) return fmt::format("the server ended the connection after {} bytes", received);
  return fmt::format("the server ended the connection after {} of {} bytes", received,
                     received + flow.matcher.missing());
}

std::string silent_after(const Flow& flow, std::size_t request_bytes) {
  if (!flow.has_request) return "no byte came, and none was acknowledged, for that long";
  return fmt::format("{} bytes of it came, {} of the {} bytes of the request were sent", flow.matcher.received(),
                     request_bytes - flow.unsent, request_bytes);
}

}  // namespace

Error failure_example(const Flow& flow, const FlowTurn& turn, const Endpoint& peer, std::string_view request) {
  const std::string doing =
      fmt::format("{} {}", flow.has_request ? "reply from" : "connection to", escape(peer.text()));
  switch (turn.failure) {
    case LoadFailure::Ended:
      return {os::errno_code(ENODATA), doing, ended_after(flow)};
    case LoadFailure::TimedOut:
      return {os::errno_code(ETIMEDOUT), doing, silent_after(flow, request.size())};
    case LoadFailure::Wrong:
      return {os::errno_code(EPROTO), doing,
              fmt::format("it differs from what is expected at byte {}", flow.matcher.received())};
    case LoadFailure::Longer:
      return {os::errno_code(EPROTO), doing, "more came than the reply"};
    case LoadFailure::Connect:
    case LoadFailure::Reset:
    case LoadFailure::Unfinished:
      break;
  }
  return system_error(turn.errno_value, fmt::format("exchange bytes with {}", escape(peer.text())));
}

std::string_view load_failure_name(LoadFailure failure) noexcept {
  switch (failure) {
    case LoadFailure::Connect:
      return "connect";
    case LoadFailure::Ended:
      return "ended";
    case LoadFailure::Reset:
      return "reset";
    case LoadFailure::TimedOut:
      return "timeout";
    case LoadFailure::Wrong:
      return "wrong";
    case LoadFailure::Longer:
      return "longer";
    case LoadFailure::Unfinished:
      break;
  }
  return "unfinished";
}

}  // namespace tcpkit

#include <tcpkit/net/server.hpp>

#include <array>
#include <cerrno>

namespace tcpkit {

std::string_view close_reason_name(CloseReason reason) noexcept {
  constexpr std::array<std::string_view, 7> kNames = {"client",   "served",  "reset", "idle",
                                                      "lifetime", "drained", "failed"};
  return kNames[static_cast<std::size_t>(reason)];
}

struct Server::State {
  std::vector<Listener> listeners;
};

Server::Server(std::unique_ptr<State> state) : state_(std::move(state)) {}
Server::Server(Server&&) noexcept = default;
Server& Server::operator=(Server&&) noexcept = default;
Server::~Server() = default;

std::span<const Listener> Server::listeners() const noexcept {
  return state_->listeners;
}

Result<Server> Server::open(const ServePlan& /*plan*/) {
  return system_error(ENOSYS, "listen");
}

Result<ServeSummary> Server::run(ServeEvents& /*events*/) {
  return system_error(ENOSYS, "serve");
}

void Server::stop() noexcept {}

}  // namespace tcpkit

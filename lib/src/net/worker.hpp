#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include <sys/epoll.h>

#include <tcpkit/net/server.hpp>

#include "net/admission.hpp"
#include "net/data_path.hpp"
#include "net/gate.hpp"
#include "net/poll_set.hpp"
#include "net/silence.hpp"

namespace tcpkit {

/// One thread's share of a server: its listeners, its connections, its loop. Other threads may call command() and read
/// traffic(), nothing else.
class Worker {
 public:
  enum class Command : std::uint8_t {
    Serve,
    Finish,  ///< accept no more; connections end by themselves
    Drain,   ///< the same, for at most the plan's grace
    End,     ///< close everything now
  };

  /// `plan` and `admission` outlive the worker.
  static Result<std::unique_ptr<Worker>> make(const ServePlan& plan, Admission& admission,
                                              std::vector<os::Descriptor> listeners);

  /// Runs until nothing listens and no connection is left.
  void run(ServeEvents& events);

  /// A stronger command stands.
  void command(Command command) noexcept;

  [[nodiscard]] const Traffic& traffic() const noexcept { return traffic_; }
  [[nodiscard]] int listener(std::size_t n) const noexcept { return gate_.listener(n); }

  /// After run().
  [[nodiscard]] const ClosedBy& closed_by() const noexcept { return closed_by_; }
  [[nodiscard]] std::uint64_t pauses() const noexcept { return gate_.pauses(); }

 private:
  Worker(const ServePlan& plan, Admission& admission, PollSet poll_set, os::Descriptor wake_up,
         std::vector<os::Descriptor> listeners);

  void handle(const epoll_event& event, DataPath& data_path);
  void obey();
  void accept_from(int listener);
  void start(os::Descriptor socket, const Endpoint& peer);
  void take_turn(Session& session, std::uint32_t ready, DataPath& data_path);
  void watch_anew(Session& session);
  void close(Session& session, CloseReason reason, int errno_value = 0);
  void close_all(CloseReason reason);
  void close_finished();
  void tick();
  [[nodiscard]] bool grace_is_over() const noexcept;
  [[nodiscard]] int patience_ms() const noexcept;

  const ServePlan& plan_;
  Admission& admission_;
  std::vector<Setting> accepted_settings_;
  PollSet poll_set_;
  os::Descriptor wake_up_;  // eventfd(2)
  Watched wake_up_watch_{Watched::Kind::WakeUp};
  Gate gate_;
  bool close_waits_;
  Nanoseconds tick_length_;
  Silence silence_;
  Traffic traffic_;
  ServeEvents* events_ = nullptr;
  std::atomic<Command> ordered_ = Command::Serve;
  Command obeyed_ = Command::Serve;
  std::vector<Session*> finishing_;  // their clients have yet to take the last bytes
  Clock::time_point now_;
  Clock::time_point next_tick_;
  std::optional<Clock::time_point> drain_since_;
  std::uint32_t interest_ = 0;
  bool refusal_told_ = false;
  ClosedBy closed_by_{};
};

}  // namespace tcpkit

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <system_error>
#include <vector>

#include <tcpkit/base/api.hpp>
#include <tcpkit/base/result.hpp>
#include <tcpkit/base/units.hpp>
#include <tcpkit/sock/endpoint.hpp>
#include <tcpkit/sock/settings.hpp>

/// A TCP server that answers bytes with bytes.
namespace tcpkit {

/// What a client's bytes are answered with.
enum class Service : std::uint8_t {
  Echo,     ///< themselves, RFC 862
  Discard,  ///< nothing, RFC 863
  Source,   ///< printable characters, as fast as the client takes them; what it sends is dropped, RFC 864
};

/// What to serve, to whom, for how long. A plain value; 0 = no limit, where not said otherwise.
struct ServePlan {
  std::vector<Endpoint> addresses;  ///< all are listened on; those with port 0 share one free port. At least one
  /// Sockets of the caller's that listen already, one for each address: nothing is bound then, and settings whose time
  /// is before bind(2) are left out. The server works on copies and makes them non-blocking; at its end they listen on,
  /// for whoever has them open.
  std::vector<int> sockets = {};
  /// Of listeners and connections; IPv6's are left out on IPv4 if both are served. An IPv6 listener gets v6only, and
  /// one of Echo without one_shot_bytes gets oobinline, unless they are among these.
  std::vector<Setting> settings;
  int backlog = 100;  ///< listen(2); below 0 that of `sockets` stays as it is
  Service service = Service::Echo;
  std::size_t request_bytes = 1;   ///< Echo: answer whenever so many have come; 1 = whatever has come. At least 1
  std::size_t one_shot_bytes = 0;  ///< Echo: answer once, with at most so many, and close
  unsigned threads = 1;            ///< at least 1; each has its own listeners: several need reuseport in `settings`
  std::uint64_t max_connections = 1024;      ///< at once; more wait in the backlog. At least 1
  Nanoseconds idle_timeout{60'000'000'000};  ///< a connection is cut when no byte moved either way for so long
  Nanoseconds max_lifetime{0};               ///< of a connection
  /// Of a connection: taken from its client, or for Source sent to it; for Echo a multiple of request_bytes. It ends
  /// when the client has got all its answers, with a reset if it sent more than that.
  std::uint64_t max_bytes = 0;
  std::uint64_t max_accepted = 0;    ///< serve so many connections, then end
  Nanoseconds duration{0};           ///< serve so long, then drain
  Nanoseconds grace{5'000'000'000};  ///< how long drained connections may go on; 0 = not at all
  bool traffic_events = false;       ///< call received() and sent()
};

/// The settings of a listener on this address and of its connections: the plan's, and before them what the server sets
/// for its own work. Pure.
[[nodiscard]] TCPKIT_API std::vector<Setting> settings_for(const ServePlan& plan, const Endpoint& address);

/// Why a connection ended.
enum class CloseReason : std::uint8_t {
  Client,    ///< the client ended it, and got all its answers
  Served,    ///< everything asked for was done: one shot, or max_bytes
  Reset,     ///< the client reset it or vanished; `error` says how the kernel put it
  Idle,      ///< idle_timeout
  Lifetime,  ///< max_lifetime
  Drained,   ///< it outlived the grace period of the drain
  Failed,    ///< this host could not go on; `error` says why
};

inline constexpr std::array kCloseReasons = {CloseReason::Client, CloseReason::Served,   CloseReason::Reset,
                                             CloseReason::Idle,   CloseReason::Lifetime, CloseReason::Drained,
                                             CloseReason::Failed};

/// How many connections ended so, in the order of kCloseReasons.
using ClosedBy = std::array<std::uint64_t, kCloseReasons.size()>;

/// "client", "served", "reset", "idle", "lifetime", "drained", "failed".
[[nodiscard]] TCPKIT_API std::string_view close_reason_name(CloseReason reason) noexcept;

/// A connection at its end.
struct ClosedConnection {
  Endpoint peer;
  std::uint64_t bytes_received = 0;
  std::uint64_t bytes_sent = 0;
  Nanoseconds duration{0};
  CloseReason reason = CloseReason::Client;
  std::error_code error;
};

/// Numbers of a running server.
struct ServeTotals {
  std::uint64_t accepted = 0;
  std::uint64_t open = 0;      ///< now
  std::uint64_t requests = 0;  ///< whole ones where request_bytes is more than 1, else reads
  std::uint64_t bytes_received = 0;
  std::uint64_t bytes_sent = 0;
};

/// Numbers of a server that has ended.
struct ServeSummary {
  ServeTotals totals;                  ///< `open` is 0
  std::uint64_t peak_connections = 0;  ///< most that were open at once
  std::uint64_t pauses = 0;            ///< how often accepting paused
  ClosedBy closed_by{};
  Nanoseconds duration{0};
};

/// Why accepting paused: at max_connections, or on an errno value of accept(2).
struct Pause {
  std::uint64_t open = 0;
  std::error_code error;  ///< none at max_connections
};

/// What happens, as it happens. Called from the server's threads, several at once: implementations are thread-safe
/// and must not block, for the connections of that thread wait meanwhile. A socket passed may be asked for its options
/// until the call returns; its bytes are not to be read.
class TCPKIT_API ServeEvents {
 public:
  virtual ~ServeEvents() = default;
  virtual void connected(int /*socket*/, const Endpoint& /*peer*/) {}
  virtual void setting_refused(const Error& /*error*/) {}  ///< on a connection; at most once
  virtual void received(const Endpoint& /*peer*/, std::string_view /*bytes*/) {}
  virtual void sent(const Endpoint& /*peer*/, std::string_view /*bytes*/) {}
  virtual void closed(int /*socket*/, const ClosedConnection& /*connection*/) {}
  virtual void paused(const Pause& /*pause*/) {}           ///< at most once a second from each thread, never left out
  virtual void resumed() {}                                ///< after a paused() that was told
  virtual void ticked(const ServeTotals& /*totals*/) {}    ///< once a second, always from the thread in run()
  virtual void draining(const ServeTotals& /*totals*/) {}  ///< once, from the same thread
};

/// One address that is listened on.
struct Listener {
  Endpoint address;          ///< with the real port
  std::vector<int> sockets;  ///< one a thread; owned by the server. After the drain began they listen no more, but for
                             ///< copies of `ServePlan::sockets`
};

/// Listens from open() on, serves in run(). Movable.
class TCPKIT_API Server {
 public:
  /// Binds and listens on all addresses, or on none. Fails as apply() does, with Errc::bad_value for a plan that
  /// contradicts itself, or with what bind(2), listen(2) and making threads' descriptors fail with.
  static Result<Server> open(const ServePlan& plan);
  Server(Server&&) noexcept;
  Server& operator=(Server&&) noexcept;
  ~Server();

  /// One for each address of the plan, in its order. Valid as long as the server.
  [[nodiscard]] std::span<const Listener> listeners() const noexcept;

  /// Serves until stop(), the plan's duration or the last connection of max_accepted. Call it once. Fails when a thread
  /// cannot be started.
  Result<ServeSummary> run(ServeEvents& events);

  /// First call: accept no more, let connections end by themselves, close the rest after plan.grace. Second call: close
  /// everything now. Thread-safe and async-signal-safe.
  void stop() noexcept;

 private:
  struct State;
  explicit Server(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace tcpkit

#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <tcpkit/base/api.hpp>
#include <tcpkit/base/histogram.hpp>
#include <tcpkit/base/result.hpp>
#include <tcpkit/base/units.hpp>
#include <tcpkit/net/connect.hpp>
#include <tcpkit/net/reply.hpp>
#include <tcpkit/sock/endpoint.hpp>
#include <tcpkit/sock/tcp_info.hpp>

/// A TCP client that measures: latency of requests, throughput, how long connections live.
namespace tcpkit {

/// What each connection does.
enum class LoadMode : std::uint8_t {
  RequestResponse,         ///< a request, its reply, the next one
  ConnectRequestResponse,  ///< the same, with a connection for each request
  WriteWriteRead,          ///< a request in two writes, then its reply
  Stream,                  ///< writes without end; what comes back is dropped. Reversed: reads without end
  Bidirectional,           ///< both at once
  Idle,                    ///< nothing: how long does it live?
};

/// Whether a mode is made of requests and their replies.
[[nodiscard]] constexpr bool has_requests(LoadMode mode) noexcept {
  return mode == LoadMode::RequestResponse || mode == LoadMode::ConnectRequestResponse ||
         mode == LoadMode::WriteWriteRead;
}

/// What to measure, with what, for how long. A plain value; 0 = no limit, where not said otherwise.
struct LoadPlan {
  /// The first that answers is used for all connections. At least one.
  std::vector<Endpoint> addresses;
  /// Settings, source; its timeout bounds a handshake and a request, its deadline the opening of the connections.
  ConnectPlan connect;
  Clock::time_point deadline = Clock::time_point::max();  ///< of the whole run
  LoadMode mode = LoadMode::RequestResponse;
  std::string request;            ///< of Stream and Bidirectional: one write. At least one byte, of WriteWriteRead two
  ReplyRule reply;                ///< of modes with requests; not None
  bool reversed = false;          ///< Stream: the server sends
  std::uint32_t connections = 1;  ///< at once; at least 1
  std::uint64_t count = 0;        ///< requests or writes in all; warm-up not counted, reversed not used
  Nanoseconds duration{0};        ///< of what is measured; afterwards requests under way are completed
  Nanoseconds warmup{0};   ///< before that, measured and forgotten; connections lost in it are failures all the same
  std::uint64_t rate = 0;  ///< requests a second, on a fixed schedule; 0: each after the reply to the one before
  Nanoseconds report_interval{0};  ///< 0: none
};

/// How a request or a connection failed.
enum class LoadFailure : std::uint8_t {
  Connect,     ///< no connection; `error` of the example says why
  Ended,       ///< the server ended the connection before the reply was complete
  Reset,       ///< the connection was reset, or the kernel gave it up
  TimedOut,    ///< no whole reply within the timeout
  Wrong,       ///< the reply differs from what was expected
  Longer,      ///< more came than a reply
  Unfinished,  ///< it was never sent, or not completed, when the run was stopped
};

inline constexpr std::array kLoadFailures = {LoadFailure::Connect,   LoadFailure::Ended, LoadFailure::Reset,
                                             LoadFailure::TimedOut,  LoadFailure::Wrong, LoadFailure::Longer,
                                             LoadFailure::Unfinished};

/// "connect", "ended", "reset", "timeout", "wrong", "longer", "unfinished".
[[nodiscard]] TCPKIT_API std::string_view load_failure_name(LoadFailure failure) noexcept;

/// How many failed so, in the order of kLoadFailures.
using FailureCounts = std::array<std::uint64_t, kLoadFailures.size()>;

/// What held a sender back, as the kernel's own clocks and its state tell (TCP_INFO).
enum class Limiter : std::uint8_t {
  Unknown,           ///< the kernel did not tell, or nothing was sent
  Application,       ///< it waited for replies before it sent more
  CongestionWindow,  ///< tcpi_snd_cwnd was in flight
  PeerWindow,        ///< tcpi_rwnd_limited
  SendBuffer,        ///< tcpi_sndbuf_limited
  Pacing,            ///< the pacing rate was reached
  Processor,         ///< none of these: the hosts could not go faster
};

/// "unknown", "application", "cwnd", "peer window", "send buffer", "pacing", "processor".
[[nodiscard]] TCPKIT_API std::string_view limiter_name(Limiter limiter) noexcept;

/// What TCP_INFO of all connections says about a stretch of time. Sums and times are of that stretch; nothing where the
/// kernel does not tell.
struct PathNumbers {
  std::uint64_t connections = 0;                           ///< that were asked
  std::optional<std::uint64_t> rtt_us;                     ///< smoothed; the mean of the connections at its end
  std::optional<std::uint64_t> rtt_max_us;                 ///< the same, the largest of them
  std::optional<std::uint64_t> cwnd;                       ///< segments; the mean of the connections at its end
  std::optional<std::uint64_t> retransmits;                ///< segments
  std::optional<std::uint64_t> busy_us;                    ///< with data to send or unacknowledged
  std::optional<std::uint64_t> rwnd_limited_us;            ///< of that, held back by the peer's window
  std::optional<std::uint64_t> sndbuf_limited_us;          ///< of that, by the send buffer
  std::optional<std::uint64_t> delivery_rate_bytes_per_s;  ///< the sum of the connections at its end
  Limiter limiter = Limiter::Unknown;
};

/// What was measured in a stretch of time.
struct LoadNumbers {
  Nanoseconds begin{0};        ///< after the begin of what is measured
  Nanoseconds duration{0};     ///< until its end, or until the last request was completed
  std::uint64_t requests = 0;  ///< completed with a reply that counts; writes in Stream and Bidirectional
  FailureCounts failures{};
  std::uint64_t bytes_sent = 0;  ///< by the client's kernel; those of Stream and Bidirectional that were acknowledged
  std::uint64_t bytes_received = 0;
  Histogram latency;            ///< from the actual begin of a request to its complete reply
  Histogram latency_intended;   ///< with a rate: from the scheduled begin
  std::uint64_t late = 0;       ///< with a rate: requests for which no connection was free at their time
  Histogram own_delay;          ///< with a rate: from when a request could begin until it did, the client's own part
  std::uint64_t in_pieces = 0;  ///< requests whose reply came in several reads
  Histogram connect_time;       ///< of connections opened in it
  Histogram lifetime;           ///< of connections that the server ended or reset in it
  PathNumbers path;
  Nanoseconds cpu_user{0};  ///< of the measuring thread
  Nanoseconds cpu_system{0};
};

/// The process did not run for a while: SIGSTOP, a suspended host, no processor to be had.
struct Absences {
  std::uint64_t count = 0;
  Nanoseconds total{0};
  Nanoseconds longest{0};
};

/// What a run found.
struct LoadResult {
  LoadNumbers numbers;  ///< of all that was measured
  Endpoint local;       ///< of the first connection
  Endpoint peer;
  std::uint64_t opened = 0;            ///< connections, those before and during the run
  std::uint64_t reopened = 0;          ///< of those, for one that the server had ended between two requests
  std::uint64_t peak_connections = 0;  ///< most at once
  std::optional<TcpInfo> info_after;   ///< of the first connection
  std::string info_after_reason;       ///< why there is none
  std::optional<Error> first_failure;  ///< an example: what went wrong first
  Absences absences;
  bool stopped = false;          ///< by stop()
  bool deadline_passed = false;  ///< before all was done
};

/// What a run tells while it goes on, all from the thread in run().
class TCPKIT_API LoadEvents {
 public:
  virtual ~LoadEvents() = default;
  virtual void interval(const LoadNumbers& /*numbers*/) {}  ///< at the end of each report_interval
  /// About once a second. `done` and `failed` of the requests so far; `elapsed` since the begin of what is measured,
  /// negative during the warm-up.
  virtual void ticked(std::uint64_t /*done*/, std::uint64_t /*failed*/, std::uint64_t /*bytes*/,
                      Nanoseconds /*elapsed*/) {}
};

/// Connects in open(), measures in run(). Movable.
class TCPKIT_API Load {
 public:
  /// Opens the connections: all of them, so that one that cannot be had fails it. Every try of the first is added to
  /// `attempts`. Fails as connect() does, and with what making descriptors fails with.
  static Result<Load> open(const LoadPlan& plan, std::vector<Attempt>& attempts);
  Load(Load&&) noexcept;
  Load& operator=(Load&&) noexcept;
  ~Load();

  /// The first connection. It may be asked for its options before run(); its bytes are not to be touched.
  [[nodiscard]] int socket() const noexcept;

  /// Measures until the plan's count or duration, its deadline or stop(), or until no connection is left. Call it once.
  Result<LoadResult> run(LoadEvents& events);

  /// Ends the run; what was measured so far is its result. Thread-safe and async-signal-safe.
  void stop() noexcept;

 private:
  struct State;
  explicit Load(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace tcpkit

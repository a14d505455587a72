#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <tcpkit/proc/foreign_socket.hpp>
#include <tcpkit/proc/told_option.hpp>
#include <tcpkit/report/connection.hpp>
#include <tcpkit/sock/listen_queue.hpp>
#include <tcpkit/sock/provenance.hpp>

#include "inspect_find.hpp"
#include "inspect_listeners.hpp"

/// How much is read of a socket.
enum class Depth : std::uint8_t {
  Diag,        ///< what sock_diag tells
  Telling,     ///< and the options that tell most, or those asked for with --only
  Everything,  ///< and everything that a snapshot has
};

/// A socket, and what could be read of it.
struct InspectedSocket {
  Match match;
  std::uint64_t netns = 0;  ///< inode number of its network namespace
  Depth depth = Depth::Diag;
  std::vector<tcpkit::OptionReading> options;    ///< of Depth::Telling
  std::vector<tcpkit::Provenance> origins;       ///< theirs, in the same order
  std::optional<tcpkit::ConnectionFacts> facts;  ///< of Depth::Everything
  std::optional<tcpkit::Diagnosis> diagnosis;    ///< where the plan asks for one, and of Depth::Everything
  std::string reason;                            ///< why options are not there, or not readable; empty where they are
  bool not_permitted = false;                    ///< this user may not look into its process, or copy it
  bool unheld = false;                           ///< no process in /proc has it, and none is kept from us
  bool late = false;                             ///< it was not read because the time to do so was over
  tcpkit::ListenCounters counters;               ///< of a listener's network namespace
  std::optional<std::int64_t> somaxconn;
  std::uint64_t sharing = 0;  ///< listeners with this one's address, it included; 0 = not counted
};

/// Reads sockets of one network namespace, whose thread calls it. Sysctls and defaults are those of that namespace.
class SocketReader {
 public:
  SocketReader(const InspectPlan& plan, const SearchArea& area, std::size_t netns,
               std::chrono::steady_clock::time_point deadline, tcpkit::CopyCloser& closer);

  [[nodiscard]] InspectedSocket read(Match match, Depth depth);
  /// What is not looked at any more: the next one is read into its memory, which malloc(3) would take long to find.
  void take_back(InspectedSocket socket);
  [[nodiscard]] tcpkit::SysctlValues& sysctls() { return sysctls_; }

 private:
  [[nodiscard]] std::optional<tcpkit::ForeignSocket> door_to(const Match& match, InspectedSocket& socket);
  void read_everything(const Match& match, InspectedSocket& socket);
  void read_telling(const Match& match, InspectedSocket& socket);
  void explain_rest(const Match& match, Depth depth, std::span<const tcpkit::OptionReading> readings,
                    std::span<tcpkit::Provenance> origins);
  const tcpkit::Snapshot* parent_of(const Match& match, Depth depth);
  [[nodiscard]] std::optional<tcpkit::Snapshot> take_parent(const Match& match, Depth depth);
  void read_listener(const tcpkit::SocketEntry& entry, InspectedSocket& socket);
  void judge(const Match& match, InspectedSocket& socket);
  const tcpkit::Snapshot* untouched(int family, bool listening);

  struct TellingRow {
    const tcpkit::Option* option;
    tcpkit::ToldOption told;  // or nullptr
  };

  [[nodiscard]] static std::vector<TellingRow> rows_to_read(const InspectPlan& plan);
  [[nodiscard]] std::vector<tcpkit::OptionReading> read_rows(tcpkit::ForeignSocket& socket,
                                                             const tcpkit::SocketEntry& entry);

  struct Untouched {
    int family = 0;
    bool listening = false;
    tcpkit::Result<tcpkit::Snapshot> snapshot;
  };

  const InspectPlan& plan_;
  const SearchArea& area_;
  std::size_t netns_;
  std::chrono::steady_clock::time_point deadline_;
  tcpkit::CopyCloser& closer_;
  tcpkit::ProcessDoors doors_;
  tcpkit::SysctlValues sysctls_;
  std::vector<TellingRow> rows_;  // read with Depth::Telling
  std::vector<tcpkit::OptionReading> spare_readings_;
  std::vector<tcpkit::Provenance> spare_origins_;
  std::vector<Untouched> untouched_;
  std::optional<tcpkit::ListenCounters> counters_;
  Listeners listeners_;
  // By process and address of the connections: those of a server have few. Nothing where it could not be read.
  std::map<std::pair<std::int64_t, std::string>, std::optional<tcpkit::Snapshot>> parents_;
};

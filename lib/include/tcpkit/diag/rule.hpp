#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <tcpkit/base/api.hpp>
#include <tcpkit/sock/value.hpp>

/// The rules that turn values into answers: one row each.
namespace tcpkit {

class Inputs;

enum class Severity : std::uint8_t {
  Note,     ///< true, and worth knowing; healthy hosts have some
  Warning,  ///< it costs time or throughput, or will when something else happens
  Error,    ///< connections or data are being lost
};

/// "note", "warning", "error".
[[nodiscard]] TCPKIT_API std::string_view severity_name(Severity severity) noexcept;

/// What a rule is about. It is not asked about other sockets.
enum class Subject : std::uint8_t {
  Connection,  ///< in any state from the handshake on
  Listener,
  Any,
};

/// Where a value comes from that a rule looks at.
enum class InputKind : std::uint8_t {
  Option,    ///< a row of the catalogue, by symbol
  Info,      ///< a TCP_INFO field
  Growth,    ///< what a TCP_INFO counter grew by over the interval
  Sysctl,    ///< a row of the table of sysctls
  Counter,   ///< what a counter of the network namespace (TcpExt) grew by over the interval
  Observed,  ///< a member of Observation that may be missing, by its name
};

/// What becomes of a rule when an input is missing.
enum class Need : std::uint8_t {
  Always,   ///< it is not checked
  IfAny,    ///< it is checked if this kernel or host has no such thing, not if it could not be read
  Helpful,  ///< it is checked all the same
};

/// One value that a rule looks at.
struct Input {
  InputKind kind = InputKind::Option;
  std::string_view name;         ///< "SO_RCVBUF", "rtt", "net.ipv4.tcp_rmem", "ListenOverflows", "accept_queue"
  std::string_view member = {};  ///< of a structure: "drops"
  int index = 0;                 ///< of a triple
  Need need = Need::Always;
};

/// The input for a reader: "tcpi_rtt", "growth of tcpi_busy_time", "net.ipv4.tcp_rmem[2]".
[[nodiscard]] TCPKIT_API std::string input_name(const Input& input);

/// One thing a symptom was seen by. A plain value.
struct Evidence {
  std::string name;  ///< "rcvbuf", "net.core.rmem_max"
  Value value;
  Unit unit = Unit::None;
};

/// How machine formats call it, with the unit: "rcvbuf_bytes", "net_core_rmem_max_bytes".
[[nodiscard]] TCPKIT_API std::string evidence_key(const Evidence& evidence);

/// What a rule found. Texts are empty where the row says all there is.
struct Symptom {
  std::vector<Evidence> evidence = {};
  std::string why = {};
  std::string remedy = {};
  std::optional<Severity> severity = {};  ///< where it differs from the row's
};

/// One row. All texts are static.
struct Rule {
  std::string_view id;    ///< "F05": unique; the table is sorted by it
  std::string_view name;  ///< "rwnd-limited"
  Severity severity = Severity::Warning;
  Subject subject = Subject::Connection;
  std::string_view title;              ///< "the peer's receive window holds the sender back"
  std::string_view condition;          ///< when it is found, with its threshold and the reason for that; sentences
  std::string_view why;                ///< what is wrong, in one or two sentences
  std::string_view remedy;             ///< what mends it, in general
  std::string_view source;             ///< "RFC 4898", "tcp(7)"
  std::span<const Input> inputs = {};  ///< without one that it needs the rule is not checked
  /// Looks at the inputs alone: a pure function.
  std::optional<Symptom> (*check)(const Inputs& inputs) = nullptr;
};

/// All rules, sorted by id. Thread-safe, constant.
[[nodiscard]] TCPKIT_API std::span<const Rule> rules();

/// The rule with this id or name; case, '-' and '_' do not matter. nullptr if there is none.
[[nodiscard]] TCPKIT_API const Rule* find_rule(std::string_view spelling);

}  // namespace tcpkit

#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <tcpkit/base/result.hpp>
#include <tcpkit/base/units.hpp>
#include <tcpkit/net/connect.hpp>
#include <tcpkit/net/load.hpp>
#include <tcpkit/net/reply.hpp>
#include <tcpkit/net/resolve.hpp>
#include <tcpkit/net/target.hpp>

#include "choices.hpp"
#include "diagnosis_plan.hpp"

class Args;

inline constexpr std::array kLoadModes{
    Meaning<tcpkit::LoadMode>{"rr", tcpkit::LoadMode::RequestResponse, "request, reply"},
    Meaning<tcpkit::LoadMode>{"crr", tcpkit::LoadMode::ConnectRequestResponse, "connect, request, reply, close"},
    Meaning<tcpkit::LoadMode>{"stream", tcpkit::LoadMode::Stream, "one way"},
    Meaning<tcpkit::LoadMode>{"bidir", tcpkit::LoadMode::Bidirectional, "both ways at once"},
    Meaning<tcpkit::LoadMode>{"wwr", tcpkit::LoadMode::WriteWriteRead, "a request in two writes, reply"},
    Meaning<tcpkit::LoadMode>{"idle", tcpkit::LoadMode::Idle, "hold connections"},
};

/// Where the bytes of a message come from.
struct MessageSource {
  enum class Kind : std::uint8_t { Text, File, StandardInput };
  Kind kind = Kind::StandardInput;
  std::string text = {};  ///< the bytes of Text, the path of File
};

/// What `tcpkit send` was asked to do, complete and checked; nothing has been resolved or opened yet.
struct SendPlan {
  tcpkit::Target target;
  std::string target_text;
  tcpkit::Families families = tcpkit::Families::Both;
  tcpkit::ConnectPlan connect;                  ///< its deadline is set when the run starts
  std::optional<tcpkit::Nanoseconds> deadline;  ///< of the whole run
  std::optional<tcpkit::Nanoseconds> wait;      ///< keep trying this long until somebody answers
  MessageSource message;
  tcpkit::ReplyRule reply;
  std::uint64_t count = 1;          ///< messages
  bool repeats = false;             ///< -n was given
  tcpkit::Nanoseconds interval{0};  ///< between two messages
  bool keep = false;                ///< all messages on one connection
  bool half_close = false;

  bool measures = false;     ///< a measurement instead of messages
  tcpkit::LoadPlan load;     ///< of a measurement; addresses, request and deadline are set when the run starts
  std::uint64_t size = 0;    ///< of a request, made up unless there is a message
  bool has_message = false;  ///< `message` was given: it is the request
  std::vector<double> percentiles;

  bool strict = false;
  DiagnosisPlan diagnosis;
};

/// The most a request may be: it is kept in memory, and so is what is compared with its reply.
inline constexpr std::uint64_t kMostRequestBytes = std::uint64_t{1} << 30;

/// "rr", "crr", "stream", "bidir", "wwr" or "idle".
[[nodiscard]] std::string_view load_mode_name(tcpkit::LoadMode mode);

/// Pure: reads the arguments, touches neither names nor sockets (a service name asks /etc/services).
[[nodiscard]] tcpkit::Result<SendPlan> make_send_plan(const Args& args);

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <tcpkit/base/histogram.hpp>
#include <tcpkit/net/connect.hpp>
#include <tcpkit/net/exchange.hpp>
#include <tcpkit/report/connection.hpp>
#include <tcpkit/report/report.hpp>

#include "send_plan.hpp"
#include "send_verdict.hpp"

/// The last message of a run and its reply.
struct SentMessage {
  std::uint64_t number = 0;  ///< from 1
  tcpkit::Endpoint local;
  tcpkit::Endpoint peer;
  tcpkit::ExchangeResult result;
  std::string reply;       ///< its first bytes
  bool truncated = false;  ///< there were more
};

/// What a run of messages found.
struct MessageRun {
  tcpkit::ConnectionFacts facts;  ///< of the first connection, before its first message
  std::optional<tcpkit::Nanoseconds> resolve_time;
  tcpkit::Nanoseconds connect_time{0};
  std::vector<tcpkit::Attempt> attempts;      ///< of the first connect
  std::optional<tcpkit::TcpInfo> info_after;  ///< of the last connection, after its last message
  std::string info_after_reason;              ///< why there is none
  std::uint64_t requests = 0;                 ///< with a right reply
  std::uint64_t errors = 0;
  std::uint64_t bytes_sent = 0;
  std::uint64_t bytes_received = 0;
  tcpkit::Histogram latency;  ///< of right replies
  tcpkit::Nanoseconds duration{0};
  SentMessage last;
  std::optional<SendFailure> failure;  ///< the last one
  bool interrupted = false;
};

/// One exchange, an object on a line, schema tcpkit.send/1.
[[nodiscard]] tcpkit::Report reply_report(const SentMessage& message, const std::optional<SendFailure>& failure);

/// All of them, schema tcpkit.send/1. `is_event`: it is the last of several objects.
[[nodiscard]] tcpkit::Report messages_report(const SendPlan& plan, const MessageRun& run, tcpkit::SysctlValues& sysctls,
                                             bool is_event);

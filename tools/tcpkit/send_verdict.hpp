#pragma once

#include <string>

#include <tcpkit/net/exchange.hpp>

#include "exit_code.hpp"

/// Why a message or its reply is a failure, for people and for programs.
struct SendFailure {
  std::string doing;    ///< "reply from 127.0.0.1:8888"
  std::string code;     ///< "ECONNRESET", or the name of the verdict
  std::string message;  ///< "ended after 3 of 5 bytes"
  ExitCode exit_code = ExitCode::CheckFailed;
};

/// What an exchange that did not end with Verdict::Right, by this plan with this peer, failed at.
[[nodiscard]] SendFailure failure_of(const tcpkit::ExchangeResult& result, const tcpkit::ExchangePlan& plan,
                                     const tcpkit::Endpoint& peer);

/// The same for what failed with an error.
[[nodiscard]] SendFailure failure_of(const tcpkit::Error& error);

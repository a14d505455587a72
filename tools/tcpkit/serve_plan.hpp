#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <tcpkit/base/result.hpp>
#include <tcpkit/net/listen_address.hpp>
#include <tcpkit/net/server.hpp>

#include "choices.hpp"
#include "diagnosis_plan.hpp"
#include "passed_sockets.hpp"

class Args;

inline constexpr std::array kServices{
    Meaning<tcpkit::Service>{"echo", tcpkit::Service::Echo, "with what came"},
    Meaning<tcpkit::Service>{"discard", tcpkit::Service::Discard, "with nothing: dropped in the kernel without a copy"},
    Meaning<tcpkit::Service>{"source", tcpkit::Service::Source, "with as many bytes as the client takes"},
};

/// What `tcpkit serve` was asked to do, complete and checked; nothing has been resolved or opened yet.
struct ServeOrder {
  std::vector<tcpkit::ListenAddress> addresses;
  tcpkit::Families families = tcpkit::Families::Both;
  tcpkit::ServePlan plan;        ///< without addresses, and with max_connections still to be fitted to this host
  std::size_t own_settings = 0;  ///< the first so many of plan.settings are serve's defaults, the others were given
  std::optional<std::uint64_t> max_connections;  ///< nothing: what fits, see fit_connections()
  std::vector<PassedSocket> passed;              ///< those of plan.sockets
  bool strict = false;
  DiagnosisPlan diagnosis;
};

/// Pure: reads the arguments, touches neither names nor sockets (a service name asks /etc/services). What is shown of
/// the traffic is left to the caller.
[[nodiscard]] tcpkit::Result<ServeOrder> make_serve_order(const Args& args);

/// Makes it an order to serve on these sockets instead of addresses. Fails where the arguments ask for an address.
[[nodiscard]] tcpkit::Result<void> serve_on(std::vector<PassedSocket> passed, const Args& args, ServeOrder& order);

/// The last setting of the option with this symbol, or nullptr.
[[nodiscard]] const tcpkit::Setting* find_setting(const tcpkit::ServePlan& plan, std::string_view symbol);

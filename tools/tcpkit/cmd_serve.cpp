#include <algorithm>
#include <array>
#include <chrono>

#include <fmt/format.h>

#include <tcpkit/base/units.hpp>
#include <tcpkit/report/connection.hpp>
#include <tcpkit/sock/sysctl_values.hpp>

#include "command.hpp"
#include "console.hpp"
#include "descriptor_limits.hpp"
#include "serve_changes.hpp"
#include "serve_log.hpp"
#include "serve_neighbours.hpp"
#include "serve_plan.hpp"
#include "serve_report.hpp"
#include "service_manager.hpp"
#include "stop_signals.hpp"

namespace {

using namespace tcpkit;

/// All addresses of all arguments, each once.
Result<void> resolve_addresses(ServeOrder& order) {
  constexpr std::chrono::seconds kResolveTime{30};
  const auto deadline = Clock::now() + kResolveTime;
  std::vector<Endpoint>& addresses = order.plan.addresses;
  for (const ListenAddress& argument : order.addresses) {
    const Result<std::vector<Endpoint>> found = resolve(argument, order.families, deadline);
    if (!found) return found.error();
    for (const Endpoint& address : *found) {
      if (std::ranges::find(addresses, address) == addresses.end()) addresses.push_back(address);
    }
  }
  return {};
}

Result<void> find_addresses(const Args& args, ServeOrder& order) {
  Result<std::vector<PassedSocket>> passed = passed_sockets();
  if (!passed) return passed.error();
  return passed->empty() ? resolve_addresses(order) : serve_on(std::move(*passed), args, order);
}

Result<void> fit_limits(ServeOrder& order, Console& console) {
  const Result<DescriptorRoom> room = descriptor_room(order.plan.addresses.size(), order.plan.threads);
  if (!room) return room.error();
  const ConnectionLimit limit = fit_connections(order.max_connections, *room);
  if (!limit.warning.empty()) console.warn(limit.warning);
  order.plan.max_connections = limit.connections;
  return raise_descriptor_limit(limit.soft);
}

Result<Server> open_server(const ServePlan& plan, std::span<const Neighbour> neighbours) {
  Result<Server> server = Server::open(plan);
  if (server || server.error().code != std::errc::address_in_use) return server;
  Error error = server.error();
  if (error.hint.empty()) error.hint = describe_holders(neighbours);
  return error;
}

Backlog find_backlog(const ServePlan& plan, int listener) {
  SysctlValues sysctls;
  const Result<AcceptQueue> queue = read_accept_queue(listener);
  const int kept = queue ? static_cast<int>(queue->backlog) : 0;
  return {plan.backlog >= 0 ? plan.backlog : kept, queue ? std::optional(queue->backlog) : std::nullopt,
          sysctls.number("net.core.somaxconn"), sysctls.number("net.ipv4.tcp_max_syn_backlog")};
}

/// What the kernel made of the settings of listeners and of the backlog; whether it changed any.
bool tell_changes(const ServePlan& plan, std::span<const Listener> listeners, ChangeWatch& changes, Console& console) {
  bool changed = false;
  for (const Listener& listener : listeners) {
    for (const Outcome& outcome : changes.on_listener(listener.sockets.front())) {
      changed = tell_outcome(outcome, console) || changed;
    }
  }
  const Backlog backlog = find_backlog(plan, listeners.front().sockets.front());
  if (!backlog.effective || *backlog.effective >= static_cast<std::uint64_t>(backlog.asked)) return changed;
  console.warn(
      fmt::format("backlog: asked {}, got {}: {}", backlog.asked, *backlog.effective, describe_backlog(backlog)));
  console.print(changed_report(backlog));
  return true;
}

void announce(const ServeOrder& order, std::span<const Listener> listeners, std::span<const Neighbour> neighbours,
              Console& console) {
  for (const Neighbour& neighbour : neighbours) console.warn(describe_sharing(neighbour));
  std::string open_to_others;
  for (std::size_t n = 0; n < listeners.size(); ++n) {
    const Listener& listener = listeners[n];
    const PassedSocket* passed = order.passed.empty() ? nullptr : &order.passed[n];
    console.print(listening_report(listener.address, find_backlog(order.plan, listener.sockets.front()), passed));
    if (is_loopback(listener.address)) continue;
    open_to_others += (open_to_others.empty() ? "" : ", ") + escape(listener.address.text());
  }
  if (!open_to_others.empty()) console.warn("other hosts can connect to " + open_to_others);
}

ExitCode verdict(const ServeOrder& order, const ServeLog& log, const FindingWatch& findings) {
  if (StopSignals::count() > 1) return ended_by_signal(StopSignals::last());
  if (log.refused()) return exit_code(*log.refused());
  return findings.fails() || (order.strict && log.changed()) ? ExitCode::CheckFailed : ExitCode::Done;
}

ExitCode serve(const ServeOrder& order, Server& server, std::span<const Neighbour> neighbours, Console& console) {
  const StopSignals signals(server, 2);  // one drains it, two end it
  ChangeWatch changes(order);
  const bool changed = tell_changes(order.plan, server.listeners(), changes, console);
  if (changed && order.strict) return ExitCode::CheckFailed;
  FindingWatch findings(order, server.listeners());
  const auto tell_all = [&console](std::span<const FindingWatch::Found> news) {
    for (const auto& found : news) tell_found(found, console);
  };
  const std::vector<FindingWatch::Found> at_start = findings.look();
  if (findings.fails()) {
    tell_all(at_start);
    return ExitCode::CheckFailed;
  }
  ServeLog log(console, order, changes, findings, HealthWatch(server.listeners()));
  announce(order, server.listeners(), neighbours, console);
  tell_all(at_start);
  if (auto told = tell_service_manager("READY=1\nSTATUS=listening"); !told) console.warn(describe(told.error()));
  const Result<ServeSummary> summary = server.run(log);
  if (!summary) return console.fail(summary.error());
  log.summarize(*summary);
  return verdict(order, log, findings);
}

ExitCode run_serve_command(const Args& args, Console& console) {
  Result<ServeOrder> order = make_serve_order(args);
  if (!order) return console.fail(order.error());
  ignore_broken_pipes();
  if (auto streaming = console.stream(dropped_report); !streaming) return console.fail(streaming.error());
  order->plan.traffic_events = shows(console, 2);
  if (auto found = find_addresses(args, *order); !found) return console.fail(found.error());
  if (auto fitted = fit_limits(*order, console); !fitted) return console.fail(fitted.error());
  std::vector<Neighbour> neighbours;
  if (order->passed.empty()) neighbours = find_neighbours(order->plan.addresses);  // else it is who passed them
  Result<Server> server = open_server(order->plan, neighbours);
  if (!server) return console.fail(server.error());
  return serve(*order, *server, neighbours, console);
}

constexpr std::array kPositionals{
    Positional{.name = "ADDRESS",
               .repeatable = true,
               .brief = "Where to listen: HOST:PORT, [ADDRESS]:PORT for IPv6, :PORT for this host alone, *:PORT for "
                        "every address; port 0 is a free one. Default: the sockets that a service manager "
                        "passed in LISTEN_FDS, else 127.0.0.1:8888."},
};

constexpr std::array kFlags{
    Flag{.name = "option",
         .letter = 'o',
         .value = "NAME[=VALUE]",
         .repeatable = true,
         .choices = {Source::Settings},
         .brief = "Set a socket option: on the listener where connections inherit it, else on each connection. "
                  "tcpkit-options(7) lists the names; LEVEL:NUMBER=INT sets any other. It replaces serve's default of "
                  "that name: reuseaddr, reuseport, nodelay, quickack, keepalive, keepidle=30m, keepcnt=5, "
                  "keepintvl=15s. quickack=always sets it again after every read, because the kernel forgets it."},
    Flag{.name = "backlog", .value = "N", .brief = "Let N connections wait to be accepted. Default: 100."},
    Flag{.name = "ipv4", .letter = '4', .brief = "Use IPv4 addresses only."},
    Flag{.name = "ipv6", .letter = '6', .brief = "Use IPv6 addresses only."},
    Flag{.name = "mode", .value = "MODE", .choices = kOneOf<kServices>, .brief = "How to answer: {}. Default: echo."},
    Flag{.name = "one-shot",
         .brief = "Echo once what a connection sent first, and close it, as the usual asyncio example does."},
    Flag{.name = "read-size", .value = "SIZE", .brief = "With --one-shot, echo at most SIZE bytes. Default: 100."},
    Flag{.name = "reply-every",
         .value = "SIZE",
         .brief = "Answer only once SIZE bytes have come, as a server of requests does."},
    Flag{
        .name = "threads", .value = "N", .brief = "Serve with N threads, each with a listener of its own. Default: 1."},
    Flag{.name = "max-connections",
         .value = "N",
         .brief = "Serve N connections at once; more wait in the backlog. Default: 1024, or what the limit on "
                  "descriptors leaves."},
    Flag{.name = "idle-timeout",
         .value = "D",
         .brief = "Cut a connection on which no byte moved for D; 0 is never. Default: 60s, with --one-shot 0."},
    Flag{.name = "max-lifetime", .value = "D", .brief = "Cut a connection after D."},
    Flag{.name = "max-bytes",
         .value = "SIZE",
         .brief = "End a connection after SIZE bytes of its client, or to it "
                  "with --mode source."},
    Flag{.name = "accept", .value = "N", .brief = "End after N connections."},
    Flag{.name = "for", .value = "D", .brief = "End after D, as a signal would."},
    Flag{.name = "grace",
         .value = "D",
         .brief = "At the end, let connections go on for D before they are cut; 0 cuts them at once. Default: 5s."},
    Flag{.name = "strict",
         .brief = "Exit with 1 when the kernel did not take a setting as asked: before serving where "
                  "that shows in time, else at the end."},
    Flag{.name = "all", .brief = "Show every socket option of a connection, not only those that were set."},
};

constexpr std::array kExamples{
    Example{"tcpkit serve", "an echo server on 127.0.0.1:8888"},
    Example{"tcpkit serve -v --accept 1 127.0.0.1:0", "show the options of one connection, on a free port"},
    Example{"tcpkit serve --mode discard -o rcvbuf=4M '*:9000'", "take what other hosts send, with a larger buffer"},
    Example{"tcpkit serve --reply-every 64 -o quickack=off :8888",
            "show the stall of a client that writes twice before it reads"},
    Example{"tcpkit serve --json --for 10m --strict > serve.ndjson", "every event as an object, for a program"},
};

}  // namespace

extern const Command kServe;
const Command kServe{
    .name = "serve",
    .brief = "echo, discard or send bytes as a TCP server with known settings",
    .synopsis = "[ADDRESS...]",
    .positionals = kPositionals,
    .flags = kFlags,
    .examples = kExamples,
    .run = run_serve_command,
    .streams = true,
    .diagnoses = true,
};

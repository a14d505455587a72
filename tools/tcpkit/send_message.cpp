#include "send_message.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <optional>
#include <utility>

#include <fmt/format.h>
#include <poll.h>

#include <tcpkit/base/units.hpp>
#include <tcpkit/net/exchange.hpp>

#include "await_ready.hpp"
#include "connect_words.hpp"
#include "connector.hpp"
#include "console.hpp"
#include "outcomes.hpp"
#include "send_message_report.hpp"
#include "send_sink.hpp"
#include "send_source.hpp"
#include "stop_signals.hpp"
#include "wake.hpp"

using namespace tcpkit;

namespace {

std::string count_of(std::uint64_t count, std::string_view what) {
  return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
}

ExchangePlan exchange_plan(const SendPlan& plan, Clock::time_point deadline, int stop) {
  ExchangePlan exchange;
  exchange.reply = plan.reply;
  exchange.half_close = plan.half_close;
  exchange.timeout = plan.connect.timeout;
  exchange.deadline = deadline;
  exchange.quickack_always = asks_for_quickack_always(plan.connect.settings);
  exchange.stop = stop;
  return exchange;
}

ConnectOrder connect_order(const SendPlan& plan, Clock::time_point deadline, int stop) {
  ConnectOrder order{plan.target, plan.families, plan.connect, plan.wait};
  order.connect.stop = stop;
  order.connect.deadline = deadline;
  return order;
}

/// The messages of one command, one after the other.
class Messenger {
 public:
  Messenger(const SendPlan& plan, Console& console, Message message, Clock::time_point deadline)
      : plan_(plan),
        console_(console),
        message_(std::move(message)),
        exchange_(exchange_plan(plan, deadline, stop_.descriptor())),
        connector_(connect_order(plan, deadline, stop_.descriptor()),
                   [&console](const auto& host, auto found) { tell_addresses(host, found, console); }),
        sink_(console.complete(), [this] { stop_.stop(); }) {}

  ExitCode run() {
    Result<Connection> first = connector_.connect_waiting(run_.attempts);
    tell_attempts(run_.attempts, first.has_value(), console_);
    if (!first) return console_.fail(first.error());
    if (auto looked = look_at(*first); !looked) return console_.fail(looked.error());
    hold(std::move(*first));
    const StopSignals signals(stop_, 1);
    const auto begin = Clock::now();
    exchange_all();
    run_.duration = Clock::now() - begin;
    return report();
  }

 private:
  Result<void> look_at(const Connection& connection) {
    run_.resolve_time = connector_.resolve_time();
    run_.connect_time = connection.connect_time();
    if (!console_.complete() && plan_.connect.settings.empty()) return {};
    Result<ConnectionFacts> facts = gather_facts(connection.socket(), plan_.connect.settings, sysctls_);
    if (!facts) return facts.error();
    run_.facts = std::move(*facts);
    changed_ = tell_outcomes(run_.facts.outcomes, console_);
    return {};
  }

  void hold(Connection connection) {
    connection_.emplace(std::move(connection));
    conversation_.emplace(connection_->socket());
  }

  void let_go() {
    if (console_.complete()) look_after();
    conversation_.reset();
    connection_.reset();
  }

  void look_after() {
    Result<TcpInfo> info = TcpInfo::read(connection_->socket());
    run_.info_after_reason = info ? "" : "unreadable: " + info.error().code.message();
    run_.info_after = info ? std::optional(std::move(*info)) : std::nullopt;
  }

  void exchange_all() {
    for (std::uint64_t number = 1; number <= plan_.count && !over_; ++number) {
      if (number > 1 && !may_go_on()) break;
      if (!connection_ && !reconnect()) continue;
      exchange_one(number);
    }
    if (connection_) let_go();
  }

  bool may_go_on() {
    const auto next = std::min(after(plan_.interval), exchange_.deadline);
    if (sink_.is_broken()) return false;
    run_.interrupted = await_ready(stop_.descriptor(), POLLIN, next);
    cut_short_ = !run_.interrupted && Clock::now() >= exchange_.deadline;
    return !run_.interrupted && !cut_short_;
  }

  bool reconnect() {
    std::vector<Attempt> attempts;
    Result<Connection> connection = connector_.connect_once(attempts);
    if (!connection && connection.error().code == std::errc::operation_canceled) {
      run_.interrupted = over_ = true;
      return false;
    }
    tell_attempts(attempts, connection.has_value(), console_);
    if (connection) {
      hold(std::move(*connection));
      return true;
    }
    over_ = !may_pass(connection.error());
    fail(failure_of(connection.error()));
    return false;
  }

  void exchange_one(std::uint64_t number) {
    const int socket = connection_->socket();
    message_.rewind();
    sink_.restart();
    run_.last = {number, local_endpoint(socket), peer_endpoint(socket), {}, {}, false};
    run_.last.result = conversation_->exchange(exchange_, message_, sink_);
    run_.last.reply = sink_.kept();
    run_.last.truncated = sink_.truncated();
    judge();
    if (console_.one_a_line()) console_.print(reply_report(run_.last, run_.failure));
    if (!plan_.keep || run_.last.result.verdict != Verdict::Right) let_go();
  }

  void judge() {
    const ExchangeResult& result = run_.last.result;
    run_.bytes_sent += result.bytes_sent;
    run_.bytes_received += result.bytes_received;
    over_ = result.verdict == Verdict::Stopped || result.verdict == Verdict::DeadlinePassed ||
            result.verdict == Verdict::SourceFailed;
    run_.interrupted = result.verdict == Verdict::Stopped;
    if (run_.interrupted && sink_.is_broken()) return;  // report() says it
    if (result.verdict != Verdict::Right) return fail(failure_of(result, exchange_, run_.last.peer));
    ++run_.requests;
    run_.latency.add(result.duration);
    console_.say(1,
                 fmt::format("sent {} to {}, {} back in {}", count_of(result.bytes_sent, "byte"),
                             escape(run_.last.peer.text()), result.bytes_received, format_duration(result.duration)));
  }

  void fail(SendFailure failure) {
    ++run_.errors;
    tell(failure);
    run_.failure = std::move(failure);
  }

  ExitCode report() {
    const int errno_value = sink_.finish(exchange_.deadline);
    if (errno_value != 0) return console_.fail(system_error(errno_value, "write to standard output"));
    if (cut_short_) tell_cut_short();
    if (plan_.repeats) tell_summary();
    if (console_.complete()) console_.print(messages_report(plan_, run_, sysctls_, console_.one_a_line()));
    return verdict();
  }

  void tell_cut_short() {
    const std::uint64_t done = run_.requests + run_.errors;
    run_.failure =
        SendFailure{fmt::format("send {}", count_of(plan_.count, "message")), "deadline",
                    fmt::format("--deadline {} passed after {} of them", format_duration(*plan_.deadline), done),
                    ExitCode::Timeout};
    tell(*run_.failure);
  }

  void tell(const SendFailure& failure) { console_.complain(fmt::format("{}: {}", failure.doing, failure.message)); }

  void tell_summary() {
    const std::string times =
        run_.latency.empty()
            ? ""
            : fmt::format("; replies took {} to {}, {} on average", format_duration(run_.latency.min()),
                          format_duration(run_.latency.max()), format_duration(run_.latency.mean()));
    console_.say(1,
                 fmt::format("{}, {} failed{}", count_of(run_.requests + run_.errors, "message"), run_.errors, times));
  }

  [[nodiscard]] ExitCode verdict() const {
    if (run_.interrupted) return ended_by_signal(StopSignals::last());
    if (run_.failure) return run_.failure->exit_code;
    return changed_ && plan_.strict ? ExitCode::CheckFailed : ExitCode::Done;
  }

  const SendPlan& plan_;
  Console& console_;
  Message message_;
  Wake stop_;
  ExchangePlan exchange_;
  Connector connector_;
  ReplySink sink_;
  SysctlValues sysctls_;
  std::optional<Connection> connection_;
  std::optional<Conversation> conversation_;
  MessageRun run_;
  bool changed_ = false;
  bool over_ = false;
  bool cut_short_ = false;
};

}  // namespace

ExitCode send_messages(const SendPlan& plan, Console& console) {
  const auto deadline = after(plan.deadline);
  Result<Message> message = Message::open(plan.message, plan.count > 1, deadline);
  if (!message) return console.fail(message.error());
  return Messenger(plan, console, std::move(*message), deadline).run();
}

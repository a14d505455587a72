#include "serve_changes.hpp"

#include <algorithm>

#include <tcpkit/report/connection.hpp>

#include "console.hpp"
#include "serve_report.hpp"

using namespace tcpkit;

namespace {

bool has_phase(const Setting& setting, Phase phase) {
  return setting.option != nullptr && setting.option->phase == phase;
}

/// Quick ACKs and the like are set on connections alone; whether busy polling works shows once something was received.
bool judged_on_listener(const Setting& setting) {
  const bool busy_poll = setting.option != nullptr && setting.option->symbol == "SO_BUSY_POLL";
  return !has_phase(setting, Phase::Connected) && !busy_poll;
}

/// Quick ACKs are a state, which a FIN that came already has ended: net/ipv4/tcp_input.c, tcp_fin().
bool judged_on_connection(const Setting& setting) {
  const bool quickack = setting.option != nullptr && setting.option->symbol == "TCP_QUICKACK";
  return !has_phase(setting, Phase::Listener) && !quickack;
}

}  // namespace

ChangeWatch::ChangeWatch(const ServeOrder& order) : settings_(order.plan.settings) {
  const Result<HostFacts> host = find_host_facts();
  if (host) host_ = *host;
}

std::vector<Outcome> ChangeWatch::on_listener(int socket) {
  return new_changes(socket, judged_on_listener);
}

std::vector<Outcome> ChangeWatch::on_connection(int socket) {
  if (connection_seen_.load(std::memory_order_relaxed) || connection_seen_.exchange(true)) return {};
  return new_changes(socket, judged_on_connection);
}

std::vector<Outcome> ChangeWatch::new_changes(int socket, bool (*judged)(const Setting&)) {
  const Snapshot snapshot = take_snapshot(socket);
  const std::scoped_lock lock(mutex_);
  std::vector<Outcome> changes;
  for (Outcome& outcome : judge(settings_, snapshot, host_, sysctls_)) {
    const bool news = outcome.effect == Effect::Changed || outcome.effect == Effect::Adjusted;
    if (!news || !judged(outcome.setting)) continue;
    const auto same = [&](const Setting& told) { return same_option(told, outcome.setting); };
    if (std::ranges::any_of(told_, same)) continue;
    told_.push_back(outcome.setting);
    changes.push_back(std::move(outcome));
  }
  return changes;
}

bool tell_outcome(const Outcome& outcome, Console& console) {
  if (outcome.effect != Effect::Changed) {
    console.say(1, describe_outcome(outcome));
    return false;
  }
  console.warn(describe_outcome(outcome));
  console.print(changed_report(outcome));
  return true;
}

#include "inspect_sums.hpp"

#include <algorithm>
#include <set>
#include <utility>
#include <vector>

#include "event_report.hpp"

using namespace tcpkit;

namespace {

/// A process may call itself anything, and each name is another series for whoever keeps them.
constexpr std::size_t kMostCommands = 100;

std::set<std::string> most_frequent(const std::map<std::string, std::uint64_t>& commands) {
  std::vector<std::pair<std::uint64_t, std::string>> order;
  order.reserve(commands.size());
  for (const auto& [command, count] : commands) order.emplace_back(count, command);
  std::ranges::sort(order, std::greater<>());
  if (order.size() > kMostCommands) order.resize(kMostCommands);
  std::set<std::string> names;
  for (auto& [count, command] : order) names.insert(std::move(command));
  return names;
}

}  // namespace

void SocketSums::add(const InspectedSocket& socket) {
  const Match& match = socket.match;
  const SocketEntry& entry = match.entry;
  const std::string command = match.holders.empty() ? "" : match.holders.front().command;
  ++commands_[command];
  Sum& sum = sums_[{entry.state, command}];
  ++sum.count;
  if (entry.state == SocketState::Listen) {
    sum.accept += entry.receive_queue;
  } else {
    sum.receive += entry.receive_queue;
    sum.send += entry.send_queue;
  }
  if (!socket.diagnosis) return;
  for (const Finding& finding : socket.diagnosis->findings) {
    ++findings_[{std::string(finding.rule->id), std::string(severity_name(finding.severity))}];
  }
}

Section SocketSums::findings() const {
  DataArray array;
  for (const auto& [found, count] : findings_) {
    array.push_back({DataObject{{"id", {found.first}}, {"severity", {found.second}}, {"count", {count}}}});
  }
  return {.fields = {hidden("findings", {std::move(array)})}};
}

Section SocketSums::groups() const {
  const std::set<std::string> kept = most_frequent(commands_);
  std::map<std::pair<SocketState, std::string>, Sum> groups;
  for (const auto& [group, sum] : sums_) {
    Sum& of_group = groups[{group.first, kept.contains(group.second) ? group.second : ""}];
    of_group.count += sum.count;
    of_group.receive += sum.receive;
    of_group.send += sum.send;
    of_group.accept += sum.accept;
  }
  DataArray array;
  for (const auto& [group, sum] : groups) {
    DataObject object{{"state", {socket_state_name(group.first)}}, {"command", {group.second}}, {"count", {sum.count}}};
    if (group.first == SocketState::Listen) {
      object.emplace_back("accept_queue", Data{sum.accept});
    } else {
      object.emplace_back("recv", Data{sum.receive});
      object.emplace_back("send", Data{sum.send});
    }
    array.push_back({std::move(object)});
  }
  return {.fields = {hidden("groups", {std::move(array)})}};
}

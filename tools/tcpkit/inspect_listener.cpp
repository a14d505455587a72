#include "inspect_listener.hpp"

#include <fmt/format.h>

#include <tcpkit/report/data.hpp>

#include "inspect_words.hpp"
#include "short_reading.hpp"

using namespace tcpkit;

namespace {

std::optional<std::uint64_t> own_drops(const InspectedSocket& socket) {
  const std::optional<SocketMemory>& memory = socket.match.entry.memory;
  return memory ? std::optional<std::uint64_t>(memory->drops) : std::nullopt;
}

Field row(std::string_view label, std::string text, std::string remark = {}) {
  return {.label = std::string(label), .text = std::move(text), .remark = std::move(remark)};
}

std::string number_text(const auto& number) {
  return number ? fmt::to_string(*number) : "-";
}

/// What was chosen for the listener, as far as accepted sockets take it over, or do not.
std::string chosen(const ConnectionFacts& facts, Inherit inherit) {
  std::string list;
  for (std::size_t at = 0; at < facts.origins.size(); ++at) {
    const OptionReading& reading = facts.snapshot.options[at];
    if (!was_chosen(reading, facts.origins[at]) || reading.option->inherit != inherit) continue;
    list += (list.empty() ? "" : ", ") + short_reading(reading);
  }
  return list;
}

}  // namespace

Data accept_queue_data(const InspectedSocket& socket) {
  const SocketEntry& entry = socket.match.entry;
  return {DataObject{{"accept_queue", {std::uint64_t{entry.receive_queue}}},
                     {"backlog", {std::uint64_t{entry.send_queue}}},
                     {"somaxconn", socket.somaxconn ? Data{*socket.somaxconn} : Data{}},
                     {"overflows", number_or_null(socket.counters.overflows)},
                     {"drops", number_or_null(socket.counters.drops)},
                     {"own_drops", number_or_null(own_drops(socket))},
                     {"sharing", socket.sharing > 0 ? Data{socket.sharing} : Data{}}}};
}

std::vector<Field> listener_rows(const InspectedSocket& socket) {
  const SocketEntry& entry = socket.match.entry;
  std::vector<Field> rows;
  rows.push_back(row("to accept", fmt::format("{} of {}", entry.receive_queue, entry.send_queue),
                     fmt::format("backlog in effect; net.core.somaxconn = {} when it is called again",
                                 number_text(socket.somaxconn))));
  rows.push_back(row("dropped here", number_text(own_drops(socket)), "connections, by this listener"));
  rows.push_back(row("overflows", number_text(socket.counters.overflows),
                     fmt::format("full accept queues in this network namespace; {} dropped for any reason",
                                 number_text(socket.counters.drops))));
  if (socket.sharing > 1) {
    rows.push_back(row("sharing", fmt::to_string(socket.sharing), "listeners with this address, SO_REUSEPORT"));
  }
  if (!socket.facts || !socket.reason.empty()) return rows;
  const std::string kept = chosen(*socket.facts, Inherit::Yes);
  const std::string lost = chosen(*socket.facts, Inherit::No);
  rows.push_back(row("inherited", "", kept.empty() ? "nothing that was set here" : kept));
  if (!lost.empty()) rows.push_back(row("not inherited", "", lost + ": to be set on each accepted socket"));
  return rows;
}

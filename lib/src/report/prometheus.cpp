#include <algorithm>
#include <array>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include <fmt/format.h>

#include <tcpkit/report/data.hpp>
#include <tcpkit/sock/option.hpp>
#include <tcpkit/sock/tcp_info.hpp>
#include <tcpkit/sock/unit.hpp>

#include "report/exposition.hpp"
#include "report/formats.hpp"

namespace tcpkit {
namespace {

/// Sections of plain numbers, whose keys say the unit. Sysctls are not among them: node_exporter has those.
struct PlainSection {
  std::string_view key;
  std::string_view help;
};
constexpr std::array kPlainSections{
    PlainSection{"timing", "Of the last connection made"},
    PlainSection{"connects", "Of all connects"},
    PlainSection{"negotiated", "Agreed upon in the handshake"},
    PlainSection{"limits", "What follows from options, sysctls and the measured round-trip time"},
};

/// What inspect tells of a socket under keys that have no unit.
struct Queue {
  std::string_view key;
  std::string_view metric;
  std::string_view help;
};
constexpr std::array kQueues{
    Queue{"recv", "receive_queue_bytes", "Received and not read by the application"},
    Queue{"send", "send_queue_bytes", "Written and not acknowledged by the peer"},
    Queue{"accept_queue", "accept_queue_connections", "Connections that wait to be accepted"},
    Queue{"backlog", "backlog_connections", "Connections that may wait to be accepted"},
    Queue{"own_drops", "listener_drops", "Connections that this listener had no room for"},
};

constexpr std::array kTotals{
    Queue{"not_permitted", "not_permitted", "Sockets of processes that this user may not look into"},
    Queue{"incomplete", "incomplete", "Whether the list of sockets may be short of some"},
};

std::string text_of(const Data& data, std::string_view key) {
  const Data* member = find_member(data, key);
  const auto* text = member != nullptr ? std::get_if<std::string>(&member->value) : nullptr;
  return text != nullptr ? *text : std::string();
}

std::string number_of(const Data& data, std::string_view key) {
  const Data* member = find_member(data, key);
  if (member == nullptr) return {};
  if (const auto* number = std::get_if<std::int64_t>(&member->value)) return fmt::to_string(*number);
  if (const auto* number = std::get_if<std::uint64_t>(&member->value)) return fmt::to_string(*number);
  return {};
}

template <class Visit>
void each_member(const Data& data, std::string_view key, Visit visit) {
  const Data* section = find_member(data, key);
  const auto* object = section != nullptr ? std::get_if<DataObject>(&section->value) : nullptr;
  if (object == nullptr) return;
  for (const auto& [name, value] : *object) visit(name, value);
}

template <class Visit>
void each_item(const Data& data, std::string_view key, Visit visit) {
  const Data* list = find_member(data, key);
  const auto* items = list != nullptr ? std::get_if<DataArray>(&list->value) : nullptr;
  if (items == nullptr) return;
  for (const Data& item : *items) visit(item);
}

MetricName option_name(const Option& option) {
  std::string key(option.name);
  switch (option.unit) {
    case Unit::BytesPerSecond:
      key += "_bytes_per_s";
      break;
    case Unit::Bytes:
    case Unit::Seconds:
    case Unit::Milliseconds:
    case Unit::Microseconds:
    case Unit::Nanoseconds:
      if (!key.ends_with(fmt::format("-{}", unit_name(option.unit)))) key += fmt::format("_{}", unit_name(option.unit));
      break;
    default:
      break;
  }
  return metric_name("option", key);
}

/// "none" and "unlimited" are no amounts.
bool stands_for_none(std::span<const NamedNumber> special, const Data& data) {
  const auto* number = std::get_if<std::uint64_t>(&data.value);
  return number != nullptr && std::ranges::any_of(special, [&](const NamedNumber& row) {
           return static_cast<std::uint64_t>(row.number) == *number;
         });
}

void add_options(Exposition& metrics, const Data& facts, const Labels& labels) {
  each_member(facts, "options", [&](const std::string& symbol, const Data& data) {
    const Option* option = find_option(symbol);
    const Data* value = find_member(data, "value");
    if (option == nullptr || value == nullptr || stands_for_none(option->special, *value)) return;
    metrics.add(option_name(*option), MetricType::Gauge, fmt::format("{}: {}", symbol, option->brief), labels, *value);
  });
}

void add_tcp_info(Exposition& metrics, const Data& facts, const Labels& labels) {
  each_member(facts, "tcp_info", [&](const std::string& key, const Data& value) {
    const TcpInfoField* field = find_tcp_info_field(key);
    if (field == nullptr || stands_for_none(field->special, value)) return;
    const MetricType type = field->cumulative ? MetricType::Counter : MetricType::Gauge;
    metrics.add(metric_name("tcp_info", key), type, fmt::format("tcpi_{}: {}", field->name, field->brief), labels,
                value);
  });
}

void add_plain_sections(Exposition& metrics, const Data& facts, const Labels& labels) {
  for (const PlainSection& section : kPlainSections) {
    each_member(facts, section.key, [&](const std::string& key, const Data& value) {
      metrics.add(metric_name(section.key, key), MetricType::Gauge, fmt::format("{}: {}", section.help, key), labels,
                  value);
    });
  }
}

void add_queues(Exposition& metrics, const Data& socket, const Labels& labels) {
  const Data* queues = find_member(socket, "queues");
  for (const Queue& queue : kQueues) {
    const Data* value = queues != nullptr ? find_member(*queues, queue.key) : nullptr;
    const bool counts = queue.key == "own_drops";
    if (value == nullptr) continue;
    metrics.add(metric_name("", queue.metric), counts ? MetricType::Counter : MetricType::Gauge, queue.help, labels,
                *value);
  }
}

void add_findings(Exposition& metrics, const Data& facts, const Labels& labels) {
  std::map<std::pair<std::string, std::string>, std::uint64_t> counts;
  each_item(facts, "findings", [&](const Data& found) {
    const Data* several = find_member(found, "count");
    const auto* count = several != nullptr ? std::get_if<std::uint64_t>(&several->value) : nullptr;
    counts[{text_of(found, "id"), text_of(found, "severity")}] += count != nullptr ? *count : 1;
  });
  for (const auto& [found, count] : counts) {
    Labels of_finding = labels;
    of_finding.insert(of_finding.end(), {{"id", found.first}, {"severity", found.second}});
    metrics.add({"tcpkit_findings"}, MetricType::Gauge, "Findings of a rule: tcpkit-findings(7)", of_finding, {count});
  }
}

void add_facts(Exposition& metrics, const Data& facts, const Labels& labels) {
  add_plain_sections(metrics, facts, labels);
  add_options(metrics, facts, labels);
  add_tcp_info(metrics, facts, labels);
  add_findings(metrics, facts, labels);
}

/// Of tcpkit's own peer the port is another one in every run, and a label must not be.
std::string target_label(const Data& root) {
  const Data* target = find_member(root, "target");
  const Data* own_peer = find_member(root, "own_peer");
  const bool* own = own_peer != nullptr ? std::get_if<bool>(&own_peer->value) : nullptr;
  if (target == nullptr || (own != nullptr && *own)) return {};
  const std::string host = text_of(*target, "host");
  const bool bare = host.find(':') != std::string::npos;
  return fmt::format("{}{}{}:{}", bare ? "[" : "", host, bare ? "]" : "", number_of(*target, "port"));
}

void add_sockets(Exposition& metrics, const Data& root) {
  each_item(root, "sockets", [&](const Data& socket) {
    const Labels labels{{"command", text_of(socket, "command")}, {"pid", number_of(socket, "pid")},
                        {"local", text_of(socket, "local")},     {"peer", text_of(socket, "peer")},
                        {"inode", number_of(socket, "inode")},   {"netns", number_of(socket, "netns")}};
    add_queues(metrics, socket, labels);
    add_facts(metrics, socket, labels);
  });
}

void add_groups(Exposition& metrics, const Data& root) {
  constexpr std::array kSums{
      Queue{"count", "sockets", "TCP sockets"},
      Queue{"recv", "sockets_receive_queue_bytes", "Received and not read, of all of them together"},
      Queue{"send", "sockets_send_queue_bytes", "Written and not acknowledged, of all of them together"},
      Queue{"accept_queue", "sockets_accept_queue_connections", "Connections that wait to be accepted"},
  };
  for (const Queue& sum : kSums) {
    each_item(root, "groups", [&](const Data& group) {
      const Labels labels{{"state", text_of(group, "state")}, {"command", text_of(group, "command")}};
      const Data* value = find_member(group, sum.key);
      if (value != nullptr) metrics.add(metric_name("", sum.metric), MetricType::Gauge, sum.help, labels, *value);
    });
  }
  for (const Queue& total : kTotals) {
    const Data* value = find_member(root, total.key);
    if (value != nullptr) metrics.add(metric_name("sockets", total.metric), MetricType::Gauge, total.help, {}, *value);
  }
}

/// "probe" of "tcpkit.probe/1".
std::string command_of(std::string_view schema) {
  const std::size_t dot = schema.find('.');
  return std::string(schema.substr(dot + 1, schema.find('/') - dot - 1));
}

void add_error(Exposition& metrics, const Data& error, std::string_view schema) {
  const Labels labels{
      {"command", command_of(schema)}, {"doing", text_of(error, "doing")}, {"code", text_of(error, "code")}};
  metrics.add({"tcpkit_error"}, MetricType::Gauge, "The command failed: doing what, and why", labels, {true});
}

}  // namespace

std::string render_prometheus(const Report& report, const Style& /*style*/) {
  const Data root{to_object(report)};
  Exposition metrics;
  if (const Data* error = find_member(root, "error")) add_error(metrics, *error, report.schema);
  add_facts(metrics, root, {{"target", target_label(root)}});
  add_sockets(metrics, root);
  add_groups(metrics, root);
  return metrics.text();
}

}  // namespace tcpkit

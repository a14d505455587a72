#include "serve_options.hpp"

#include <algorithm>
#include <array>

using namespace tcpkit;

namespace {

/// What the asyncio program logs of a connection, in its order; the buffers are shown whether set or not.
constexpr std::array<std::string_view, 10> kInOrder = {"SO_REUSEADDR",  "SO_REUSEPORT", "SO_RCVBUF",    "SO_SNDBUF",
                                                       "TCP_NODELAY",   "SO_KEEPALIVE", "TCP_KEEPIDLE", "TCP_KEEPCNT",
                                                       "TCP_KEEPINTVL", "TCP_QUICKACK"};

template <class Rows>
void add_once(Rows& rows, const Option* option) {
  if (std::ranges::find(rows, option) == rows.end()) rows.push_back(option);
}

bool is_asked(std::span<const Setting> settings, std::string_view symbol) {
  return std::ranges::any_of(
      settings, [&](const Setting& setting) { return setting.option != nullptr && setting.option->symbol == symbol; });
}

}  // namespace

ShownOptions::ShownOptions(const ServeOrder& order, bool all, bool explained) : all_(all), explained_(explained) {
  for (std::size_t at = 0; at < order.plan.settings.size(); ++at) {
    const Setting& setting = order.plan.settings[at];
    if (setting.option == nullptr || setting.option->phase == Phase::Listener) continue;
    settings_.push_back(setting);
    if (at < order.own_settings) ++own_settings_;
  }
  for (const std::string_view symbol : kInOrder) add_once(shown_, find_option(symbol));
  for (const Setting& setting : settings_) add_once(shown_, setting.option);
  if (all) {
    for (const Option& option : options()) add_once(shown_, &option);
  }
  for (const Setting& setting : settings_for(order.plan, Endpoint::ipv6_loopback(0))) {
    if (setting.option != nullptr && !is_asked(order.plan.settings, setting.option->symbol))
      of_the_server_.push_back(setting);
  }
  read_ = shown_;
  add_once(read_, find_option("SO_BUF_LOCK"));  // whether a buffer is autotuned
  if (is_asked(settings_, "SO_BUSY_POLL")) add_once(read_, find_option("SO_INCOMING_NAPI_ID"));
  reads_info_ = is_asked(settings_, "TCP_MAXSEG");
  const Result<HostFacts> host = explained ? find_host_facts() : HostFacts{};
  if (host) host_ = *host;
}

std::vector<ShownOption> ShownOptions::read(int socket) {
  const Snapshot snapshot = take(socket);
  std::vector<ShownOption> found = plain(snapshot);
  if (explained_) explain(snapshot, found);
  found.resize(shown_.size());
  return found;
}

Snapshot ShownOptions::take(int socket) const {
  Snapshot snapshot;
  snapshot.local = local_endpoint(socket);
  snapshot.peer = peer_endpoint(socket);
  const std::vector<const Option*>& wanted = explained_ ? read_ : shown_;
  for (const Option* option : wanted) snapshot.options.push_back(read_option(socket, *option));
  if (!reads_info_ && !all_) return snapshot;
  Result<TcpInfo> info = TcpInfo::read(socket);
  if (info) snapshot.info = std::move(*info);
  return snapshot;
}

std::vector<ShownOption> ShownOptions::plain(const Snapshot& snapshot) const {
  std::vector<ShownOption> found;
  found.reserve(snapshot.options.size());
  for (const OptionReading& reading : snapshot.options) found.push_back({reading, {}, std::nullopt});
  return found;
}

void ShownOptions::explain(const Snapshot& snapshot, std::vector<ShownOption>& found) {
  const std::scoped_lock lock(mutex_);
  const HostFacts host = host_.value_or(HostFacts{});
  const std::vector<Outcome> outcomes = judge(settings_, snapshot, host, sysctls_);
  const std::vector<Provenance> origins = trace(snapshot, untouched(snapshot.local.family()), outcomes, sysctls_);
  for (std::size_t at = 0; at < found.size(); ++at) found[at].provenance = origins[at];
  for (std::size_t at = 0; at < settings_.size(); ++at) {
    const auto row =
        std::ranges::find(found, settings_[at].option, [](const ShownOption& option) { return option.reading.option; });
    row->requested = settings_[at].value;
    if (at >= own_settings_) continue;
    std::string& note = row->provenance.note;
    note.insert(0, note.empty() ? "serve's default" : "serve's default; ");
  }
  for (ShownOption& option : found) {
    const auto own = std::ranges::find(of_the_server_, option.reading.option, &Setting::option);
    if (own == of_the_server_.end() || option.reading.value != own->value) continue;
    option.requested = own->value;
    option.provenance = {Origin::Requested, {}, "serve's default"};
  }
}

const Snapshot* ShownOptions::untouched(int family) {
  auto known = std::ranges::find(untouched_, family, &Untouched::family);
  if (known == untouched_.end()) known = untouched_.insert(known, {family, default_snapshot(family)});
  return known->snapshot ? &*known->snapshot : nullptr;
}

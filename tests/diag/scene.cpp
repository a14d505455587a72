#include "diag/scene.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>

#include "diag/observed.hpp"
#include "support/catch.hpp"

namespace tcpkit::test {
namespace {

constexpr std::uint64_t kEstablished = 1;
constexpr std::uint64_t kListen = 10;

TcpInfo info_of(const std::map<std::string, std::uint64_t, std::less<>>& fields, std::size_t size) {
  SnapshotBuilder builder;
  for (const auto& [name, number] : fields) builder.field(name, number);
  builder.info_size(size);
  return *builder.build().info;
}

NetCounters counters_of(const std::map<std::string, std::uint64_t, std::less<>>& growth, std::uint64_t times) {
  std::string names = "TcpExt:";
  std::string values = "TcpExt:";
  for (const auto& [name, number] : growth) {
    names += " " + name;
    values += " " + std::to_string(number * times);
  }
  return NetCounters::parse(names + "\n" + values + "\n");
}

const std::map<std::string_view, std::function<void(Observation&)>>& forgetters() {
  static const std::map<std::string_view, std::function<void(Observation&)>> kForget = {
      {"accept_queue", [](Observation& o) { o.accept_queue.reset(); }},
      {"backlog_asked", [](Observation& o) { o.backlog_asked.reset(); }},
      {"tcp_memory_pages", [](Observation& o) { o.tcp_memory_pages.reset(); }},
      {"time_wait_to_peer", [](Observation& o) { o.time_wait_to_peer.reset(); }},
      {"egress_qdisc", [](Observation& o) { o.egress_qdisc.reset(); }},
      {"requests", [](Observation& o) { o.requests.reset(); }},
      {"demand",
       [](Observation& o) {
         o.expected.bandwidth_bps.reset();
         o.interval.reset();
       }},
      {"ours", [](Observation& o) { o.ours = false; }},
      {"idle_limit", [](Observation& o) { o.expected.idle_limit.reset(); }},
      {"bandwidth_bps", [](Observation& o) { o.expected.bandwidth_bps.reset(); }},
      {"detect_within", [](Observation& o) { o.expected.detect_within.reset(); }},
      {"connect_within", [](Observation& o) { o.expected.connect_within.reset(); }},
  };
  return kForget;
}

}  // namespace

Scene& Scene::option(std::string_view symbol, Value value) {
  snapshot_.set(symbol, std::move(value));
  return *this;
}

Scene& Scene::unknown(std::string_view symbol) {
  snapshot_.unreadable(symbol, "not known to this kernel");
  return *this;
}

Scene& Scene::info(std::string_view field, std::uint64_t number) {
  info_.insert_or_assign(std::string(field), number);
  return *this;
}

Scene& Scene::before(std::string_view field, std::uint64_t number) {
  before_.insert_or_assign(std::string(field), number);
  return *this;
}

Scene& Scene::sysctl(std::string_view name, Value value) {
  sysctls_.put({find_sysctl(name), std::move(value), {}});
  return *this;
}

Scene& Scene::counter(std::string_view name, std::uint64_t growth) {
  counters_.insert_or_assign(std::string(name), growth);
  return *this;
}

Scene& Scene::ask(std::string_view setting) {
  Outcome outcome;
  outcome.setting = *parse_setting(setting);
  rest.outcomes.push_back(std::move(outcome));
  rest.ours = true;
  return *this;
}

Scene& Scene::peer(const Endpoint& peer) {
  snapshot_.peer(peer);
  return *this;
}

Scene& Scene::local(const Endpoint& local) {
  snapshot_.local(local);
  return *this;
}

void Scene::remove(const Input& input) {
  switch (input.kind) {
    case InputKind::Option:
      snapshot_.unreadable(input.name, "unreadable: Operation not permitted");
      return;
    case InputKind::Info:
    case InputKind::Growth:
      info_size_ = std::min<std::size_t>(info_size_, find_tcp_info_field(input.name)->offset);
      return;
    case InputKind::Sysctl:
      sysctls_.put({find_sysctl(input.name), std::nullopt, "absent: no such file in this network namespace"});
      return;
    case InputKind::Counter:
      counters_.erase(std::string(input.name));
      return;
    case InputKind::Observed:
      forgetters().at(input.name)(rest);
      return;
  }
}

Diagnosis Scene::diagnose() {
  Observation observation = rest;
  observation.snapshot = snapshot_.build();
  observation.snapshot.info = info_of(info_, info_size_);
  if (!before_.empty()) observation.info_before = info_of(before_, kWholeInfo);
  if (!counters_.empty()) {
    observation.counters_before = counters_of(counters_, 1);
    observation.counters = counters_of(counters_, 2);
  }
  return tcpkit::diagnose(observation, sysctls_);
}

Scene healthy_connection() {
  Scene scene;
  scene.option("SO_RCVBUF", 131072).option("SO_SNDBUF", 2626560).option("SO_BUF_LOCK", 0);
  scene.info("options", kTimestampsOn | kSackOn | kScalingOn).info("snd_wscale", 10).info("rcv_wscale", 10);
  scene.info("state", kEstablished).info("rtt", 30'000).info("min_rtt", 20'000);
  scene.option("SO_KEEPALIVE", 0).option("TCP_KEEPIDLE", 7200).option("TCP_KEEPINTVL", 75).option("TCP_KEEPCNT", 9);
  scene.option("TCP_USER_TIMEOUT", 0).option("TCP_RTO_MAX_MS", 120'000).option("TCP_SYNCNT", 6);
  scene.info("rto", 230'000).info("snd_wnd", 65'536).info("bytes_acked", 1);
  scene.info("snd_mss", 1448).info("advmss", 1448).info("pmtu", 1500);
  return scene;
}

Endpoint far_peer() {
  sockaddr_in to = {};
  to.sin_family = AF_INET;
  to.sin_port = htons(443);
  to.sin_addr.s_addr = htonl(0xc0000207);  // 192.0.2.7
  return {reinterpret_cast<const sockaddr*>(&to), sizeof(to)};
}

Scene healthy_listener() {
  Scene scene;
  scene.info("state", kListen).info("unacked", 0).info("sacked", 4096);
  scene.rest.accept_queue = AcceptQueue{0, 4096, 0};
  scene.rest.backlog_asked = 4096;
  scene.rest.ours = true;
  scene.option("TCP_FASTOPEN", 0).text("TCP_CONGESTION", "cubic");
  scene.sysctl("net.core.somaxconn", 4096).sysctl("net.ipv4.tcp_fastopen", 1);
  scene.counter("TCPReqQFullDoCookies", 0).counter("TCPReqQFullDrop", 0);
  return scene;
}

const Finding* finding(const Diagnosis& diagnosis, std::string_view id) {
  const auto found = std::ranges::find_if(diagnosis.findings, [id](const Finding& f) { return f.rule->id == id; });
  return found == diagnosis.findings.end() ? nullptr : &*found;
}

Finding found(Scene scene, std::string_view id) {
  const Diagnosis diagnosis = scene.diagnose();
  const Finding* one = finding(diagnosis, id);
  REQUIRE(one != nullptr);
  return *one;
}

bool finds(Scene scene, std::string_view id) {
  return finding(scene.diagnose(), id) != nullptr;
}

const Unchecked* unchecked(const Diagnosis& diagnosis, std::string_view id) {
  const auto found = std::ranges::find_if(diagnosis.not_checked, [id](const Unchecked& u) { return u.rule->id == id; });
  return found == diagnosis.not_checked.end() ? nullptr : &*found;
}

bool says(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

}  // namespace tcpkit::test

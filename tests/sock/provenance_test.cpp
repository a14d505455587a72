#include <tcpkit/sock/provenance.hpp>

#include <string>
#include <vector>

#include <sys/socket.h>

#include "support/catch.hpp"
#include "support/snapshot_builder.hpp"

using namespace tcpkit;
using namespace tcpkit::test;

namespace {

constexpr HostFacts kHost{2304, 4608, 4000};

/// A connection nobody touched, with the values of usual_sysctls().
SnapshotBuilder untouched_socket() {
  SnapshotBuilder builder;
  builder.set("SO_RCVBUF", 131072).set("SO_SNDBUF", 16384).set("SO_BUF_LOCK", 0).set("SO_PRIORITY", 0);
  builder.set("SO_KEEPALIVE", Value(false)).set("TCP_KEEPIDLE", 7200).set("TCP_KEEPINTVL", 75).set("TCP_KEEPCNT", 9);
  builder.set("TCP_NODELAY", Value(false)).set("TCP_MAXSEG", 1448).set("TCP_USER_TIMEOUT", 0);
  builder.set("TCP_NOTSENT_LOWAT", 0).set("TCP_CONGESTION", Value(std::string("cubic"))).set("IP_TOS", 0);
  builder.set("SO_BINDTODEVICE", Value(std::string())).set("SO_BINDTOIFINDEX", 0).set("TCP_CORK", Value(false));
  builder.set("TCP_QUICKACK", Value(true)).set("TCP_WINDOW_CLAMP", 65535).set("SO_TYPE", 1);
  return builder;
}

std::vector<Outcome> outcomes_of(std::initializer_list<std::string_view> texts, const Snapshot& snapshot,
                                 SysctlValues& sysctls) {
  std::vector<Setting> settings;
  for (const std::string_view text : texts) settings.push_back(*parse_setting(text));
  return judge(settings, snapshot, kHost, sysctls);
}

Provenance traced(std::string_view symbol, const SnapshotBuilder& builder,
                  std::initializer_list<std::string_view> settings = {}, SysctlValues sysctls = usual_sysctls()) {
  const Snapshot snapshot = builder.build();
  const Snapshot untouched = untouched_socket().build();
  const auto outcomes = outcomes_of(settings, snapshot, sysctls);
  const auto origins = trace(snapshot, &untouched, outcomes, sysctls);
  REQUIRE(origins.size() == options().size());
  return origins[static_cast<std::size_t>(find_option(symbol) - options().data())];
}

bool mentions(const Provenance& provenance, std::string_view words) {
  return provenance.note.find(words) != std::string::npos;
}

}  // namespace

TEST_CASE("each origin has its name") {
  CHECK(origin_name(Origin::Requested) == "requested");
  CHECK(origin_name(Origin::KernelDefault) == "kernel default");
  CHECK(origin_name(Origin::Sysctl) == "sysctl");
  CHECK(origin_name(Origin::Inherited) == "inherited");
  CHECK(origin_name(Origin::Negotiated) == "negotiated");
  CHECK(origin_name(Origin::Autotuned) == "autotuned");
  CHECK(origin_name(Origin::Unknown) == "unknown");
}

TEST_CASE("a value asked for is requested, with what was asked when it differs") {
  const auto exact = traced("TCP_NODELAY", untouched_socket().set("TCP_NODELAY", Value(true)), {"nodelay"});
  CHECK(exact.origin == Origin::Requested);
  CHECK(exact.note.empty());
  const auto clamped = traced("SO_RCVBUF", untouched_socket().set("SO_RCVBUF", 425984), {"rcvbuf=1M"});
  CHECK(clamped.origin == Origin::Requested);
  CHECK(clamped.sysctl == "net.core.rmem_max");
  CHECK(mentions(clamped, "asked 1048576 (1 MiB)"));
  CHECK(mentions(clamped, "net.core.rmem_max = 212992"));
}

TEST_CASE("one setting explains the option it moves") {
  const auto lock =
      traced("SO_BUF_LOCK", untouched_socket().set("SO_RCVBUF", 131072).set("SO_BUF_LOCK", 2), {"rcvbuf=64K"});
  CHECK(lock.origin == Origin::Requested);
  CHECK(mentions(lock, "rcvbuf=64K"));
  const auto priority = traced("SO_PRIORITY", untouched_socket().set("IP_TOS", 16).set("SO_PRIORITY", 6), {"tos=16"});
  CHECK(priority.origin == Origin::Requested);
  CHECK(mentions(priority, "IP_TOS sets the priority too"));
  auto bound = untouched_socket();
  bound.set("SO_BINDTODEVICE", Value(std::string("lo"))).set("SO_BINDTOIFINDEX", 1);
  CHECK(mentions(traced("SO_BINDTOIFINDEX", bound, {"bindtodevice=lo"}), "index of that interface"));
  CHECK(mentions(traced("SO_BINDTODEVICE", bound, {"bindtoifindex=1"}), "name of that interface"));
}

TEST_CASE("a consequence names the flag that was typed, be it -o or another") {
  const Snapshot untouched = untouched_socket().build();
  const Snapshot snapshot =
      untouched_socket().set("SO_BINDTODEVICE", Value(std::string("lo"))).set("SO_BINDTOIFINDEX", 1).build();
  SysctlValues sysctls = usual_sysctls();
  auto outcomes = outcomes_of({"bindtodevice=lo"}, snapshot, sysctls);
  const auto note = [&] {
    return trace(snapshot, &untouched, outcomes,
                 sysctls)[static_cast<std::size_t>(find_option("SO_BINDTOIFINDEX") - options().data())]
        .note;
  };
  CHECK(note() == "by -o bindtodevice=lo: the index of that interface");
  outcomes.front().setting.text = "--interface lo";
  CHECK(note() == "by --interface lo: the index of that interface");
}

TEST_CASE("a setting explains nothing that is as on an untouched socket") {
  CHECK(traced("SO_PRIORITY", untouched_socket(), {"tos=0"}).origin == Origin::KernelDefault);
}

TEST_CASE("a value equal to its sysctl comes from there, and any other does not") {
  const auto idle = traced("TCP_KEEPIDLE", untouched_socket().set("SO_KEEPALIVE", Value(true)));
  CHECK(idle.origin == Origin::Sysctl);
  CHECK(idle.sysctl == "net.ipv4.tcp_keepalive_time");
  CHECK_FALSE(mentions(idle, "off"));
  CHECK(traced("TCP_KEEPIDLE", untouched_socket().set("TCP_KEEPIDLE", 60)).origin == Origin::Unknown);
  const auto congestion = traced("TCP_CONGESTION", untouched_socket());
  CHECK(congestion.origin == Origin::Sysctl);
  CHECK(congestion.sysctl == "net.ipv4.tcp_congestion_control");
}

TEST_CASE("a keepalive that is off says what that means") {
  CHECK(mentions(traced("SO_KEEPALIVE", untouched_socket()), "no probes while idle"));
}

TEST_CASE("a sysctl that cannot be read decides nothing and has no number") {
  const auto idle = traced("TCP_KEEPIDLE", untouched_socket(), {}, sysctls_of({}));
  CHECK(idle.origin == Origin::KernelDefault);
  CHECK(idle.sysctl.empty());
  const auto buffer = traced("SO_RCVBUF", untouched_socket(), {}, sysctls_of({}));
  CHECK(buffer.origin == Origin::Unknown);
  CHECK(mentions(buffer, "net.ipv4.tcp_rmem is unreadable"));
  const auto timeout = traced("TCP_USER_TIMEOUT", untouched_socket(), {}, sysctls_of({}));
  CHECK(timeout.note == "net.ipv4.tcp_retries2 decides");
}

TEST_CASE("a buffer is its sysctl's until autotuning moves it") {
  const auto fresh = traced("SO_RCVBUF", untouched_socket());
  CHECK(fresh.origin == Origin::Sysctl);
  CHECK(fresh.sysctl == "net.ipv4.tcp_rmem");
  CHECK(mentions(fresh, "131072"));
  CHECK(mentions(fresh, "33554432"));
  const auto grown = traced("SO_RCVBUF", untouched_socket().set("SO_RCVBUF", 6000000));
  CHECK(grown.origin == Origin::Autotuned);
  CHECK(mentions(grown, "net.ipv4.tcp_rmem[1] = 131072, grows up to [2] = 33554432"));
  CHECK(traced("SO_SNDBUF", untouched_socket().set("SO_SNDBUF", 3939840)).origin == Origin::Autotuned);
}

TEST_CASE("with tcp_moderate_rcvbuf off the receive buffer is said not to grow") {
  SysctlValues sysctls = usual_sysctls();
  sysctls.put({find_sysctl("net.ipv4.tcp_moderate_rcvbuf"), Value(false), {}});
  const auto fixed = traced("SO_RCVBUF", untouched_socket(), {}, std::move(sysctls));
  CHECK(fixed.origin == Origin::Sysctl);
  CHECK(mentions(fixed, "tcp_moderate_rcvbuf = 0"));
}

TEST_CASE("a locked buffer was set by someone") {
  const auto locked = traced("SO_RCVBUF", untouched_socket().set("SO_RCVBUF", 65536).set("SO_BUF_LOCK", 2));
  CHECK(locked.origin == Origin::Unknown);
  CHECK(mentions(locked, "set explicitly"));
  CHECK(traced("SO_SNDBUF", untouched_socket().set("SO_BUF_LOCK", 2)).origin == Origin::Sysctl);
  CHECK(traced("SO_BUF_LOCK", untouched_socket().set("SO_BUF_LOCK", 2)).origin == Origin::Unknown);
  CHECK(traced("SO_BUF_LOCK", untouched_socket()).origin == Origin::KernelDefault);
}

TEST_CASE("a kernel without SO_BUF_LOCK leaves open who moved a buffer") {
  auto old_kernel = untouched_socket();
  old_kernel.unreadable("SO_BUF_LOCK", "not known to this kernel").set("SO_RCVBUF", 65536);
  const auto moved = traced("SO_RCVBUF", old_kernel);
  CHECK(moved.origin == Origin::Unknown);
  CHECK(mentions(moved, "SO_BUF_LOCK"));
  CHECK(traced("SO_RCVBUF", old_kernel.set("SO_RCVBUF", 131072)).origin == Origin::Sysctl);
}

TEST_CASE("a buffer moved as far as that of an untouched socket was moved by autotuning") {
  auto old_kernel = untouched_socket();
  const Snapshot snapshot =
      old_kernel.unreadable("SO_BUF_LOCK", "not known to this kernel").set("SO_SNDBUF", 2626560).build();
  SysctlValues sysctls = usual_sysctls();
  const auto origins = trace(snapshot, &snapshot, {}, sysctls);
  const auto row = static_cast<std::size_t>(find_option("SO_SNDBUF") - options().data());
  CHECK(origins[row].origin == Origin::Autotuned);
}

TEST_CASE("the segment size was negotiated, on a connection") {
  const auto connected = traced("TCP_MAXSEG", untouched_socket().field("advmss", 1460).field("pmtu", 1500));
  CHECK(connected.origin == Origin::Negotiated);
  CHECK(mentions(connected, "we offered 1460, path MTU 1500"));
  CHECK_FALSE(mentions(traced("TCP_MAXSEG", untouched_socket().no_info("unreadable: denied")), "MTU 0"));
  CHECK(traced("TCP_MAXSEG", untouched_socket().peer({})).origin == Origin::KernelDefault);
}

TEST_CASE("no user timeout means that tcp_retries2 decides") {
  const auto usual = traced("TCP_USER_TIMEOUT", untouched_socket());
  CHECK(usual.origin == Origin::KernelDefault);
  CHECK(usual.sysctl == "net.ipv4.tcp_retries2");
  CHECK(mentions(usual, "tcp_retries2 = 15 decides"));
  CHECK(traced("TCP_USER_TIMEOUT", untouched_socket().set("TCP_USER_TIMEOUT", 5)).origin == Origin::Unknown);
}

TEST_CASE("what was set is requested, even where the kernel does not read it back") {
  CHECK(traced("SO_BUSY_POLL_BUDGET", untouched_socket(), {"busy-poll-budget=8"}).origin == Origin::Requested);
  CHECK(traced("SO_BUSY_POLL_BUDGET", untouched_socket()).origin == Origin::Unknown);
}

TEST_CASE("a state and a derived value are no settings") {
  CHECK(mentions(traced("TCP_QUICKACK", untouched_socket()), "a state"));
  CHECK(traced("TCP_WINDOW_CLAMP", untouched_socket()).origin == Origin::Autotuned);
  const Provenance clamp = traced("TCP_WINDOW_CLAMP", untouched_socket().set("TCP_WINDOW_CLAMP", 20000));
  CHECK(clamp.origin == Origin::Unknown);
  CHECK(mentions(clamp, "does not tell"));
  CHECK(mentions(traced("SO_TYPE", untouched_socket()), "fixed for the life of the socket"));
  CHECK(traced("SO_ACCEPTCONN", untouched_socket().set("SO_ACCEPTCONN", Value(false))).origin == Origin::KernelDefault);
  CHECK(mentions(traced("SO_ACCEPTCONN", untouched_socket().set("SO_ACCEPTCONN", Value(true))), "listen()"));
  CHECK(traced("SO_INCOMING_CPU", untouched_socket().set("SO_INCOMING_CPU", 1)).origin == Origin::Autotuned);
  CHECK(traced("SO_INCOMING_CPU", untouched_socket().set("SO_INCOMING_CPU", -1)).origin == Origin::KernelDefault);
  CHECK(traced("TCP_IS_MPTCP", untouched_socket().set("TCP_IS_MPTCP", Value(false))).origin == Origin::KernelDefault);
  CHECK(traced("TCP_IS_MPTCP", untouched_socket().set("TCP_IS_MPTCP", Value(true))).origin == Origin::Negotiated);
  CHECK(mentions(traced("IP_PROTOCOL", untouched_socket().set("IP_PROTOCOL", 40000)), "the local port"));
  CHECK(traced("TCP_NODELAY", untouched_socket()).origin == Origin::KernelDefault);
  CHECK(traced("TCP_NODELAY", untouched_socket().set("TCP_NODELAY", Value(true))).origin == Origin::Unknown);
  CHECK(traced("TCP_NOTSENT_LOWAT", untouched_socket()).sysctl == "net.ipv4.tcp_notsent_lowat");
  CHECK(traced("TCP_NOTSENT_LOWAT", untouched_socket().set("TCP_NOTSENT_LOWAT", 16384)).origin == Origin::Unknown);
}

TEST_CASE("a row without rules is a default only when it equals an untouched socket's") {
  CHECK(traced("TCP_CORK", untouched_socket()).origin == Origin::KernelDefault);
  CHECK(traced("TCP_CORK", untouched_socket().set("TCP_CORK", Value(true))).origin == Origin::Unknown);
  SysctlValues sysctls = usual_sysctls();
  const Snapshot snapshot = untouched_socket().build();
  const auto origins = trace(snapshot, nullptr, {}, sysctls);
  CHECK(origins[static_cast<std::size_t>(find_option("TCP_CORK") - options().data())].origin == Origin::Unknown);
}

TEST_CASE("an unreadable value has an unknown origin and no note") {
  const auto hidden = traced("TCP_NODELAY", untouched_socket().unreadable("TCP_NODELAY", "unreadable: denied"));
  CHECK(hidden.origin == Origin::Unknown);
  CHECK(hidden.note.empty());
  CHECK(hidden.sysctl.empty());
}

TEST_CASE("what a listener hands down is inherited where nothing else explains it") {
  SysctlValues sysctls = usual_sysctls();
  const Snapshot untouched = untouched_socket().build();
  const Snapshot listener = untouched_socket()
                                .set("TCP_NODELAY", Value(true))
                                .set("TCP_KEEPIDLE", 1800)
                                .set("TCP_USER_TIMEOUT", 9000)
                                .set("SO_PRIORITY", 3)
                                .build();
  const Snapshot accepted = untouched_socket()
                                .set("TCP_NODELAY", Value(true))
                                .set("TCP_KEEPIDLE", 1800)
                                .set("TCP_USER_TIMEOUT", 5000)
                                .set("SO_PRIORITY", 3)
                                .build();
  auto origins = trace(accepted, &untouched, {}, sysctls);
  trace_inherited(accepted.options, listener, origins);
  const auto origin_of = [&](std::string_view symbol) {
    return origins[static_cast<std::size_t>(find_option(symbol) - options().data())].origin;
  };
  CHECK(origin_of("TCP_NODELAY") == Origin::Inherited);
  CHECK(origin_of("TCP_KEEPIDLE") == Origin::Inherited);
  CHECK(origin_of("TCP_USER_TIMEOUT") == Origin::Unknown);  // the program set it again
  CHECK(origin_of("SO_PRIORITY") == Origin::Unknown);       // accept(2) hands no priority down
  CHECK(origin_of("TCP_KEEPCNT") == Origin::Sysctl);        // both have the default
}

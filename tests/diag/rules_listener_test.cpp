#include "diag/scene.hpp"

#include "support/catch.hpp"

using namespace tcpkit;
using namespace tcpkit::test;

namespace {

Scene queue(std::uint64_t waiting, std::uint64_t backlog, std::optional<std::uint64_t> drops = 0) {
  Scene scene = healthy_listener();
  scene.rest.accept_queue = AcceptQueue{waiting, backlog, drops};
  return scene;
}

Scene asked(std::uint64_t backlog) {
  Scene scene = healthy_listener();
  scene.rest.backlog_asked = backlog;
  return scene;
}

Scene foreign(Scene scene) {
  scene.rest.ours = false;
  return scene;
}

Scene syn_queue(std::uint64_t cookies, std::uint64_t drops) {
  return healthy_listener().counter("TCPReqQFullDoCookies", cookies).counter("TCPReqQFullDrop", drops);
}

/// A client whose data nobody takes.
Scene half_open() {
  return healthy_connection().info("unacked", 1).info("backoff", 1).info("bytes_acked", 1).info("segs_in", 1);
}

}  // namespace

namespace tcpkit::test {

std::vector<RuleCase> listener_cases() {
  const auto fastopen = [](int sysctl) {
    return healthy_listener().option("TCP_FASTOPEN", 16).sysctl("net.ipv4.tcp_fastopen", sysctl);
  };
  return {
      {"F20", queue(101, 100), queue(100, 100)},
      {"F21", asked(4097), asked(4096)},
      {"F22", syn_queue(1, 0), syn_queue(0, 0)},
      {"F23", half_open(), half_open().info("backoff", 0)},
      {"F24", fastopen(1), fastopen(3)},
      {"F41", healthy_listener().text("TCP_CONGESTION", "reno"), healthy_listener()},
  };
}

}  // namespace tcpkit::test

TEST_CASE("a full accept queue is an error, one that has dropped a warning, one just full nothing") {
  CHECK(found(queue(101, 100), "F20").severity == Severity::Error);
  const Finding dropped = found(queue(0, 100, 7), "F20");
  CHECK(dropped.severity == Severity::Warning);
  CHECK(dropped.why.find("drop 7 attempts") != std::string::npos);
  CHECK_FALSE(finds(queue(100, 100, std::nullopt), "F20"));
  CHECK_FALSE(finds(queue(0, 100).counter("ListenOverflows", 9), "F20"));
}

TEST_CASE("the drops of the namespace are evidence only when an interval shows them") {
  CHECK(found(queue(101, 100), "F20").evidence.size() == 3);
  const Finding seen = found(queue(101, 100).counter("ListenOverflows", 9), "F20");
  CHECK(seen.evidence.back().name == "ListenOverflows");
  CHECK(seen.evidence.back().value == Value{std::uint64_t{9}});
}

TEST_CASE("a packet that was no attempt to connect is no drop where that can be known") {
  const Scene own = queue(0, 100, 3);
  CHECK(found(own, "F20").why.find("drop 3 attempts") != std::string::npos);
  CHECK_FALSE(finds(Scene(own).counter("ListenDrops", 0), "F20"));
  CHECK(found(Scene(own).counter("ListenDrops", 2), "F20").why.find("drop 2 attempts") != std::string::npos);
  // The interval of somebody else's listener began long after its listen(2).
  Scene other = queue(0, 100, 3).counter("ListenDrops", 0);
  other.rest.backlog_asked.reset();
  CHECK(finds(other, "F20"));
}

TEST_CASE("the remedy for a full accept queue has a backlog, and a sysctl that allows it") {
  CHECK(found(queue(101, 100), "F20").remedy == "accept(2) faster, or tcpkit serve --backlog 4096");
  CHECK(found(queue(4097, 4096), "F20").remedy ==
        "accept(2) faster, or sysctl -w net.core.somaxconn=8192, then tcpkit serve --backlog 8192");
  CHECK(found(foreign(queue(101, 100)).sysctl("net.core.somaxconn", 128), "F20").remedy ==
        "accept(2) faster, or sysctl -w net.core.somaxconn=4096, then call listen(2) again with a backlog of 4096");
  Scene blind = queue(101, 100);
  blind.remove({.kind = InputKind::Sysctl, .name = "net.core.somaxconn"});
  CHECK(found(blind, "F20").remedy.ends_with("and let net.core.somaxconn be no less"));
}

TEST_CASE("a clamped backlog is told with both numbers, and what the sysctl is by now") {
  const Finding one = found(asked(10'000), "F21");
  CHECK(one.why.find("10000 and silently gave 4096") != std::string::npos);
  CHECK(one.remedy == "sysctl -w net.core.somaxconn=10000, then tcpkit serve --backlog 10000");
  CHECK(found(asked(10'000).sysctl("net.core.somaxconn", 20'000), "F21").remedy ==
        "tcpkit serve --backlog 10000: the sysctl allows it by now");
}

TEST_CASE("dropped SYNs ask for cookies, too") {
  CHECK(found(syn_queue(3, 0), "F22").remedy == "sysctl -w net.core.somaxconn=8192, then tcpkit serve --backlog 8192");
  const Finding dropped = found(syn_queue(0, 2), "F22");
  CHECK(dropped.remedy.starts_with("sysctl -w net.ipv4.tcp_syncookies=1, and "));
  CHECK(dropped.why.find("2 SYNs were dropped, 0 were") != std::string::npos);
}

TEST_CASE("a server that sends its SYN-ACK again has certainly not taken the connection") {
  CHECK(found(half_open(), "F23").severity == Severity::Warning);
  const Finding sure = found(half_open().info("segs_in", 2), "F23");
  CHECK(sure.severity == Severity::Error);
  CHECK(sure.why.starts_with("The server goes on"));
}

TEST_CASE("a server that has acknowledged or sent anything has taken the connection") {
  CHECK_FALSE(finds(half_open().info("bytes_acked", 2), "F23"));
  CHECK_FALSE(finds(half_open().info("bytes_received", 1), "F23"));
  CHECK_FALSE(finds(half_open().info("bytes_acked", 0), "F23"));  // the side that accepted
  CHECK_FALSE(finds(half_open().info("unacked", 0), "F23"));
}

TEST_CASE("Fast Open without the server's bit is told with the value that has it") {
  const auto fastopen = [](int sysctl) {
    return healthy_listener().option("TCP_FASTOPEN", 16).sysctl("net.ipv4.tcp_fastopen", sysctl);
  };
  CHECK(found(fastopen(1), "F24").remedy == "sysctl -w net.ipv4.tcp_fastopen=3");
  CHECK(found(fastopen(1024).ask("fastopen=16"), "F24").remedy ==
        "sysctl -w net.ipv4.tcp_fastopen=1026, or leave out -o fastopen=16");
}

TEST_CASE("another congestion control is a note, and none where somebody asked for it or might have") {
  const Scene reno = healthy_listener().text("TCP_CONGESTION", "reno");
  const Finding one = found(reno, "F41");
  CHECK(one.severity == Severity::Note);
  CHECK(one.remedy.ends_with("-o congestion=cubic"));
  CHECK_FALSE(finds(Scene(reno).ask("congestion=reno"), "F41"));
  CHECK(unchecked(foreign(reno).diagnose(), "F41") != nullptr);
}

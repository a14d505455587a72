#include "lab/flow_memory.hpp"

#include "support/catch.hpp"

namespace tcpkit::lab {
namespace {

using namespace std::chrono_literals;

constexpr Nanoseconds kLimit = 30s;

PacketFacts packet_of(std::uint16_t port, bool opens = false) {
  PacketFacts facts;
  facts.tcp = true;
  facts.opens = opens;
  facts.flow.lower.port = port;
  return facts;
}

TEST_CASE("a flow that never began does not pass, and one that began does") {
  FlowMemory memory;
  CHECK_FALSE(memory.admit(packet_of(1), 0s, kLimit));
  CHECK(memory.admit(packet_of(1, true), 0s, kLimit));
  CHECK(memory.admit(packet_of(1), 1s, kLimit));
  CHECK_FALSE(memory.admit(packet_of(2), 1s, kLimit));
}

TEST_CASE("a flow is remembered for the limit and no longer") {
  FlowMemory memory;
  CHECK(memory.admit(packet_of(1, true), 0s, kLimit));
  CHECK(memory.admit(packet_of(1), 30s, kLimit));
  CHECK(memory.admit(packet_of(1), 60s, kLimit));
  CHECK_FALSE(memory.admit(packet_of(1), 91s, kLimit));
  CHECK_FALSE(memory.admit(packet_of(1), 91s, kLimit));
}

TEST_CASE("a forgotten flow may begin again") {
  FlowMemory memory;
  CHECK(memory.admit(packet_of(1, true), 0s, kLimit));
  CHECK_FALSE(memory.admit(packet_of(1), 1min, kLimit));
  CHECK(memory.admit(packet_of(1, true), 1min, kLimit));
  CHECK(memory.admit(packet_of(1), 1min, kLimit));
}

TEST_CASE("what is not TCP needs no memory") {
  FlowMemory memory;
  CHECK(memory.admit({}, 0s, kLimit));
  CHECK(memory.size() == 0);
}

TEST_CASE("flows that ended long ago take no room for ever") {
  FlowMemory memory;
  for (int i = 0; i < 100'000; ++i) {
    CHECK(memory.admit(packet_of(static_cast<std::uint16_t>(i % 60'000), true), i * 1s, kLimit));
  }
  CHECK(memory.size() <= 1024);
}

}  // namespace
}  // namespace tcpkit::lab

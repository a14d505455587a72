#include "inspect_order.hpp"

#include <vector>

#include "support/catch.hpp"

namespace {

using namespace tcpkit;

Match with_queue(std::uint32_t bytes, std::uint64_t cookie) {
  Match match;
  match.entry.receive_queue = bytes;
  match.entry.cookie = cookie;
  return match;
}

std::vector<std::uint64_t> cookies(KeptMatches& kept) {
  std::vector<std::uint64_t> found;
  for (const Match& match : kept.take()) found.push_back(match.entry.cookie);
  return found;
}

}  // namespace

TEST_CASE("sockets that are not sorted keep the order in which they came") {
  KeptMatches kept(SortKey::None, UINT64_MAX);
  for (const std::uint64_t cookie : {3U, 1U, 2U}) kept.add(with_queue(0, cookie));
  CHECK(cookies(kept) == std::vector<std::uint64_t>{3, 1, 2});
  CHECK(kept.take().empty());
}

TEST_CASE("the largest comes first, and of equal ones the older") {
  KeptMatches kept(SortKey::ReceiveQueue, UINT64_MAX);
  kept.add(with_queue(10, 5));
  kept.add(with_queue(30, 4));
  kept.add(with_queue(10, 3));
  CHECK(cookies(kept) == std::vector<std::uint64_t>{4, 3, 5});
}

TEST_CASE("of the first ones no more are kept than were asked for, in whatever order they come") {
  const std::vector<std::uint32_t> queues = {7, 1, 9, 4, 8, 2, 6, 3, 5, 0};
  for (std::size_t turned = 0; turned < queues.size(); ++turned) {
    KeptMatches kept(SortKey::ReceiveQueue, 3);
    for (std::size_t at = 0; at < queues.size(); ++at) {
      const std::uint32_t bytes = queues[(at + turned) % queues.size()];
      kept.add(with_queue(bytes, bytes));
    }
    CHECK(cookies(kept) == std::vector<std::uint64_t>{9, 8, 7});
  }
}

TEST_CASE("a socket without the number comes last") {
  KeptMatches kept(SortKey::Rtt, UINT64_MAX);
  kept.add(with_queue(0, 1));
  Match measured = with_queue(0, 2);
  measured.entry.info = TcpInfo(std::vector<std::byte>(280));
  kept.add(measured);
  CHECK(sort_number(measured.entry, SortKey::Rtt) == 0U);
  CHECK(cookies(kept) == std::vector<std::uint64_t>{2, 1});
}

#include "net/byte_queue.hpp"

#include <algorithm>
#include <random>
#include <string>

#include "support/catch.hpp"

using tcpkit::ByteQueue;

TEST_CASE("a byte queue gives its bytes back in order, some at a time") {
  ByteQueue queue;
  queue.push("abc");
  queue.pop(2);
  queue.push("def");
  CHECK(queue.view() == "cdef");
  queue.pop(1);
  CHECK(queue.view() == "def");
  CHECK_FALSE(queue.empty());
}

TEST_CASE("a byte queue that was emptied starts anew") {
  ByteQueue queue;
  CHECK(queue.empty());
  queue.push("abc");
  queue.pop(3);
  CHECK(queue.empty());
  CHECK(queue.capacity() == 0);
  CHECK(queue.view().empty());
  queue.push("x");
  CHECK(queue.view() == "x");
}

TEST_CASE("a byte queue that is never empty for long keeps the order") {
  std::mt19937 random(862);
  ByteQueue queue;
  std::string model;
  for (int step = 0; step < 2000; ++step) {
    const std::string bytes(random() % 50, static_cast<char>('a' + step % 26));
    queue.push(bytes);
    model += bytes;
    const std::size_t popped = std::min<std::size_t>(random() % 60, model.size());
    queue.pop(popped);
    model.erase(0, popped);
    REQUIRE(queue.view() == model);
    REQUIRE(queue.empty() == model.empty());
  }
}

#include "net/byte_queue.hpp"

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
  CHECK(queue.view().empty());
  queue.push("x");
  CHECK(queue.view() == "x");
}

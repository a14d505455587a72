#include "lab/delay_line.hpp"

#include <vector>

#include "support/catch.hpp"

namespace tcpkit::lab {
namespace {

using namespace std::chrono_literals;

void put(DelayLine& line, std::uint8_t content, Nanoseconds arrival) {
  line.room()[0] = content;
  line.keep(1, arrival);
}

std::vector<int> take_all(DelayLine& line) {
  std::vector<int> contents;
  while (line.next()) contents.push_back(line.take()[0]);
  return contents;
}

TEST_CASE("packets leave by their time, and those of one time as they came") {
  DelayLine line(1500);
  put(line, 3, 30ms);
  put(line, 1, 10ms);
  put(line, 4, 30ms);
  put(line, 2, 20ms);
  put(line, 5, 30ms);
  CHECK(line.next() == 10ms);
  CHECK(take_all(line) == std::vector<int>{1, 2, 3, 4, 5});
  CHECK_FALSE(line.next());
}

TEST_CASE("room that was not kept is offered again, and room that was kept is not") {
  DelayLine line(1500);
  CHECK(line.room().data() == line.room().data());
  put(line, 1, 1ms);
  put(line, 2, 2ms);
  CHECK(line.room().size() == 1500);
  CHECK(take_all(line) == std::vector<int>{1, 2});
}

}  // namespace
}  // namespace tcpkit::lab

#include "sock/arithmetic.hpp"

#include <utility>

#include "support/catch.hpp"

using namespace tcpkit;

namespace {

struct Buffer {
  std::int64_t asked;
  std::int64_t effective;
};

}  // namespace

TEST_CASE("a receive buffer is doubled between its minimum and rmem_max") {
  const auto row = GENERATE(values<Buffer>({{-1, 8388608},
                                            {INT32_MIN, 8388608},
                                            {0, 2304},
                                            {1000, 2304},
                                            {1152, 2304},
                                            {1153, 2306},
                                            {1460, 2920},
                                            {4096, 8192},
                                            {65535, 131070},
                                            {120001, 240002},
                                            {4194304, 8388608},
                                            {4194305, 8388608},
                                            {8388608, 8388608},
                                            {INT32_MAX, 8388608}}));
  CAPTURE(row.asked);
  CHECK(effective_buffer(row.asked, 4194304, 2304) == row.effective);
}

TEST_CASE("a lower rmem_max lowers the greatest buffer") {
  CHECK(effective_buffer(-1, 212992, 2304) == 425984);
  CHECK(effective_buffer(212991, 212992, 2304) == 425982);
  CHECK(effective_buffer(4194304, 212992, 2304) == 425984);
  CHECK(effective_buffer(0, 212992, 2304) == 2304);
}

TEST_CASE("a send buffer has a minimum of its own") {
  CHECK(effective_buffer(0, 4194304, 4608) == 4608);
  CHECK(effective_buffer(2000, 4194304, 4608) == 4608);
  CHECK(effective_buffer(4096, 4194304, 4608) == 8192);
}

TEST_CASE("no limit lets the doubled buffer pass 31 bits") {
  CHECK(effective_buffer(INT32_MAX, INT32_MAX, 2304) == INT32_MAX - 1);
  CHECK(effective_buffer(INT64_MAX, INT64_MAX, 2304) == INT32_MAX - 1);
}

TEST_CASE("times are rounded up to whole steps") {
  CHECK(round_up(0, 4000) == 0);
  CHECK(round_up(1, 4000) == 4000);
  CHECK(round_up(4000, 4000) == 4000);
  CHECK(round_up(4096, 4000) == 8000);
  CHECK(round_up(1999, 4) == 2000);
  CHECK(round_up(7, 1) == 7);
}

TEST_CASE("a stream's TOS keeps eight bits less the two of ECN") {
  const auto [asked, held] = GENERATE(values<std::pair<std::int64_t, std::int64_t>>(
      {{0, 0}, {1, 0}, {3, 0}, {5, 4}, {16, 16}, {87, 84}, {255, 252}, {256, 0}, {1000, 232}, {-1, 252}}));
  CAPTURE(asked);
  CHECK(tos_on_stream(asked) == held);
}

TEST_CASE("deferred accepts read back as sums of SYN-ACK timeouts") {
  const auto [asked, held] = GENERATE(values<std::pair<std::int64_t, std::int64_t>>(
      {{-1, 0},      {0, 0},       {1, 1},         {2, 3},         {3, 3},         {5, 7},
       {10, 15},     {16, 31},     {44, 63},       {60, 63},       {87, 127},      {100, 127},
       {127, 127},   {128, 247},   {255, 367},     {1000, 1087},   {1460, 1567},   {2000, 2047},
       {4096, 4207}, {5000, 5047}, {29887, 29887}, {30000, 29887}, {32767, 29887}, {INT32_MAX, 29887}}));
  CAPTURE(asked);
  CHECK(defer_accept_seconds(asked, Seconds(120)) == held);
}

TEST_CASE("the window scale follows from the greatest window ever wanted") {
  const auto [space, scale] = GENERATE(values<std::pair<std::uint64_t, int>>({{0, 0},
                                                                              {1, 0},
                                                                              {16384, 0},
                                                                              {65535, 0},
                                                                              {65536, 1},
                                                                              {131072, 2},
                                                                              {212992, 2},
                                                                              {1000000, 4},
                                                                              {4194304, 7},
                                                                              {6291456, 7},
                                                                              {16777216, 9},
                                                                              {33554432, 10},
                                                                              {536870912, 14},
                                                                              {1073741824, 14},
                                                                              {UINT64_MAX, 14}}));
  CAPTURE(space);
  CHECK(window_scale_for(space) == scale);
}

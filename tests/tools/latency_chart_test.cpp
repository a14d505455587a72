#include "latency_chart.hpp"

#include <chrono>

#include "support/catch.hpp"

namespace {

using namespace tcpkit;
using namespace std::chrono_literals;

std::uint64_t sum(const std::vector<ChartRow>& rows) {
  std::uint64_t count = 0;
  for (const ChartRow& row : rows) count += row.count;
  return count;
}

}  // namespace

TEST_CASE("no samples have no chart") {
  CHECK(chart_rows(Histogram()).empty());
  CHECK(chart_section("t", Histogram()).fields.empty());
}

TEST_CASE("one sample is one row that it lies in") {
  for (const Nanoseconds time : {Nanoseconds(0), Nanoseconds(7), Nanoseconds(10), Nanoseconds(99), Nanoseconds(100),
                                 Nanoseconds(7310), Nanoseconds(44ms), Nanoseconds(1h), Nanoseconds(3h)}) {
    Histogram times;
    times.add(time);
    const auto rows = chart_rows(times);
    CAPTURE(time.count());
    REQUIRE(rows.size() == 1);
    CHECK(rows.front().count == 1);
    CHECK(rows.front().from < rows.front().to);
  }
}

TEST_CASE("however far samples lie apart, all are in at most 16 rows that follow one another") {
  for (const Nanoseconds most :
       {Nanoseconds(11us), Nanoseconds(20us), Nanoseconds(1ms), Nanoseconds(40ms), Nanoseconds(10s), Nanoseconds(1h)}) {
    for (const int usual : {1, 10, 1000}) {
      Histogram times;
      for (int n = 0; n < usual; ++n) times.add(10us + n * 10ns);
      times.add(most);
      times.add(50ns);
      const auto rows = chart_rows(times);
      CAPTURE(most.count(), usual);
      CHECK(rows.size() <= 16);
      CHECK(sum(rows) == times.count());
      for (std::size_t at = 1; at < rows.size(); ++at) CHECK(rows[at].from == rows[at - 1].to);
      CHECK(rows.back().to > most);
    }
  }
}

TEST_CASE("a bar is as long as its count, and never nothing where there is a sample") {
  Histogram times;
  for (int n = 0; n < 1000; ++n) times.add(10500ns);
  for (int n = 0; n < 500; ++n) times.add(12500ns);
  times.add(100us);
  const Section section = chart_section("Distribution", times);
  CHECK(section.fields.front().label == "  10 us -   11 us");
  CHECK(section.fields.front().text == "##############################       1000   66.6 %");
  CHECK(section.fields.at(2).text == "###############                       500   33.3 %");
  CHECK(section.fields.back().text == "#                                       1   <0.1 %");
}

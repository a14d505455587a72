#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <tcpkit/report/render.hpp>

#include "report/hostile.hpp"
#include "support/catch.hpp"

using namespace tcpkit;

namespace {

Field fact(std::string label, std::string text, std::string remark = "", Show show = Show::Always) {
  return {.key = "k", .label = std::move(label), .text = std::move(text), .remark = std::move(remark), .show = show};
}

Field paragraph(std::string remark) {
  return fact("", "", std::move(remark));
}

std::string as_text(const Report& report, const Style& style = {}) {
  return find_format("text")->render(report, style);
}

std::string section(std::string title, std::vector<Field> fields, const Style& style = {}) {
  return as_text({"s", {{"", std::move(title), std::move(fields)}}}, style);
}

Report connection() {
  return {"tcpkit.test/1",
          {{"", "", {fact("connected to", "127.0.0.1:8080"), fact("from", "127.0.0.1:40000")}},
           {"options",
            "Options",
            {fact("nodelay", "on", "requested"),
             fact("rcvbuf", "425984 (416 KiB)", "asked for 4 MiB, clamped to net.core.rmem_max = 212992 and doubled"),
             fact("congestion", "cubic", "sysctl net.ipv4.tcp_congestion_control"),
             fact("keepidle", "7200 s (2 h)", "kernel default", Show::All)}},
           {"findings",
            "Findings",
            {fact("TK001", "", "The receive buffer is smaller than the path can fill."),
             paragraph("Raise net.core.rmem_max, or leave the buffer to autotuning by not setting rcvbuf at all: "
                       "the kernel then grows it up to the third number of net.ipv4.tcp_rmem.")}}}};
}

}  // namespace

TEST_CASE("text aligns labels, values and remarks in each section") {
  CHECK(as_text(connection()) == R"(connected to  127.0.0.1:8080
from          127.0.0.1:40000

Options
  nodelay     on                requested
  rcvbuf      425984 (416 KiB)  asked for 4 MiB, clamped to net.core.rmem_max =
                                212992 and doubled
  congestion  cubic             sysctl net.ipv4.tcp_congestion_control

Findings
  TK001  The receive buffer is smaller than the path can fill.
  Raise net.core.rmem_max, or leave the buffer to autotuning by not setting
  rcvbuf at all: the kernel then grows it up to the third number of
  net.ipv4.tcp_rmem.
)");
}

TEST_CASE("on a narrow page remarks move to lines of their own") {
  const std::string expected = R"(connected to  127.0.0.1:8080
from          127.0.0.1:40000

Options
  nodelay     on
      requested
  rcvbuf      425984 (416 KiB)
      asked for 4 MiB, clamped to
      net.core.rmem_max = 212992 and
      doubled
  congestion  cubic
      sysctl
      net.ipv4.tcp_congestion_control

Findings
  TK001  The receive buffer is smaller
         than the path can fill.
  Raise net.core.rmem_max, or leave the
  buffer to autotuning by not setting
  rcvbuf at all: the kernel then grows
  it up to the third number of
  net.ipv4.tcp_rmem.
)";
  CHECK(as_text(connection(), {.width = 40}) == expected);
  CHECK(as_text(connection(), {.width = 39}) == expected);
  CHECK(as_text(connection(), {.width = 0}) == expected);
  CHECK(as_text(connection(), {.width = -1}) == expected);
}

TEST_CASE("colour makes titles bold and remarks dim, and changes no column") {
  const Report report{"s",
                      {{"", "Title", {fact("a", "1", "remark"), fact("bb", "22"), paragraph("prose")}},
                       {"", "", {fact("c", "3", "other")}}}};
  CHECK(as_text(report, {.colour = true}) ==
        "\x1b[1mTitle\x1b[0m\n"
        "  a   1   \x1b[2mremark\x1b[0m\n"
        "  bb  22\n"
        "  prose\n"
        "\n"
        "c  3  \x1b[2mother\x1b[0m\n");
}

TEST_CASE("every line of a wrapped remark is dim by itself") {
  const std::string remark = "one two three four five six seven eight nine ten eleven twelve thirteen fourteen";
  CHECK(section("T", {fact("a", "1", remark)}, {.colour = true}) ==
        "\x1b[1mT\x1b[0m\n"
        "  a  1  \x1b[2mone two three four five six seven eight nine ten eleven twelve thirteen\x1b[0m\n"
        "        \x1b[2mfourteen\x1b[0m\n");
}

TEST_CASE("fields appear as they are asked for") {
  const std::vector<Field> fields = {fact("a", "1"), fact("b", "2", "", Show::All), fact("c", "3", "", Show::Never)};
  CHECK(section("T", fields) == "T\n  a  1\n");
  CHECK(section("T", fields, {.all = true}) == "T\n  a  1\n  b  2\n");
}

TEST_CASE("what is not shown takes no room in the columns") {
  CHECK(section("T", {fact("a", "1", "r"), fact("a long label", "a long text", "", Show::Never)}) == "T\n  a  1  r\n");
}

TEST_CASE("a section with nothing to show leaves neither heading nor gap") {
  const Report report{"s",
                      {{"", "Empty", {}},
                       {"", "First", {fact("a", "1")}},
                       {"", "Hidden", {fact("b", "2", "", Show::Never), fact("c", "3", "", Show::All)}},
                       {"", "Blank", {paragraph(""), paragraph("  ")}},
                       {"", "Last", {fact("d", "4")}}}};
  CHECK(as_text(report) == "First\n  a  1\n\nLast\n  d  4\n");
}

TEST_CASE("a report with nothing to show is no text at all") {
  CHECK(as_text({}).empty());
  CHECK(as_text({"s", {{"", "Title", {}}}}).empty());
}

TEST_CASE("a remark that just fits stays on its line") {
  CHECK(section("T", {fact("a", "1", std::string(72, 'x'))}) == "T\n  a  1  " + std::string(72, 'x') + "\n");
  const std::string two_words = std::string(36, 'x') + " " + std::string(36, 'y');
  CHECK(section("T", {fact("a", "1", two_words)}) ==
        "T\n  a  1  " + std::string(36, 'x') + "\n        " + std::string(36, 'y') + "\n");
}

TEST_CASE("wrapped lines are filled to the last column") {
  const std::string x(35, 'x');
  const std::string y(36, 'y');
  CHECK(section("T", {fact("a", "1", x + " " + y + " z")}) == "T\n  a  1  " + x + " " + y + "\n        z\n");
}

TEST_CASE("a short remark stays beside its value even where the column is narrow") {
  const std::string label(26, 'l');
  const std::string text(24, 't');  // the remark has columns 57 to 80
  CHECK(section("T", {fact(label, text, "this has 24 letters, yes"), fact("a", "1", "short")}) ==
        "T\n"
        "  " +
            label + "  " + text +
            "  this has 24 letters, yes\n"
            "  a" +
            std::string(27, ' ') + "1" + std::string(25, ' ') + "short\n");
  CHECK(section("T", {fact(label, text, "this has 25 letters, sure")}) ==
        "T\n"
        "  " +
            label + "  " + text +
            "\n"
            "      this has 25 letters, sure\n");
}

TEST_CASE("a remark is wrapped beside its value in a column of 30 and below it in a column of 29") {
  const std::string label(26, 'l');
  const std::string remark = "this remark has thirty-five letters";
  CHECK(section("T", {fact(label, std::string(18, 't'), remark)}) ==
        "T\n"
        "  " +
            label + "  " + std::string(18, 't') + "  this remark has thirty-five\n" + std::string(50, ' ') +
            "letters\n");
  CHECK(section("T", {fact(label, std::string(19, 't'), remark)}) ==
        "T\n"
        "  " +
            label + "  " + std::string(19, 't') +
            "\n"
            "      " +
            remark + "\n");
}

TEST_CASE("a text wider than its column has its remark below and does not push the others") {
  const std::string widest(30, 'w');
  const std::string longer(31, 'x');
  CHECK(section("T", {fact("a", longer, "below"), fact("b", widest, "beside"), fact("c", "1", "beside")}) ==
        "T\n"
        "  a  " +
            longer +
            "\n"
            "      below\n"
            "  b  " +
            widest +
            "  beside\n"
            "  c  1" +
            std::string(31, ' ') + "beside\n");
}

TEST_CASE("a label wider than its column keeps a gap before its text") {
  const std::string longer(29, 'l');
  CHECK(section("T", {fact(longer, "1", "r"), fact("b", "22", "r")}) ==
        "T\n"
        "  " +
            longer +
            "  1  r\n"
            "  b" +
            std::string(29, ' ') + "22  r\n");
  CHECK(section("T", {fact(longer, "22", "r"), fact("b", "1", "r")}) ==
        "T\n"
        "  " +
            longer +
            "  22\n"
            "      r\n"
            "  b" +
            std::string(29, ' ') + "1   r\n");
}

TEST_CASE("values are never cut, nor words wrapped inside") {
  const std::string value(200, 'v');
  const std::string word(100, 'w');
  CHECK(section("T", {fact("a", value, "x " + word + " y")}, {.width = 40}) ==
        "T\n  a  " + value + "\n      x\n      " + word + "\n      y\n");
}

TEST_CASE("fields without a label, a text or both need no columns for them") {
  CHECK(section("T", {fact("a", "", "r"), fact("bb", "", "")}) == "T\n  a   r\n  bb\n");
  CHECK(section("T", {fact("", "1", "r"), fact("", "22", "r")}) == "T\n  1   r\n  22  r\n");
  CHECK(section("T", {fact("a", "1"), fact("", "2")}) == "T\n  a  1\n     2\n");
  CHECK(section("", {paragraph("prose")}) == "prose\n");
}

TEST_CASE("no line ends in blanks") {
  CHECK(section("T", {fact("a", "1", " r  s "), fact("label", "", "")}) == "T\n  a      1  r s\n  label\n");
}

TEST_CASE("text that was escaped before is not escaped again") {
  CHECK(section("T", {fact("a", "x\\x1b\\\\y")}) == "T\n  a  x\\x1b\\\\y\n");
}

TEST_CASE("bytes that are not printable are shown as numbers") {
  CHECK(section(" ~", {fact("~", " ~", "~")}) == " ~\n  ~   ~  ~\n");
  CHECK(section("T\n", {fact("a\x1b", "b\xff", "c\x7f\t")}) == "T\\x0a\n  a\\x1b  b\\xff  c\\x7f\\x09\n");
}

TEST_CASE("hostile bytes do not reach the terminal through text") {
  for (const auto bytes : testing::kHostile) {
    for (const int width : {40, 80}) {
      const auto out = as_text(testing::hostile_report(bytes), {.all = true, .width = width});
      CAPTURE(out);
      CHECK(std::ranges::all_of(out, [](char c) { return (c >= 0x20 && c <= 0x7e) || c == '\n'; }));
      CHECK(out.find("\n\n\n") == std::string::npos);
      CHECK(out.back() == '\n');
    }
  }
}

TEST_CASE("in colour the only escape codes are bold, dim and off") {
  for (const auto bytes : testing::kHostile) {
    auto out = as_text(testing::hostile_report(bytes), {.colour = true});
    for (const std::string_view code : {"\x1b[1m", "\x1b[2m", "\x1b[0m"}) {
      for (auto at = out.find(code); at != std::string::npos; at = out.find(code)) out.erase(at, code.size());
    }
    CHECK(out == as_text(testing::hostile_report(bytes)));
  }
}

TEST_CASE("a line of a list has its details behind it where they fit, else below") {
  constexpr std::string_view kDetails = "rtt 1 ms, cwnd 10, 3 retransmitted, nodelay on";
  CHECK(render_line("cells", "", {.width = 60}) == "cells\n");
  CHECK(render_line("cells", kDetails, {.width = 60}) == "cells  rtt 1 ms, cwnd 10, 3 retransmitted, nodelay on\n");
  CHECK(render_line("cells", kDetails, {.width = 45}) ==
        "cells\n    rtt 1 ms, cwnd 10, 3 retransmitted,\n    nodelay on\n");
  CHECK(render_line("a\x1b", "b\xff", {}) == "a\\x1b  b\\xff\n");
  const std::string word(50, 'x');
  CHECK(render_line("c", word + " y " + word, {.width = 40}) == "c\n    " + word + "\n    y\n    " + word + "\n");
}

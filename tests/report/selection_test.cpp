#include <string>

#include <tcpkit/report/connection.hpp>

#include "support/catch.hpp"

using namespace tcpkit;

namespace {

std::string refusal(std::string_view names) {
  const Result<Selection> selection = parse_selection(names);
  REQUIRE_FALSE(selection);
  CHECK(selection.error().code == Errc::bad_value);
  return selection.error().doing;
}

}  // namespace

TEST_CASE("a selection takes options, sysctls and fields in any spelling") {
  const auto selection = parse_selection("SO_RCVBUF,user_timeout,tcp_rmem,net.core.rmem_max,rtt,tcpi_min_rtt,rto_us");
  REQUIRE(selection);
  CHECK(selection->options == std::vector{find_option("rcvbuf"), find_option("user-timeout")});
  CHECK(selection->sysctls == std::vector{find_sysctl("net.ipv4.tcp_rmem"), find_sysctl("net.core.rmem_max")});
  CHECK(selection->fields ==
        std::vector{find_tcp_info_field("rtt"), find_tcp_info_field("min_rtt"), find_tcp_info_field("rto")});
}

TEST_CASE("a field may be called as ss calls it, which lists do") {
  const auto selection = parse_selection("cwnd");
  REQUIRE(selection);
  CHECK(selection->fields == std::vector{find_tcp_info_field("snd_cwnd")});
}

TEST_CASE("a name of two things selects both") {
  const auto selection = parse_selection("options");
  REQUIRE(selection);
  CHECK(selection->options.size() == 1);
  CHECK(selection->fields.size() == 1);
}

TEST_CASE("an unknown name is refused with the nearest one") {
  CHECK(refusal("rcvbuff") == R"("rcvbuff" is no socket option, sysctl or TCP_INFO field: did you mean rcvbuf?)");
  CHECK(refusal("xyzzyxyzzy") == R"("xyzzyxyzzy" is no socket option, sysctl or TCP_INFO field)");
  CHECK(refusal("rtt,nosuchthing,rcvbuf").starts_with(R"("nosuchthing")"));
  CHECK(refusal("a\nb").find('\n') == std::string::npos);
}

TEST_CASE("an empty name is refused wherever it stands") {
  for (const char* names : {"", ",", "rtt,", ",rtt", "rtt,,rcvbuf", "-", " rtt"}) {
    CAPTURE(names);
    CHECK_FALSE(parse_selection(names));
  }
}

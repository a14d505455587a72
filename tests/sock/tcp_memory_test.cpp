#include "sock/tcp_memory.hpp"

#include <cerrno>

#include "sock/fake_file_kernel.hpp"
#include "support/catch.hpp"

using namespace tcpkit;

namespace {

constexpr std::string_view kSockstat =
    "sockets: used 310\n"
    "TCP: inuse 8 orphan 0 tw 2 alloc 9 mem 3\n"
    "UDP: inuse 5 mem 512\n";

}  // namespace

TEST_CASE("the pages that TCP uses are told, not those of others") {
  CHECK(parse_tcp_memory_pages(kSockstat) == std::uint64_t{3});
  FakeFileKernel kernel{std::string(kSockstat)};
  const Result<std::uint64_t> pages = read_tcp_memory_pages(kernel);
  REQUIRE(pages);
  CHECK(*pages == 3);
  CHECK(kernel.asked() == "/proc/thread-self/net/sockstat");
}

TEST_CASE("no pages in use are a number, too") {
  CHECK(parse_tcp_memory_pages("TCP: mem 0") == std::uint64_t{0});
}

TEST_CASE("content without the number gives none") {
  for (const std::string_view content : {"", "\n", "TCP:", "TCP: mem", "TCP: mem x", "TCP: mem -1", "UDP: mem 7",
                                         "TCP: alloc 9\nUDP: mem 7", "TCP: mem 99999999999999999999"}) {
    INFO(content);
    CHECK_FALSE(parse_tcp_memory_pages(content));
  }
}

TEST_CASE("a file that cannot be read or understood is an error") {
  FakeFileKernel hidden(EACCES);
  const Result<std::uint64_t> denied = read_tcp_memory_pages(hidden);
  REQUIRE_FALSE(denied);
  CHECK(denied.error().code == std::errc::permission_denied);
  FakeFileKernel empty{std::string()};
  CHECK_FALSE(read_tcp_memory_pages(empty));
}

TEST_CASE("this host shows the memory that TCP uses") {
  CHECK(read_tcp_memory_pages());
}

#include "proc/netlink.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <initializer_list>
#include <random>
#include <string>
#include <vector>

#include <netinet/in.h>
#include <sys/socket.h>

#include "sock/socket_states.hpp"
#include "support/catch.hpp"
#include "support/few_descriptors.hpp"

using namespace tcpkit;

namespace {

// Written out apart from the kernel's headers: they belong to the code under test.
constexpr std::uint16_t kError = 2;
constexpr std::uint16_t kDone = 3;
constexpr std::uint16_t kOverrun = 4;
constexpr std::uint16_t kSocket = 20;
constexpr std::uint16_t kInterrupted = 0x10;

std::string word(std::uint16_t number) {
  return std::string(reinterpret_cast<const char*>(&number), sizeof(number));
}

std::string long_word(std::uint32_t number) {
  return std::string(reinterpret_cast<const char*>(&number), sizeof(number));
}

std::string padded(std::string bytes) {
  bytes.resize((bytes.size() + 3) / 4 * 4);
  return bytes;
}

std::string message(std::uint16_t type, const std::string& body, std::uint16_t flags = 2) {
  const auto length = static_cast<std::uint32_t>(16 + body.size());
  return padded(long_word(length) + word(type) + word(flags) + long_word(1) + long_word(7) + body);
}

std::string attribute(std::uint16_t number, const std::string& content) {
  return padded(word(static_cast<std::uint16_t>(4 + content.size())) + word(number) + content);
}

/// struct inet_diag_msg: 72 bytes.
std::string socket_body(int family, const std::string& address, std::uint32_t interface, std::uint32_t inode) {
  std::string source = address;
  source.resize(16);
  return std::string{static_cast<char>(family), 10, 0, 0} + word(htons(8888)) + word(0) + source +
         std::string(16, '\0') + long_word(interface) + std::string(8, '\0') + std::string(16, '\0') + long_word(inode);
}

std::string link_local() {
  return std::string("\xfe\x80") + std::string(13, '\0') + "\x01";
}

struct Heard {
  std::vector<std::string> locals;
  std::vector<std::string> first_attributes;  ///< content of attribute 11, or "absent"
  DumpProgress progress;
  std::error_code error;
};

std::string text_of(std::span<const std::byte> bytes) {
  return std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size());
}

Heard hear(const std::string& datagram) {
  Heard heard;
  // A copy of its own on the heap, where the sanitizer sees a step beyond the end.
  const std::vector<char> bytes(datagram.begin(), datagram.end());
  const Result<void> result = read_dump(
      std::as_bytes(std::span(bytes)),
      [&](const DiagSocket& socket) {
        heard.locals.push_back(socket.local.text());
        const auto content = socket.attribute(DiagAttribute::V6Only);
        heard.first_attributes.push_back(content ? text_of(*content) : "absent");
      },
      heard.progress);
  if (!result) heard.error = result.error().code;
  return heard;
}

std::string done(std::uint32_t code = 0) {
  return message(kDone, long_word(code));
}

/// A listener that shares its port with others.
os::Descriptor shared_listener(const Endpoint& address) {
  os::Descriptor socket = test::tcp_socket(AF_INET);
  const int on = 1;
  ::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on));
  REQUIRE(::bind(socket.get(), address.data(), address.size()) == 0);
  REQUIRE(::listen(socket.get(), 1) == 0);
  return socket;
}

std::uint32_t minus(int errno_value) {
  return static_cast<std::uint32_t>(-errno_value);
}

}  // namespace

TEST_CASE("netlink: a datagram may hold several sockets, and the end") {
  const std::string v4 = socket_body(AF_INET, std::string("\x7f\0\0\x01", 4), 0, 42);
  const std::string v6 = socket_body(AF_INET6, link_local(), 1, 43);
  const Heard heard =
      hear(message(kSocket, v4) + message(kSocket, v6 + attribute(8, "x") + attribute(11, "y")) + done());
  CHECK_FALSE(heard.error);
  CHECK(heard.locals == std::vector<std::string>{"127.0.0.1:8888", "[fe80::1%lo]:8888"});
  CHECK(heard.first_attributes == std::vector<std::string>{"absent", "y"});
  CHECK(heard.progress.done);
  CHECK_FALSE(heard.progress.interrupted);
}

TEST_CASE("netlink: every number of the message is where the kernel puts it") {
  const std::string id =
      word(htons(80)) + word(htons(40000)) + std::string(32, '\0') + long_word(3) + long_word(0x11) + long_word(0x22);
  const std::string body = std::string{AF_INET, 1, 2, 4} + id + long_word(7'200'000) + long_word(5) + long_word(6) +
                           long_word(1000) + long_word(42);
  REQUIRE(body.size() == 72);
  const std::string datagram = message(kSocket, body);
  std::vector<DiagSocket> told;
  DumpProgress progress;
  REQUIRE(read_dump(
      std::as_bytes(std::span(datagram)), [&](const DiagSocket& s) { told.push_back(s); }, progress));
  REQUIRE(told.size() == 1);
  CHECK(told[0].state == 1);
  CHECK(told[0].timer == 2);
  CHECK(told[0].retries == 4);
  CHECK(told[0].local.port() == 80);
  CHECK(told[0].peer.port() == 40000);
  CHECK(told[0].interface == 3);
  CHECK(told[0].cookie == 0x22'0000'0011);
  CHECK(told[0].timer_ms == 7'200'000);
  CHECK(told[0].receive_queue == 5);
  CHECK(told[0].send_queue == 6);
  CHECK(told[0].uid == 1000);
  CHECK(told[0].inode == 42);
}

TEST_CASE("netlink: what the kernel reports is an error with its errno value") {
  CHECK(hear(message(kError, long_word(minus(ENOENT)) + std::string(16, '\0'))).error ==
        std::errc::no_such_file_or_directory);
  CHECK(hear(done(minus(ENOMEM))).error == std::errc::not_enough_memory);
  CHECK(hear(message(kOverrun, "")).error == std::errc::no_buffer_space);
  CHECK_FALSE(hear(message(kError, long_word(0))).error);
  CHECK_FALSE(hear(message(kDone, "")).error);
  CHECK(hear(message(kError, "")).error == std::errc::bad_message);
  CHECK(hear(done(17)).error == std::errc::bad_message);
  CHECK(hear(done(0x80000000)).error == std::errc::bad_message);
}

TEST_CASE("netlink: an interrupted dump is known as such, whichever message says so") {
  const std::string v4 = socket_body(AF_INET, "", 0, 1);
  CHECK(hear(message(kSocket, v4, kInterrupted) + done()).progress.interrupted);
  CHECK(hear(message(kSocket, v4) + message(kDone, long_word(0), kInterrupted)).progress.interrupted);
  CHECK_FALSE(hear(message(kSocket, v4)).progress.done);
}

TEST_CASE("netlink: messages of other kinds are passed over, nothing is read after the end") {
  const std::string v4 = socket_body(AF_INET, "", 0, 1);
  CHECK(hear(message(1, "noop") + message(99, "later kernels") + message(kSocket, v4)).locals.size() == 1);
  CHECK(hear(done() + message(kSocket, v4)).locals.empty());
}

TEST_CASE("netlink: a datagram that is cut anywhere tells whole sockets or fails") {
  const std::string whole = message(kSocket, socket_body(AF_INET, "", 0, 1) + attribute(11, "y"));
  for (std::size_t length = 1; length < whole.size(); ++length) {
    CAPTURE(length);
    const Heard heard = hear(whole.substr(0, length));
    // The padding after the last attribute is nobody's.
    CHECK(heard.error == std::errc::bad_message);
  }
  CHECK(hear("").locals.empty());
  CHECK(hear(message(kSocket, std::string(71, '\0'))).error == std::errc::bad_message);
  CHECK(hear(std::string(16, '\0')).error == std::errc::bad_message);  // a length of 0 would go on for ever
}

TEST_CASE("netlink: no attributes are as good as broken ones") {
  const std::string v4 = socket_body(AF_INET, "", 0, 1);
  const auto content = [&](const std::string& attributes) {
    return hear(message(kSocket, v4 + attributes)).first_attributes.at(0);
  };
  CHECK(content("") == "absent");
  CHECK(content(word(0) + word(11)) == "absent");
  CHECK(content(word(3) + word(11)) == "absent");
  CHECK(content(word(9) + word(11) + "xyz") == "absent");
  CHECK(content("x") == "absent");
  CHECK(content(word(4) + word(11)).empty());
  CHECK(content(attribute(0x8000 | 11, "nested")) == "nested");
  CHECK(content(attribute(11, "first") + attribute(11, "second")) == "first");
}

TEST_CASE("netlink: no bytes make the reader run wild") {
  const std::string v4 = socket_body(AF_INET, "\x7f", 0, 42);
  const std::string good =
      message(kSocket, v4 + attribute(8, "x") + attribute(11, "y")) + message(kSocket, v4) + done();
  std::mt19937 random(20240229);
  int ended = 0;
  for (int i = 0; i < 50'000; ++i) {
    std::string datagram = good;
    for (auto edits = 1 + random() % 4; edits > 0; --edits) {
      datagram[random() % datagram.size()] = static_cast<char>(static_cast<unsigned char>(random()));
    }
    datagram.resize(random() % (datagram.size() + 1));
    const Heard heard = hear(datagram);
    if (heard.locals.size() > 3) FAIL("more sockets than there is room for");
    if (heard.progress.done) ++ended;
  }
  CHECK(ended > 10);
}

TEST_CASE("netlink: the kernel tells sockets in the states asked for, with the attributes asked for") {
  constexpr std::uint8_t kEstablished = 1;
  const test::Stage stage = test::set_stage(AF_INET, test::State::Accepted);
  REQUIRE(stage.accepted);
  const Endpoint local = local_endpoint(stage.accepted.get());
  const Endpoint peer = local_endpoint(stage.client.get());
  DiagRequest request{AF_INET, 1U << kEstablished, 0, local.port()};
  const bool with_info = GENERATE(false, true);
  if (with_info) request.attributes = request_bit(DiagAttribute::Info);
  std::vector<std::uint64_t> inodes;
  const Result<void> dump = dump_sockets(request, [&](const DiagSocket& socket) {
    CHECK(socket.state == kEstablished);
    CHECK(socket.attribute(DiagAttribute::Info).has_value() == with_info);
    if (socket.local == local && socket.peer == peer) inodes.push_back(socket.inode);
  });
  CHECK(dump);
  REQUIRE(inodes.size() == 1);
  CHECK(inodes[0] != 0);
}

TEST_CASE("netlink: more sockets than one datagram holds are all told") {
  constexpr std::size_t kSockets = 300;  // more than 110 bytes each, and the kernel's datagrams are at most 32 KiB
  std::vector<os::Descriptor> sockets;
  Endpoint address = Endpoint::ipv4_loopback(0);
  while (sockets.size() < kSockets) {
    sockets.push_back(shared_listener(address));
    address = local_endpoint(sockets.back().get());
  }
  std::size_t told = 0;
  const DiagRequest request{AF_INET, 1U << 10, 0xff, address.port()};
  const Result<void> dump = dump_sockets(request, [&](const DiagSocket&) { ++told; });
  CHECK(dump);
  CHECK(told == kSockets);
}

TEST_CASE("netlink: a family that has no such list is an error, not an empty list") {
  DiagRequest request;
  request.family = AF_INET6 + 30;
  request.states = ~0U;
  const Result<void> dump = dump_sockets(request, [](const DiagSocket&) {});
  REQUIRE_FALSE(dump);
  CHECK(dump.error().doing == "list TCP sockets with sock_diag");
  CHECK(dump.error().code);
}

TEST_CASE("netlink: a process out of descriptors is told so") {
  if (test::kSanitizerNeedsDescriptors) return;
  const test::FewDescriptors none(0);
  const Result<void> dump = dump_sockets(DiagRequest{AF_INET, ~0U, 0, 0}, [](const DiagSocket&) {});
  REQUIRE_FALSE(dump);
  CHECK(dump.error().code == std::errc::too_many_files_open);
}

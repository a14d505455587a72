#include "inspect_copy.hpp"

#include <cstdint>
#include <vector>

#include <unistd.h>

#include "support/catch.hpp"
#include "support/few_descriptors.hpp"

namespace {

using namespace tcpkit;

SocketEntry socket_in(SocketState state, std::uint64_t inode) {
  SocketEntry entry;
  entry.state = state;
  entry.inode = inode;
  return entry;
}

}  // namespace

TEST_CASE("permission is to blame only where there are processes that may not be looked into") {
  Holders holders;
  const SocketEntry held = socket_in(SocketState::Established, 12);
  CHECK_FALSE(may_be_hidden(held, holders));
  CHECK(describe_no_holder(held, holders) ==
        "unreadable: no process had it open yet, or it is one of the kernel's own");
  CopyCloser closer;
  ProcessDoors doors;
  CHECK(copy_socket({held, {}, 0}, holders, doors, closer).error().code == std::errc::no_such_process);
  holders.not_permitted = 1;
  CHECK(may_be_hidden(held, holders));
  CHECK(describe_no_holder(held, holders) == "unreadable: no process that may be looked into has it open");
  CHECK(copy_socket({held, {}, 0}, holders, doors, closer).error().code == std::errc::operation_not_permitted);
}

#ifndef __SANITIZE_ADDRESS__  // whose run time needs descriptors to look at objects
TEST_CASE("of several holders one that is still there says why there is no copy") {
  const test::FewDescriptors none(0);
  const std::vector<SocketHolder> holders = {{INT32_MAX, {}, 0}, {::getpid(), {}, 0}, {INT32_MAX, {}, 0}};
  CopyCloser closer;
  ProcessDoors doors;
  const Match match{socket_in(SocketState::Established, 12), holders, 0};
  CHECK(copy_socket(match, {}, doors, closer).error().code == std::errc::too_many_files_open);
}
#endif

TEST_CASE("a socket that no process has is not always gone") {
  Holders holders;
  holders.not_permitted = 1;
  CHECK(describe_no_holder(socket_in(SocketState::Established, 0), holders).ends_with("accepted it yet"));
  CHECK(describe_no_holder(socket_in(SocketState::SynReceived, 0), holders).ends_with("not over yet"));
  CHECK(describe_no_holder(socket_in(SocketState::TimeWait, 0), holders).starts_with("gone: "));
}

#include <tcpkit/proc/socket_list.hpp>

#include <algorithm>
#include <utility>

#include <sys/socket.h>

#include "proc/cookie_set.hpp"
#include "proc/diag_entry.hpp"
#include "proc/socket_dump.hpp"

namespace tcpkit {
namespace {

using EntryCallback = std::function<void(SocketEntry)>;

constexpr std::uint8_t kEverything = request_bit(DiagAttribute::Info) | request_bit(DiagAttribute::Congestion) |
                                     request_bit(DiagAttribute::Tos) | request_bit(DiagAttribute::TrafficClass) |
                                     request_bit(DiagAttribute::Memory);

/// The port that all of them want, so that the kernel can leave the others out; 0 = there is none.
std::uint16_t common_port(const std::vector<AddressMatch>& matches) {
  if (matches.empty() || !matches.front().port) return 0;
  const auto first = matches.front().port;
  const bool same = std::ranges::all_of(matches, [&](const AddressMatch& match) { return match.port == first; });
  return same ? *first : 0;
}

DiagRequest request_of(const SocketFilter& filter, DiagDetail detail) {
  DiagRequest request;
  request.states = filter.states;
  request.attributes = detail == DiagDetail::Full ? kEverything : std::uint8_t{0};
  request.local_port = common_port(filter.local);
  request.peer_port = common_port(filter.peer);
  return request;
}

bool was_interrupted(const Error& error) {
  return error.code == std::errc::interrupted || error.code == std::errc::no_buffer_space;
}

/// One listing: what of it the dumps share.
class Listing {
 public:
  Listing(const SocketFilter& filter, const DumpFunction& dump, const EntryCallback& each)
      : filter_(filter), dump_(dump), each_(each) {}

  /// All sockets of a family and protocol; asks again while the kernel cannot tell them all.
  Result<void> tell(const DiagRequest& request) {
    constexpr int kAttempts = 5;
    for (int attempt = 0; attempt < kAttempts; ++attempt) {
      Result<void> dumped = dump_(request, [&](const DiagSocket& socket) { tell(socket, request.mptcp); });
      if (dumped || !was_interrupted(dumped.error())) return dumped;
    }
    notes_.incomplete = true;
    return {};
  }

  /// Kernels without a list of multipath sockets refuse it, or take it for one of raw sockets (before 5.9).
  Result<void> tell_mptcp(const DiagRequest& request) {
    Result<void> told = tell(request);
    if (told) return told;
    const std::error_code& code = told.error().code;
    if (code != std::errc::no_such_file_or_directory && code != std::errc::invalid_argument) return told;
    notes_.mptcp_missing = true;
    return {};
  }

  [[nodiscard]] const ListingNotes& notes() const { return notes_; }

 private:
  void tell(const DiagSocket& socket, bool mptcp) {
    if (mptcp && socket.attribute(DiagAttribute::Protocol)) {
      notes_.mptcp_missing = true;
      return;
    }
    SocketEntry entry = entry_of(socket, mptcp);
    if (matches(filter_, entry) && told_.insert(entry.cookie)) each_(std::move(entry));
  }

  const SocketFilter& filter_;
  const DumpFunction& dump_;
  const EntryCallback& each_;
  CookieSet told_;
  ListingNotes notes_;
};

}  // namespace

Result<ListingNotes> list_sockets(const SocketFilter& filter, DiagDetail detail, const EntryCallback& each) {
  return list_sockets(filter, detail, each, dump_sockets);
}

Result<ListingNotes> list_sockets(const SocketFilter& filter, DiagDetail detail, const EntryCallback& each,
                                  const DumpFunction& dump) {
  Listing listing(filter, dump, each);
  DiagRequest request = request_of(filter, detail);
  constexpr std::uint32_t kTimeWait = std::uint32_t{1} << static_cast<unsigned>(SocketState::TimeWait);
  for (const bool mptcp : {false, true}) {
    if (mptcp && filter.states == kTimeWait) continue;  // the subflows of a multipath socket wait, it does not
    for (const int family : {AF_INET, AF_INET6}) {
      request.mptcp = mptcp;
      request.family = family;
      const Result<void> told = mptcp ? listing.tell_mptcp(request) : listing.tell(request);
      if (!told) return told.error();
    }
  }
  return listing.notes();
}

}  // namespace tcpkit

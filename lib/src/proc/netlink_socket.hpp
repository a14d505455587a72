#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <span>

#include <tcpkit/base/result.hpp>

#include "os/descriptor.hpp"

/// netlink(7): what all that is asked over it has in common.
namespace tcpkit {

using Bytes = std::span<const std::byte>;

/// A copy, for nothing says that the kernel's structures lie on their alignment here.
template <class Structure>
std::optional<Structure> load(Bytes from) {
  if (from.size() < sizeof(Structure)) return std::nullopt;
  Structure structure;
  std::memcpy(&structure, from.data(), sizeof(Structure));
  return structure;
}

/// What follows the first `length` bytes, and the padding up to the next multiple of 4.
Bytes after(Bytes bytes, std::size_t length);

/// The content of the first attribute with this number among the attributes of a message or of an attribute.
std::optional<Bytes> find_attribute(Bytes attributes, std::uint16_t number);

/// One message of a datagram.
struct NetlinkMessage {
  std::uint16_t type = 0;
  bool interrupted = false;  ///< what is listed has changed meanwhile: NLM_F_DUMP_INTR
  Bytes body;
};

/// Takes the first message off; nothing when there is none in these bytes.
std::optional<NetlinkMessage> take_message(Bytes& rest);

/// What NLMSG_ERROR and NLMSG_DONE begin with, as an errno value: 0 = no error. Nothing when it is missing.
std::optional<int> verdict_of(Bytes body);

/// A socket of the calling thread's network namespace that hears the kernel and nobody else. `doing` is what errors
/// say.
class NetlinkSocket {
 public:
  static Result<NetlinkSocket> open(int protocol, const char* doing);

  Result<void> send(Bytes message);
  /// The next datagram whole; it lasts until the next call.
  Result<Bytes> receive();

 private:
  NetlinkSocket(os::Descriptor descriptor, const char* doing);
  Result<std::size_t> receive_once(std::size_t size, int flags);

  os::Descriptor descriptor_;
  const char* doing_;
  std::size_t size_;
  std::unique_ptr<std::byte[]> room_;  // never cleared: most answers are short
};

}  // namespace tcpkit

#include "lab/device.hpp"

#include <cerrno>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>

namespace tcpkit::lab {
namespace {

constexpr std::uint32_t kLeastIpv6Mtu = 1280;  // RFC 8200, section 5: without it the kernel takes no IPv6 address
constexpr int kQueuePackets = 20'000;          // so that what is dropped is dropped by the path, which counts it

/// struct in6_ifreq of <linux/ipv6.h>, which clashes with <netinet/in.h> of some C libraries.
struct Ipv6Request {
  in6_addr address;
  std::uint32_t prefix_length;
  int index;
};

Result<void> request(int socket, unsigned long number, void* argument, std::string doing) {
  if (::ioctl(socket, number, argument) == 0) return {};
  return system_error(errno, std::move(doing));
}

ifreq request_for(std::string_view device) {
  ifreq request = {};
  device.copy(request.ifr_name, IFNAMSIZ - 1);
  return request;
}

void put_ipv4(sockaddr& room, in_addr address) {
  sockaddr_in whole = {};
  whole.sin_family = AF_INET;
  whole.sin_addr = address;
  std::memcpy(&room, &whole, sizeof whole);
}

Result<void> raise(int socket, std::string_view device) {
  ifreq up = request_for(device);
  const std::string doing = fmt::format("set {} up", device);
  if (auto done = request(socket, SIOCGIFFLAGS, &up, doing); !done) return done;
  up.ifr_flags = static_cast<short>(up.ifr_flags | IFF_UP);
  return request(socket, SIOCSIFFLAGS, &up, doing);
}

Result<void> set_sizes(int socket, std::uint32_t mtu) {
  ifreq size = request_for(kDevice);
  size.ifr_mtu = static_cast<int>(mtu);
  if (auto done = request(socket, SIOCSIFMTU, &size, fmt::format("set an MTU of {}", mtu)); !done) return done;
  ifreq queue = request_for(kDevice);
  queue.ifr_qlen = kQueuePackets;
  return request(socket, SIOCSIFTXQLEN, &queue, "set the length of the device's queue");
}

Result<void> add_ipv4(int socket, const char* address) {
  const std::string doing = fmt::format("give {} to {}", address, kDevice);
  in_addr number = {};
  ::inet_pton(AF_INET, address, &number);
  ifreq own = request_for(kDevice);
  put_ipv4(own.ifr_addr, number);
  if (auto done = request(socket, SIOCSIFADDR, &own, doing); !done) return done;
  ifreq mask = request_for(kDevice);
  put_ipv4(mask.ifr_netmask, {htonl(0xffffff00)});
  return request(socket, SIOCSIFNETMASK, &mask, doing);
}

/// Even without neighbours to ask (IFF_NOARP) an address is tentative, and of no use, until a worker of the kernel has
/// seen to it (net/ipv6/addrconf.c: addrconf_dad_work).
Result<void> wait_until_usable(const os::Descriptor& socket, const sockaddr_in6& address, const std::string& doing) {
  constexpr timespec kPause = {0, 1'000'000};
  constexpr int kAttempts = 10'000;
  for (int i = 0; i < kAttempts; ++i) {
    if (::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) return {};
    if (errno != EADDRNOTAVAIL) break;
    ::nanosleep(&kPause, nullptr);
  }
  return system_error(errno, doing);
}

Result<void> add_ipv6(const char* text) {
  const os::Descriptor socket(::socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (!socket && errno == EAFNOSUPPORT) return {};
  const std::string doing = fmt::format("give {} to {}", text, kDevice);
  sockaddr_in6 address = {};
  address.sin6_family = AF_INET6;
  ::inet_pton(AF_INET6, text, &address.sin6_addr);
  Ipv6Request own = {address.sin6_addr, 64, static_cast<int>(::if_nametoindex(kDevice))};
  if (auto done = request(socket.get(), SIOCSIFADDR, &own, doing); !done) return done;
  return wait_until_usable(socket, address, doing);
}

Result<os::Descriptor> open_tun() {
  constexpr const char* kTun = "/dev/net/tun";
  os::Descriptor device(::open(kTun, O_RDWR | O_NONBLOCK | O_CLOEXEC));
  if (!device) return system_error(errno, fmt::format("open {}", kTun));
  ifreq tun = request_for(kDevice);
  tun.ifr_flags = IFF_TUN | IFF_NO_PI;
  if (auto done = request(device.get(), TUNSETIFF, &tun, "make a TUN device"); !done) return done.error();
  return device;
}

Result<os::Descriptor> control_socket() {
  os::Descriptor socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (!socket) return system_error(errno, "open a socket to set up devices");
  return socket;
}

}  // namespace

Result<void> raise_loopback() {
  const Result<os::Descriptor> socket = control_socket();
  return socket ? raise(socket->get(), "lo") : socket.error();
}

Result<os::Descriptor> make_device(const EndPlan& plan) {
  Result<os::Descriptor> device = open_tun();
  const Result<os::Descriptor> socket = control_socket();
  if (!device) return device;
  if (!socket) return socket.error();
  if (auto done = set_sizes(socket->get(), plan.mtu); !done) return done.error();
  if (auto done = add_ipv4(socket->get(), plan.ipv4); !done) return done.error();
  if (auto done = raise(socket->get(), kDevice); !done) return done.error();
  if (plan.mtu < kLeastIpv6Mtu) return device;
  if (auto done = add_ipv6(plan.ipv6); !done) return done.error();
  return device;
}

}  // namespace tcpkit::lab

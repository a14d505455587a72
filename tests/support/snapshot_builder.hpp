#pragma once

#include <cstring>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <tcpkit/sock/snapshot.hpp>
#include <tcpkit/sock/sysctl_values.hpp>

/// Snapshots and sysctls made by hand: a socket as it would be on a host one does not have.
namespace tcpkit::test {

class SnapshotBuilder {
 public:
  SnapshotBuilder() {
    for (const Option& row : options()) snapshot_.options.push_back({&row, std::nullopt, "not known to this kernel"});
    snapshot_.local = Endpoint::ipv4_loopback(40000);
    snapshot_.peer = Endpoint::ipv4_loopback(80);
  }

  SnapshotBuilder& set(std::string_view symbol, Value value) {
    find(symbol) = {find_option(symbol), std::move(value), {}};
    return *this;
  }
  SnapshotBuilder& set(std::string_view symbol, int value) { return set(symbol, Value(std::int64_t{value})); }
  SnapshotBuilder& unreadable(std::string_view symbol, std::string reason) {
    find(symbol) = {find_option(symbol), std::nullopt, std::move(reason)};
    return *this;
  }
  SnapshotBuilder& field(std::string_view name, std::uint64_t number) {
    const TcpInfoField& row = *find_tcp_info_field(name);
    std::uint64_t word = 0;
    std::memcpy(&word, info_.data() + row.offset, row.width);
    const std::uint64_t mask = ((std::uint64_t{1} << row.bits) - 1) << row.bit;
    word = row.bits == 0 ? number : (word & ~mask) | number << row.bit;
    std::memcpy(info_.data() + row.offset, &word, row.width);
    return *this;
  }
  SnapshotBuilder& info_size(std::size_t bytes) {
    info_.resize(bytes);
    return *this;
  }
  SnapshotBuilder& no_info(std::string reason) {
    snapshot_.info_reason = std::move(reason);
    return *this;
  }
  SnapshotBuilder& peer(const Endpoint& peer) {
    snapshot_.peer = peer;
    return *this;
  }
  SnapshotBuilder& local(const Endpoint& local) {
    snapshot_.local = local;
    return *this;
  }

  [[nodiscard]] Snapshot build() const {
    Snapshot built = snapshot_;
    if (built.info_reason.empty()) built.info.emplace(info_);
    return built;
  }

 private:
  OptionReading& find(std::string_view symbol) {
    const auto row = static_cast<std::size_t>(find_option(symbol) - options().data());
    return snapshot_.options.at(row);
  }

  Snapshot snapshot_;
  std::vector<std::byte> info_ = std::vector<std::byte>(280);
};

/// Bits of tcpi_options.
inline constexpr std::uint64_t kTimestampsOn = 1;
inline constexpr std::uint64_t kSackOn = 2;
inline constexpr std::uint64_t kScalingOn = 4;
inline constexpr std::uint64_t kEcnOn = 8;

/// No sysctl of this host: those that are not given are absent.
inline SysctlValues sysctls_of(const std::vector<std::pair<std::string_view, Value>>& given) {
  SysctlValues values;
  for (const Sysctl& row : sysctls()) {
    values.put({&row, std::nullopt, "absent: no such file in this network namespace"});
  }
  for (const auto& [name, value] : given) values.put({find_sysctl(name), value, {}});
  return values;
}

inline Value number_of(std::int64_t number) {
  return number;
}

/// What a kernel starts with: the values of a host with its own ideas about buffers.
inline SysctlValues usual_sysctls() {
  return sysctls_of({{"net.core.rmem_max", number_of(212992)},
                     {"net.core.wmem_max", number_of(212992)},
                     {"net.ipv4.tcp_rmem", Numbers{4096, 131072, 33554432}},
                     {"net.ipv4.tcp_wmem", Numbers{4096, 16384, 4194304}},
                     {"net.ipv4.tcp_moderate_rcvbuf", true},
                     {"net.ipv4.tcp_window_scaling", true},
                     {"net.ipv4.tcp_timestamps", number_of(1)},
                     {"net.ipv4.tcp_sack", true},
                     {"net.ipv4.tcp_ecn", number_of(2)},
                     {"net.ipv4.tcp_retries2", number_of(15)},
                     {"net.ipv4.tcp_syn_retries", number_of(6)},
                     {"net.ipv4.tcp_syn_linear_timeouts", number_of(4)},
                     {"net.ipv4.tcp_keepalive_time", number_of(7200)},
                     {"net.ipv4.tcp_keepalive_intvl", number_of(75)},
                     {"net.ipv4.tcp_keepalive_probes", number_of(9)},
                     {"net.ipv4.tcp_notsent_lowat", number_of(4294967295)},
                     {"net.ipv4.tcp_congestion_control", std::string("cubic")}});
}

}  // namespace tcpkit::test

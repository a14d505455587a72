#include "sock/catalogue.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <tuple>

#include <tcpkit/sock/option.hpp>

#include "base/letters.hpp"
#include "sock/catalogue_ip.hpp"
#include "sock/catalogue_ipv6.hpp"
#include "sock/catalogue_socket.hpp"
#include "sock/catalogue_tcp.hpp"

/// THE option table: the rows of the four levels, joined, ordered and proved here.
///
/// Left out on purpose:
/// - TCP_INFO: not an option's value but a table of its own (tcp_info_fields.cpp);
/// - TCP_REPAIR, TCP_REPAIR_QUEUE, TCP_REPAIR_OPTIONS, TCP_REPAIR_WINDOW, TCP_QUEUE_SEQ: checkpoint and restore, they
///   break a live connection;
/// - SO_ATTACH_FILTER, SO_ATTACH_BPF, SO_ATTACH_REUSEPORT_CBPF/_EBPF, SO_DETACH_FILTER, SO_DETACH_REUSEPORT_BPF: they
///   carry programs, and reading SO_GET_FILTER (the number of SO_ATTACH_FILTER) gives code, not a value;
/// - TCP_AO_*: keys, and operations on keys;
/// - SOL_MPTCP: structures that answer a question in the same call, and another protocol than TCP;
/// - SO_DEVMEM_*, SCM_TS_OPT_ID: numbers of control messages, SO_DEVMEM_DONTNEED gives received memory back.
namespace tcpkit {
namespace {

using namespace catalogue;

/// Socket, TCP, IP, IPv6: the order in which readers show the levels.
constexpr int rank_of(int level) {
  if (level == SOL_SOCKET) return 0;
  if (level == IPPROTO_TCP) return 1;
  return level == IPPROTO_IP ? 2 : 3;
}

constexpr bool comes_before(const Option& one, const Option& other) {
  return std::tuple(rank_of(one.level), one.number) < std::tuple(rank_of(other.level), other.number);
}

/// Sorted here and not by hand, for the numbers of SOL_SOCKET have another order on some architectures.
constexpr auto joined() {
  std::array<Option, kSocketOptions.size() + kTcpOptions.size() + kIpOptions.size() + kIpv6Options.size()> rows;
  auto end = std::ranges::copy(kSocketOptions, rows.begin()).out;
  end = std::ranges::copy(kTcpOptions, end).out;
  end = std::ranges::copy(kIpOptions, end).out;
  std::ranges::copy(kIpv6Options, end);
  std::ranges::sort(rows, comes_before);
  return rows;
}

constexpr auto kOptions = joined();

constexpr bool ends_a_sentence(std::string_view text) {
  return !text.empty() && text.back() == '.';
}

constexpr bool has_texts(const Option& row) {
  const bool named = !row.name.empty() && !row.symbol.empty() && !row.source.empty();
  return named && !row.brief.empty() && !ends_a_sentence(row.brief) && ends_a_sentence(row.detail);
}

constexpr bool is_lower_case_with_dashes(std::string_view name) {
  return std::ranges::all_of(name, [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; });
}

/// "user-timeout" for TCP_USER_TIMEOUT, or "tcp-timestamp" where the short form belongs to another level.
constexpr bool is_named_after(std::string_view name, std::string_view symbol) {
  return same_spelling(name, symbol) || same_spelling(name, symbol.substr(symbol.find('_') + 1));
}

/// What needs names has them, and what has words has room for each.
constexpr bool names_fit_the_kind(const Option& row) {
  switch (row.kind) {
    case Kind::Enumeration:
    case Kind::Flags:
      return !row.names.empty() && row.size == sizeof(int);
    case Kind::Words:
      return row.size == row.names.size() * sizeof(std::uint32_t);
    default:
      return row.names.empty();
  }
}

constexpr bool size_fits_the_kind(const Option& row) {
  switch (row.kind) {
    case Kind::Unsigned64:
      return row.size == sizeof(std::uint64_t);
    case Kind::Linger:
      return row.size == sizeof(linger);
    case Kind::Timeval:
      return row.size == sizeof(timeval);
    case Kind::Address:
      return row.size == sizeof(sockaddr_in6);
    case Kind::Name:
    case Kind::Bytes:
    case Kind::Words:
      return row.size >= 1 && row.size <= kLargestOption;
    default:
      return row.size == sizeof(int);
  }
}

constexpr bool range_fits_the_kind(const Option& row) {
  if (row.min > row.max) return false;
  return row.kind != Kind::Switch || row.access == Access::ReadOnly || (row.min == 0 && row.max == 1);
}

constexpr bool default_is_governed(const Option& row) {
  if (row.default_sysctl.empty()) return row.default_index == -1;
  return row.sysctls.find(row.default_sysctl) != std::string_view::npos;
}

/// A refusal says all there is to say.
constexpr bool late_is_decided(const Option& row) {
  return !ends_a_sentence(row.late_refusal) && (row.late_refusal.empty() || !row.works_late);
}

constexpr bool well_formed(const Option& row) {
  const bool readable_facts = row.nature == Nature::Setting || row.access != Access::WriteOnly;
  const bool consuming_is_read_only = !row.consuming_read || row.access == Access::ReadOnly;
  const bool level_and_family = (row.level == IPPROTO_IPV6) == (row.applies == Applies::Ipv6);
  return has_texts(row) && is_lower_case_with_dashes(row.name) && is_named_after(row.name, row.symbol) &&
         names_fit_the_kind(row) && size_fits_the_kind(row) && range_fits_the_kind(row) && default_is_governed(row) &&
         readable_facts && consuming_is_read_only && level_and_family && late_is_decided(row);
}

/// FNV-1a of the spelling. Comparing every spelling with every other takes more steps than clang allows a constant.
constexpr std::uint64_t folded_hash(std::string_view spelling) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const char letter : spelling) {
    if (!is_separator(letter)) hash = (hash ^ static_cast<unsigned char>(lower_case(letter))) * 0x100000001b3;
  }
  return hash;
}

struct Spelling {
  std::uint64_t hash = 0;
  std::size_t row = 0;
};

/// No spelling finds two rows.
template <std::size_t N>
constexpr bool spellings_differ(const std::array<Option, N>& rows) {
  std::array<Spelling, 2 * N> spellings;
  for (std::size_t i = 0; i < N; ++i) {
    spellings[2 * i] = {folded_hash(rows[i].name), i};
    spellings[2 * i + 1] = {folded_hash(rows[i].symbol), i};
  }
  std::ranges::sort(spellings, {}, &Spelling::hash);
  const auto clash = [](const Spelling& a, const Spelling& b) { return a.hash == b.hash && a.row != b.row; };
  return std::ranges::adjacent_find(spellings, clash) == spellings.end();
}

constexpr bool well_formed(std::span<const Option> rows) {
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (!well_formed(rows[i])) return false;
    if (i != 0 && !comes_before(rows[i - 1], rows[i])) return false;
  }
  return true;
}

static_assert(well_formed(kOptions));
static_assert(spellings_differ(kOptions));

}  // namespace

std::span<const Option> options() noexcept {
  return kOptions;
}

}  // namespace tcpkit

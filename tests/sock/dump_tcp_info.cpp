// Prints the TCP_INFO of an inherited descriptor: its length, then "name value" for each field, "-" for an absent one.
#include <charconv>
#include <cstdio>
#include <cstring>

#include <fmt/format.h>

#include <tcpkit/sock/tcp_info.hpp>

int main(int argc, char** argv) {
  using namespace tcpkit;
  int socket = -1;
  if (argc != 2 || std::from_chars(argv[1], argv[1] + std::strlen(argv[1]), socket).ec != std::errc()) {
    fmt::print(stderr, "usage: dump_tcp_info DESCRIPTOR\n");
    return 2;
  }
  const Result<TcpInfo> info = TcpInfo::read(socket);
  if (!info) {
    fmt::print(stderr, "dump_tcp_info: {}\n", describe(info.error()));
    return 1;
  }
  fmt::print("size {}\n", info->size());
  for (const TcpInfoField& field : tcp_info_fields()) {
    const std::optional<std::uint64_t> number = info->get(field);
    fmt::print("{} {}\n", field.name, number ? std::to_string(*number) : "-");
  }
  return std::fflush(stdout) == 0 ? 0 : 1;
}

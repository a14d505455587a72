#include <tcpkit/net/resolve.hpp>

#include <algorithm>
#include <cerrno>
#include <condition_variable>
#include <cstring>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

#include <fmt/format.h>
#include <netdb.h>

#include <tcpkit/base/units.hpp>

#include "os/name_services.hpp"

namespace tcpkit {
namespace {

int family_hint(Families families) {
  switch (families) {
    case Families::Ipv4:
      return AF_INET;
    case Families::Ipv6:
      return AF_INET6;
    case Families::Both:
      break;
  }
  return AF_UNSPEC;
}

std::string doing(const std::string& host) {
  return fmt::format("resolve {}", escape(host));
}

Error resolver_error(int code, int errno_value, const std::string& host) {
  const bool at_limit = errno_value == EMFILE || errno_value == ENFILE || errno_value == ENOMEM;
  if (code == EAI_SYSTEM && at_limit) return system_error(errno_value, doing(host));
  Error error{std::error_code(code, resolver_category()), doing(host)};
  if (code == EAI_SYSTEM) error.hint = std::error_code(errno_value, std::system_category()).message();
  return error;
}

void add_once(std::vector<Endpoint>& endpoints, const Endpoint& endpoint) {
  const bool known = std::ranges::find(endpoints, endpoint) != endpoints.end();
  if (!known && endpoint.family() != AF_UNSPEC) endpoints.push_back(endpoint);
}

Result<std::vector<Endpoint>> ask(const std::string& host, std::uint16_t port, int family) {
  addrinfo hints = {};
  hints.ai_family = family;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* list = nullptr;
  os::choose_name_services();
  const int code = ::getaddrinfo(host.c_str(), nullptr, &hints, &list);
  if (code != 0) return resolver_error(code, errno, host);
  std::vector<Endpoint> endpoints;
  for (const addrinfo* entry = list; entry != nullptr; entry = entry->ai_next) {
    Endpoint endpoint(entry->ai_addr, entry->ai_addrlen);
    endpoint.set_port(port);
    add_once(endpoints, endpoint);
  }
  ::freeaddrinfo(list);
  if (endpoints.empty()) return resolver_error(EAI_NONAME, 0, host);
  return endpoints;
}

/// What the asking thread and its caller share; whoever lets go last frees it.
struct Query {
  std::mutex mutex;
  std::condition_variable done;
  std::optional<Result<std::vector<Endpoint>>> answer;
};

Result<void> start(const std::shared_ptr<Query>& query, const Target& target, int family) try {
  std::thread([query, host = target.host, port = target.port, family] {
    auto answer = ask(host, port, family);
    const std::lock_guard lock(query->mutex);
    query->answer = std::move(answer);
    query->done.notify_one();
  }).detach();
  return {};
} catch (const std::system_error& failure) {
  return Error{failure.code(), doing(target.host)};  // the limit of tasks, RLIMIT_NPROC or a cgroup's
}

/// getaddrinfo cannot be cancelled: it runs in a thread that is left behind when the deadline passes.
Result<std::vector<Endpoint>> ask_until(const Target& target, int family, Clock::time_point deadline) {
  auto query = std::make_shared<Query>();
  if (auto started = start(query, target, family); !started) return started.error();
  std::unique_lock lock(query->mutex);
  const auto answered = [&] { return query->answer.has_value(); };
  if (deadline == Clock::time_point::max()) {
    query->done.wait(lock, answered);
  } else if (!query->done.wait_until(lock, deadline, answered)) {
    return system_error(ETIMEDOUT, doing(target.host));
  }
  return std::move(*query->answer);
}

bool wanted(const Endpoint& endpoint, Families families) {
  return families == Families::Both || endpoint.family() == family_hint(families);
}

std::vector<Endpoint> own_loopback(std::uint16_t port, Families families) {
  std::vector<Endpoint> endpoints;
  for (const Endpoint& endpoint : {Endpoint::ipv4_loopback(port), Endpoint::ipv6_loopback(port)}) {
    if (wanted(endpoint, families)) endpoints.push_back(endpoint);
  }
  return endpoints;
}

}  // namespace

Result<std::vector<Endpoint>> resolve(const Target& target, Families families, Clock::time_point deadline) {
  if (target.host.empty()) return own_loopback(target.port, families);
  if (!target.numeric && Clock::now() >= deadline) return system_error(ETIMEDOUT, doing(target.host));
  if (!target.numeric) return ask_until(target, family_hint(families), deadline);
  if (!wanted(*target.numeric, families)) {
    return bad_value(fmt::format("{} is an {} address, and only {} is asked for", escape(target.numeric->address()),
                                 family_name(target.numeric->family()), family_name(family_hint(families))));
  }
  return std::vector{*target.numeric};
}

}  // namespace tcpkit

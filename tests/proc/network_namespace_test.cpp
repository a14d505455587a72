#include <tcpkit/proc/network_namespace.hpp>

#include <filesystem>
#include <fstream>
#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>

#include <sched.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/catch.hpp"
#include "support/few_descriptors.hpp"

using namespace tcpkit;

namespace {

/// By another way than the one under test.
std::uint64_t current_inode() {
  return std::stoull(std::filesystem::read_symlink("/proc/thread-self/ns/net").string().substr(5));
}

NetworkNamespace good(Result<NetworkNamespace> result) {
  INFO((result ? "" : describe(result.error())));
  REQUIRE(result);
  return std::move(*result);
}

/// Runs `work` in a thread that has gone to a new namespace; whether it could.
bool in_new_namespace(const std::function<void()>& work) {
  bool possible = false;
  std::thread([&] {
    possible = ::unshare(CLONE_NEWNET) == 0;
    if (possible) work();
  }).join();
  return possible;
}

/// A name for a file below /run/netns that nobody else has.
std::string own_name(const char* what) {
  return "tcpkit-test-" + std::string(what) + "-" + std::to_string(::getpid());
}

/// An entry of `ip netns`, gone with this object.
class Named {
 public:
  explicit Named(std::string name) : path_("/run/netns/" + name) {
    std::error_code ignored;
    std::filesystem::create_directories("/run/netns", ignored);
    std::ofstream(path_) << "";
  }
  Named(const Named&) = delete;
  Named& operator=(const Named&) = delete;
  ~Named() {
    ::umount2(path_.c_str(), MNT_DETACH);
    ::unlink(path_.c_str());
  }
  [[nodiscard]] bool exists() const { return ::access(path_.c_str(), F_OK) == 0; }
  /// The calling thread's namespace gets the name.
  [[nodiscard]] bool name_current() const {
    return ::mount("/proc/thread-self/ns/net", path_.c_str(), nullptr, MS_BIND, nullptr) == 0;
  }

 private:
  std::string path_;
};

std::error_code error_of(const Result<NetworkNamespace>& result) {
  return result ? std::error_code() : result.error().code;
}

}  // namespace

TEST_CASE("the own namespace and that of the own process are one") {
  const NetworkNamespace own = good(NetworkNamespace::own());
  CHECK(own.inode() == current_inode());
  CHECK(good(NetworkNamespace::of_process(::getpid())).inode() == own.inode());
  CHECK(good(NetworkNamespace::named(std::to_string(::getpid()))).inode() == own.inode());
}

TEST_CASE("work in the own namespace stays in the calling thread") {
  const NetworkNamespace own = good(NetworkNamespace::own());
  std::thread::id ran;
  CHECK(own.run([&] { ran = std::this_thread::get_id(); }));
  CHECK(ran == std::this_thread::get_id());
}

TEST_CASE("work in another namespace sees that one, and the caller stays where it is") {
  const std::uint64_t before = current_inode();
  std::uint64_t there = 0;
  std::uint64_t seen = 0;
  std::thread::id ran;
  std::thread::id caller;
  const NetworkNamespace home = good(NetworkNamespace::own());
  const bool possible = in_new_namespace([&] {
    there = current_inode();
    caller = std::this_thread::get_id();
    const Result<void> entered = home.run([&] {
      seen = current_inode();
      ran = std::this_thread::get_id();
    });
    CHECK(entered);
    CHECK(current_inode() == there);
  });
  if (!possible) return;
  CHECK(seen == before);
  CHECK(there != before);
  CHECK(ran != caller);
}

TEST_CASE("without the privilege another namespace is not entered, and the work not done") {
  std::optional<NetworkNamespace> other;
  if (!in_new_namespace([&] { other = good(NetworkNamespace::own()); })) return;
  const pid_t child = ::fork();
  if (child == 0) {
    bool done = false;
    const Result<void> entered = ::setuid(65534) == 0 ? other->run([&] { done = true; }) : Result<void>();
    const bool refused = !entered && entered.error().code == std::errc::operation_not_permitted;
    ::_exit(refused && !done ? 0 : 1);
  }
  int status = -1;
  REQUIRE(::waitpid(child, &status, 0) == child);
  CHECK(status == 0);
}

TEST_CASE("an exception of work in another namespace reaches the caller") {
  const NetworkNamespace home = good(NetworkNamespace::own());
  in_new_namespace(
      [&] { CHECK_THROWS_AS((void)home.run([] { throw std::runtime_error("work"); }), std::runtime_error); });
}

TEST_CASE("a namespace has the name that ip netns gave it, even one of digits") {
  const std::string name = GENERATE(own_name("netns"), std::to_string(::getpid()));
  CAPTURE(name);
  const Named entry(name);
  if (!entry.exists()) return;
  std::uint64_t there = 0;
  bool mounted = false;
  in_new_namespace([&] {
    there = current_inode();
    mounted = entry.name_current();
  });
  if (!mounted) return;
  const NetworkNamespace named = good(NetworkNamespace::named(name));
  CHECK(named.inode() == there);
  std::uint64_t seen = 0;
  CHECK(named.run([&] { seen = current_inode(); }));
  CHECK(seen == there);
}

TEST_CASE("what is left of a namespace is not taken for one") {
  const Named entry(own_name("left"));
  if (!entry.exists()) return;
  CHECK(error_of(NetworkNamespace::named(own_name("left"))) == std::errc::invalid_argument);
}

TEST_CASE("what is neither a name nor a process is refused") {
  for (const std::string_view text : {"", ".", "..", "../ns", "/proc/self/ns/net", "no such namespace", "-1", "0",
                                      "2147483648", "99999999999999999999", "\x1b[2J"}) {
    INFO(text);
    CHECK(error_of(NetworkNamespace::named(text)) == Errc::bad_value);
  }
  CHECK(error_of(NetworkNamespace::named(std::string_view("1\0", 2))) == Errc::bad_value);
  CHECK(error_of(NetworkNamespace::named(std::string(5000, 'x'))) == Errc::bad_value);
}

TEST_CASE("a process that does not exist has no namespace") {
  for (const std::int64_t pid : {std::int64_t{0}, std::int64_t{-1}, std::int64_t{INT32_MAX}, INT64_MAX, INT64_MIN}) {
    CAPTURE(pid);
    CHECK(error_of(NetworkNamespace::of_process(pid)) == std::errc::no_such_file_or_directory);
  }
}

TEST_CASE("a namespace can be moved, and closes its descriptor once") {
  NetworkNamespace first = good(NetworkNamespace::own());
  NetworkNamespace second = std::move(first);
  first = std::move(second);
  CHECK(first.inode() == current_inode());
  CHECK(first.run([] {}));
}

TEST_CASE("a process out of descriptors cannot open a namespace, and says so") {
  if (test::kSanitizerNeedsDescriptors) return;
  const test::FewDescriptors none(0);
  CHECK(error_of(NetworkNamespace::own()) == std::errc::too_many_files_open);
}

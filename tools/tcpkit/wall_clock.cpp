#include "wall_clock.hpp"

#include <chrono>
#include <ctime>

#include <fmt/chrono.h>
#include <fmt/format.h>

std::string time_of_day() {
  const std::time_t now = std::time(nullptr);
  std::tm local{};
  ::localtime_r(&now, &local);
  return fmt::format("{:%H:%M:%S}", local);
}

std::string time_stamp() {
  using std::chrono::milliseconds;
  const auto now = std::chrono::system_clock::now();
  const auto since_epoch = std::chrono::floor<milliseconds>(now).time_since_epoch();
  const std::time_t seconds = std::chrono::system_clock::to_time_t(now);
  std::tm utc{};
  ::gmtime_r(&seconds, &utc);
  return fmt::format("{:%FT%T}.{:03}Z", utc, since_epoch.count() % 1000);
}

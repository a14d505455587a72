#include "diagnosis_plan.hpp"

#include <array>
#include <chrono>

#include <fmt/format.h>

#include <tcpkit/base/spelling.hpp>
#include <tcpkit/base/units.hpp>

#include "command.hpp"
#include "read_flag.hpp"

using namespace tcpkit;

namespace {

/// More than 0, in the unit that the kernel has for such times; what is less than one of it is no time.
template <class Unit>
Result<Unit> parse_time_in(std::string_view text) {
  const Result<Nanoseconds> time = parse_duration(text);
  if (!time) return time.error();
  const Unit whole = std::chrono::duration_cast<Unit>(*time);
  if (whole.count() > 0) return whole;
  return bad_value(fmt::format("{} is too short: at least {}", quote(text), format_duration(Unit(1))));
}

Result<std::uint64_t> parse_rtt_us(std::string_view text) {
  const auto time = parse_time_in<std::chrono::microseconds>(text);
  return time ? Result<std::uint64_t>(static_cast<std::uint64_t>(time->count())) : time.error();
}

Result<std::uint64_t> parse_bandwidth(std::string_view text) {
  Result<std::uint64_t> rate = parse_bit_rate(text);
  if (rate && *rate == 0) return bad_value(fmt::format("{} is too small: at least 1 bit per second", quote(text)));
  return rate;
}

std::string advice(std::string_view id) {
  std::vector<std::string_view> names;
  for (const Rule& rule : rules()) names.insert(names.end(), {rule.id, rule.name});
  const std::string_view near = nearest(id, names);
  return near.empty() ? "tcpkit explain findings lists them" : fmt::format("did you mean {}?", near);
}

Result<void> read_ignored(const Args& args, std::vector<const Rule*>& ignored) {
  for (const std::string& id : args.values("ignore")) {
    const Rule* rule = find_rule(id);
    if (rule == nullptr) return bad_value(fmt::format("--ignore: {} is no finding: {}", quote(id), advice(id)));
    ignored.push_back(rule);
  }
  return {};
}

}  // namespace

Result<void> read_diagnosis(const Args& args, DiagnosisPlan& plan) {
  Expectations& expected = plan.expected;
  if (auto read = read_ignored(args, plan.ignored); !read) return read;
  read_choice<kSeverities>(args, "fail-on", plan.fail_on);
  const std::array steps{
      read_flag(args, "idle-limit", parse_time_in<std::chrono::seconds>, expected.idle_limit),
      read_flag(args, "bandwidth", parse_bandwidth, expected.bandwidth_bps),
      read_flag(args, "rtt", parse_rtt_us, expected.rtt_us),
      read_flag(args, "detect-within", parse_time_in<std::chrono::milliseconds>, expected.detect_within),
      read_flag(args, "connect-within", parse_time_in<std::chrono::milliseconds>, expected.connect_within),
  };
  for (const Result<void>& step : steps) {
    if (!step) return step;
  }
  return {};
}

bool fails(const DiagnosisPlan& plan, const Diagnosis& diagnosis) {
  const std::optional<Severity> found = worst(diagnosis);
  return plan.fail_on && found && *found >= *plan.fail_on;
}

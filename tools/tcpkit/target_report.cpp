#include "target_report.hpp"

#include <string>
#include <utility>

#include <tcpkit/report/data.hpp>

#include "error_name.hpp"
#include "event_report.hpp"

using namespace tcpkit;

namespace {

Data attempt_data(const Attempt& attempt) {
  DataObject object;
  object.emplace_back("address", Data{attempt.address.text()});
  object.emplace_back("error", attempt.error ? Data{attempt.error->code.message()} : Data{});
  object.emplace_back("code", attempt.error ? Data{error_name(attempt.error->code)} : Data{});
  object.emplace_back("took_us", microseconds(attempt.took));
  return {std::move(object)};
}

}  // namespace

Section target_section(const Target& target, const Endpoint& peer) {
  Section section{"target", "", {}};
  section.fields.push_back(hidden("host", Data{target.host.empty() ? "localhost" : target.host}));
  section.fields.push_back(hidden("port", Data{std::int64_t{peer.port()}}));
  section.fields.push_back(hidden("address", Data{peer.address()}));
  section.fields.push_back(hidden("family", Data{family_name(peer.family())}));
  return section;
}

Section timing_section(std::optional<Nanoseconds> resolve, Nanoseconds connect) {
  Section section{"timing", "Timing", {}};
  section.fields.push_back({"resolve_us", resolve ? microseconds(*resolve) : Data{}, "resolve",
                            resolve ? format_duration(*resolve) : "-", resolve ? "" : "no name to resolve",
                            Show::Always});
  section.fields.push_back({"connect_us", microseconds(connect), "connect", format_duration(connect),
                            "how long connect() took: a round trip and a little more", Show::Always});
  return section;
}

Section attempts_section(std::span<const Attempt> attempts) {
  DataArray array;
  for (const Attempt& attempt : attempts) array.push_back(attempt_data(attempt));
  return {"", "", {hidden("attempts", Data{std::move(array)})}};
}

Data failure_data(const std::optional<Error>& failure) {
  if (!failure) return {};
  DataObject object = {{"doing", Data{failure->doing}},
                       {"code", Data{error_name(failure->code)}},
                       {"message", Data{failure->code.message()}}};
  if (!failure->hint.empty()) object.emplace_back("hint", Data{failure->hint});
  return {std::move(object)};
}

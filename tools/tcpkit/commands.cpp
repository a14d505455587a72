#include <algorithm>
#include <array>

#include <fmt/format.h>

#include <tcpkit/report/render.hpp>

#include "command.hpp"
#include "diagnosis_plan.hpp"
#include "terminal.hpp"

extern const Command kExplain;  // one cmd_<name>.cpp each
extern const Command kInspect;
extern const Command kProbe;
extern const Command kSend;
extern const Command kServe;

namespace {

Words format_words() {
  Words words;
  for (const tcpkit::Format& format : tcpkit::formats()) {
    words.push_back({std::string(format.name), std::string(format.brief)});
  }
  return words;
}

constexpr std::array kCommonFlags{
    Flag{.name = "format",
         .value = "FORMAT",
         .choices = {.source = Source::OneOf, .words = format_words},
         .brief = "How results are written to standard output: {}. Default: text."},
    Flag{.name = "json", .brief = "The same as --format json."},
    Flag{.name = "output",
         .value = "FILE",
         .choices = {Source::Files},
         .brief = "Write results to FILE instead: whole or not at all, so that a reader never finds half of them. It "
                  "is not for results that go on."},
    Flag{.name = "quiet", .letter = 'q', .brief = "Nothing but errors on standard error: no warnings, no progress."},
    Flag{.name = "verbose",
         .letter = 'v',
         .repeatable = true,
         .brief = "Say more: the addresses of a name, each try, what became of each setting; a server tells its "
                  "connections, and with -vv their bytes."},
    Flag{.name = "color",
         .value = "WHEN",
         .choices = kOneOf<kColourTimes>,
         .brief = "Colour in text output: {}. Default: auto."},
    Flag{.name = "help", .letter = 'h', .brief = "Show this help and exit."},
};

constexpr std::array kFindingFlags{
    Flag{.name = "fail-on",
         .value = "SEVERITY",
         .choices = kOneOf<kSeverities>,
         .brief = "Exit with 1 when there is a finding of this severity or a worse one: {}."},
    Flag{.name = "ignore",
         .value = "ID",
         .repeatable = true,
         .choices = {Source::Findings},
         .brief = "Leave out this finding, by id or name. tcpkit-findings(7) lists them."},
    Flag{.name = "idle-limit",
         .value = "D",
         .brief = "Something on the path, a NAT or a load balancer, forgets a connection that was idle for D."},
    Flag{.name = "bandwidth",
         .value = "RATE",
         .brief = "The path should carry RATE bits per second (100M, 1G): is there buffer enough?"},
    Flag{.name = "rtt",
         .value = "D",
         .brief = "The round-trip time of the path, instead of the one measured, which on an idle connection may be "
                  "another."},
    Flag{.name = "detect-within", .value = "D", .brief = "A peer that is gone has to be noticed within D."},
    Flag{.name = "connect-within", .value = "D", .brief = "Connecting has to have failed after D."},
};

}  // namespace

std::span<const Command> commands() {
  static const std::array kCommands{
      kServe, kProbe, kSend, kInspect, kExplain,
  };
  return kCommands;
}

const Command* find_command(std::string_view name) {
  const auto found = std::ranges::find(commands(), name, &Command::name);
  return found == commands().end() ? nullptr : &*found;
}

std::span<const Flag> common_flags() {
  return kCommonFlags;
}

std::span<const Flag> finding_flags() {
  return kFindingFlags;
}

std::string brief_of(const Flag& flag) {
  if (flag.choices.words == nullptr) return std::string(flag.brief);
  return fmt::format(fmt::runtime(flag.brief), listed_with_briefs(flag.choices.words()));
}

std::vector<Flag> all_flags(const Command& command) {
  std::vector<Flag> flags(command.flags.begin(), command.flags.end());
  if (command.diagnoses) flags.insert(flags.end(), kFindingFlags.begin(), kFindingFlags.end());
  flags.insert(flags.end(), kCommonFlags.begin(), kCommonFlags.end());
  return flags;
}

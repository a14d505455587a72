#include <array>
#include <utility>

#include "command.hpp"
#include "console.hpp"
#include "inspect_plan.hpp"
#include "inspect_set.hpp"
#include "inspect_show.hpp"
#include "inspect_watch.hpp"

namespace {

using namespace tcpkit;

ExitCode run_inspect_command(const Args& args, Console& console) {
  Result<InspectPlan> plan = make_inspect_plan(args);
  if (!plan) return console.fail(plan.error());
  plan->explains = console.complete();
  if (console.complete() && plan->reads_options() && !plan->only) plan->judges = true;
  if (!plan->settings.empty()) return set_options(*plan, console);
  return plan->watch ? watch_sockets(*plan, console) : show_sockets(*plan, console);
}

Words state_words() {
  Words words;
  for (std::string& name : socket_state_words()) words.push_back({std::move(name)});
  return words;
}

constexpr std::array kFlags{
    Flag{.name = "pid",
         .value = "N",
         .repeatable = true,
         .choices = {Source::Processes},
         .brief = "Sockets that this process has open, in its network namespace."},
    Flag{.name = "name",
         .value = "COMMAND",
         .repeatable = true,
         .choices = {Source::ProcessNames},
         .brief = "The same of every process with this name, as /proc/PID/comm has it."},
    Flag{.name = "port", .value = "N", .repeatable = true, .brief = "Sockets with this port or service at either end."},
    Flag{.name = "local",
         .value = "A:P",
         .repeatable = true,
         .brief = "Sockets with this address of this host: ADDRESS, ADDRESS/BITS, :PORT, ADDRESS:PORT or "
                  "[ADDRESS]:PORT."},
    Flag{.name = "peer", .value = "A:P", .repeatable = true, .brief = "Sockets whose peer has this address."},
    Flag{.name = "state",
         .value = "STATE",
         .repeatable = true,
         .choices = {.source = Source::Forms, .words = state_words},
         .brief = "Sockets in this state, named as ss names it: {}."},
    Flag{.name = "listening", .brief = "Sockets that listen."},
    Flag{.name = "netns",
         .value = "NAME",
         .choices = {Source::NetworkNamespaces},
         .brief = "Look into this network namespace of ip netns, or that of a process id, instead of this one."},
    Flag{.name = "processes",
         .letter = 'p',
         .brief = "Without a selector, too, say which process has a socket open: it takes a look at all of them."},
    Flag{.name = "all", .brief = "Read and show every option of every socket."},
    Flag{.name = "only",
         .value = "NAME,...",
         .choices = {.source = Source::Rows, .list = true},
         .brief = "Show these options, sysctls and TCP_INFO fields, in any spelling, and nothing else; fields also as "
                  "ss(8) has them."},
    Flag{.name = "findings",
         .brief = "Say in each line of a list what rules find wrong; a single socket and programs are always told."},
    Flag{.name = "no-dup", .brief = "Copy no descriptor: show only what the kernel tells without."},
    Flag{.name = "deadline", .value = "D", .brief = "Look at no process and copy no descriptor after D. Default: 10s."},
    Flag{.name = "sort",
         .value = "KEY",
         .choices = kOneOf<kSortKeys>,
         .brief = "The largest first, of {}; shown at the end, not as they are found."},
    Flag{.name = "top", .value = "N", .brief = "Show the first N of --sort."},
    Flag{.name = "watch",
         .value = "D",
         .value_optional = true,
         .brief = "Look again every D, and show what each connection did meanwhile, until a signal ends it. Default: "
                  "1s."},
    Flag{.name = "set",
         .value = "NAME=VALUE",
         .repeatable = true,
         .choices = {Source::Settings},
         .brief = "Change an option of the sockets, while their process runs; each change is told with the command "
                  "that undoes it. What makes no sense on a socket in use is refused."},
    Flag{.name = "yes", .brief = "With --set, change more than one socket without being asked."},
};

constexpr std::array kExamples{
    Example{"tcpkit inspect", "every TCP socket of this network namespace, as the kernel lists them"},
    Example{"tcpkit inspect -p", "the same, and whose they are"},
    Example{"tcpkit inspect --name nginx --listening", "listeners of a service, with the options it set"},
    Example{"tcpkit inspect --pid 812 --peer 10.0.0.7", "everything about one connection"},
    Example{"tcpkit inspect --json --port 443 --only nodelay,keepidle", "two options of many sockets, for a script"},
    Example{"tcpkit inspect --pid 812 --state established --set keepidle=1m --yes",
            "let a running process notice dead peers sooner"},
    Example{"tcpkit inspect --sort retrans --top 5", "the connections that lost most"},
};

}  // namespace

extern const Command kInspect;
const Command kInspect{
    .name = "inspect",
    .brief = "show the options and the state of sockets of running processes",
    .synopsis = "",
    .positionals = {},
    .flags = kFlags,
    .examples = kExamples,
    .run = run_inspect_command,
    .measures = true,
    .diagnoses = true,
};

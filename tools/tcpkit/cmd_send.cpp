#include <array>

#include "command.hpp"
#include "console.hpp"
#include "send_measure.hpp"
#include "send_message.hpp"
#include "send_plan.hpp"

namespace {

using namespace tcpkit;

ExitCode run_send_command(const Args& args, Console& console) {
  const Result<SendPlan> plan = make_send_plan(args);
  if (!plan) return console.fail(plan.error());
  const bool as_it_comes = !plan->measures && !console.complete();
  if (as_it_comes && args.has("output")) {
    return console.fail(bad_value("--output: the reply itself goes to standard output: > FILE keeps it"));
  }
  return plan->measures ? measure(*plan, console) : send_messages(*plan, console);
}

constexpr std::array kPositionals{
    Positional{.name = "HOST:PORT",
               .required = true,
               .brief = "Where to connect: a name or address and a port number or service name; [ADDRESS]:PORT for "
                        "IPv6, :PORT for this host."},
    Positional{.name = "MESSAGE",
               .brief = "What to send. One that starts with a dash comes after --. Without it, and without --file or a "
                        "measurement, standard input is sent; - means standard input, too."},
};

Words reply_words() {
  return {{"echo", "what was sent"},
          {"any"},
          {"none"},
          {"until:TEXT", "ends with TEXT"},
          {"bytes:N", "as many, not compared"},
          {"match:TEXT", "TEXT and nothing else"}};
}

constexpr std::array kFlags{
    Flag{.name = "escapes", .letter = 'e', .brief = "In MESSAGE, \\r \\n \\t \\0 \\\\ and \\xNN stand for bytes."},
    Flag{.name = "file", .value = "FILE", .choices = {Source::Files}, .brief = "Send the bytes of FILE."},
    Flag{.name = "reply",
         .value = "RULE",
         .choices = {.source = Source::Forms, .words = reply_words},
         .brief = "What counts as the reply: {}. TEXT may have the escapes of -e. Default: echo."},
    Flag{.name = "count",
         .letter = 'n',
         .value = "N",
         .brief = "Send N messages. In a measurement: N requests or writes in all."},
    Flag{.name = "interval", .value = "D", .brief = "Pause between two messages. Default: 0."},
    Flag{.name = "keep", .brief = "Send all messages over one connection, instead of each over its own."},
    Flag{.name = "half-close",
         .brief = "End the sending side after the message, and judge everything that comes until the peer ends."},
    Flag{.name = "wait", .value = "D", .brief = "Try to connect again until somebody answers, for D at most."},
    Flag{.name = "timeout",
         .value = "D",
         .brief = "Give up on an address, and on a reply of which nothing comes, after D. Default: 5s."},
    Flag{.name = "deadline", .value = "D", .brief = "Give up on everything after D, name resolution included."},
    Flag{.name = "mode",
         .value = "MODE",
         .choices = kOneOf<kLoadModes>,
         .brief = "Measure: {}. Default: rr. Each of --mode, -d, --rate, -s and -c asks for a measurement."},
    Flag{.name = "duration",
         .letter = 'd',
         .value = "D",
         .brief = "Measure for D. Default: 10s, or with -n until all is done."},
    Flag{.name = "rate",
         .value = "R",
         .brief = "Send R requests a second on a fixed schedule, and measure from the scheduled time as well."},
    Flag{.name = "size",
         .letter = 's',
         .value = "SIZE",
         .brief = "Bytes of a request or of a write. Default: 64, with stream and bidir 64 KiB."},
    Flag{.name = "connections", .letter = 'c', .value = "N", .brief = "Use N connections at once. Default: 1."},
    Flag{.name = "reply-size",
         .value = "SIZE",
         .brief = "A reply has SIZE bytes, which are not compared: --reply bytes:SIZE."},
    Flag{.name = "reverse", .letter = 'R', .brief = "With --mode stream, the server sends."},
    Flag{.name = "warmup", .value = "D", .brief = "Do the same for D before it is measured."},
    Flag{.name = "percentiles", .value = "P,...", .brief = "Show these percentiles of latency as well."},
    Flag{.name = "report-interval", .value = "D", .brief = "Show what was measured in each D, while it goes on."},
    Flag{.name = "option",
         .letter = 'o',
         .value = "NAME[=VALUE]",
         .repeatable = true,
         .choices = {Source::Settings},
         .brief = "Set a socket option before it is too late for it to work, and say what the kernel made of it. "
                  "tcpkit-options(7) lists the names; LEVEL:NUMBER=INT sets any other. None is set by default. "
                  "quickack=always sets it again after every read, because the kernel forgets it."},
    Flag{.name = "ipv4", .letter = '4', .brief = "Use IPv4 addresses only."},
    Flag{.name = "ipv6", .letter = '6', .brief = "Use IPv6 addresses only."},
    Flag{.name = "source", .value = "ADDR[:PORT]", .brief = "Connect from this address of this host."},
    Flag{.name = "interface",
         .value = "DEV",
         .choices = {Source::Interfaces},
         .brief = "Connect through this interface: -o bindtodevice=DEV."},
    Flag{.name = "strict", .brief = "Exit with 1 when the kernel did not take a setting as asked."},
    Flag{.name = "all", .brief = "Show every option and TCP_INFO field of a measurement."},
};

constexpr std::array kExamples{
    Example{"tcpkit send :8888 hello", "send a message, print the reply, exit 0 if it is the same"},
    Example{"tcpkit send -e --reply until:'\\r\\n' :6379 'PING\\r\\n'", "ask Redis whether it is alive"},
    Example{"tcpkit send --wait 30s --deadline 1m :8888 ready && echo up", "wait until a server answers"},
    Example{"tcpkit send -d 10s -c 4 :8888", "latency of requests over four connections"},
    Example{"tcpkit send --rate 1000 -d 10s :8888", "the same on a schedule, so that no stall is overlooked"},
    Example{"tcpkit send --mode stream -o sndbuf=4M :9000", "throughput, and what holds it back"},
    Example{"tcpkit send --mode wwr -n 100 :8888", "show the stall of Nagle's algorithm and delayed ACKs"},
};

}  // namespace

extern const Command kSend;
const Command kSend{
    .name = "send",
    .brief = "send messages and check replies, or measure latency and throughput",
    .synopsis = "HOST:PORT [MESSAGE]",
    .positionals = kPositionals,
    .flags = kFlags,
    .examples = kExamples,
    .run = run_send_command,
    .diagnoses = true,
};

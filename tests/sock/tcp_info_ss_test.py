"""TCP_INFO of a real connection, field for field what ss says about the same socket.

usage: tcp_info_ss_test.py DUMP_TCP_INFO
"""
import re
import shutil
import socket
import struct
import subprocess
import sys
import time

from skip import skip

TCP_INFO = 11
DEADLINE_S = 20
TRIES = 5
# Clocks, not facts: they move between two looks at an idle socket.
MOVING = {"last_data_sent", "last_data_recv", "last_ack_recv"}

# ss shows these of every connection that moved data both ways; newer and rarer ones are compared where shown.
ALWAYS = {
    "state", "snd_wscale", "rcv_wscale", "rto", "rtt", "rttvar", "snd_mss", "rcv_mss", "advmss", "pmtu", "snd_cwnd",
    "bytes_sent", "bytes_acked", "bytes_received", "segs_out", "segs_in", "data_segs_out", "data_segs_in", "rcv_space",
    "rcv_ssthresh", "snd_wnd", "min_rtt", "pacing_rate", "delivered",
}

# name in ss -> field, for plain numbers
NUMBERS = {
    "mss": "snd_mss", "pmtu": "pmtu", "rcvmss": "rcv_mss", "advmss": "advmss", "cwnd": "snd_cwnd",
    "ssthresh": "snd_ssthresh", "bytes_sent": "bytes_sent", "bytes_retrans": "bytes_retrans",
    "bytes_acked": "bytes_acked", "bytes_received": "bytes_received", "segs_out": "segs_out", "segs_in": "segs_in",
    "data_segs_out": "data_segs_out", "data_segs_in": "data_segs_in", "delivered": "delivered",
    "delivered_ce": "delivered_ce", "dsack_dups": "dsack_dups", "reord_seen": "reord_seen",
    "rcv_ooopack": "rcv_ooopack", "reordering": "reordering", "unacked": "unacked", "sacked": "sacked",
    "lost": "lost", "fackets": "fackets", "backoff": "backoff", "notsent": "notsent_bytes", "rcv_space": "rcv_space",
    "rcv_ssthresh": "rcv_ssthresh", "snd_wnd": "snd_wnd", "rcv_wnd": "rcv_wnd", "rehash": "rehash",
}
# the same for times: ss prints milliseconds of the kernel's microseconds
MILLISECONDS = {"rto": "rto", "ato": "ato", "rcv_rtt": "rcv_rtt", "minrtt": "min_rtt"}
# the same for rates: ss -n prints bits per second of the kernel's bytes per second
RATES = {"pacing_rate": "pacing_rate", "delivery_rate": "delivery_rate"}
STATES = {"ESTAB": 1}


def wait_until_idle(*ends):
    """Until every byte of both ends was sent and acknowledged, by what the kernel itself says."""
    deadline = time.monotonic() + DEADLINE_S
    while time.monotonic() < deadline:
        infos = [end.getsockopt(socket.IPPROTO_TCP, TCP_INFO, 232) for end in ends]
        if all(struct.unpack_from("=I", info, 24)[0] == 0 and struct.unpack_from("=I", info, 144)[0] == 0
               for info in infos):
            return
        time.sleep(0.002)
    sys.exit("the connection did not become idle")


def receive(end, length):
    while length > 0:
        block = end.recv(min(length, 65536))
        if not block:
            sys.exit("the connection ended early")
        length -= len(block)


def talk(client, server):
    """Moves data both ways, in single bytes and in blocks that fit the first send buffer."""
    for length in (1, 1000, 30000, 1, 8000):
        client.sendall(b"q" * length)
        receive(server, length)
        server.sendall(b"a" * (2 * length))
        receive(client, 2 * length)
    wait_until_idle(client, server)


def dump(program, end):
    output = subprocess.run([program, str(end.fileno())], pass_fds=[end.fileno()], check=True, capture_output=True,
                            text=True).stdout
    fields = dict(line.split(" ", 1) for line in output.splitlines())
    return {name: int(number) for name, number in fields.items() if number != "-"}


def ask_ss(ss, end):
    (_, local), (_, peer) = end.getsockname(), end.getpeername()
    output = subprocess.run([ss, "-tinOH", f"sport = :{local} and dport = :{peer}"], check=True,
                            capture_output=True, text=True).stdout
    lines = output.splitlines()
    if len(lines) != 1:
        sys.exit(f"ss does not show the connection once: {output!r}")
    return lines[0]


def of_ss(line):
    """{field: text} for what the line of ss says about fields of TCP_INFO."""
    words = line.split()
    shown = {"state": str(STATES.get(words[0], words[0]))}
    pairs = dict(word.split(":", 1) for word in words[5:] if re.fullmatch(r"[a-z_]+:\S+", word))
    for name, field in {**NUMBERS, **MILLISECONDS}.items():
        if name in pairs:
            shown[field] = pairs[name]
    if "wscale" in pairs:
        shown["snd_wscale"], shown["rcv_wscale"] = pairs["wscale"].split(",")
    if "rtt" in pairs:
        shown["rtt"], shown["rttvar"] = pairs["rtt"].split("/")
    if "retrans" in pairs:
        shown["retrans"], shown["total_retrans"] = pairs["retrans"].split("/")
    if "busy" in pairs:
        shown["busy_time"] = pairs["busy"]
    for name, field in RATES.items():
        if name in words:
            rates = words[words.index(name) + 1].split("/")
            shown[field] = rates[0]
            if name == "pacing_rate" and len(rates) == 2:
                shown["max_pacing_rate"] = rates[1]
    shown["delivery_rate_app_limited"] = str(int("app_limited" in words))
    return shown


def as_ss_prints(field, number):
    """Our number in the notation of ss: %g of milliseconds has six digits, so it is the shorter side that rounds."""
    if field in {"rtt", "rttvar", *MILLISECONDS.values()}:
        return f"{number / 1000:g}"
    if field in {"pacing_rate", "max_pacing_rate", "delivery_rate"}:
        return f"{number * 8}bps"
    if field == "busy_time":
        return f"{number // 1000}ms"
    return str(number)


def look(program, ss, end):
    """Our fields and the line of ss, both of one moment: nothing changed from before ss ran to after it."""
    for _ in range(TRIES):
        before = dump(program, end)
        line = ask_ss(ss, end)
        after = dump(program, end)
        if all(before[name] == after[name] for name in before if name not in MOVING):
            return after, line
    sys.exit("the idle connection keeps changing")


def compare(fields, line):
    shown = of_ss(line)
    failures = [f"ss does not show {name}" for name in sorted(ALWAYS - set(shown))]
    for field, text in shown.items():
        if field not in fields:
            failures.append(f"{field}: ss says {text}, the library calls it absent")
        elif as_ss_prints(field, fields[field]) != text:
            failures.append(f"{field}: ss says {text}, the library {as_ss_prints(field, fields[field])}")
    return failures, sorted(shown)


def main():
    ss = shutil.which("ss") or shutil.which("ss", path="/usr/sbin:/sbin:/usr/bin:/bin")
    if ss is None:
        skip("there is no ss(8)")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        client = socket.create_connection(listener.getsockname(), timeout=DEADLINE_S)
        server, _ = listener.accept()
    server.settimeout(DEADLINE_S)
    failures = []
    with client, server:
        talk(client, server)
        for side, end in (("client", client), ("server", server)):
            fields, line = look(sys.argv[1], ss, end)
            wrong, compared = compare(fields, line)
            failures += [f"{side}: {text}" for text in wrong]
            print(f"{side}: {len(compared)} fields compared: {' '.join(compared)}")
            if wrong:
                print(line)
    print("\n".join(failures))
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()

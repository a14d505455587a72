"""The list of sockets, socket for socket what ss says in the same network namespace.

usage: list_ss_test.py DUMP_SOCKETS
"""
import contextlib
import os
import re
import shutil
import socket
import sys
import time

import namespace
from skip import skip

IPPROTO_MPTCP = 262
SO_MARK = 36
NOBODY = 65534
TRIES = 10
SLACK_MS = 5000  # two looks at a timer are not at one moment
DEADLINE_S = 20

STATES = {
    "ESTAB": "established", "SYN-SENT": "syn-sent", "SYN-RECV": "syn-recv", "FIN-WAIT-1": "fin-wait-1",
    "FIN-WAIT-2": "fin-wait-2", "TIME-WAIT": "time-wait", "UNCONN": "closed", "CLOSE-WAIT": "close-wait",
    "LAST-ACK": "last-ack", "LISTEN": "listen", "CLOSING": "closing",
}
TIMERS = {"on": 1, "keepalive": 2, "timewait": 3, "persist": 4, "unknown": 5}
# What must have been there to be compared, or the comparison says little.
WANTED_STATES = {"established", "syn-sent", "fin-wait-2", "close-wait", "time-wait", "listen"}
WANTED_TIMERS = {"0", "1", "2", "3", "4"}


def listening(stack, address, family=socket.AF_INET, **options):
    return stack.enter_context(socket.create_server((address, 0), family=family, **options))


def connected(stack, listener, address=None):
    """Both ends of a new connection."""
    to = (address or listener.getsockname()[0], listener.getsockname()[1])
    client = stack.enter_context(socket.create_connection(to, timeout=DEADLINE_S))
    accepted = stack.enter_context(listener.accept()[0])
    return client, accepted


def half_closed(stack, listener):
    client, accepted = connected(stack, listener)
    client.shutdown(socket.SHUT_WR)
    accepted.recv(1)


def closed(stack, listener):
    client, accepted = connected(stack, listener)
    client.close()
    accepted.recv(1)
    accepted.close()


def stuck(stack, listener):
    """The peer reads nothing: its window closes, and the persist timer runs."""
    client, _ = connected(stack, listener)
    client.setblocking(False)
    with contextlib.suppress(BlockingIOError):
        while True:
            client.send(b"x" * 65536)


def unanswered(stack):
    client = stack.enter_context(socket.socket())
    client.setblocking(False)
    client.connect_ex((namespace.Pair.NOBODY, 9))


def with_options(stack, listener):
    client, _ = connected(stack, listener)
    client.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    client.setsockopt(socket.SOL_SOCKET, SO_MARK, 42)
    client.setsockopt(socket.IPPROTO_IP, socket.IP_TOS, 0x28)
    client.setsockopt(socket.IPPROTO_TCP, socket.TCP_CONGESTION, b"reno")
    _, accepted = connected(stack, listener)
    accepted.sendall(b"unread")


def multipath(stack):
    try:
        listener = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_STREAM, IPPROTO_MPTCP))
    except OSError:
        return
    listener.bind(("127.0.0.1", 0))
    listener.listen(3)
    client = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_STREAM, IPPROTO_MPTCP))
    client.connect(listener.getsockname())
    stack.enter_context(listener.accept()[0])


def open_all(stack):
    listener = listening(stack, "127.0.0.1", backlog=7)
    v6 = listening(stack, "::1", socket.AF_INET6)
    dual = listening(stack, "::", socket.AF_INET6, dualstack_ipv6=True)
    waiting = listening(stack, "127.0.0.2", backlog=3)
    for _ in range(2):
        stack.enter_context(socket.create_connection(waiting.getsockname(), timeout=DEADLINE_S))
    connected(stack, v6)
    connected(stack, dual, "127.0.0.1")
    half_closed(stack, listener)
    closed(stack, listener)
    stuck(stack, listener)
    unanswered(stack)
    with_options(stack, listener)
    multipath(stack)
    os.seteuid(NOBODY)
    try:
        connected(stack, listening(stack, "127.0.0.3"))
    finally:
        os.seteuid(0)
    for _ in range(300):
        connected(stack, listener)


def ours(here, program, **options):
    """{cookie: {name: text}}"""
    done = here.run([program], **options)
    if done.returncode != 0 or "incomplete 0" not in done.stderr:
        sys.exit(f"dump_sockets: {done.stderr}")
    rows = [dict(pair.split(" ", 1) for pair in line.split("\t")) for line in done.stdout.splitlines()]
    told = {row["cookie"]: row for row in rows}
    if len(told) != len(rows):
        sys.exit("a socket was told twice")
    return told


def milliseconds(text):
    """ss's "1min59sec", "59sec", "2.340ms" (of seconds), "204ms"."""
    minutes, seconds, rest = re.fullmatch(r"(?:(\d+)min)?(?:(\d+)(?:sec|\.))?(?:(\d+)ms)?", text).groups("0")
    return int(minutes) * 60000 + int(seconds) * 1000 + int(rest)


def peer_of(text):
    return "-" if text in ("0.0.0.0:*", "[::]:*", "*:*") else text


def of_ss(line, mptcp):
    words = line.split()
    pairs = dict(word.split(":", 1) for word in words[5:] if re.match(r"[a-z0-9_]+:", word))
    row = {"cookie": pairs["sk"], "state": STATES[words[0]], "receive_queue": words[1], "send_queue": words[2],
           "local": words[3].replace("*:", "[::]:") if words[3].startswith("*") else words[3],
           "peer": peer_of(words[4]), "mptcp": str(int(mptcp)), "inode": pairs["ino"], "timer": "0"}
    if "uid" in pairs:
        row["uid"] = pairs["uid"]
    if "timer" in pairs:
        name, left, retries = pairs["timer"].strip("()").split(",")
        row |= {"timer": str(TIMERS[name]), "timer_ms": str(milliseconds(left)), "retries": retries}
    if "skmem" in pairs:
        row["memory"] = pairs["skmem"].strip("()")
    if "fwmark" in pairs:
        row["mark"] = str(int(pairs["fwmark"], 16))
    for name, key in {"tos": "tos", "tclass": "tclass"}.items():
        if name in pairs:
            row[key] = str(int(pairs[name], 16))
    if "v6only" in pairs:
        row["v6only"] = pairs["v6only"]
    if "tcp-ulp-mptcp" in words:
        row["ulp"] = "mptcp"
    return row | of_info(words, pairs)


def of_info(words, pairs):
    row = {name: pairs[key] for name, key in
           {"snd_cwnd": "cwnd", "snd_mss": "mss", "bytes_received": "bytes_received", "bytes_acked": "bytes_acked",
            "rto": "rto"}.items() if key in pairs}
    if "rtt" in pairs:
        row["rtt"], row["rttvar"] = pairs["rtt"].split("/")
    row |= {"congestion": name for name in ("bbr", "cubic", "reno", "dctcp") if name in words}
    return row


def theirs(here, ss):
    """{cookie: {name: text}}, only what ss shows."""
    rows = {}
    for option in ("-t", "-M"):
        done = here.run([ss, option, "-ianemOH", "--tos"])
        if done.returncode != 0:
            sys.exit(f"ss: {done.stderr}")
        for line in done.stdout.splitlines():
            row = of_ss(line, option == "-M")
            rows[row["cookie"]] = row
    return rows


def same(name, our, their):
    if name in {"rtt", "rttvar", "rto"}:
        return f"{int(our) / 1000:g}" == their
    if name == "timer_ms":
        return abs(int(our) - int(their)) <= SLACK_MS + (60_000 if int(their) >= 600_000 else 0)
    return our == their


def compare(mine, other):
    """What differs, as lines of text. Sockets that only later kernels tell are nothing that ss 6.1 asks for."""
    mine = {cookie: row for cookie, row in mine.items() if row["state"] != "bound-inactive"}
    wrong = [f"only ss tells {other[cookie]}" for cookie in other.keys() - mine.keys()]
    wrong += [f"only the library tells {mine[cookie]}" for cookie in mine.keys() - other.keys()]
    for cookie in mine.keys() & other.keys():
        wrong += [f"{name} of {mine[cookie]['local']}: {mine[cookie][name]}, ss says {text}"
                  for name, text in other[cookie].items() if not same(name, mine[cookie][name], text)]
    return wrong


def told_whole(rows):
    """What of the scene is missing, or nothing."""
    states = {row["state"] for row in rows.values()}
    timers = {row["timer"] for row in rows.values()}
    return [f"not seen: {sorted(missing)}" for missing in (WANTED_STATES - states, WANTED_TIMERS - timers) if missing]


def compare_until_still(here, program, ss):
    """Timers fire between the two looks, so several pairs of looks are allowed."""
    wrong = []
    for _ in range(TRIES):
        mine, other = ours(here, program), theirs(here, ss)
        wrong = compare(mine, other) + told_whole(mine)
        if not wrong:
            return mine, []
        time.sleep(0.1)
    return {}, wrong


def check_as_nobody(here, program, root_rows):
    """Everybody sees every socket; marks are for CAP_NET_ADMIN."""
    if "42" not in {row["mark"] for row in root_rows.values()}:
        return ["root is not told the mark"]
    rows = ours(here, program, user=NOBODY)
    wrong = [f"nobody is told the mark of {row['local']}" for row in rows.values() if row["mark"] != "-"]
    wrong += [f"nobody is not told {key}" for key in
              {row["local"] + row["peer"] for row in root_rows.values() if row["state"] != "time-wait"} -
              {row["local"] + row["peer"] for row in rows.values()}]
    return wrong


def main():
    namespace.skip_unless_possible()
    ss = shutil.which("ss") or shutil.which("ss", path="/usr/sbin:/sbin:/usr/bin:/bin")
    if ss is None:
        skip("there is no ss(8)")
    program = sys.argv[1]
    with namespace.Pair() as pair, contextlib.ExitStack() as stack:
        with pair.here.inside():
            open_all(stack)
        rows, wrong = compare_until_still(pair.here, program, ss)
        wrong += check_as_nobody(pair.here, program, rows) if rows else []
    print(f"{len(rows)} sockets compared")
    print("\n".join(wrong[:50]))
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()

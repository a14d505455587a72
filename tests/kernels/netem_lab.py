"""PathLab's interface over netem: two namespaces joined by a veth, each end of which holds back what it sends.

Only settings that netem has are taken: a test that asks for another is skipped, and says which.
"""

import dataclasses
import json
import math
import subprocess
import unittest

from namespace import Pair
from path_lab import End

_MTU = 1500
_UNLIMITED_PACKETS = 10_000
_VLAN_BYTES = 4  # that a veth takes beyond its MTU (include/linux/netdevice.h, __is_skb_forwardable())
_OF_BOTH = "02:00:00:00:00:01"  # without ARP each end takes its own address for the other's
_WAYS = ("near_to_far", "far_to_near")


def _both(value):
    """Of "there/back", or one for both ways."""
    there, _, back = str(value).partition("/")
    return there, back or there


def _milliseconds(duration):
    return float(duration.removesuffix("ms"))


def _bits_per_s(rate):
    return float(rate.removesuffix("M")) * 1e6


@dataclasses.dataclass
class _Way:
    """One direction."""

    delay: str = "0ms"
    rate: str = ""
    loss: str = ""
    queue: str = ""
    reorder: str = ""
    reorder_by: str = ""

    def limit(self):
        """In packets: netem counts those that are delayed, too."""
        if not self.queue:
            return _UNLIMITED_PACKETS
        under_way = _bits_per_s(self.rate) * _milliseconds(self.delay) / 1000 / 8 / _MTU if self.rate else 0
        return int(self.queue.removesuffix("p")) + math.ceil(under_way)

    def words(self, up):
        yield from ("limit", str(self.limit()))
        late = float(self.reorder.removesuffix("%") or 0)
        if late:  # netem sends the others at once, with neither a delay nor a rate: the way back has both
            yield from ("delay", self.reorder_by, "reorder", f"{100 - late}%")
        else:
            yield from ("delay", self.delay)
        if self.rate and not late:
            yield from ("rate", f"{int(_bits_per_s(self.rate))}bit")
        if self.loss or not up:
            yield from ("loss", self.loss if up else "100%")


class _End(End):
    """One end, which has its namespace already."""

    def __init__(self, namespace, device):  # pylint: disable=super-init-not-called
        self.fd, self.device = namespace.fd, device

    def asked(self, *command):
        """What a command printed."""
        done = self.run(command)
        if done.returncode:
            raise RuntimeError(f"{' '.join(command)}: {done.stderr.strip()}")
        return done.stdout


class NetemLab:
    NEAR, FAR = Pair.HERE, Pair.THERE
    NEAR6, FAR6 = Pair.HERE6, Pair.THERE6

    def __init__(self, drop_larger=None, mtu=_MTU, **settings):
        self._pair = Pair()
        self.near, self.far = _End(self._pair.here, "va"), _End(self._pair.there, "vb")
        self._ways, self._up = (_Way(), _Way()), True
        for end in (self.near, self.far):
            # A packet is one segment, as on a wire; and nobody has to be asked for an address before the first one.
            end.ip("link", "set", end.device, "mtu", str(mtu), "gso_max_segs", "1", "address", _OF_BOTH, "arp", "off")
            end.set_sysctl("net.ipv4.tcp_no_metrics_save", 1)
        if drop_larger:
            self._drop_larger(drop_larger, mtu)
        for name, value in settings.items():
            self._take(name, value)
        self._apply("add")

    def _drop_larger(self, longest, mtu):
        """The far device takes no more, and its host tells nobody of it: not even by the MSS that it announces."""
        self.far.ip("link", "set", "vb", "mtu", str(longest - _VLAN_BYTES))
        self.far.ip("route", "replace", "10.77.0.0/24", "dev", "vb", "src", self.FAR, "advmss", str(mtu - 40))

    def _take(self, name, value):
        if name not in {field.name for field in dataclasses.fields(_Way)}:
            raise unittest.SkipTest(f"netem has no {name}")
        for way, one in zip(self._ways, _both(value)):
            setattr(way, name, one)

    def _apply(self, verb):
        for end, way in zip((self.near, self.far), self._ways):
            end.asked("tc", "qdisc", verb, "dev", end.device, "root", "netem", *way.words(self._up))

    def change(self, line):
        name, *value = line.split()
        if name in ("down", "up"):
            self._up = name == "up"
        else:
            self._take(name, *value)
        self._apply("change")

    def counters(self):
        """Of both directions; netem does not tell losses from a queue that was full."""
        return {name: self._counted(end) for name, end in zip(_WAYS, (self.near, self.far))}

    def _counted(self, end):
        qdisc, = (one for one in json.loads(end.asked("tc", "-s", "-j", "qdisc", "show", "dev", end.device))
                  if one["kind"] == "netem")
        link, = json.loads(end.asked("ip", "-s", "-j", "link", "show", end.device))
        return {"packets": qdisc["packets"] + qdisc["drops"], "bytes": qdisc["bytes"],
                "dropped": {"loss": qdisc["drops"], "larger": link["stats64"]["tx"]["dropped"]}}

    def close(self):
        self._pair.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

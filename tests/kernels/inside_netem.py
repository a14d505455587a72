"""The laboratory's path beside netem's, on a kernel that has it: what tcpkit measures over both."""

import json

from kernel_case import TCPKIT, KernelCase

# Two ends of a veth, one in the network namespace of a process that only waits; netem holds back what each sends.
NETEM = """unshare -n sleep 600 & far=$!
while [ "$(readlink /proc/$far/ns/net)" = "$(readlink /proc/self/ns/net)" ]; do usleep 10000; done
{ /bin/ip link add near type veth peer name far && /bin/ip link set far netns $far &&
  /bin/ip address add 10.8.0.1/24 dev near && /bin/ip link set near up &&
  nsenter -t $far -n /bin/ip address add 10.8.0.2/24 dev far && nsenter -t $far -n /bin/ip link set far up &&
  /bin/tc qdisc add dev near root netem limit 1000 SETTINGS &&
  nsenter -t $far -n /bin/tc qdisc add dev far root netem limit 1000 SETTINGS; } >&2 || exit 125
nsenter -t $far -n TCPKIT serve WORDS 10.8.0.2:7000 >/tmp/far 2>&1 & serve=$!
TCPKIT send --json --wait 30s SEND 10.8.0.2:7000
status=$?
/bin/tc -s qdisc show dev near >&2
kill $serve $far
wait
exit $status"""

PATH_LAB = """/bin/path_lab --queue 1000p SETTINGS --far 'TCPKIT serve WORDS 10.77.0.2:7000 >/tmp/far 2>&1' -- \\
    TCPKIT send --json --wait 30s SEND 10.77.0.2:7000"""


class Netem(KernelCase):
    def over(self, path, settings, send, words=""):
        script = path.replace("SETTINGS", settings).replace("SEND", send).replace("WORDS", words)
        done = self.machine.run(script.replace("TCPKIT", TCPKIT))
        self.assertEqual(done.status, 0, done.stderr)
        return json.JSONDecoder().raw_decode(done.stdout)[0]

    def test_a_delay_is_as_long(self):
        for path, settings in ((NETEM, "delay 25ms"), (PATH_LAB, "--delay 25ms")):
            latency = self.over(path, settings, "-s 64 -n 30")["latency_us"]
            self.assertGreaterEqual(latency["min"], 50_000, settings)
            self.assertLess(latency["p50"], 75_000, settings)

    def test_a_rate_is_as_high(self):
        rates = []
        for path, settings in ((NETEM, "delay 5ms rate 10mbit"), (PATH_LAB, "--delay 5ms --rate 10M")):
            result = self.over(path, settings, "--mode stream -d 5s", "--mode discard")
            rates.append(result["tcp_info_after"]["bytes_acked"] * 8 / result["duration_us"])
        for rate_mbit in rates:
            self.assertGreater(rate_mbit, 7, rates)
            self.assertLess(rate_mbit, 10.5, rates)

    def test_a_loss_is_mended_as_often(self):
        """600 segments and their acknowledgements: 5 % of them is 30, with a standard deviation of 5."""
        for path, settings in ((NETEM, "delay 1ms loss 5%"), (PATH_LAB, "--delay 1ms --loss 5%")):
            result = self.over(path, settings, "-s 64 -n 600")
            self.assertEqual(result["errors"], 0)
            sent_again = result["tcp_info_after"]["total_retrans_segments"]
            self.assertGreater(sent_again, 5, settings)
            self.assertLess(sent_again, 150, settings)

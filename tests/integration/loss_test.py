"""Discovery over a path that loses, delays, duplicates and reorders datagrams."""
import concurrent.futures
import json
import sys

import lab
import relay
import servers

NAME = "_theService._tcp.unilans.net"
AT_ONCE = 32  # runs; they mostly wait


class LossTest(lab.LabTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.server = servers.Knot(cls.lab, {"unilans.net": lab.seed_zone()})
        cls.lab.server = cls.server.address
        cls.expected = cls.found(cls.lab.sd_connect("resolve", NAME, "--json"))

    @staticmethod
    def found(done):
        """Returns the endpoints with all their addresses; None if some are missing or DNS gave no
        answer. The resolver waits less long for a second address family, which is missing here in
        any case [fault-O10]"""
        if done.code != 0 or any(not w.endswith("unknown: no answer") for w in json.loads(done.text)["warnings"]):
            return None
        return sorted((e["target"], e["port"], e["priority"], e["weight"], *sorted(e["addresses"]))
                      for e in json.loads(done.text)["endpoints"])

    def failures(self, runs, deadline=5, **path):
        """Number of `runs` that did not find the complete service within `deadline` seconds."""
        command = ["resolve", NAME, "--json", "--timeout", f"{deadline}s"]
        with relay.Relay(self.server.port, **path) as way, concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
            done = list(pool.map(lambda _: self.lab.sd_connect(*command, server=way.address), range(runs)))
        found = [self.found(d) for d in done]
        wrong = [f for f in found if f not in (None, self.expected)]
        self.assertEqual(wrong, [], "what is complete is right, and nothing is there twice")
        for d in done:
            self.assertLess(d.seconds, deadline + 3, "the deadline is kept")
        print(f"{runs} runs: {found.count(None)} incomplete, the slowest {max(d.seconds for d in done):.1f} s", file=sys.stderr)
        return found.count(None)

    def test_5_percent(self):
        """[fault-X34] [fault-X31]"""
        self.assertLessEqual(self.failures(100, drop=0.05), 1)

    def test_20_percent(self):
        """Loss of queries and of replies: a third of all attempts fail. If 999 of 1,000 runs
        succeed, 4 or more failures in 300 runs have probability 0.03 % [fault-X34]"""
        self.assertLessEqual(self.failures(300, drop=0.2), 3)

    def test_50_percent(self):
        """Three of four attempts fail [fault-X34]"""
        self.assertLessEqual(self.failures(60, drop=0.5), 6)

    def test_20_percent_without_tcp(self):
        """Only UDP is available [fault-X34]"""
        # Six or seven datagrams per question, 0.36 ** 6.5 each, five questions per run: 0.7
        # failures in 100 runs are expected.
        self.assertLessEqual(self.failures(100, drop=0.2, with_tcp=False), 6)

    def test_slow_and_in_disorder(self):
        """Every datagram takes up to 0.4 s, half of them arrive twice [fault-X34]"""
        self.assertEqual(self.failures(50, duplicate=0.5, delay=(0.0, 0.4)), 0)

    def test_two_seconds_of_delay(self):
        """A reply that arrives after its attempt was given up is still valid [fault-X16]
        [fault-X34]"""
        self.assertEqual(self.failures(20, deadline=15, delay=(1.0, 1.0)), 0)


if __name__ == "__main__":
    lab.main()

"""The name server fails while one process watches a service and connects to it in a loop.

outage_drill_test.py --outage 60 is the full drill: a minute without name server, with limits exact
to the second.
"""
import argparse
import os
import signal
import socket
import sys
import time

import lab
import servers
from watching import Watching, short_lived_zone

NAME = "_drill._tcp.lab.example"
TTL = 3
RECOVERY = 5  # seconds after the server's return
outage = 8.0
slack = 4.0  # on a machine that does ten other things


class OutageDrillTest(lab.LabTest):
    def setUp(self):
        self.ports = [self.lab.peer(lambda sock: sock.recv(1)) for _ in range(3)]
        self.endpoints = sorted(f"host{i}.lab.example.:{port}" for i, port in enumerate(self.ports))
        service = "".join(f"_drill._tcp SRV 0 {10 * i + 10} {port} host{i}\n" for i, port in enumerate(self.ports))
        self.hosts = "".join(f"host{i} A 127.0.0.1\n" for i in range(3))
        self.server = servers.Knot(self.lab, {"lab.example": short_lived_zone(TTL, 1, service + self.hosts)})
        self.client = Watching(self.lab, self.server.address, NAME, connect_every=0.05)
        self.addCleanup(lambda: self.lab.stop(self.server.process))

    def view(self, is_it, since, patience, what):
        return self.client.wait_for_view(is_it, since, patience + slack, what)

    def is_whole(self, view):
        return not view["stale"] and sorted(view["endpoints"]) == self.endpoints

    def drill(self, take_away, bring_back, notice):
        """`notice`: seconds until the client knows that the first question gets no answer."""
        self.view(self.is_whole, 0, lab.PATIENCE, "the first view")
        time.sleep(TTL)  # the second generation of records
        gone = time.monotonic()
        take_away()
        stale = self.view(lambda view: view["stale"], gone, TTL + notice, "the view is marked stale")
        self.assertEqual(sorted(stale["endpoints"]), self.endpoints)
        time.sleep(max(0.0, outage - (time.monotonic() - gone)))
        back = time.monotonic()
        bring_back()
        fresh = self.view(self.is_whole, back, RECOVERY, "the view is fresh again")
        self.assertIn("recovered", fresh["events"])

        for view in self.client.of("view"):
            if view["time"] < fresh["time"] and view["endpoints"]:
                self.assertEqual(sorted(view["endpoints"]), self.endpoints, "nobody left the view")
        connects = self.client.of("connect")
        self.assertEqual([c for c in connects if c["error"]], [], "no connect failed")
        during = [c for c in connects if gone < c["time"] < back]
        self.assertTrue(during, "it went on connecting")
        self.say(f"{len(connects)} connects, {len(during)} of them in {back - gone:.1f} s without name server, 0 failed, the slowest "
                 f"{max(c['seconds'] for c in connects):.2f} s; stale after {stale['time'] - gone:.1f} s, "
                 f"fresh {fresh['time'] - back:.1f} s after the server's return")

    @staticmethod
    def say(text):
        print(text, file=sys.stderr, flush=True)

    def test_server_killed(self):
        """Its port is closed; then it comes back, and then the service leaves DNS [fault-C8]
        [fault-C9] [fault-C19] [fault-S22] [fault-X15] [rfc-check-62] [rfc-check-63]"""
        self.drill(self.server.stop, self.server.start, notice=2)
        removed = time.monotonic()
        self.server.replace_zone("lab.example", short_lived_zone(TTL, 2, self.hosts))
        empty = self.view(lambda view: not view["endpoints"], removed, TTL + 1, "the view is empty")
        self.assertFalse(empty["stale"])
        self.assertEqual(empty["events"].count("removed"), 3)
        self.say(f"empty {empty['time'] - removed:.1f} s after the removal of records with a TTL of {TTL} s")
        self.client.end()

    def test_server_silent(self):
        """Nothing comes back, not even an ICMP message [fault-C9] [fault-X15] [rfc-check-63]"""
        self.drill(lambda: os.kill(self.server.process.pid, signal.SIGSTOP),
                   lambda: os.kill(self.server.process.pid, signal.SIGCONT), notice=10)  # two questions of 5 s
        self.client.end()


class BusyClientTest(lab.LabTest):
    """A program that connects to one service hundreds of times a second, without a watcher."""
    EVERY = 0.005  # seconds between connects
    TTL = 5
    OUTAGE = 8.0  # longer than the TTL of the last answer

    def setUp(self):
        # No process accepts: a queue for all connections costs no time of this process.
        listener = self.enterContext(socket.create_server(("127.0.0.1", 0), backlog=4096))
        records = f"_drill._tcp SRV 0 10 {listener.getsockname()[1]} host0\nhost0 A 127.0.0.1\n"
        self.server = servers.Knot(self.lab, {"lab.example": short_lived_zone(self.TTL, 1, records)})
        self.client = Watching(self.lab, self.server.address, NAME, watchers=0, connect_every=self.EVERY)
        self.addCleanup(lambda: self.lab.stop(self.server.process))

    def drill(self, take_away, longest):
        """`longest`: limit in seconds for one connect; bench/connect/silence.cpp measures how short
        connects are."""
        self.client.wait_for(lambda records: len(records) > 20, lab.PATIENCE, "the first connects")
        gone = time.monotonic()
        take_away()
        time.sleep(self.OUTAGE)
        back = time.monotonic()
        self.client.end()
        connects = self.client.of("connect")
        self.assertEqual([c for c in connects if c["error"]], [], "no connect failed")
        during = [c["seconds"] for c in connects if gone < c["time"] < back]
        self.assertGreater(len(during), 20)
        self.assertLess(max(during), longest)
        print(f"{len(during)} connects in {back - gone:.1f} s, the slowest {max(during) * 1000:.1f} ms", file=sys.stderr)

    def test_silent(self):
        """[fault-C9] [rfc-check-63]"""
        # Below RFC 8767's client response timer of 1.8 s, for which a connect need not wait.
        self.drill(lambda: os.kill(self.server.process.pid, signal.SIGSTOP), longest=1)

    def test_gone(self):
        """[fault-C9] [rfc-check-63]"""
        self.drill(lambda: os.kill(self.server.process.pid, signal.SIGTERM), longest=1)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--outage", type=float)
    given, sys.argv[1:] = parser.parse_known_args()
    if given.outage:
        outage, slack = given.outage, 0.0
    lab.main()

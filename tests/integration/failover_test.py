"""A service of ten backends behind a real name server: refusing, flapping, restarting, all down and
back.

No test depends on an exact moment: limits of attempts hold at any speed, and tests wait for events.
The margins are in the tests.
"""
import sys
import time

import lab
from failing_over import BACKENDS, FreshClients, SteadyClient, failures, name_server, quantile
from loopback import free_port

BASE_EJECTION = 2.0  # instead of 30 s
JITTER = 1.2
SHARE, FLOOR_PER_S, BURST = 0.2, 10, 100  # the default retry budget


class FailoverTest(lab.LabTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.places = [(address, free_port(address)) for address in (f"127.0.0.{11 + i}" for i in range(BACKENDS))]
        cls.server = name_server(cls.lab, cls.places).address

    def setUp(self):
        self.backends = {}
        self.addCleanup(lambda: [self.stop(i) for i in list(self.backends)])

    def start(self, i):
        self.backends[i] = self.lab.web_server(*self.places[i], {"index.html": lab.page(f"host{i}")})

    def stop(self, i):
        """Kills it: the kernel closes its port and resets connections."""
        self.lab.stop(self.backends.pop(i))

    def start_all(self):
        for i in range(BACKENDS):
            self.start(i)

    @staticmethod
    def say(text):
        print(text, file=sys.stderr, flush=True)

    def test_all_but_one_refuse(self):
        """500 new clients, and one that connects 500 times: all succeed [fault-B1] [fault-B2]"""
        self.start(7)
        fresh = FreshClients(self.lab, self.server, 500).connects
        self.assertEqual((len(fresh), failures(fresh)), (500, []))
        self.assertEqual({c["port"] for c in fresh}, {self.places[7][1]})
        client = SteadyClient(self.lab, self.server, 200)
        client.wait_for(lambda: len(client.connects()) >= 500, lab.PATIENCE, "500 connects")
        client.end()
        steady = client.connects()
        self.assertEqual(failures(steady), [])
        # A new client makes 5.5 attempts on average. A long-lived client pays for the first
        # demotions and a few trials; on a machine that stalls, also for connects that begin before
        # the first has failed.
        attempts = sum(c["attempts"] for c in steady)
        self.assertLess(attempts, 2 * len(steady))
        self.say(f"9 of 10 refuse: {len(fresh)} fresh clients, {sum(c['attempts'] for c in fresh) / len(fresh):.1f} attempts each, "
                 f"p99 {quantile(fresh, 0.99) * 1000:.0f} ms; one client: {attempts} attempts for {len(steady)} connects; 0 failed")

    def test_flapping_backend_is_ejected_and_comes_back(self):
        """Up for a second, down for a second; no connect fails [fault-B5]"""
        self.start_all()
        port = self.places[3][1]
        client = SteadyClient(self.lab, self.server, 100, BASE_EJECTION)
        began = time.monotonic()
        while client.state_of(port) != ("down", "attempts failed"):
            self.assertLess(time.monotonic() - began, 60, "it is ejected")
            self.stop(3)
            time.sleep(1)
            self.start(3)
            if client.state_of(port) != ("down", "attempts failed"):
                time.sleep(1)
        ejected = time.monotonic()
        # Only a few ejections fit into the time, each longer than the previous one; then it warms
        # up for a second.
        client.wait_for(lambda: client.state_of(port)[0] == "up", 5 * BASE_EJECTION * JITTER + 1 + lab.PATIENCE, "it is back")
        back = time.monotonic()
        client.wait_for(lambda: any(c["port"] == port for c in client.connects(since=back)), lab.PATIENCE, "it is used again")
        client.end()
        self.assertEqual(failures(client.connects()), [])
        self.say(f"flapping: ejected after {ejected - began:.1f} s, up again {back - ejected:.1f} s later, "
                 f"{len(client.connects())} connects, 0 failed")

    def test_rolling_restart(self):
        """Kills and restarts each of ten at 200 connects a second: no connect fails [fault-B15]"""
        self.start_all()
        client = SteadyClient(self.lab, self.server, 200)
        began = time.monotonic()
        for i in range(BACKENDS):
            self.stop(i)
            time.sleep(0.3)
            self.start(i)
        over = time.monotonic()
        client.wait_for(lambda: client.connects(since=over), lab.PATIENCE, "a connect after the last restart")
        client.end()
        connects = client.connects()
        self.assertEqual(failures(connects), [])
        self.assertGreater(len(connects), 200)
        self.say(f"rolling restart: {over - began:.1f} s, {len(connects)} connects, "
                 f"{sum(c['attempts'] for c in connects)} attempts, slowest {quantile(connects, 1) * 1000:.0f} ms, 0 failed")

    def test_total_outage(self):
        """Counts every attempt: the budget holds, and all connects succeed when the backends are
        back [fault-B4] [fault-B10]"""
        self.start_all()
        client = SteadyClient(self.lab, self.server, 200)
        gone = time.monotonic()
        for i in range(BACKENDS):
            self.stop(i)
        time.sleep(5)
        during = client.connects(since=gone)
        seconds = time.monotonic() - gone
        attempts = sum(c["attempts"] for c in during)
        self.assertGreater(len(failures(during)), len(during) / 2)
        # On any machine: these requests, the time, and the earlier savings filled the budget.
        self.assertLessEqual(attempts, (1 + SHARE) * len(during) + FLOOR_PER_S * seconds + BURST)
        self.assertTrue(any("retry budget exhausted" in error for error in failures(during)))
        self.start_all()
        back = time.monotonic()
        client.wait_for(lambda: len(client.connects(since=back)) >= 200, lab.PATIENCE, "connects after the return")
        client.end()
        after = client.connects(since=back)
        self.assertEqual(failures(after), [], "all are back")
        self.say(f"total outage: {len(during)} connects in {seconds:.1f} s, {attempts} attempts, "
                 f"{(attempts - BURST - FLOOR_PER_S * seconds) / len(during):.2f} for each beside the floor and the burst; "
                 f"{len(after)} connects after the return, 0 failed")


if __name__ == "__main__":
    lab.main()

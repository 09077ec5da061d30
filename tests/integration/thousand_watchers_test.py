"""A thousand watchers of one name in one process together send each query once per expiry."""
import collections
import itertools
import time

import lab
import relay
import servers
from watching import Watching, short_lived_zone

NAME = "_many._tcp.lab.example"
WATCHERS = 1000
TTL = 3
EXPIRIES = 5
REFRESH_AHEAD = 0.8  # of the TTL, at the earliest
TIMER_SLACK = 0.05


def zone(serial, weight):
    records = "".join(f"_many._tcp SRV 0 {weight} {8000 + i} host{i}\nhost{i} A 127.0.0.1\n" for i in range(3))
    return short_lived_zone(TTL, serial, records + '_many._tcp TXT "txtvers=1"\n')


class ThousandWatchersTest(lab.LabTest):
    def wait_for_all(self, client, what, is_it, since=0.0):
        """Waits for one view from each watcher for which is_it(view) is true."""
        def all_have_it(records):
            return len({r["watcher"] for r in records if r["what"] == "view" and r["time"] >= since and is_it(r)}) == WATCHERS

        client.wait_for(all_have_it, lab.PATIENCE, what)

    def test_one_query_for_each_question_and_expiry(self):
        """Counted on the path to the server [fault-C10] [fault-X4]"""
        server = servers.Knot(self.lab, {"lab.example": zone(1, 10)})
        with relay.Relay(server.port) as way:
            client = Watching(self.lab, way.address, NAME, watchers=WATCHERS)
            self.wait_for_all(client, "everybody's first view", lambda view: len(view["endpoints"]) == 3 and not view["stale"])
            self.assertEqual(set(way.counts().values()), {1}, "the first time")
            time.sleep(EXPIRIES * TTL)

            changed = time.monotonic()
            server.replace_zone("lab.example", zone(2, 20))
            self.wait_for_all(client, "everybody is told", lambda view: view["events"] == ["changed"] * 3, changed)
            statistics = client.end()

        times = collections.defaultdict(list)
        for question in way.questions:
            times[question.name, question.type].append(question.time)
        self.assertIn((f"{NAME}.", "SRV"), times)
        for question, asked in times.items():
            for earlier, later in itertools.pairwise(asked):
                self.assertGreater(later - earlier, REFRESH_AHEAD * TTL - TIMER_SLACK, f"{question} asked twice for one expiry")
            self.assertGreaterEqual(len(asked), EXPIRIES, f"{question} is kept fresh")
        views = client.of("view")
        self.assertEqual(len(views), 2 * WATCHERS, "the first view and the change, and nothing else")
        self.assertEqual(statistics["queries"], len(way.questions), "no query was repeated")
        print(f"{WATCHERS} watchers: " + ", ".join(f"{name} {kind} {len(asked)}" for (name, kind), asked in times.items()))


if __name__ == "__main__":
    lab.main()

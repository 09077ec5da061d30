"""Runs the program failover_client, and a service of ten backends for it."""
import json
import os
import subprocess
import threading
import time

import lab
import servers
from watching import short_lived_zone

NAME = "_failover._tcp.lab.example"
BACKENDS = 10
TTL = 300  # long: DNS has no influence here


def name_server(the_lab, addresses_and_ports):
    """Starts knotd with one SRV record for each, all with the same tier and weight."""
    records = "".join(f"_failover._tcp SRV 0 10 {port} host{i}\nhost{i} A {address}\n"
                      for i, (address, port) in enumerate(addresses_and_ports))
    return servers.Knot(the_lab, {"lab.example": short_lived_zone(TTL, 1, records)})


class FreshClients:
    """Clients without any knowledge that connect at once; the constructor returns when all have
    ended."""

    def __init__(self, the_lab, server, count):
        done = the_lab.run([os.environ["FAILOVER_CLIENT"], server, NAME, "fresh", count])
        records = [json.loads(line) for line in done.splitlines()]
        self.connects = [r for r in records if r["what"] == "connect"]
        self.lateness = next(r["seconds"] for r in records if r["what"] == "lateness")


class SteadyClient:
    """One client that connects `per_s` times a second until end()."""

    def __init__(self, the_lab, server, per_s, base_ejection=30.0):
        self.records = []
        self._changed = threading.Condition()
        self._log = the_lab.file("failover_client.log", "")
        with open(self._log, "wb") as sink:
            self._process = the_lab.start(
                [os.environ["FAILOVER_CLIENT"], server, NAME, "steady", per_s, round(base_ejection * 1000)],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=sink)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self.wait_for(lambda: self.connects(), lab.PATIENCE, "the first connect")

    def _read(self):
        for line in self._process.stdout:
            record = json.loads(line)
            with self._changed:
                self.records.append(record)
                self._changed.notify_all()

    def end(self):
        self._process.stdin.close()
        self._reader.join(lab.PATIENCE)

    def connects(self, since=0.0, until=float("inf")):
        """Returns the connects in the order in which they began."""
        return [r for r in list(self.records) if r["what"] == "connect" and since <= r["began"] < until]

    def state_of(self, port):
        """Returns (state, reason) as last reported."""
        for record in reversed(list(self.records)):
            for endpoint in record.get("endpoints", ()):
                if endpoint["port"] == port:
                    return endpoint["state"], endpoint["reason"]
        return "", ""

    def wait_for(self, condition, patience, what):
        deadline = time.monotonic() + patience
        with self._changed:
            while not condition():
                left = deadline - time.monotonic()
                if left <= 0 or self._process.poll() is not None:
                    raise TimeoutError(f"{what}: {self._log.read_text()} {self.records[-2:]}")
                self._changed.wait(left)


def failures(connects):
    return [c["error"] for c in connects if c["error"]]


def quantile(connects, share):
    """Returns the smallest duration in seconds that at least that share of the connects does not
    exceed."""
    ordered = sorted(c["seconds"] for c in connects)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]

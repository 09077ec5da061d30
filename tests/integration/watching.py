"""Runs the program outage_client and records what it sees of a service, and when."""
import json
import os
import subprocess
import threading
import time


class Watching:
    """`records` are the lines it printed: views, connects, and at its end its statistics. Times are
    time.monotonic()."""

    def __init__(self, lab, server, name, watchers=1, connect_every=0.0, min_interval=0.5):
        self.lab = lab
        self.records = []
        self._changed = threading.Condition()
        arguments = [server, name, watchers, round(connect_every * 1000), round(min_interval * 1000)]
        self._log = lab.file("outage_client.log", "")
        with open(self._log, "wb") as sink:
            self._process = lab.start([os.environ["OUTAGE_CLIENT"], *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                      stderr=sink)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self):
        for line in self._process.stdout:
            record = json.loads(line)
            with self._changed:
                self.records.append(record)
                self._changed.notify_all()
        with self._changed:
            self._process = None
            self._changed.notify_all()

    def end(self):
        """Ends it; returns its statistics."""
        process = self._process
        process.stdin.close()
        self._reader.join()
        return self.of("statistics")[0]

    def of(self, what, since=0.0):
        return [r for r in list(self.records) if r["what"] == what and r["time"] >= since]

    def wait_for(self, is_enough, patience, what):
        """Waits until is_enough(records) is true; returns its value."""
        deadline = time.monotonic() + patience
        with self._changed:
            while not (found := is_enough(self.records)):
                left = deadline - time.monotonic()
                if left <= 0 or self._process is None:
                    raise TimeoutError(f"{what}: {self._log.read_text()} {self.records[-5:]}")
                self._changed.wait(left)
        return found

    def wait_for_view(self, is_it, since, patience, what):
        """Returns the first view since then for which is_it(view) is true."""
        return self.wait_for(lambda records: next((r for r in records if r["what"] == "view" and r["time"] >= since and is_it(r)),
                                                  None), patience, what)


def short_lived_zone(ttl, serial, records):
    """All data in it, including negative answers, are valid for `ttl` seconds."""
    return f"""$ORIGIN lab.example.
$TTL {ttl}
@ SOA ns1 hostmaster {serial} 3600 600 86400 {ttl}
@ NS ns1
ns1 A 127.0.0.1
{records}
"""

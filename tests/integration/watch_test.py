"""sd-connect watch with a real knotd: prints each change of the zone as one line, and no failure of
DNS ends it.
"""
import json
import os
import re
import signal
import subprocess
import threading
import time

import lab
import servers
from watching import short_lived_zone

NAME = "_watch._tcp.lab.example"
TTL = 1
HOSTS = "".join(f"host{i} A 127.0.0.1{i}\n" for i in range(1, 4))


class Lines:
    """A running `sd-connect watch`; tests wait for its lines one after the other."""

    def __init__(self, test, *args, stdout=subprocess.PIPE):
        self.lab = test.lab
        self.lines, self.taken, self.has_ended = [], 0, False
        self.changed = threading.Condition()
        self.log = self.lab.file("watch.err", "")
        with open(self.log, "wb") as sink:
            self.process = self.lab.start(self.lab.command("watch", *args, "--min-interval", "500ms"), stdout=stdout, stderr=sink)
        if self.process.stdout:
            threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        for line in self.process.stdout:
            with self.changed:
                self.lines.append(line.decode().rstrip("\n"))
                self.changed.notify_all()
        with self.changed:
            self.has_ended = True
            self.changed.notify_all()

    def next(self):
        with self.changed:
            if not self.changed.wait_for(lambda: len(self.lines) > self.taken or self.has_ended, lab.PATIENCE):
                raise TimeoutError(f"no line after {self.lines}: {self.log.read_text()}")
            if len(self.lines) <= self.taken:
                raise EOFError(f"it ended after {self.lines}: {self.log.read_text()}")
            self.taken += 1
            return self.lines[self.taken - 1]

    def end(self, by=signal.SIGTERM):
        """Ends it; returns the exit code and checks that no line is left."""
        self.process.send_signal(by)
        code = self.process.wait(lab.PATIENCE)
        with self.changed:
            self.changed.wait_for(lambda: self.has_ended, lab.PATIENCE)
            assert len(self.lines) == self.taken, self.lines[self.taken:]
        return code


class WatchTest(lab.LabTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.serial = 1
        cls.server = servers.Knot(cls.lab, {"lab.example": cls.zone("")})
        cls.lab.server = cls.server.address

    @classmethod
    def zone(cls, records):
        return short_lived_zone(TTL, cls.serial, HOSTS + records)

    def serve(self, *records):
        type(self).serial += 1
        self.server.replace_zone("lab.example", self.zone("".join(f"{r}\n" for r in records)))

    def watch(self, *args):
        lines = Lines(self, *args)
        self.addCleanup(self.lab.stop, lines.process)
        return lines

    def expect_line(self, lines, sign, text):
        line = lines.next()
        self.assertRegex(line, rf"\A{re.escape(sign)} \d{{4}}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{{3}}Z {re.escape(text)}")
        return line

    def test_each_change_is_one_line(self):
        """Added, changed in each way, removed, and a TXT change that affects no endpoint
        [fault-S22] [fault-S24] [fault-T13]"""
        first, second = "_watch._tcp SRV 0 10 8001 host1", "_watch._tcp SRV 0 10 8002 host2"
        self.serve(first)
        lines = self.watch(NAME)
        self.expect_line(lines, "+", "host1.lab.example:8001 priority 0 weight 10 127.0.0.11")
        self.serve(first, second)
        self.expect_line(lines, "+", "host2.lab.example:8002 priority 0 weight 10 127.0.0.12")
        self.serve("_watch._tcp SRV 5 20 8001 host1", second)
        self.expect_line(lines, "~", "host1.lab.example:8001 priority 0 -> 5, weight 10 -> 20")
        self.serve("_watch._tcp SRV 5 20 8001 host1", second, "host2 A 127.0.0.22")
        line = self.expect_line(lines, "~", "host2.lab.example:8002 addresses 127.0.0.12 -> ")
        self.assertEqual(set(line.rpartition("-> ")[2].split()), {"127.0.0.12", "127.0.0.22"})
        self.serve("_watch._tcp SRV 5 20 8001 host1", second, "host2 A 127.0.0.22", '_watch._tcp TXT "v=1" "k=x\\027y"')
        self.expect_line(lines, "~", f'{NAME} TXT (empty) -> "v=1" "k=x\\027y"')
        self.serve("_watch._tcp SRV 5 20 8001 host1", "host2 A 127.0.0.22", '_watch._tcp TXT "v=1" "k=x\\027y"')
        self.expect_line(lines, "-", "host2.lab.example:8002")
        # Each record set expires at its own time: changes one at a time, so that the order is
        # known.
        self.serve("_watch._tcp SRV 5 20 8001 host1")
        self.expect_line(lines, "~", f'{NAME} TXT "v=1" "k=x\\027y" -> (empty)')
        self.serve()
        self.expect_line(lines, "-", "host1.lab.example:8001")
        self.serve(first)
        self.expect_line(lines, "+", "host1.lab.example:8001")
        self.assertEqual(lines.end(), 0)
        self.assertEqual(lines.log.read_text(), "")

    def test_json_of_a_type(self):
        """Each line is an object; instances come and go"""
        one = ["_watch._tcp PTR a._watch._tcp", "a._watch._tcp SRV 0 0 8001 host1", 'a._watch._tcp TXT "v=1"']
        self.serve(*one)
        lines = self.watch(NAME, "--json")
        read = lambda: json.loads(lines.next())
        added = read()
        self.assertEqual((added["schema"], added["event"], added["target"], added["port"], added["addresses"], added["instances"]),
                         (1, "added", "host1.lab.example.", 8001, ["127.0.0.11"], ["a._watch._tcp.lab.example."]))
        self.assertFalse(added["stale"] or added["authenticated"])
        self.serve(*one, "_watch._tcp PTR b._watch._tcp", "b._watch._tcp SRV 0 3 8001 host1")
        changed = read()
        self.assertEqual((changed["event"], changed["weight"], changed["before"]["weight"], len(changed["instances"])),
                         ("changed", 3, 0, 2))
        self.serve(*one[:2], 'a._watch._tcp TXT "v=2"', "_watch._tcp PTR b._watch._tcp", "b._watch._tcp SRV 0 3 8001 host1")
        txt = read()
        self.assertEqual((txt["event"], txt["label"], txt["txt"], txt["before"]["txt"]),
                         ("txt_changed", "a", [{"key": "v", "value": "2"}], [{"key": "v", "value": "1"}]))
        # No PTR leads there. The TXT record stays, because it expires at its own time.
        self.serve("a._watch._tcp SRV 0 0 8001 host1", 'a._watch._tcp TXT "v=2"', "b._watch._tcp SRV 0 3 8001 host1")
        self.assertEqual(read()["event"], "removed")
        self.assertEqual(lines.end(signal.SIGINT), 0)

    def test_the_server_goes_away_and_comes_back(self):
        """Known data are kept and reported as stale [fault-C9] [fault-X15] [rfc-check-63]"""
        self.serve("_watch._tcp SRV 0 10 8001 host1")
        lines = self.watch(NAME, "--json")
        read = lambda: json.loads(lines.next())
        self.assertEqual(read()["event"], "added")
        self.server.stop()
        told = read()
        self.assertEqual(told["event"], "unknown")
        self.assertTrue(told["reason"])
        while told["event"] == "unknown":
            told = read()
        self.assertEqual((told["event"], told["stale"]), ("stale", True))
        back = time.monotonic()
        self.server.start()
        while (told := read())["event"] == "unknown":
            pass  # part of the data is known again, not all
        self.assertEqual((told["event"], told["stale"]), ("recovered", False))
        self.assertLess(time.monotonic() - back, 10)
        self.assertEqual(lines.end(signal.SIGHUP), 0)

    def test_as_many_changes_as_asked_for(self):
        self.serve(*(f"_watch._tcp SRV 0 10 {8000 + i} host{i}" for i in range(1, 4)))
        done = self.expect(0, "watch", NAME, "-n", "2", "-o", "short")
        self.assertEqual((done.text, done.err), ("+ host1.lab.example:8001\n+ host2.lab.example:8002\n", ""))

    def test_nothing_there_yet(self):
        self.serve()
        lines = self.watch(NAME, "-n", "1", "-o", "short")
        lab.wait_until(lambda: "nothing there yet: no such name" in lines.log.read_text(), "the note")
        self.serve("_watch._tcp SRV 0 10 8001 host1")
        self.assertEqual(lines.next(), "+ host1.lab.example:8001")
        self.assertEqual(lines.process.wait(lab.PATIENCE), 0)

    def test_no_answer_from_the_beginning(self):
        failed = self.expect_failure(75, "watch", NAME, "--timeout", "500ms", server=f"127.0.0.1#{lab.free_port()}")
        self.assertEqual(failed.out, b"")

    def test_the_reader_goes_away(self):
        """Ends without any change, and without a message [fault-L19]"""
        self.serve("_watch._tcp SRV 0 10 8001 host1")
        reading, writing = os.pipe()
        lines = Lines(self, NAME, stdout=writing)
        self.addCleanup(self.lab.stop, lines.process)
        os.close(writing)
        self.assertTrue(os.read(reading, 1))
        os.close(reading)
        self.assertEqual(lines.process.wait(lab.PATIENCE), 74)
        self.assertEqual(lines.log.read_text(), "")

    def test_a_reader_that_does_not_read_is_no_reason_to_stay(self):
        """SIGTERM ends it while its pipe is full"""
        self.serve(*(f"_watch._tcp SRV 0 10 {8000 + i} host1" for i in range(1500)))
        reading, writing = os.pipe()
        lines = Lines(self, NAME, "--json", stdout=writing)
        self.addCleanup(self.lab.stop, lines.process)
        os.close(writing)
        self.assertTrue(os.read(reading, 1))
        lines.process.terminate()
        self.assertEqual(lines.process.wait(lab.PATIENCE), 0)
        os.close(reading)


if __name__ == "__main__":
    lab.main()

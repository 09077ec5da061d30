"""connect() for programs without an event loop: its effects on the calling process."""
import json
import os

import lab
import own_network
import servers

NAME = "_x._tcp.lab.example"
LASTING = 3  # of the one event loop that never runs: epoll, timers, wake-ups


class BlockingConnectTest(lab.LabTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        port = cls.lab.peer(lambda sock: sock.sendall(b"hello"))
        servers.Knot(cls.lab, {"lab.example": lab.zone_text("lab.example", f"_x._tcp SRV 0 0 {port} h\nh A 127.0.0.1\n")}, 53)

    def client(self, *words):
        return [json.loads(line) for line in self.lab.run([os.environ["BLOCKING_CLIENT"], NAME, *words]).splitlines()]

    def test_process(self):
        """Starts no thread, leaves only the socket's descriptor, which blocks, is not inherited,
        and may live in a static"""
        connected, more = self.client()
        self.assertEqual((connected["line"], connected["new_threads"]), ("hello", 0))
        self.assertEqual((connected["is_inherited"], connected["is_blocking"]), (False, True))
        self.assertIn("_none._tcp.lab.example", more["error"])
        self.assertEqual((more["new_threads"], more["new_descriptors"]), (0, 0))

    def test_without_descriptors(self):
        """Whichever descriptor is unavailable: an error says so, and nothing leaks [fault-L31]"""
        told, = self.client("descriptors")
        for errors in (told["errors"], told["errors_again"]):
            self.assertGreater(len(errors), 4)
            self.assertLess(len(errors), 60, "with enough of them it connects")
        self.assertLessEqual(told["lasting"], LASTING)
        self.assertEqual((told["leaked"], told["leaked_at_last"]), (0, 0))
        self.assertIn("Too many open files", told["errors"])


if __name__ == "__main__":
    own_network.enter()
    own_network.replace_resolv_conf("nameserver 127.0.0.1\n")
    lab.main()

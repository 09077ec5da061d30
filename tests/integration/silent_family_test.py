"""A name server that never answers AAAA queries, and answers all others at once."""
import json

import lab
import relay


class SilentFamilyTest(lab.SeedZoneTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        way = relay.Relay(int(cls.lab.server.split("#")[1]), with_tcp=False, mute=("AAAA",))
        cls.addClassCleanup(way.close)
        cls.way = way
        cls.lab.server = way.address

    def best(self, code, *args):
        """Returns the fastest of three runs, because the machine may be busy."""
        return min((self.expect(code, *args) for _ in range(3)), key=lambda done: done.seconds)

    def test_who_connects_does_not_wait(self):
        """[fault-O10] [rfc-check-66]"""
        for args in (["get", self.V1, "/index.html"], ["exec", self.V1, "--", "true"], [self.V1]):
            done = self.best(0, *args)
            self.assertLess(done.seconds, 1, args)
        self.assertIn("AAAA", {q.type for q in self.way.questions})

    def test_who_lists_waits_for_a_second_and_says_what_is_missing(self):
        """[fault-O10]"""
        for command in ("resolve", "pick", "check"):
            done = self.best(0, command, self.V1)
            self.assertTrue(0.9 < done.seconds < 2.5, f"{command}: {done.seconds} s")
            self.assertRegex(done.err, r"IPv6 addresses[^\n]*unknown", command)
        self.assertRegex("".join(json.loads(self.expect(0, "resolve", self.V1, "--json").text)["warnings"]), "IPv6")

    def test_the_largest_time_limit(self):
        """[fault-O36]"""
        for command in (["get", self.V1, "/index.html"], ["resolve", self.V1], ["pick", self.V1], ["check", self.V1]):
            self.best(0, *command, "--timeout", "24h")


if __name__ == "__main__":
    lab.main()

"""`options no-aaaa` of the system's resolver: nobody is asked for IPv6 addresses."""
import dns.message
import dns.rdatatype

import incomplete_test
import lab
import loopback
import own_network

SERVICE = incomplete_test.SERVICE


class NoAaaaTest(lab.LabTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.asked = set()
        answers = incomplete_test.Answers({}, loopback.free_port())

        def answer(query):
            cls.asked.add(dns.rdatatype.to_text(dns.message.from_wire(query).question[0].rdtype))
            return answers(query)
        cls.lab.datagram_peer(answer, 53)

    def types_of(self, code, *args, env=None):
        self.asked.clear()
        self.expect(code, *args, env=env)
        return self.asked

    def test_nobody_is_asked_for_ipv6_addresses(self):
        """[fault-O13]"""
        for command, code in (("resolve", 0), ("pick", 0), ("check", 69), ("get", 69), ("browse", 0)):
            asked = self.types_of(code, command, SERVICE, env={"RES_OPTIONS": "no-aaaa"})
            self.assertIn("PTR", asked)
            self.assertNotIn("AAAA", asked, command)
        self.assertNotIn("AAAA", self.types_of(0, "watch", SERVICE, "-n", "1", env={"RES_OPTIONS": "no-aaaa"}))
        self.assertIn("AAAA", self.types_of(0, "resolve", SERVICE))

    def test_a_server_that_the_user_names_is_another_matter(self):
        """[fault-O13]"""
        self.assertIn("AAAA", self.types_of(0, "resolve", SERVICE, "-6", "--server", "127.0.0.1", env={"RES_OPTIONS": "no-aaaa"}))

    def test_only_ipv6_addresses_is_refused(self):
        """[fault-O13]"""
        for command in ("resolve", "get", "watch"):
            failed = self.expect_failure(64, command, SERVICE, "-6", env={"RES_OPTIONS": "no-aaaa"})
            self.assertIn("-6: leave out 'options no-aaaa'", failed.err)


if __name__ == "__main__":
    own_network.enter()
    own_network.replace_resolv_conf("nameserver 127.0.0.1\n")
    lab.main()

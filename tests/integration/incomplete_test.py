"""A name server that leaves parts of a service unanswered, or says why it fails."""
import json

import dns.edns
import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset

import lab
import loopback

SERVICE = "_x._tcp.example.com"
SOA = "ns. h. 1 2 3 4 60"


class Answers:
    """100 instances, i0 to i99, on the hosts h0 to h99. `unanswered` maps (label, type) to what
    happens: "silence", "truncated", or a text, which is that of an extended error with SERVFAIL."""

    def __init__(self, unanswered, port=9):
        self.unanswered, self.port = unanswered, port

    def records(self, owner, kind):
        label = owner.split(".")[0]
        if owner == SERVICE + ".":
            return [f"i{i}.{owner}" for i in range(100)] if kind == "PTR" else []
        of_kind = {"SRV": [f"0 0 {self.port} h{label[1:]}.example.com."], "TXT": ["k=v"]} if label.startswith("i") else \
            {"A": ["127.0.0.1"], "AAAA": ["::1"]}
        return of_kind.get(kind, [])

    def __call__(self, query):
        asked = dns.message.from_wire(query)
        owner, kind = asked.question[0].name.to_text(), dns.rdatatype.to_text(asked.question[0].rdtype)
        reply = dns.message.make_response(asked)
        reply.flags |= dns.flags.AA | dns.flags.RA
        does = self.unanswered.get((owner.split(".")[0], kind))
        if does == "silence":
            return b""
        if does == "truncated":
            reply.flags |= dns.flags.TC
        elif does is not None:
            reply.set_rcode(dns.rcode.SERVFAIL)
            reply.use_edns(0, options=[dns.edns.EDEOption(7, does)])
        elif found := self.records(owner, kind):
            reply.answer.append(dns.rrset.from_text_list(owner, 60, "IN", kind, found))
        else:
            reply.authority.append(dns.rrset.from_text("example.com.", 60, "IN", "SOA", SOA))
        return reply.to_wire(max_size=65535)


class IncompleteTest(lab.LabTest):
    def server(self, unanswered, port=9):
        return f"127.0.0.1#{self.lab.datagram_peer(Answers(unanswered, port))}"

    def found(self, unanswered, *more, command="resolve", code=0, port=9):
        done = self.expect(code, command, SERVICE, "--json", "--timeout", "1s", *more, server=self.server(unanswered, port))
        return done, json.loads(done.text)

    def test_everything_answered(self):
        """[fault-O3]"""
        done, found = self.found({})
        self.assertEqual((found["complete"], found["warnings"], done.err), (True, [], ""))
        self.assertEqual(len(found["endpoints"]), 100)

    def test_one_of_a_hundred(self):
        """[fault-O3] [fault-O15]"""
        for label, kind in (("i7", "SRV"), ("i7", "TXT"), ("h7", "A"), ("h7", "AAAA")):
            for does in ("silence", "since 2026-01-01"):
                done, found = self.found({(label, kind): does})
                self.assertFalse(found["complete"], (label, kind, does))
                self.assertEqual(len(found["endpoints"]), 99 if kind == "SRV" else 100)
                [warning] = found["warnings"]
                self.assertIn({"A": "IPv4 addresses of h7.example.com.", "AAAA": "IPv6 addresses of h7.example.com."}.get(
                    kind, f"no answer for i7._x._tcp.example.com. {kind}"), warning)
                if does != "silence":
                    self.assertIn("name server failure (EDE 7 (Signature Expired): since 2026-01-01)", warning)
                self.assertEqual(done.err, f"sd-connect: warning: {warning}\n")

    def test_many_are_counted(self):
        """[fault-O3]"""
        for does, reason in (("silence", "DNS query timed out"), ("", "name server failure (EDE 7 (Signature Expired))"),
                             ("truncated", "answer truncated and TCP not usable")):
            done, found = self.found({(f"i{i}", "SRV"): does for i in range(63)})
            self.assertEqual((found["complete"], len(found["endpoints"])), (False, 37), does)
            self.assertRegex(done.err, rf"\Asd-connect: warning: no answer for (i\d+\._x\._tcp\.example\.com\. SRV, ){{4}}"
                             r"i\d+\._x\._tcp\.example\.com\. SRV and 58 more: ")
            self.assertIn(f": {reason}\n", done.err)

    def test_the_other_commands_say_it_too(self):
        """[fault-O3]"""
        port = loopback.free_port()
        for unanswered in ({}, {("i7", "SRV"): "x"}):
            complete = not unanswered
            self.assertEqual(self.found(unanswered, command="pick")[1]["complete"], complete)
            self.assertEqual(self.found(unanswered, command="check", code=69, port=port)[1]["complete"], complete)
            self.assertEqual(self.found(unanswered, "-n", "1", command="watch")[1]["complete"], complete)
            self.assertEqual(self.found(unanswered, "--txt", "k", command="browse")[1]["complete"], True)
            explained = self.found(unanswered, "--explain", command="pick")[0].err
            self.assertEqual(json.loads(explained)["complete"], complete)
        self.assertFalse(self.found({("i7", "TXT"): "x"}, "--txt", "k", command="browse", code=75)[1]["complete"])
        self.assertTrue(self.found({}, command="browse")[1]["complete"])
        done = self.expect(69, "get", SERVICE, "--json", "--explain", server=self.server({("i7", "SRV"): "x"}, port))
        self.assertFalse(json.loads(done.err.splitlines()[0])["complete"])

    def test_only_a_complete_answer_proves_that_an_endpoint_is_gone(self):
        """[fault-O3]"""
        gone = ["--wait-gone", "nowhere.example.com:80"]
        self.found({}, *gone)
        for part in (("i7", "TXT"), ("h7", "AAAA")):
            self.found({part: "x"}, *gone)
        failed = self.found({("i7", "SRV"): "x"}, *gone, code=75)[1]
        self.assertIn("DNS did not answer in full", failed["error"]["what"])
        self.found({("h7", "A"): "x"}, "--wait-gone", "192.0.2.7:80", code=75)

    def test_an_extended_error_is_told(self):
        """[fault-O15]"""
        server = self.server({("_x", kind): "at 2026\x1b[31m" for kind in ("SRV", "PTR", "TXT")})
        shown = r"EDE 7 (Signature Expired): at 2026\027[31m"
        failed = self.expect_failure(75, "resolve", SERVICE, server=server)
        self.assertIn(f"name server failure: {SERVICE}. SRV at {server} ({shown}): try again", failed.err)
        self.assertIn(f"    {server} over UDP: name server failure after ",
                      self.expect(75, "resolve", SERVICE, "--explain", server=server).err)
        explained = self.expect(75, "resolve", SERVICE, "--explain", "--json", server=server)
        self.assertIn(shown, json.loads(explained.text)["error"]["where"].replace("\\\\", "\\"))
        queries = json.loads(explained.err.splitlines()[0])["queries"]
        for query in queries:
            self.assertEqual(query["attempts"][0]["extended_errors"],
                             [{"code": 7, "name": "Signature Expired", "text": r"at 2026\027[31m"}])


if __name__ == "__main__":
    lab.main()

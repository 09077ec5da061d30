"""resolve --wait and --wait-gone, with a name server whose records change."""
import json
import threading

import dns.flags
import dns.message
import dns.rcode
import dns.rrset

import lab

SERVICE = "_x._tcp.example.com"
SOA = "example.com. 60 IN SOA ns. h. 1 2 3 4 60"


class Answers:
    """Answers from `records`, {owner: [line, ...]}, after `silent` queries; then from the next."""

    def __init__(self, *phases):
        self.phases, self.asked, self.lock = list(phases), 0, threading.Lock()

    def __call__(self, query):
        asked = dns.message.from_wire(query)
        question = asked.question[0]
        with self.lock:
            # Each resolution asks for the SRV records of the service once.
            if len(self.phases) > 1 and question.rdtype == dns.rdatatype.SRV:
                self.asked += 1
                if self.asked > 1:
                    self.phases.pop(0)
            records = self.phases[0]
        if records is None:
            return b""  # nothing a client could take for a reply
        reply = dns.message.make_response(asked)
        reply.flags |= dns.flags.AA | dns.flags.RA
        owner = question.name.to_text().lower()
        found = [line for line in records.get(owner, ()) if f" {dns.rdatatype.to_text(question.rdtype)} " in f" {line} "]
        if found:
            name, ttl, _, kind, *_ = found[0].split()
            reply.answer.append(dns.rrset.from_text_list(name, int(ttl), "IN", kind, [line.split(None, 4)[4] for line in found]))
        else:
            if owner not in records:
                reply.set_rcode(dns.rcode.NXDOMAIN)
            name, ttl, _, kind, data = SOA.split(None, 4)
            reply.authority.append(dns.rrset.from_text(name, int(ttl), "IN", kind, data))
        return reply.to_wire()


def with_endpoints(*hosts):
    owner = SERVICE + "."
    records = {owner: [f"{owner} 60 IN SRV 0 0 80 {host}.example.com." for host in hosts]}
    for number, host in enumerate(hosts, 1):
        records[f"{host}.example.com."] = [f"{host}.example.com. 60 IN A 192.0.2.{number}"]
    return records


class WaitingTest(lab.LabTest):
    def resolve(self, code, phases, *more):
        server = f"127.0.0.1#{self.lab.datagram_peer(Answers(*phases))}"
        return self.expect(code, "resolve", SERVICE, *more, server=server)

    def test_until_an_endpoint_is_seen(self):
        done = self.resolve(0, [{}, with_endpoints("a")], "--wait", "--timeout", "30s", "--json")
        self.assertEqual([e["target"] for e in json.loads(done.text)["endpoints"]], ["a.example.com."])
        self.assertEqual(done.err, "")

    def test_at_once_if_it_is_there(self):
        self.assertEqual(self.resolve(0, [with_endpoints("a")], "--wait", "-o", "short").text, "a.example.com:80\n")

    def test_not_seen_in_time(self):
        failed = self.resolve(69, [{}], "--wait", "--timeout", "700ms")
        self.assertRegex(failed.err, r"\Asd-connect: no endpoint seen within the time limit \(.*\): _x\._tcp\.example\.com\.: .*--timeout forever\n\Z")

    def test_no_answer_in_time(self):
        self.resolve(75, [None], "--wait", "--timeout", "700ms")
        self.resolve(75, [None], "--wait-gone", "a.example.com:80", "--timeout", "700ms")

    def test_forever_means_that_the_time_limit_does_not_count(self):
        done = self.resolve(0, [{}, {}, with_endpoints("a")], "--wait", "--timeout", "forever", "-o", "short")
        self.assertEqual(done.text, "a.example.com:80\n")

    def test_until_an_endpoint_is_gone(self):
        for host in ("A.example.com.:80", "192.0.2.1:80"):
            done = self.resolve(0, [with_endpoints("a", "b"), with_endpoints("c", "b")] if host[0] == "A" else
                                [with_endpoints("a", "b"), {SERVICE + ".": []}], "--wait-gone", host, "--timeout", "30s", "-o", "short")
            self.assertEqual(done.text, "b.example.com:80\nc.example.com:80\n" if host[0] == "A" else "")

    def test_another_port_and_no_service_at_all_count_as_gone(self):
        self.resolve(0, [with_endpoints("a")], "--wait-gone", "a.example.com:81")
        self.resolve(0, [{}], "--wait-gone", "a.example.com:80")

    def test_still_there(self):
        failed = self.resolve(69, [with_endpoints("a")], "--wait-gone", "a.example.com:80", "--timeout", "700ms")
        self.assertIn("the endpoint is still there at the end of the time limit", failed.err)


if __name__ == "__main__":
    lab.main()

"""Name servers that fail once, or for ever: over streams (plain TCP after a truncated datagram, and
TLS) and over UDP, alone and in front of one that is well. The cases wait more than they work, so
several run at the same time, and those that wait longest begin.
"""
import collections
import concurrent.futures
import itertools
import ssl

import dns.message
import dns.rcode

import broken_servers
import certificates
import lab
from answers import Answers, truncated

NAME = "_x._tcp.lab.example"
RIGHT = Answers("_x._tcp SRV 0 0 8080 host.lab.example.", "host A 192.0.2.1")
FOUND = "host.lab.example:8080\n"
SLOW = 1.1
TIMED_OUT = "DNS query timed out"
TIMEOUT = 4  # where the only server is silent: longer than the patience with one stream
AMPLE = 50  # everywhere else, also for a machine that does ten other things
AT_ONCE = 16


def right(stream, answer=RIGHT):
    for queries in stream.questions():
        for query in queries:
            stream.send(answer(query))


def after_questions(do):
    """Serves a stream by do(stream, the first queries)."""
    def serve(stream):
        for queries in stream.questions():
            return do(stream, queries)
    return serve


def empty_message(stream, _):
    stream.send(b"")
    stream.wait()


def cut_message(stream, queries):
    stream.send(RIGHT(queries[0]), size=20)
    stream.end()


def one_answer(stream, queries):
    stream.send(RIGHT(queries[0]))
    stream.end()


def wrong_id_first(stream):
    for queries in stream.questions():
        for query in queries:
            reply = RIGHT(query)
            stream.send(bytes([reply[0] ^ 0xFF]) + reply[1:])
            stream.send(reply)


def slow(stream):
    for queries in stream.questions(after=SLOW):
        for query in queries:
            stream.send(RIGHT(query))


# What a server does with a stream, and what the message says if it never does anything else; "" if
# that is an answer too.
STREAMS = {
    "silence": (lambda stream: stream.wait(), TIMED_OUT),
    "silence after a question": (after_questions(lambda stream, _: stream.wait()), TIMED_OUT),
    "slow": (slow, ""),
    "FIN at once": (lambda stream: stream.end(), "connection closed without an answer"),
    "RST at once": (lambda stream: stream.reset(), "Connection reset by peer"),
    "FIN after a question": (after_questions(lambda stream, _: stream.end()), "connection closed without an answer"),
    "RST after a question": (after_questions(lambda stream, _: stream.reset()), "Connection reset by peer"),
    "empty message": (after_questions(empty_message), "malformed DNS message"),
    "FIN inside a message": (after_questions(cut_message), "connection closed without an answer"),
    "one answer and FIN": (after_questions(one_answer), ""),
    "wrong ID first": (wrong_id_first, ""),
}
# What a server says over UDP, and how the message calls it.
CODES = {
    dns.rcode.SERVFAIL: "name server failure",
    dns.rcode.REFUSED: "query refused by name server",
    dns.rcode.NOTIMP: "name server failure",
    dns.rcode.FORMERR: "name server failure",
}
Case = collections.namedtuple("Case", "what transport is_for_ever servers message")
# Once in front of a second server is no other case than for ever.
HOW_OFTEN = ((False, 1), (True, 1), (True, 2))


def once_each(wrong):
    """Answers wrong(query) to the first query of each name and type."""
    seen = set()

    def answer(query):
        asked = dns.message.from_wire(query).question[0].to_text()
        is_first = asked not in seen
        seen.add(asked)
        return wrong(query) if is_first else RIGHT(query)
    return answer


class BrokenServersTest(lab.LabTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        authority = certificates.Authority(cls.lab)
        key, certificate = authority.issue("IP:127.0.0.1")
        cls.ca = authority.ca
        cls.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        cls.tls.load_cert_chain(certificate, key)
        cls.listeners = broken_servers.Listeners()
        cls.listeners.start()
        cls.addClassCleanup(cls.listeners.close)

    def server(self, transport, answer, serve):
        port = self.listeners.add(answer, serve, self.tls if transport == "TLS" else None)
        return f"{'tls://' if transport == 'TLS' else ''}127.0.0.1#{port}"

    def broken(self, case):
        if case.transport == "UDP":
            wrong = Answers(rcode=case.what)
            answer = wrong if case.is_for_ever else once_each(wrong)
            return self.server("UDP", answer, lambda stream, _: right(stream, answer))
        does = STREAMS[case.what][0]
        return self.server(case.transport, truncated, lambda stream, n: (does if n == 0 or case.is_for_ever else right)(stream))

    def outcome(self, case):
        """Returns the address of the broken server, whether there should be an answer, and the result."""
        is_answered = not case.is_for_ever or case.servers == 2 or not case.message
        broken = self.broken(case)
        options = ["--timeout", TIMEOUT if case.message == TIMED_OUT and not is_answered else AMPLE]
        if case.servers == 2:
            options += ["--server", self.server(case.transport, RIGHT, lambda stream, _: right(stream))]
        if case.transport == "TLS":
            options += ["--ca", self.ca]
        return broken, is_answered, self.lab.sd_connect("resolve", NAME, "-4", "-o", "short", *options, server=broken)

    def check(self, case, broken, is_answered, done):
        if is_answered:
            self.assertEqual((done.code, done.text, done.err), (0, FOUND, ""))
            return
        self.assertEqual((done.code, done.text), (75, ""))
        self.assertLess(done.seconds, AMPLE)
        self.assertRegex(done.err, r"\Asd-connect: [^\n]+\n\Z")
        self.assertIn(case.message, done.err)
        self.assertIn(broken + (" over TCP: " if case.transport == "TCP" else ""), done.err)

    def test_every_case(self):
        """[fault-O2] [fault-O4] [fault-O5] [fault-O6]"""
        cases = [Case(what, transport, is_for_ever, servers, message)
                 for (what, (_, message)), transport, (is_for_ever, servers)
                 in itertools.product(STREAMS.items(), ("TCP", "TLS"), HOW_OFTEN)]
        cases += [Case(code, "UDP", is_for_ever, servers, message)
                  for (code, message), (is_for_ever, servers) in itertools.product(CODES.items(), HOW_OFTEN)]
        with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
            for case, (broken, is_answered, done) in zip(cases, pool.map(self.outcome, cases)):
                with self.subTest(case=case, done=str(done)):
                    self.check(case, broken, is_answered, done)


if __name__ == "__main__":
    lab.main()

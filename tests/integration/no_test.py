"""Every way in which DNS can say no, or not answer: the table of docs/no.md, line by line.

    no_test.py            runs the command of each line, and compares message and exit code
    no_test.py --write    writes message and exit code into the table
"""
import os
import pathlib
import re
import shlex
import socket
import ssl
import sys

import dns.rcode

import certificates
import lab
import loopback
from answers import Answers, truncated

PAGE = pathlib.Path(os.environ["PROJECT_SOURCE_DIR"]) / "docs/no.md"
ROW = re.compile(r"^\| (?P<case>[a-z0-9-]+) \| (?P<dns>.+?) \| `(?P<command>.+?)` \| (?P<message>.+?) \| (?P<code>\d+) \|$", re.M)


def garbage(query):
    return query[:2] + b"\x81\x80" + b"\xff" * 8


def wait(sock):
    while sock.recv(4096):
        pass


def end(sock):
    sock.shutdown(socket.SHUT_WR)
    wait(sock)


# What the name server of each line does. Records are those of lab.example.
CASES = {
    "nxdomain": Answers("host A 192.0.2.1"),
    "nxdomain-local": Answers("host A 192.0.2.1", domain="local."),
    "refused-local": Answers(rcode=dns.rcode.REFUSED),
    "nxdomain-instance": Answers("_x._tcp PTR a._x._tcp.lab.example."),
    "nxdomain-alias": Answers("_x._tcp CNAME gone.lab.example."),
    "nodata": Answers("_x._tcp TXT k=v"),
    "nodata-host": Answers("host A 192.0.2.1"),
    "nodata-instance": Answers("a._x._tcp TXT k=v"),
    "nodata-filtered": Answers("_x._tcp SRV 0 0 80 host.lab.example."),
    "no-subtype": Answers("_x._tcp PTR a._x._tcp.lab.example."),
    "no-address-of-its-own": Answers("_x._tcp TXT k=v"),
    "empty": Answers(soa=False),
    "referral": Answers(soa=False, authority=["lab.example. 60 IN NS ns1.lab.example."]),
    "lame": Answers(soa=False, authority=[". 60 IN NS a.root-servers.net."]),
    "servfail": Answers(rcode=dns.rcode.SERVFAIL),
    "servfail-ede": Answers(rcode=dns.rcode.SERVFAIL, extended=[(7, "since 2026-01-01")]),
    "nxdomain-ede": Answers("host A 192.0.2.1", extended=[(17, "")]),
    "refused": Answers(rcode=dns.rcode.REFUSED),
    "notauth": Answers(rcode=dns.rcode.NOTAUTH),
    "notimp": Answers(rcode=dns.rcode.NOTIMP),
    "silence": "silence",
    "garbage": garbage,
    "truncated": truncated,
    "truncated-broken": end,
    "truncated-silent": wait,
    "closed": None,
    "tls-closed": "tls ends",
    "other-file": "file",
    "declared": Answers("_x._tcp SRV 0 0 0 ."),
    "declared-instances": Answers("_x._tcp PTR a._x._tcp.lab.example.", "_x._tcp PTR b._x._tcp.lab.example.",
                                  "a._x._tcp SRV 0 0 0 .", "b._x._tcp SRV 0 0 0 ."),
    "nobody-joined": Answers("_x._tcp PTR _v1._x._tcp.lab.example.", "_v1._x._tcp TXT txtvers=1"),
    "nobody-joined-several": Answers("_x._tcp PTR a._x._tcp.lab.example.", "_x._tcp PTR b._x._tcp.lab.example.",
                                     "a._x._tcp TXT k=v"),
    "no-address": Answers("_x._tcp SRV 0 0 80 gone.lab.example."),
    "no-address-local": Answers("_x._tcp SRV 0 0 80 gone.local."),
    "other-family": Answers("_x._tcp SRV 0 0 80 host.lab.example.", "host AAAA 2001:db8::1"),
    "address-servfail": Answers("_x._tcp SRV 0 0 80 host.lab.example.", failing=["host.lab.example."]),
    "port-0": Answers("_x._tcp SRV 0 0 0 host.lab.example.", "host A 192.0.2.1"),
    "address-as-target": Answers("_x._tcp SRV 0 0 80 192.0.2.1."),
    "refused-address": Answers("_x._tcp SRV 0 0 80 host.lab.example.", "host A 0.0.0.0"),
    "alias-loop": Answers("_x._tcp CNAME _y._tcp.lab.example.", "_y._tcp CNAME _x._tcp.lab.example."),
    "target-alias-loop": Answers("_x._tcp SRV 0 0 80 a.lab.example.", "a CNAME b.lab.example.", "b CNAME a.lab.example."),
    "no-version": Answers("_x._tcp PTR _v1._x._tcp.lab.example.", "_x._tcp PTR _v2._x._tcp.lab.example."),
    "no-instance": Answers("_x._tcp PTR My\\032Printer._x._tcp.lab.example."),
    "no-txt": Answers("_x._tcp PTR a._x._tcp.lab.example.", "a._x._tcp SRV 0 0 80 host.lab.example.",
                      "a._x._tcp TXT colour=red", "host A 192.0.2.1"),
    "other-domain": Answers("_x._tcp SRV 0 0 80 host.example.org.", "host.example.org. A 192.0.2.1"),
    "alias-to-other-domain": Answers("_x._tcp SRV 0 0 80 a.lab.example.", "a CNAME host.example.org.",
                                     "host.example.org. A 192.0.2.1"),
    "instance-in-other-domain": Answers("_x._tcp PTR a._x._tcp.example.org."),
    "not-authenticated": Answers("_x._tcp SRV 0 0 80 host.lab.example.", "host A 192.0.2.1"),
    "certificate": "tls",
    "browse-nothing": Answers("_x._tcp SRV 0 0 80 host.lab.example."),
    "browse-no-types": Answers("_x._tcp PTR a._x._tcp.lab.example."),
    "browse-no-match": Answers("_x._tcp PTR a._x._tcp.lab.example.", "_x._tcp PTR b._x._tcp.lab.example."),
}


class NoTest(lab.LabTest):
    def over_tls(self):
        key, certificate = certificates.Authority(self.lab).issue("DNS:other.example")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)

        def serve(sock):
            with context.wrap_socket(sock, server_side=True) as stream:
                stream.recv(1)
        return f"tls://127.0.0.1#{self.lab.peer(serve)}"

    def truncating_server(self, serve):
        """A name server that truncates every datagram, and calls serve(socket) for each connection."""
        while True:
            port = self.lab.datagram_peer(truncated)
            try:
                return self.lab.peer(serve, port)
            except OSError:  # somebody has that port for TCP
                continue

    def server_of(self, does):
        """Starts the name server of a line; returns its address as --server takes it."""
        if does == "tls":
            return self.over_tls()
        if does == "file":
            return f"file:{self.lab.file('other.zone', lab.zone_text('other.example', 'host A 192.0.2.1'))}"
        if does == "silence":
            sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            sock.bind(("127.0.0.1", 0))
            self.addCleanup(sock.close)
            return f"127.0.0.1#{sock.getsockname()[1]}"
        if does in (end, wait):
            return f"127.0.0.1#{self.truncating_server(does)}"
        if does == "tls ends":
            return f"tls://127.0.0.1#{self.lab.peer(end)}"
        if does is None:
            return f"127.0.0.1#{loopback.free_port()}"
        return f"127.0.0.1#{self.lab.datagram_peer(does)}"

    def outcome(self, case, command):
        server = self.server_of(CASES[case])
        done = self.lab.sd_connect(*shlex.split(command), "-q", "-o", "short", server=server)
        line = re.match(r"\Asd-connect: ([^\n]+)\n\Z", done.err)
        self.assertIsNotNone(line, f"{case}: {done}")
        message = line[1].replace(server, "SERVER")
        return re.sub(r"\bTCP port \d+", "TCP port PORT", message), done.code

    def test_each_line_of_the_table(self):
        """[fault-O28] [fault-O27]"""
        rows = [row.groupdict() for row in ROW.finditer(PAGE.read_text())]
        self.assertEqual([row["case"] for row in rows], list(CASES), "the lines of docs/no.md and the cases here")
        for row in rows:
            with self.subTest(row["case"]):
                message, code = self.outcome(row["case"], row["command"])
                self.assertEqual((message, code), (row["message"], int(row["code"])))

    def test_no_advice_that_cannot_help(self):
        """[fault-O28] A message names no option that the command does not have, and no flag that was
        not given."""
        for row in ROW.finditer(PAGE.read_text()):
            for flag in ("-v", "--instance", "--txt", "--subtype", "-4", "-6", "--same-domain", "--require-authenticated"):
                if re.search(rf"leave out {flag}\b|none matches {flag}\b", row["message"]):
                    self.assertRegex(row["command"], rf" {flag}\b", row["case"])
            if row["command"].startswith("browse"):
                self.assertNotIn("--default-port", row["message"])


def write():
    """Rewrites the columns that the program determines."""
    test = NoTest()
    NoTest.lab = lab.Lab()

    def line(row):
        message, code = test.outcome(row["case"], row["command"])
        return f"| {row['case']} | {row['dns']} | `{row['command']}` | {message} | {code} |"
    PAGE.write_text(ROW.sub(line, PAGE.read_text()))
    NoTest.lab.close()


if __name__ == "__main__":
    if sys.argv[1:] == ["--write"]:
        write()
    else:
        lab.main()

"""DNS over TLS against a real unbound: the strict profile (RFC 7858, RFC 8310 §5), and never a
query in clear text.
"""
import contextlib
import json
import select
import socket

import certificates
import lab
import loopback
import servers
from relay import copy_both_ways

NAME = "_dot._tcp.lab.example"
ZONE = lab.zone_text("lab.example", "".join(f"_dot._tcp SRV 0 0 {8000 + i} host{i}\nhost{i} A 127.0.2.{i}\n" for i in range(30)))
PORTS = list(range(8000, 8030))
TLS_HANDSHAKE = b"\x16"


class DotTest(lab.LabTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.authority = certificates.Authority(cls.lab)
        cls.good = cls.authority.issue("DNS:dns.test")
        cls.server = cls.unbound(cls.good)

    @classmethod
    def unbound(cls, certificate):
        return servers.Unbound(cls.lab, {"lab.example": ZONE}, tls=certificate)

    def ask(self, code, port, *more, name="@dns.test", authority=True):
        """Resolves at tls://127.0.0.1#port; by default with a name and the test's authority."""
        trust = ["--ca", self.authority.ca] if authority else []
        run = self.expect if code == 0 else self.expect_failure
        done = run(code, "resolve", NAME, "--json", *trust, *more, server=f"tls://127.0.0.1#{port}{name}")
        if code == 0:
            self.assertEqual(sorted(e["port"] for e in json.loads(done.text)["endpoints"]), PORTS)
        else:
            self.assertIn(str(port), done.err)
        return done

    def is_refused(self, why, port, *more, **options):
        """Fails because of the certificate: a retry does not help."""
        trust = [] if options.get("authority") is False else ["--ca", self.authority.ca]
        server = f"tls://127.0.0.1#{port}{options.get('name', '@dns.test')}"
        done = self.lab.sd_connect("resolve", NAME, "--json", *trust, *more, server=server)
        self.assertEqual(done.code, 77, str(done))
        self.assertIn(f"certificate not accepted: {why}", done.err)
        self.assertEqual(done.out.count(b"target"), 0)

    @contextlib.contextmanager
    def relay(self):
        """Yields a port in front of the server, and its connections, as (port, list of first
        octets)."""
        firsts = []

        def serve(sock):
            with socket.create_connection(("127.0.0.1", self.server.port)) as far:
                firsts.append(sock.recv(1, socket.MSG_PEEK))
                copy_both_ways(sock, far)

        yield self.lab.peer(serve), firsts

    def test_everything_goes_through_one_encrypted_connection(self):
        """[rfc-check-57]"""
        with self.relay() as (port, firsts):
            story = json.loads(self.ask(0, port, "--explain").err)
            attempts = [a for q in story["queries"] for a in q["attempts"]]
            self.assertGreater(len(attempts), 30)
            self.assertEqual({a["transport"] for a in attempts}, {"tls"})
            self.assertEqual(firsts, [TLS_HANDSHAKE])

    def test_wrong_name(self):
        """[fault-X28]"""
        self.is_refused("hostname mismatch", self.server.port, name="@other.test")
        self.is_refused("hostname mismatch", self.server.port, name="@test")
        # Without a name the certificate must be valid for the address.
        self.is_refused("IP address mismatch", self.server.port, name="")
        self.ask(0, self.unbound(self.authority.issue("IP:127.0.0.1")).port, name="")

    def test_untrusted_and_expired(self):
        """[fault-X28]"""
        self.is_refused("unable to get local issuer", self.server.port, authority=False)
        stranger = certificates.Authority(self.lab, "stranger")
        self.is_refused("unable to get local issuer", self.server.port, "--ca", stranger.ca, authority=False)
        self.is_refused("self-signed", self.unbound((stranger.key, stranger.ca)).port)
        for begin, end, why in (("20200101000000Z", "20210101000000Z", "certificate has expired"),
                                ("21000101000000Z", "21010101000000Z", "certificate is not yet valid")):
            self.is_refused(why, self.unbound(self.authority.issue("DNS:dns.test", begin, end)).port)

    def test_pins(self):
        """[fault-X28]"""
        pin, other = (certificates.pin_of(self.lab, file) for file in (self.good[1], self.unrelated()))
        root = certificates.pin_of(self.lab, self.authority.ca)
        port = self.server.port
        for pins in ([pin], [root], [other, pin]):
            self.ask(0, port, *(word for p in pins for word in ("--tls-pin", p)))
        self.is_refused("key is none of the pinned", port, "--tls-pin", other)
        # A pin alone must match the server's own key.
        self.ask(0, port, "--tls-pin", pin, name="", authority=False)
        self.is_refused("key is none of the pinned", port, "--tls-pin", other, name="", authority=False)
        self.is_refused("hostname mismatch", port, "--tls-pin", pin, name="@other.test")
        self.assertEqual(self.lab.sd_connect("resolve", NAME, "--tls-pin", "sha256//short", server="tls://127.0.0.1").code, 64)

    def unrelated(self):
        return self.authority.issue("DNS:dns.test")[1]

    def test_a_server_without_tls_gets_no_question(self):
        """Neither over UDP nor in clear text over TCP [fault-X28]"""
        datagrams, firsts = [], []
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as clear:
            def serve(sock):
                firsts.append(sock.recv(1))
                sock.sendall(b"\0\x0c\x12\x34\x81\x80" + bytes(8))

            port = self.lab.peer(serve)
            clear.bind(("127.0.0.1", port))
            self.ask(75, port, "--timeout", "2s")
            while select.select([clear], [], [], 0)[0]:
                datagrams.append(clear.recv(4096))
        self.assertEqual((datagrams, set(firsts)), ([], {TLS_HANDSHAKE}))
        self.ask(75, self.server.upstream.port, "--timeout", "2s")  # a real server: Knot without TLS

    def test_old_protocol_versions(self):
        """TLS 1.1 at most [fault-X28]"""
        port = loopback.free_port()
        self.lab.start_server(["openssl", "s_server", "-accept", f"127.0.0.1:{port}", "-key", self.good[0], "-cert", self.good[1],
                               "-tls1_1", "-cipher", "ALL:@SECLEVEL=0", "-quiet"],
                              lambda: loopback.is_listening("127.0.0.1", port), f"s_server-{port}")
        self.ask(75, port, "--timeout", "2s")

    def test_stalls_end_at_the_deadline(self):
        """Before the handshake, within it, and after it [fault-X22] [fault-X29]"""
        def stall(after):
            """Passes on `after` octets from the server."""
            def serve(sock):
                with socket.create_connection(("127.0.0.1", self.server.port)) as far:
                    copy_both_ways(sock, far, after)
            return serve

        for after in (0, 100, 1500):
            with self.subTest(after=after):
                failed = self.ask(75, self.lab.peer(stall(after)), "--timeout", "1s")
                self.assertLess(failed.seconds, 4)

    def test_server_started_again(self):
        """[fault-X30]"""
        self.server.stop()
        try:
            self.assertLess(self.ask(75, self.server.port).seconds, 4, "a closed port need not be waited for")
        finally:
            self.server.start()
        self.ask(0, self.server.port)

    def test_unusable_ca_file(self):
        self.assertEqual(self.lab.sd_connect("resolve", NAME, "--ca", self.lab.folder / "none.pem",
                                             server="tls://127.0.0.1#853@dns.test").code, 66)


if __name__ == "__main__":
    lab.main()

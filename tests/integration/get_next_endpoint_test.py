"""`sd-connect get` against peers that demand the right Host and SNI, and against endpoints that accept a connection and then
turn out to be useless: the next one is used."""
import json
import socket
import ssl
import struct
import time

import certificates
import lab
import loopback

NAME = "_t._tcp.lab.example"


def request_of(sock):
    request = b""
    while b"\r\n\r\n" not in request:
        part = sock.recv(4096)
        if not part:
            break
        request += part
    return request.decode(errors="replace")


def host_of(request):
    return next((line[6:] for line in request.split("\r\n") if line.startswith("Host: ")), "")


def respond(sock, status, body):
    sock.sendall(f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode())


def reset(sock):
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    sock.close()


def good(sock):
    request_of(sock)
    respond(sock, "200 OK", "good")


def strict(sock):
    """As lighttpd, Django and Jetty: no underscore in Host."""
    host = host_of(request_of(sock))
    respond(sock, "400 Bad Request" if "_" in host else "200 OK", host)


class PeersTest(lab.LabTest):
    def zone(self, *records):
        text = "".join(f"{r}\n" for r in records) + "".join(f"{h} A 127.0.0.1\n" for h in ("a", "b", "c"))
        self.lab.server = f"file:{self.lab.file('peers.zone', lab.zone_text('lab.example', text))}"

    def order(self, *peers):
        """One endpoint for each peer, tried in this order: (host, serve)."""
        ports = [self.lab.peer(serve) for serve in peers]
        self.zone(*(f"_t._tcp SRV 0 {100 - i} {port} {host}" for i, (host, port) in enumerate(zip("abc", ports))))
        return ports

    def get(self, code, *more):
        run = self.expect if code == 0 else self.expect_failure
        return run(code, "get", NAME, "--policy", "ordered", *more)


class HostTest(PeersTest):
    def test_host_is_the_target_with_its_port(self):
        """[fault-O20]"""
        port, = self.order(strict)
        self.assertEqual(self.get(0).text, f"a.lab.example:{port}")

    def test_host_of_the_user(self):
        """[fault-O20]"""
        port, = self.order(strict)
        self.assertEqual(self.get(0, "--host", "www.example.com").text, "www.example.com")
        self.assertEqual(self.get(0, "--host", "www.example.com:81").text, "www.example.com:81")
        self.assertEqual(self.get(69, "--host", "service").text, NAME)
        self.assertEqual(self.get(0, "--host", "www.example.com", "-H", "Host: other").text, "other")
        for bad in ("", "a b", "a:b", "a:0", "b\u00fccher.example", "[::1"):
            self.get(64, f"--host={bad}")

    def test_each_endpoint_is_checked_with_its_own_host(self):
        """[fault-O20]"""
        seen = []
        self.order(lambda s: (seen.append(host_of(request_of(s)).split(":")[0]), respond(s, "200 OK", "")),
                   lambda s: (seen.append(host_of(request_of(s)).split(":")[0]), respond(s, "200 OK", "")))
        self.expect(0, "check", NAME, "--check", "http")
        self.assertEqual(sorted(seen), ["a.lab.example", "b.lab.example"])
        seen.clear()
        self.expect(0, "check", NAME, "--check", "http", "--host", "www.example.com")
        self.assertEqual(seen, ["www.example.com"] * 2)
        self.expect_failure(64, "check", NAME, "--host", "www.example.com")


class TlsPeersTest(PeersTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.authority = certificates.Authority(cls.lab)
        cls.issued = {name: cls.authority.issue(f"DNS:{name}")
                      for name in ("a.lab.example", "b.lab.example", "www.example.com", "elsewhere.example")}

    def tls(self, name, then=good, seen=None):
        key, certificate = self.issued[name]
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        if seen is not None:
            context.sni_callback = lambda _, server_name, __: seen.append(server_name)

        def serve(sock):
            with context.wrap_socket(sock, server_side=True) as wrapped:
                then(wrapped)
        return serve

    def get_tls(self, code, *more):
        return self.get(code, "--tls", "--ca", self.authority.ca, *more)

    def test_names(self):
        """[fault-O20]"""
        seen = []
        self.order(self.tls("a.lab.example", strict, seen))
        self.assertTrue(self.get_tls(0).text.startswith("a.lab.example:"))
        self.assertEqual(seen, ["a.lab.example"])
        self.get_tls(77, "--tls-name", "elsewhere.example")
        self.order(self.tls("www.example.com", strict, seen))
        seen.clear()
        self.assertEqual(self.get_tls(0, "--host", "www.example.com").text, "www.example.com")
        self.assertTrue(self.get_tls(0, "--tls-name", "www.example.com").text.startswith("a.lab.example:"))
        self.assertEqual(self.get_tls(0, "--host", "a.example:8443", "--tls-name", "www.example.com").text, "a.example:8443")
        self.assertEqual(seen, ["www.example.com", "www.example.com", "a.example"])

    def test_next_after_a_wrong_certificate(self):
        """[fault-O21]"""
        self.order(self.tls("elsewhere.example"), self.tls("b.lab.example"))
        done = self.get_tls(0, "--explain")
        self.assertEqual(done.text, "good")
        self.assertRegex(done.err, r"\(a\.lab\.example, priority 0\): certificate not accepted: hostname mismatch after ")
        self.assertRegex(done.err, r"\(b\.lab\.example, priority 0\): connected after ")
        story = json.loads(self.get_tls(0, "--explain", "--json").err)
        self.assertEqual([a["target"] for a in story["attempts"]], ["a.lab.example.", "b.lab.example."])

    def test_next_after_no_tls(self):
        """[fault-O21]"""
        for first in (lambda s: s.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n"), lambda s: None, reset, lambda s: s.sendall(b"SSH-2.0-x\r\n")):
            self.order(first, self.tls("b.lab.example"))
            self.assertEqual(self.get_tls(0).text, "good")

    def test_a_silent_handshake_gets_the_time_of_a_connection(self):
        """[fault-O21]"""
        self.order(lambda s: time.sleep(5), self.tls("b.lab.example"))
        self.assertEqual(self.get_tls(0, "--connect-timeout", "300ms", "--timeout", "20s").text, "good")

    def test_one_code_for_one_cause(self):
        """[fault-O21]"""
        self.order(self.tls("elsewhere.example"), self.tls("elsewhere.example"))
        failed = self.get_tls(77)
        self.assertIn("a.lab.example. 127.0.0.1:", failed.err)
        self.assertIn("b.lab.example. 127.0.0.1:", failed.err)
        for first in (lambda s: s.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n"), lambda s: None, reset):
            self.order(first, lambda s: s.close())
            self.get_tls(76)
        self.order(self.tls("elsewhere.example"), lambda s: s.close())
        self.get_tls(69)

    def test_next_after_tls_that_ends_without_an_octet(self):
        """[fault-O21]"""
        self.order(self.tls("a.lab.example", request_of), self.tls("b.lab.example"))
        self.assertEqual(self.get_tls(0).text, "good")


class EarlyEndTest(PeersTest):
    ENDS = {"fin": lambda s: request_of(s), "fin before the request": lambda s: s.close(), "reset": lambda s: (request_of(s), reset(s)),
            "reset before the request": reset, "no HTTP": lambda s: (request_of(s), s.sendall(b"SSH-2.0-x\r\n")),
            "cut head": lambda s: (request_of(s), s.sendall(b"HTTP/1.1 200 OK\r\nContent-Le"))}

    def test_next_endpoint(self):
        """[fault-O21]"""
        for what, end in self.ENDS.items():
            with self.subTest(what):
                self.order(end, good)
                self.assertEqual(self.get(0).text, "good")
                self.order(end, end, good)
                self.assertEqual(self.get(0).text, "good")

    def test_next_tier(self):
        """[fault-O21]"""
        bad, fine = self.lab.peer(reset), self.lab.peer(good)
        self.zone(f"_t._tcp SRV 0 0 {bad} a", f"_t._tcp SRV 1 0 {fine} b")
        self.assertEqual(self.get(0).text, "good")

    def test_one_code_for_one_cause(self):
        """[fault-O21]"""
        for what, end in self.ENDS.items():
            with self.subTest(what):
                code = 74 if what == "cut head" else 76
                self.order(end)
                self.get(code)
                ports = self.order(end, end)
                failed = self.get(code)
                for port in ports:
                    self.assertIn(f"127.0.0.1:{port}", failed.err)

    def test_an_endpoint_that_refuses_does_not_change_the_code(self):
        """[fault-O21]"""
        self.zone(f"_t._tcp SRV 0 1 {self.lab.peer(reset)} a", f"_t._tcp SRV 0 0 {loopback.free_port()} b")
        self.get(76)

    def test_not_after_the_head_of_a_response(self):
        """[fault-O21]"""
        asked = []
        self.order(lambda s: (request_of(s), s.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf")),
                   lambda s: asked.append(1))
        self.assertEqual(self.get(74).text, "half")
        self.order(lambda s: (request_of(s), s.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n")), lambda s: asked.append(1))
        self.get(74)
        self.order(lambda s: (request_of(s), respond(s, "503 Busy", "x")), lambda s: asked.append(1))
        self.get(69)
        self.assertEqual(asked, [])


class SilentTest(PeersTest):
    """A listener whose backlog is full: the kernel drops further SYNs."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        listener = cls.enterClassContext(socket.socket())
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for _ in range(3):
            filler = cls.enterClassContext(socket.socket())
            filler.setblocking(False)
            filler.connect_ex(listener.getsockname())
        cls.silent = listener.getsockname()[1]

    def silent_hosts(self, *records):
        self.zone(*(f"_t._tcp SRV 0 {9 - i} {self.silent} s{i}" for i in range(7)), *(f"s{i} A 127.0.0.1" for i in range(7)), *records)

    def test_untried_endpoints_are_named(self):
        """[fault-O22]"""
        self.silent_hosts()
        failed = self.get(69, "--timeout", "900ms")
        self.assertRegex(failed.err, rf"; untried for lack of time: (s\d\.lab\.example:{self.silent}, )*s6\.lab\.example:{self.silent}: ")
        self.assertIn("raise --timeout", failed.err)
        story = json.loads(self.expect(69, "get", NAME, "--policy", "ordered", "--timeout", "900ms", "--explain", "--json").err
                           .splitlines()[0])
        names = [e["target"] for e in story["attempts"] + story["untried"]]
        self.assertEqual(names, [f"s{i}.lab.example." for i in range(7)])
        self.assertLess(len(story["attempts"]), 6)

    def test_next_tier(self):
        """[fault-O22]"""
        self.silent_hosts(f"_t._tcp SRV 1 0 {self.lab.peer(good)} a")
        done = self.get(0, "--timeout", "2500ms", "--explain")
        self.assertEqual(done.text, "good")
        self.assertRegex(done.err, rf"  untried: s6\.lab\.example:{self.silent} \(priority 0\)\n")


class TurnsTest(PeersTest):
    def test_addresses_take_turns_over_processes(self):
        """[fault-O23]"""
        port = loopback.free_port()
        self.zone(f"_t._tcp SRV 0 0 {port} many", *(f"many A 127.0.0.{i}" for i in (1, 2, 3)))

        def first(seed):
            story = self.expect(69, "get", NAME, "--seed", seed, "--explain", "--json").err.splitlines()[0]
            return json.loads(story)["attempts"][0]["address"]
        came = [first(seed) for seed in range(12)]
        self.assertEqual(len(set(came)), 3)
        self.assertEqual(came[:3], [first(seed) for seed in range(3)])


class MaxTimeTest(PeersTest):
    def test_ends_a_transfer(self):
        def slow(sock):
            request_of(sock)
            sock.sendall(b"HTTP/1.1 200 OK\r\n\r\nbegun")
            time.sleep(5)
        self.order(slow)
        failed = self.get(74, "--max-time", "400ms")
        self.assertEqual(failed.text, "begun")
        self.assertIn("--max-time", failed.err)
        self.assertLess(failed.seconds, 4)

    def test_before_a_response(self):
        self.order(lambda s: time.sleep(5))
        failed = self.get(69, "-m", "300ms")
        self.assertIn("raise --max-time", failed.err)

    def test_include_in_short(self):
        self.order(good)
        self.assertEqual(self.get(0, "-i").text, "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ngood")


if __name__ == "__main__":
    lab.main()

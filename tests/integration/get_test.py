"""`sd-connect get` against nginx, and against peers that nginx cannot simulate."""
import hashlib
import os
import pathlib
import subprocess
import time

import lab

THE_FOUR_FLAGS = ["-z", "unilans.net.", "-s", "theService", "-p", "tcp"]
ADDRESSES = {"host1": "127.0.0.11", "host2": "127.0.0.12", "host100": "127.0.0.100", "host3": "127.0.0.13"}


class ArticleTest(lab.SeedZoneTest):
    """The command line of the article's client.py."""

    def test_page(self):
        done = self.expect(0, *THE_FOUR_FLAGS, "-v", "v1")
        self.assertIn(done.text, [lab.page("host1"), lab.page("host2")])
        self.assertEqual(done.err, "")
        self.assertEqual(self.expect(0, *THE_FOUR_FLAGS, "-v", "v2").text, lab.page("host3"))

    def test_version_is_a_whole_label(self):
        first = "\n_theService._tcp PTR _v10._theservice._tcp\n_v10._theservice._tcp SRV 0 0 1 host10\nhost10 A 127.0.0.10"
        zone = self.lab.file("ten.zone", lab.seed_zone().replace("\n_theService", first + "\n_theService", 1))

        def hosts(version):
            found = self.expect(0, "resolve", *THE_FOUR_FLAGS, "-v", version, "-o", "short", server=f"file:{zone}")
            return [line.partition(".")[0] for line in found.text.splitlines()]

        self.assertEqual(hosts("v1"), ["host1", "host2", "host100"])
        self.assertEqual(hosts("_V10"), ["host10"])

    def test_version_that_does_not_exist(self):
        self.assertIn("_theService._tcp.unilans.net", self.expect_failure(68, *THE_FOUR_FLAGS, "-v", "v").err)


class FailoverTest(lab.SeedZoneTest):
    def test_next_host_next_tier_and_the_end(self):
        def pages():
            return {self.expect(0, "get", self.V1, "--seed", seed).text for seed in range(8)}

        self.assertEqual(pages(), {lab.page("host1"), lab.page("host2")})
        self.lab.stop(self.servers["host1"])
        self.assertEqual(pages(), {lab.page("host2")})
        self.lab.stop(self.servers["host2"])
        self.assertEqual(pages(), {lab.page("host100")})
        self.lab.stop(self.servers["host100"])
        failed = self.expect_failure(69, "get", self.V1)
        self.assertEqual(failed.out, b"")
        for host in ("host1", "host2", "host100"):
            self.assertRegex(failed.err, rf"{host}\.unilans\.net\.? .*{ADDRESSES[host]}:{self.ports[host]}")


class RequestAndResponseTest(lab.SeedZoneTest):
    def test_host_is_the_target(self):
        """[fault-O20]"""
        self.assertIn(self.expect(0, "get", self.V1, "/host").text,
                      [f"{host}.unilans.net:{self.ports[host]}" for host in ("host1", "host2")])
        self.assertEqual(self.expect(0, "get", self.V1, "/host", "--host", "service").text.lower(), self.V1)
        self.assertEqual(self.expect(0, *THE_FOUR_FLAGS, "-v", "v1", "/host", "--host", "service").text.lower(), self.V1)

    def test_default_port(self):
        name = ["get", "host1.unilans.net", "/host"]
        self.expect_failure(68, *name)
        self.assertTrue(self.expect(0, *name, "--default-port", self.ports["host1"]).text.startswith("host1.unilans.net"))

    def test_address_family_without_listener(self):
        self.assertEqual(self.expect(0, "get", self.V2).text, lab.page("host3"))
        self.assertIn(f"[::1]:{self.ports['host3']}", self.expect_failure(69, "get", self.V2, "-6").err)

    def test_fields_of_the_user(self):
        text = self.expect(0, "get", self.V1, "/fields", "-H", "X-First: one", "-H", "x-second:two", "-H", "User-Agent: me").text
        self.assertEqual(text, "one|two|me")
        self.assertEqual(self.expect(0, "get", self.V1, "/host", "-H", "Host: other.example").text, "other.example")

    def test_include(self):
        head, _, body = self.expect(0, "get", self.V1, "--include").out.partition(b"\r\n\r\n")
        self.assertTrue(head.startswith(b"HTTP/1.1 200 OK\r\n"), head)
        self.assertIn(b"Server: nginx", head)
        self.assertIn(body.decode(), [lab.page("host1"), lab.page("host2")])

    def test_status_404_is_69_with_its_body(self):
        failed = self.expect_failure(69, "get", self.V1, "/missing")
        self.assertIn(b"404 Not Found", failed.out)
        self.assertIn("404", failed.err)

    def test_redirects_are_not_followed(self):
        done = self.expect(0, "get", self.V1, "/moved")
        self.assertIn(b"302 Found", done.out)
        self.assertIn("http://127.0.0.1:1/elsewhere", done.err)


class BodyTest(lab.LabTest):
    """Peers inside the test, each with its own SRV record."""

    BLOCK = os.urandom(1 << 20)

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        peers = {
            "chunked": lambda s: s.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                                           b"6\r\nchunks\r\n4;x=y\r\n and\r\nA\r\n a trailer\r\n0\r\nX-T: 1\r\n\r\n"),
            "close": lambda s: s.sendall(b"HTTP/1.0 200 OK\r\n\r\nuntil the end"),
            "short": lambda s: s.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this"),
            "banner": lambda s: s.sendall(b"SSH-2.0-OpenSSH_9.2\r\n"),
            "mute": lambda s: None,
            "asleep": lambda s: time.sleep(2),
            "escape": lambda s: s.sendall(b"HTTP/1.1 500 \x1b[31mred\r\nContent-Length: 0\r\n\r\n"),
            "c1": lambda s: s.sendall(b"HTTP/1.1 500 \xc2\x9b31mred\r\nContent-Length: 0\r\n\r\n"),
            "big": cls.send_300_blocks,
        }
        ports = {name: cls.lab.peer(cls.after_request(serve)) for name, serve in peers.items()}
        records = "".join(f"_{name}._tcp SRV 0 0 {port} host\n" for name, port in ports.items())
        cls.lab.name_server({"lab.example": lab.zone_text("lab.example", records + "host A 127.0.0.1")})

    @staticmethod
    def after_request(serve):
        def handle(sock):
            request = b""
            while b"\r\n\r\n" not in request:
                request += sock.recv(4096) or b"\r\n\r\n"
            serve(sock)
        return handle

    @classmethod
    def send_300_blocks(cls, sock):
        sock.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % (300 * len(cls.BLOCK)))
        for _ in range(300):
            sock.sendall(cls.BLOCK)

    def test_chunked(self):
        self.assertEqual(self.expect(0, "get", "_chunked._tcp.lab.example").text, "chunks and a trailer")

    def test_ended_by_close(self):
        self.assertEqual(self.expect(0, "get", "_close._tcp.lab.example").text, "until the end")

    def test_broken_off_is_74(self):
        self.assertEqual(self.expect_failure(74, "get", "_short._tcp.lab.example").out, b"only this")

    def test_no_http_is_76(self):
        for peer in ("banner", "mute"):
            self.expect_failure(76, "get", f"_{peer}._tcp.lab.example")

    def test_no_first_octet_within_the_time_limit(self):
        failed = self.expect_failure(69, "get", "_asleep._tcp.lab.example", "--timeout", "300ms")
        self.assertRegex(failed.err, r"no response within the time limit: _asleep\._tcp\.lab\.example\. at \S+:\d+ ")
        self.assertNotIn("DNS query timed out", failed.err)
        self.assertLess(failed.seconds, 2)

    def test_reason_phrase_is_shown_escaped(self):
        self.assertNotIn("\x1b", self.expect_failure(76, "get", "_escape._tcp.lab.example").err)
        self.assertNotIn("\x9b", self.expect_failure(69, "get", "_c1._tcp.lab.example").err)

    def test_300_megabytes_in_30(self):
        process = self.lab.start(self.lab.command("get", "_big._tcp.lab.example"), stdout=subprocess.PIPE)
        got, expected, peak = hashlib.sha256(), hashlib.sha256(), 0
        for _ in range(300):
            expected.update(self.BLOCK)
            got.update(process.stdout.read(len(self.BLOCK)))
            peak = max(peak, self.peak_kilobytes(process.pid))
        self.assertEqual(process.stdout.read(), b"")
        self.assertEqual(process.wait(lab.PATIENCE), 0)
        self.assertEqual(got.digest(), expected.digest())
        self.assertTrue(0 < peak < 30 * 1024, f"{peak} kB")

    @staticmethod
    def peak_kilobytes(pid):
        """Does not use wait4(), which counts what this process was before it became sd-connect.
        Returns 0 if it has just ended."""
        status = pathlib.Path(f"/proc/{pid}/status").read_text()
        return next((int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM:")), 0)


class TlsTest(lab.LabTest):
    """host1 has a certificate of the test's CA for its name, host3 one for another name."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for authority in ("ca", "other-ca"):
            cls.certify(authority, "-addext", "keyUsage=keyCertSign")
        cls.signed("host1", "host1.unilans.net")
        cls.signed("host3", "elsewhere.example")
        ports = {host: lab.free_port(ADDRESSES[host]) for host in ("host1", "host3")}
        closed = {18082: lab.free_port(ADDRESSES["host2"]), 18083: lab.free_port(ADDRESSES["host100"])}
        cls.lab.name_server({"unilans.net": lab.seed_zone({18081: ports["host1"], 18084: ports["host3"]} | closed)})
        for host, port in ports.items():
            cls.lab.web_server(ADDRESSES[host], port, {"index.html": lab.page(host)}, lab.WEB_ECHO, tls=cls.lab.folder / host)

    @classmethod
    def certify(cls, name, *more):
        base = cls.lab.folder / name
        subprocess.run([lab.program("openssl"), "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                        "-days", "2", "-subj", f"/CN={name}", "-keyout", f"{base}.key", "-out", f"{base}.pem", *more],
                       check=True, capture_output=True)

    @classmethod
    def signed(cls, name, host):
        cls.certify(name, "-CA", cls.lab.folder / "ca.pem", "-CAkey", cls.lab.folder / "ca.key",
                    "-addext", "basicConstraints=critical,CA:FALSE", "-addext", f"subjectAltName=DNS:{host}")

    def get(self, code, version, authority, *more):
        run = self.expect if code == 0 else self.expect_failure
        trust = ["--ca", self.lab.folder / authority] if authority else []
        return run(code, *THE_FOUR_FLAGS, "-v", version, "--tls", *trust, *more)

    def test_good_certificate(self):
        self.assertEqual(self.get(0, "v1", "ca.pem").text, lab.page("host1"))

    def test_wrong_name_is_77(self):
        self.assertIn("host3.unilans.net", self.get(77, "v2", "ca.pem").err)
        self.assertEqual(self.get(0, "v2", "ca.pem", "--tls-name", "elsewhere.example").text, lab.page("host3"))
        self.get(77, "v1", "ca.pem", "--tls-name", "elsewhere.example")

    def test_untrusted_is_77(self):
        self.get(77, "v1", "other-ca.pem")
        self.get(77, "v1", None)

    def test_missing_authority_file_is_66(self):
        self.assertIn("nowhere.pem", self.get(66, "v1", "nowhere.pem").err)

    def test_peer_without_tls_is_76(self):
        port = self.lab.peer(lambda sock: sock.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n"))
        zone = self.lab.file("plain.zone", lab.zone_text("lab.example", f"_plain._tcp SRV 0 0 {port} host\nhost A 127.0.0.1"))
        self.expect_failure(76, "get", "_plain._tcp.lab.example", "--tls", server=f"file:{zone}")

    def test_peer_that_says_nothing_is_69(self):
        port = self.lab.peer(lambda sock: list(iter(lambda: sock.recv(4096), b"")))
        zone = self.lab.file("silent.zone", lab.zone_text("lab.example", f"_silent._tcp SRV 0 0 {port} host\nhost A 127.0.0.1"))
        self.assertIn("no TLS handshake", self.expect_failure(69, "get", "_silent._tcp.lab.example", "--tls", "--timeout", "300ms",
                                                              server=f"file:{zone}").err)


if __name__ == "__main__":
    lab.main()

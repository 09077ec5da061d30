"""`sd-connect check` with every kind of check, against a real nginx, a real TLS server and real commands."""
import json
import pathlib
import signal
import subprocess
import time

import certificates
import lab
import loopback

MORE = """location = /health { return 204; }
location = /broken { return 503; }
location = /moved { return 302 http://127.0.0.1:1/elsewhere; }
location = /host { if ($http_host ~ "^host[0-9]+\.unilans\.net:[0-9]+$") { return 200; } return 421; }
location = /service { if ($http_host = "_v1._theservice._tcp.unilans.net") { return 200; } return 421; }
location = /agent { if ($http_user_agent ~ "^sd-connect/") { return 200; } return 403; }
location = /fields { if ($http_x_probe = "yes") { return 200; } return 403; }
location = /head { if ($request_method = HEAD) { return 200; } return 405; }"""


class CheckTest(lab.LabTest):
    """host1 works; host2 knows fewer paths; host100 is not running."""
    V1 = "_v1._theservice._tcp.unilans.net"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        addresses = {"host1": "127.0.0.11", "host2": "127.0.0.12", "host100": "127.0.0.100"}
        cls.ports = {host: loopback.free_port(address) for host, address in addresses.items()}
        zone = lab.seed_zone({18081: cls.ports["host1"], 18082: cls.ports["host2"], 18083: cls.ports["host100"]})
        cls.lab.name_server({"unilans.net": zone + "\n_dgram._udp SRV 0 0 53 host1\n"})
        for host, more in (("host1", MORE), ("host2", MORE.replace("return 204", "return 503"))):
            cls.lab.web_server(addresses[host], cls.ports[host], {"index.html": lab.page(host)}, more)

    def check(self, code, *more, name=V1):
        """Returns the endpoints by host."""
        run = self.expect if code == 0 else self.expect_failure
        options, behind = (more[:more.index("--")], more[more.index("--"):]) if "--" in more else (more, ())
        story = json.loads(run(code, "check", name, "--json", *options, *behind).text)
        return {e["target"].partition(".")[0]: e for e in story["endpoints"]}

    def statuses(self, *more):
        """Returns for each of the two running hosts what it answered, and whether it passed; the
        third is down."""
        found = self.check(69, "--check", "http", *more)
        self.assertEqual(found["host100"]["error"], "Connection refused")
        self.assertIsNone(found["host100"]["http_status"])
        return [(found[host]["http_status"], found[host]["ok"]) for host in ("host1", "host2")]


class HttpTest(CheckTest):
    def test_status(self):
        self.assertEqual(self.statuses(), [(200, True)] * 2)
        self.assertEqual(self.statuses("--path", "/health"), [(204, True), (503, False)])
        self.assertEqual(self.statuses("--path", "/absent"), [(404, False)] * 2)
        self.assertEqual(self.statuses("--path", "/moved"), [(302, True)] * 2)

    def test_expected_status(self):
        self.assertEqual(self.statuses("--path", "/moved", "--expect", "200-299"), [(302, False)] * 2)
        self.assertEqual(self.statuses("--path", "/health", "--expect", "200,503"), [(204, False), (503, True)])

    def test_request(self):
        self.assertEqual(self.statuses("--path", "/host", "--expect", "200"), [(200, True)] * 2)
        self.assertEqual(self.statuses("--path", "/service", "--expect", "200", "--host", "service"), [(200, True)] * 2)
        self.assertEqual(self.statuses("--path", "/agent"), [(200, True)] * 2)
        self.assertEqual(self.statuses("--path", "/fields", "-H", "X-Probe: yes"), [(200, True)] * 2)
        self.assertEqual(self.statuses("--path", "/head", "--head"), [(200, True)] * 2)
        self.assertEqual(self.statuses("--path", "/head"), [(405, False)] * 2)

    def test_table_csv_and_explanation(self):
        done = self.expect(69, "check", self.V1, "--check", "http", "--path", "/health", "--explain")
        self.assertRegex(done.text, r"host2\.unilans\.net +\d+ +127\.0\.0\.12 +no +503 +[\d.]+ +HTTP status 503\n")
        self.assertIn(f"127.0.0.12:{self.ports['host2']}", done.err)
        self.assertIn("2 of 3 endpoints down", done.err)
        self.assertIn("priority 0 serves, the lowest with a usable endpoint: 1 of 2 there can be used\n", done.err)
        self.assertRegex(done.err, r"left out: host2\.unilans\.net:\d+ of priority 0: down for \d\.\d s: probes failed\n")
        self.assertIn(f"  chosen: host1.unilans.net:{self.ports['host1']}\n", done.err)
        rows = self.expect_failure(69, "check", self.V1, "--check", "http", "-o", "csv").text.split("\r\n")
        self.assertEqual(rows[0], "target,port,address,ok,http_status,check_ms,error,instances")
        self.assertRegex(rows[1], r"\Ahost1\.unilans\.net,\d+,127\.0\.0\.11,true,200,[\d.]+,,_v1\._theservice\._tcp\.unilans\.net\Z")

    def test_what_would_be_chosen(self):
        story = json.loads(self.expect(69, "check", self.V1, "--explain", "--json").err.splitlines()[0])
        self.assertEqual([(e["target"], e["reason"], e["health"]["reason"]) for e in story["decision"]["left_out"]],
                         [("host100.unilans.net.", "down", "probes failed")])
        self.assertTrue(all(c["health"]["state"] == "up" for c in story["decision"]["candidates"]))

    def test_peers_that_do_not_answer(self):
        ports = [self.lab.peer(lambda sock: time.sleep(3)), self.lab.peer(lambda sock: sock.sendall(b"SSH-2.0-x\r\n"))]
        records = "".join(f"_p._tcp SRV {i} 0 {port} host\n" for i, port in enumerate(ports)) + "host A 127.0.0.1"
        zone = self.lab.file("peers.zone", lab.zone_text("lab.example", records))
        done = self.expect_failure(69, "check", "_p._tcp.lab.example", "--check", "http", "--json", "--timeout", "300ms",
                                   server=f"file:{zone}")
        slow, other = json.loads(done.text)["endpoints"]
        self.assertEqual((slow["ok"], slow["error"]), (False, "no answer within the time limit"))
        self.assertTrue(300 <= slow["check_ms"] < 2000 and slow["connect_ms"] < 300, str(slow))
        self.assertEqual((other["ok"], other["http_status"]), (False, None))

    def test_a_connection_is_the_default(self):
        found = self.check(69)
        self.assertEqual([found[host]["ok"] for host in ("host1", "host2", "host100")], [True, True, False])
        self.assertNotIn("http_status", found["host1"])


class AddressesTest(lab.LabTest):
    """Nothing listens on 127.0.0.9; fe80::1 has no interface."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.port = cls.lab.peer(lambda sock: None)
        records = (f"_t._tcp SRV 0 0 {cls.port} many\n_t._tcp SRV 1 0 {cls.port} link\n_link._tcp SRV 0 0 {cls.port} link\n"
                   "_type._tcp PTR one._type._tcp\n_type._tcp PTR two._type._tcp\n"
                   f"one._type._tcp SRV 0 0 {cls.port} many\ntwo._type._tcp SRV 0 0 {cls.port} only\n"
                   "many A 127.0.0.1\nmany A 127.0.0.9\nlink AAAA fe80::1\nonly A 127.0.0.1\n")
        cls.lab.server = f"file:{cls.lab.file('addresses.zone', lab.zone_text('lab.example', records))}"

    def rows(self, code, name, *more):
        run = self.expect if code == 0 else self.expect_failure
        found = json.loads(run(code, "check", name, "--json", *more).text)["endpoints"]
        return [(e["target"].partition(".")[0], e["address"], e["ok"], e["error"]) for e in found]

    def test_link_local_address_without_an_interface(self):
        """[fault-O25]"""
        why = "link-local address without an interface"
        self.assertEqual(self.rows(69, "_t._tcp.lab.example")[1], ("link", "fe80::1", False, why))
        self.assertTrue(self.rows(69, "_t._tcp.lab.example")[0][2])
        self.assertEqual(self.rows(69, "_link._tcp.lab.example"), [("link", "fe80::1", False, why)])
        self.assertEqual(self.rows(69, "_link._tcp.lab.example", "--check", "exec", "--", "true"), [("link", None, False, why)])
        self.assertIn(why, self.expect_failure(69, "get", "_link._tcp.lab.example").err)

    def test_every_address(self):
        """[fault-O26]"""
        self.assertEqual([row[2] for row in self.rows(0, "_type._tcp.lab.example")], [True, True])
        every = [("many", "127.0.0.1", True, None), ("many", "127.0.0.9", False, "Connection refused"), ("only", "127.0.0.1", True, None)]
        self.assertEqual(self.rows(69, "_type._tcp.lab.example", "--all-addresses"), every)
        failed = self.expect_failure(69, "check", "_type._tcp.lab.example", "--all-addresses", "-o", "short")
        self.assertEqual(failed.text, f"up many.lab.example:{self.port} 127.0.0.1\ndown many.lab.example:{self.port} 127.0.0.9\n"
                                      f"up only.lab.example:{self.port} 127.0.0.1\n")
        self.assertIn("1 of 3 addresses down", failed.err)
        done = self.expect(69, "check", "_type._tcp.lab.example", "--all-addresses", "--explain")
        self.assertIn("priority 0 serves, the lowest with a usable endpoint: 2 of 2 there can be used\n", done.err)

    def test_rows_name_their_instance(self):
        """[fault-O26]"""
        found = json.loads(self.expect(0, "check", "_type._tcp.lab.example", "--json").text)["endpoints"]
        self.assertEqual([e["instances"] for e in found], [["one._type._tcp.lab.example."], ["two._type._tcp.lab.example."]])
        table = self.expect(0, "check", "_type._tcp.lab.example").text.splitlines()
        self.assertRegex(table[0], r"^INSTANCES +TARGET +PORT +ADDRESS +OK")
        self.assertRegex(table[2], r"^two\._type\._tcp\.lab\.example +only\.lab\.example ")


class TlsTest(lab.LabTest):
    """`good` has a certificate of the test's authority for its name, `other` one for another name;
    `plain` has no TLS."""
    NAME = "_t._tcp.lab.example"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.authority = certificates.Authority(cls.lab)
        ports = {host: loopback.free_port("127.0.0.1") for host in ("good", "other", "plain")}
        for host, names in (("good", "DNS:good.lab.example"), ("other", "DNS:elsewhere.example")):
            key, certificate = cls.authority.issue(names)
            key.rename(certificate.with_suffix(".key"))
            cls.lab.web_server("127.0.0.1", ports[host], {"index.html": lab.page(host)}, tls=certificate.with_suffix(""))
        cls.lab.web_server("127.0.0.1", ports["plain"], {"index.html": lab.page("plain")})
        records = "".join(f"_t._tcp SRV 0 0 {port} {host}\n{host} A 127.0.0.1\n" for host, port in ports.items())
        cls.zone = cls.lab.file("tls.zone", lab.zone_text("lab.example", records))

    def check(self, *more):
        done = self.expect_failure(69, "check", self.NAME, "--json", *more, server=f"file:{self.zone}")
        return {e["target"].partition(".")[0]: e for e in json.loads(done.text)["endpoints"]}

    def test_handshake(self):
        found = self.check("--check", "tls", "--ca", self.authority.ca)
        self.assertEqual([found[host]["ok"] for host in ("good", "other", "plain")], [True, False, False])
        self.assertIn(found["good"]["tls_version"], ("TLSv1.2", "TLSv1.3"))
        self.assertIn("certificate not accepted", found["other"]["error"])
        self.assertIsNone(found["plain"]["tls_version"])

    def test_given_name(self):
        found = self.check("--check", "tls", "--ca", self.authority.ca, "--tls-name", "elsewhere.example")
        self.assertEqual([found[host]["ok"] for host in ("good", "other", "plain")], [False, True, False])

    def test_https(self):
        found = self.check("--check", "http", "--tls", "--ca", self.authority.ca)
        self.assertEqual([(found[host]["ok"], found[host]["http_status"]) for host in ("good", "other", "plain")],
                         [(True, 200), (False, None), (False, None)])
        self.assertIn(found["good"]["tls_version"], ("TLSv1.2", "TLSv1.3"))

    def test_without_our_authority_nobody_is_well(self):
        self.assertEqual([e["ok"] for e in self.check("--check", "tls").values()], [False] * 3)

    def test_missing_authority_file_is_66(self):
        failed = self.expect_failure(66, "check", self.NAME, "--check", "tls", "--ca", "nowhere.pem", server=f"file:{self.zone}")
        self.assertIn("nowhere.pem", failed.err)


class ExecTest(CheckTest):
    def test_exit_code_of_a_script(self):
        script = self.lab.file("probe", '#!/bin/sh\n[ "$1" = "$SD_HOST:$SD_PORT" ] && [ "$SD_ADDR" = 127.0.0.11 ] || exit 4\n')
        script.chmod(0o755)
        found = self.check(69, "--check", "exec", "--", script, "{host}:{port}")
        self.assertEqual({host: (e["ok"], e["exit_code"], e["error"]) for host, e in found.items()},
                         {"host1": (True, 0, None), "host2": (False, 4, "command ended with 4"),
                          "host100": (False, 4, "command ended with 4")})
        self.assertNotIn("connect_ms", found["host1"])
        self.assertEqual([e["ok"] for e in self.check(0, "--check", "exec", "--", "true").values()], [True] * 3)

    def test_only_data_on_stdout(self):
        done = self.expect(0, "check", self.V1, "--check", "exec", "-o", "short", "--", "sh", "-c", "echo out; echo err >&2")
        self.assertEqual((done.text.count("\n"), done.text.count("up host"), done.err), (3, 3, ""))

    def test_udp(self):
        name = "_dgram._udp.unilans.net"
        self.assertTrue(self.check(0, "--check", "exec", "--", "test", "{port}", "=", "53", name=name)["host1"]["ok"])
        self.expect_failure(64, "check", name)

    def test_a_command_that_cannot_run_is_66(self):
        self.assertIn("nowhere", self.expect_failure(66, "check", self.V1, "--check", "exec", "--", "nowhere").err)

    def test_at_the_deadline_the_whole_group_is_killed(self):
        sleepers = self.lab.folder / "sleepers"
        script = f"sleep 1000 & echo $! >> {sleepers}; wait"
        found = self.check(69, "--check", "exec", "--timeout", "500ms", "--", "sh", "-c", script)
        self.assertEqual({e["error"] for e in found.values()}, {"no answer within the time limit"})
        self.are_gone(sleepers)

    def test_a_signal_leaves_no_command_behind(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            sleepers = self.lab.folder / f"sleepers-{number}"
            script = f"sleep 1000 & echo $! >> {sleepers}; wait"
            process = self.lab.start(self.lab.command("check", self.V1, "--check", "exec", "--timeout", "1h", "--", "sh", "-c", script),
                                     stdout=subprocess.PIPE)
            loopback.wait_until(lambda: sleepers.exists() and len(sleepers.read_text().split()) == 3, "no commands")
            process.send_signal(number)
            self.assertEqual(process.wait(lab.PATIENCE), -number)
            self.are_gone(sleepers)

    def are_gone(self, file):
        for number in file.read_text().split():
            loopback.wait_until(lambda: not self.is_running(number), f"{number} still runs")

    @staticmethod
    def is_running(number):
        try:
            return pathlib.Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
        except FileNotFoundError:
            return False


class UsageTest(lab.LabTest):
    def test_options_that_make_no_sense_together(self):
        self.lab.server = f"file:{self.lab.file('empty.zone', lab.zone_text('lab.example', ''))}"
        name = "_x._tcp.lab.example"
        for words in (["--path", "/"], ["--expect", "200"], ["--head"], ["-H", "A: b"], ["--tls"],
                      ["--check", "tls", "--path", "/"], ["--check", "http", "--expect", "2xx"], ["--check", "http", "--expect", "300-200"],
                      ["--check", "http", "--path", "health"], ["--check", "icmp"], ["--check", "exec"], ["--check", "tcp", "--", "true"],
                      ["--tls-name", "a.b"], ["--check", "http", "--tls-name", "a.b"], ["--check", "http", "--ca", "/dev/null"]):
            with self.subTest(words):
                self.expect_failure(64, "check", name, *words)


if __name__ == "__main__":
    lab.main()

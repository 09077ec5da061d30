"""The table of exit codes, and one line on stderr for each failure."""
import socket
import subprocess

import lab

NAME = "_x._tcp.lab.example"
ZONE = lab.zone_text("lab.example", r"""
_none._tcp SRV 0 0 0 .
_closed._tcp SRV 0 0 9 closed
_ports._tcp SRV 0 0 0 host
_literal._tcp SRV 0 0 80 192.0.2.1.
_foreign._tcp SRV 0 0 80 host.elsewhere.example.
_dgram._udp SRV 0 0 53 host
host A 127.0.0.1
closed A 127.0.0.31""")


class ExitCodesTest(lab.LabTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.port = cls.lab.name_server({"lab.example": ZONE})

    def test_0_done(self):
        for args in (["--help"], ["get", "--help"], ["--version"], ["resolve", "_dgram._udp.lab.example"]):
            done = self.expect(0, *args)
            self.assertTrue(done.out)
            self.assertEqual(done.err, "")

    def test_64_usage(self):
        long_name = ".".join(["abcdefghi"] * 30)
        for args in ([], ["resolve"], ["resolve", ""], ["resolve", ".."], ["resolve", ".example"], ["resolve", "a..b"],
                     ["resolve", long_name], ["resolve", "x" * 64 + ".example"], ["resolve", "x" * 100_000],
                     ["resolve", NAME, "b"], ["resolve", "local"], ["--no-such-option"], ["resolve", NAME, "--timeout"],
                     ["resolve", NAME, "--timeout", "soon"], ["resolve", NAME, "--timeout", "-1s"],
                     ["resolve", NAME, "-o", "xml"], ["resolve", NAME, "--policy", "best"],
                     ["resolve", NAME, "--server", "name.example"], ["completion", "tcsh"], ["get", NAME, "a b"],
                     ["get", NAME, "/a\r\nb: c"],
                     ["-z", "lab.example", "-s", "x"], ["-z", "lab.example", "-s", "x", "-p", "sctp"], ["exec", NAME],
                     ["get", NAME, "-H", "no colon"], ["get", NAME, "-H", "x: a\r\nb: c"], ["pick", NAME, "-n", "0"],
                     ["pick", NAME, "--hash-key", "x"], ["pick", NAME, "--policy", "hash", "--hash-key", ""],
                     ["get", "_dgram._udp.lab.example"], ["_dgram._udp.lab.example"]):
            with self.subTest(args=[a[:40] for a in args]):
                failed = self.expect_failure(64, *args)
                self.assertEqual(failed.out, b"")
                self.assertLess(len(failed.err), 400)

    def test_65_unusable_data(self):
        for name in ("_ports._tcp.lab.example", "_literal._tcp.lab.example"):
            for command in ([], ["get"], ["pick"], ["check"], ["exec"]):
                tail = ["--", "true"] if command == ["exec"] else []
                self.expect_failure(65, *command, name, "-q", *tail)
            self.expect(65, "resolve", name)

    def test_66_unreadable_file(self):
        folder = self.lab.folder
        for args in (["get", NAME, "--config", folder / "none.toml"], ["resolve", NAME, "--config", folder],
                     ["resolve", NAME, "--server", f"file:{folder}/none.zone"],
                     ["demo", "--once", "--zone", folder / "none.zone"]):
            self.assertIn(str(args[-1]).removeprefix("file:"), self.expect_failure(66, *args).err)

    def test_68_no_such_service(self):
        for name in ("_absent._tcp.lab.example", "host.lab.example", "_none._tcp.lab.example"):
            for command in (["resolve"], ["get"], []):
                self.assertIn(name, self.expect_failure(68, *command, name).err)
        # "." is a negative answer even if a default port is allowed (RFC 2782, "Target").
        self.expect_failure(68, "resolve", "_none._tcp.lab.example", "--default-port", 80)

    def test_69_unreachable(self):
        self.assertIn("127.0.0.31:9", self.expect_failure(69, "get", "_closed._tcp.lab.example").err)

    def test_74_output_that_takes_nothing(self):
        command = self.lab.command("resolve", "_dgram._udp.lab.example")
        with open("/dev/full", "wb") as full:
            done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, env=self.lab.environment, timeout=lab.PATIENCE)
        self.assertEqual(done.returncode, 74)
        self.assertRegex(done.stderr, rb"\Asd-connect: cannot write[^\n]+\n\Z")

    def test_77_refused(self):
        failed = self.expect_failure(77, "resolve", "_foreign._tcp.lab.example", "--same-domain", "-q")
        self.assertIn("outside", failed.err)

    def test_exec_runs_nothing(self):
        self.expect_failure(127, "exec", "_dgram._udp.lab.example", "--", "/nowhere/program")
        self.expect_failure(126, "exec", "_dgram._udp.lab.example", "--", "/")


class NoAnswerTest(lab.LabTest):
    def test_75_silent_server_within_the_time_limit(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as mute, socket.create_server(("127.0.0.1", 0)) as mute_tcp:
            mute.bind(("127.0.0.1", 0))
            for sock, more in ((mute, []), (mute_tcp, ["--tcp"])):
                server = f"127.0.0.1#{sock.getsockname()[1]}"
                # The best of three, because the machine may be busy.
                best = min(self.expect_failure(75, "resolve", NAME, "--timeout", "600ms", *more, server=server).seconds
                           for _ in range(3))
                self.assertTrue(0.55 < best < 0.7, f"{best} s {more}")

    def test_75_servfail_and_refused(self):
        for rcode in (2, 5):
            port = self.lab.datagram_peer(lambda query: query[:2] + bytes([0x80 | query[2], rcode]) + query[4:])
            failed = self.expect_failure(75, "resolve", NAME, "--timeout", "2s", server=f"127.0.0.1#{port}")
            self.assertIn(f"127.0.0.1#{port}", failed.err)
            self.assertIn(NAME, failed.err)
            self.assertEqual(failed.out, b"")

    def test_75_nobody_at_the_port(self):
        server = f"127.0.0.1#{lab.free_port()}"
        failed = self.expect_failure(75, "resolve", NAME, server=server)
        self.assertIn(server, failed.err)
        self.assertLess(failed.seconds, 4, "a closed port need not be waited for")


class ConfigurationTest(lab.LabTest):
    def test_78_names_line_and_column(self):
        for text, place in (("tcp = false\nno-such-key = 1\n", "2:1"), ('tcp = "yes"\n', "1:7"), ("= 1\n", "1:1"),
                            ('[zone."a.example"]\nport = 1\n', "2:1"), ('timeout = "soon"\n', "1:11")):
            config = self.lab.file("config.toml", text)
            failed = self.expect_failure(78, "resolve", NAME, "--config", config)
            self.assertIn(f"{config}:{place}", failed.err)

    def test_78_names_the_variable(self):
        failed = self.expect_failure(78, "resolve", NAME, env={"SD_CONNECT_TIMEOUT": "soon"})
        self.assertIn("SD_CONNECT_TIMEOUT", failed.err)

    def zone_with(self, host):
        records = f"_x._tcp SRV 0 0 80 {host}\n{host} A 127.0.0.1"
        return self.lab.file(f"{host}.zone", lab.zone_text("lab.example", records))

    def test_servers_of_one_zone(self):
        config = self.lab.file("zones.toml", f'[zone."lab.example"]\nserver = ["file:{self.zone_with("own")}"]\n')
        self.assertEqual(self.expect(0, "resolve", NAME, "-o", "short", "--config", config).text, "own.lab.example:80\n")

    def test_flags_before_environment_before_file(self):
        zones = {letter: self.zone_with(letter) for letter in "abc"}
        config = self.lab.file("sd-connect/config.toml", f'server = "file:{zones["c"]}"\noutput = "short"\n')
        home = {"XDG_CONFIG_HOME": str(self.lab.folder)}
        with_server = home | {"SD_CONNECT_SERVER": f"file:{zones['b']}"}
        asked = ["resolve", NAME]
        self.assertEqual(self.expect(0, *asked, env=home).text, "c.lab.example:80\n")
        self.assertEqual(self.expect(0, *asked, env=with_server).text, "b.lab.example:80\n")
        self.assertEqual(self.expect(0, *asked, env=with_server, server=f"file:{zones['a']}").text, "a.lab.example:80\n")
        self.assertEqual(self.expect(0, *asked, env={"SD_CONNECT_CONFIG": str(config)}).text, "c.lab.example:80\n")


if __name__ == "__main__":
    lab.main()

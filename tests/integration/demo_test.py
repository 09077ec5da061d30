"""demo: the built-in zone, zones of a user, and the commands that it prints."""
import re
import subprocess

import lab

RECORDS = """_http._tcp PTR shop._http._tcp
shop._http._tcp SRV 0 0 {port} host
host A 127.0.0.1
"""
SOA = "SOA ns hostmaster 1 3600 600 86400 60\n"


class DemoTest(lab.LabTest):
    def show(self, code, text, *more):
        return self.expect(code, "demo", "--once", "--zone", self.lab.file("my.zone", text), *more)

    def records(self):
        return RECORDS.format(port=lab.free_port("127.0.0.1"))

    def test_once(self):
        self.assertIn("10 of 10 checks ok", self.expect(0, "demo", "--once").text)
        self.assertIn("checks ok", self.show(0, lab.seed_zone()).text)

    def test_the_origin_is_the_owner_of_the_soa(self):
        """[fault-O32]"""
        done = self.show(0, "$TTL 60\nexample.com. " + SOA + self.records())
        self.assertIn("serves example.com,", done.text)
        self.assertIn("_http._tcp.example.com\n", done.text)
        self.assertIn("3 of 3 checks ok", done.text)

    def test_the_origin_is_given(self):
        """[fault-O32]"""
        zone = "$TTL 60\n@ " + SOA + self.records()
        self.assertIn("3 of 3 checks ok", self.show(0, zone, "--origin", "example.com").text)
        failed = self.expect_failure(65, "demo", "--once", "--zone", self.lab.file("my.zone", zone))
        self.assertRegex(failed.err, r"my\.zone: line 2: @ without an origin: .* \$ORIGIN .*: or name it with --origin\n")
        failed = self.expect_failure(65, "resolve", "_http._tcp.example.com", server=f"file:{self.lab.folder}/my.zone")
        self.assertIn("line 2: @ without an origin", failed.err)

    def test_services_are_found_in_the_file(self):
        """[fault-O32] Types with PTR records, instances without, plain SRV names, subtypes; no meta query."""
        plain, lone = (lab.free_port("127.0.0.1") for _ in range(2))
        done = self.show(0, "$TTL 60\nexample.com. " + SOA + self.records() + f"""_plain._tcp SRV 0 0 {plain} host
lone._other._tcp SRV 0 0 {lone} host
_new._sub._http._tcp PTR shop._http._tcp
_query._udp SRV 0 0 1 host
*._wild._tcp SRV 0 0 1 host
sub NS ns.sub
_far._tcp.sub SRV 0 0 1 host
""")
        headings = re.findall(r"^(\S*example\.com)$", done.text, re.M)
        self.assertEqual(sorted(headings), ["_http._tcp.example.com", "_plain._tcp.example.com", "_query._udp.example.com",
                                            "lone._other._tcp.example.com"])
        self.assertIn("4 services", done.text)
        self.assertIn("Clients cannot list them", done.text)

    def test_the_root_zone_and_a_zone_without_services(self):
        """[fault-O32]"""
        self.assertIn("serves .,", self.show(0, "$TTL 60\n. " + SOA + self.records()).text)
        self.assertIn("has no SRV record of a service", self.show(1, "$TTL 60\nexample.com. " + SOA).text)

    def suggested(self, *more, path=None):
        """Runs the demo until it waits, and each command that it prints; returns the commands."""
        environment = self.lab.environment | ({"PATH": path} if path else {})
        process = self.lab.start([*self.lab.command("demo"), *map(str, more)], stdout=subprocess.PIPE, env=environment)
        text = ""
        # Everything is flushed at once, and then the program waits.
        while not re.search(r"^To try in another terminal.*\n\n(  \$ .*\n)+\Z", text, re.M):
            part = process.stdout.read1().decode()
            self.assertTrue(part, f"the demo ended: {text}")
            text += part
        commands = re.findall(r"^  \$ (.*)$", text, re.M)
        for command in commands:
            done = subprocess.run(["/bin/sh", "-c", command], cwd="/", capture_output=True, timeout=60, env=environment)
            self.assertEqual(done.returncode, 0, f"{command}: {done}")
        self.lab.stop(process)
        return commands

    def test_the_commands_work(self):
        commands = self.suggested()
        self.assertEqual(len(commands), 8)
        self.assertRegex(commands[3], r"^dig @127\.0\.0\.1 -p ")
        self.assertRegex(commands[5], r"^curl http://127\.0\.0\.11:")

    def test_the_commands_work_on_a_bare_machine(self):
        commands = self.suggested(path="/nonexistent")
        self.assertEqual(len(commands), 7)
        self.assertFalse(any(re.search(r"\b(dig|curl)\b", command) for command in commands), commands)

    def test_the_commands_for_a_zone_of_the_user_work(self):
        zone = self.lab.file("my.zone", "$TTL 60\nexample.com. " + SOA + self.records())
        (command,) = self.suggested("--zone", zone)
        self.assertIn(" resolve _http._tcp.example.com", command)


if __name__ == "__main__":
    lab.main()

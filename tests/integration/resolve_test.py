"""The output of resolve and browse for zones on knotd."""
import csv
import io
import json
import re

import lab


def rows_of(text):
    return list(csv.DictReader(io.StringIO(text, newline="")))


class JsonTest(lab.SeedZoneTest):
    def endpoint(self, host, priority, weight, share, addresses, instance):
        return {"instances": [instance + "."], "target": f"{host}.unilans.net.", "port": self.ports[host], "priority": priority,
                "weight": weight, "share": share, "addresses": addresses, "ttl_s": 60}

    def test_instance(self):
        self.assertEqual(self.json("resolve", self.V1), {
            "schema": 1, "query": self.V1 + ".", "kind": "instance",
            "instances": [{"name": self.V1 + ".", "label": "_v1", "ttl_s": 60,
                           "txt": [{"key": "txtvers", "value": "1"}, {"key": "data", "value": "sampledata"}]}],
            "endpoints": [self.endpoint("host1", 0, 30, 0.7439, ["127.0.0.11"], self.V1),
                          self.endpoint("host2", 0, 10, 0.2561, ["127.0.0.12"], self.V1),
                          self.endpoint("host100", 1, 0, 0, ["127.0.0.100"], self.V1)],
            "complete": True, "server": self.lab.server, "stale": False, "authenticated": False, "warnings": []})

    def test_type(self):
        found = self.json("resolve", self.TYPE)
        self.assertEqual((found["query"], found["kind"]), (self.TYPE + ".", "type"))
        self.assertEqual([i["label"] for i in found["instances"]], ["_v1", "_v2"])
        addresses = found["endpoints"][2]["addresses"]
        self.assertEqual(sorted(addresses), ["127.0.0.13", "::1"])
        # Name servers change the case of names when they compress them. {30, 10, 0} as RFC 2782
        # draws: the integers 0..40, of which the zero weight has one.
        self.assertEqual(json.loads(json.dumps(found["endpoints"]).replace("theService", "theservice")), [
            self.endpoint("host1", 0, 30, 0.7317, ["127.0.0.11"], self.V1),
            self.endpoint("host2", 0, 10, 0.2439, ["127.0.0.12"], self.V1),
            self.endpoint("host3", 0, 0, 0.0244, addresses, self.V2),
            self.endpoint("host100", 1, 0, 0, ["127.0.0.100"], self.V1)])

    def test_address(self):
        self.assertEqual(self.json("resolve", "host3.unilans.net", "--default-port", 8080, "-4"), {
            "schema": 1, "query": "host3.unilans.net.", "kind": "address", "instances": [],
            "endpoints": [{"instances": [], "target": "host3.unilans.net.", "port": 8080, "priority": 0, "weight": 0, "share": 1,
                           "addresses": ["127.0.0.13"], "ttl_s": 60}],
            "complete": True, "server": self.lab.server, "stale": False, "authenticated": False, "warnings": []})

    def test_shares_follow_the_policy(self):
        for policy, expected in (("rfc2782", [0.7439, 0.2561, 0]), ("weighted", [0.75, 0.25, 0]), ("ordered", [1, 0, 0])):
            found = self.json("resolve", self.V1, "--policy", policy)
            self.assertEqual([e["share"] for e in found["endpoints"]], expected, policy)

    def test_every_run_is_the_same(self):
        self.assertEqual(len({self.expect(0, "resolve", self.TYPE, "--json").out for _ in range(5)}), 1)

    def test_nothing_is_valid_json(self):
        for name in ("_none._tcp.unilans.net", "ns1.unilans.net"):
            found = json.loads(self.expect_failure(68, "resolve", name, "--json").text)
            self.assertEqual((found["schema"], found["instances"], found["endpoints"]), (1, [], []))


class FormTest(lab.SeedZoneTest):
    def test_csv_holds_what_json_holds(self):
        done = self.expect(0, "resolve", self.TYPE, "-o", "csv")
        self.assertTrue(all(line.endswith(b"\r\n") for line in done.out.splitlines(True)), "RFC 4180")
        found = self.json("resolve", self.TYPE)["endpoints"]
        rows = rows_of(done.text)
        for row, endpoint in zip(rows, found, strict=True):
            self.assertEqual(row["target"].rstrip("."), endpoint["target"].rstrip("."))
            self.assertEqual(float(row["share"]), endpoint["share"])
            for key in ("port", "priority", "weight", "ttl_s"):
                self.assertEqual(int(row[key]), endpoint[key], key)
            self.assertTrue(all(address in row["addresses"] for address in endpoint["addresses"]), row)

    def test_short_is_one_endpoint_a_line(self):
        lines = self.expect(0, "resolve", self.V1, "-o", "short").text.splitlines()
        self.assertEqual(lines, [f"{host}.unilans.net:{self.ports[host]}" for host in ("host1", "host2", "host100")])

    def test_table(self):
        text = self.expect(0, "resolve", self.V1).text
        for part in ("host1.unilans.net", str(self.ports["host1"]), "74.39 %", "127.0.0.11", "60s", "txtvers=1",
                     "data=sampledata"):
            self.assertIn(part, text)
        self.assertNotIn("\x1b", text, "no color into a pipe")
        self.assertIn("\x1b[", self.expect(0, "resolve", self.V1, "--color", "always").text)


class BrowseTest(lab.SeedZoneTest):
    def test_instances(self):
        found = self.json("browse", self.TYPE)
        self.assertEqual((found["schema"], found["query"]), (1, self.TYPE + "."))
        for instance, name, label in zip(found["instances"], (self.V1, self.V2), ("_v1", "_v2"), strict=True):
            self.assertEqual(instance["name"].lower(), name + ".")
            self.assertEqual((instance["label"], instance["domain"], instance["ttl_s"]), (label, "unilans.net.", 60))
            self.assertEqual(instance["type"].lower(), self.TYPE.lower() + ".")

    def test_types(self):
        found = self.json("browse", "-z", "unilans.net")
        self.assertEqual((found["schema"], found["query"]), (1, "_services._dns-sd._udp.unilans.net."))
        self.assertEqual([t.lower() for t in found["types"]], [self.TYPE.lower() + "."])

    def test_domains(self):
        text = self.expect(0, "browse", "--domains", "-z", "unilans.net", "-o", "short").text
        self.assertEqual(text.splitlines(), ["unilans.net"])

    def test_nothing(self):
        text = self.expect_failure(68, "browse", "_none._tcp.unilans.net", "--json").text
        self.assertEqual(json.loads(text)["instances"], [])


class FilterTest(lab.LabTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.lab.name_server({"lab.example": lab.zone_text("lab.example", r"""
_ipp._tcp PTR My\032Printer._ipp._tcp
_ipp._tcp PTR Dr\.\032Pepper._ipp._tcp
_color._sub._ipp._tcp PTR My\032Printer._ipp._tcp
My\032Printer._ipp._tcp SRV 0 0 631 host
My\032Printer._ipp._tcp TXT "paper=A4" "duplex" "note="
Dr\.\032Pepper._ipp._tcp SRV 0 0 632 host
Dr\.\032Pepper._ipp._tcp TXT "paper=A3"
host A 127.0.0.1
host AAAA ::1""")})

    def test_instances_are_narrowed(self):
        for flags, ports in (([], [631, 632]), (["--txt", "paper=A3"], [632]), (["--txt", "DUPLEX"], [631]),
                             (["--txt", "duplex", "--txt", "paper=A4"], [631]), (["--instance", r"Dr\.\032Pepper"], [632]),
                             (["--subtype", "_color"], [631])):
            lines = self.expect(0, "resolve", "_ipp._tcp.lab.example", "-o", "short", *flags).text.splitlines()
            self.assertEqual(sorted(lines), [f"host.lab.example:{port}" for port in ports], flags)
        self.expect_failure(68, "resolve", "_ipp._tcp.lab.example", "--txt", "duplex", "--txt", "paper=A3")

    def test_names_with_blanks_and_dots(self):
        found = json.loads(self.expect(0, "resolve", r"Dr\.\032Pepper._ipp._tcp.lab.example", "--json").text)
        self.assertEqual((found["kind"], found["endpoints"][0]["port"]), ("instance", 632))

    def test_address_families(self):
        for flag, address in (("-4", "127.0.0.1"), ("-6", "::1")):
            found = json.loads(self.expect(0, "resolve", "_ipp._tcp.lab.example", "--json", flag).text)
            self.assertEqual([e["addresses"] for e in found["endpoints"]], [[address], [address]])

    def test_txt_without_value_and_with_an_empty_one(self):
        found = json.loads(self.expect(0, "resolve", r"My\032Printer._ipp._tcp.lab.example", "--json", "--tcp").text)
        self.assertEqual(found["instances"][0]["txt"], [{"key": "paper", "value": "A4"}, {"key": "duplex", "value": None},
                                                        {"key": "note", "value": ""}])


class HostileNamesTest(lab.LabTest):
    """Control octets, NUL, bidirectional overrides and half characters, in every place where a zone
    can have them."""
    LABEL = r"Pr\027\09131m\000\013\010\127\194\155\226\128\174int\226\129\166\255er"
    SERVICE = "_http._tcp.hostile.example"
    FORBIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufffd]")

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        port = cls.lab.peer(lambda sock: None)
        cls.lab.name_server({"hostile.example": lab.zone_text("hostile.example", fr"""
_http._tcp PTR {cls.LABEL}._http._tcp
{cls.LABEL}._http._tcp SRV 0 0 {port} host
{cls.LABEL}._http._tcp SRV 0 0 {port} h\027\0912Jst
{cls.LABEL}._http._tcp TXT "k\027y=v\027[31m" "\226\128\174=1" "nul=\000\255" "text=\226\128\174x"
_services._dns-sd._udp PTR _ht\027\226\128\174tp._tcp
b._dns-sd._udp PTR \027\0912J
host A 127.0.0.1
h\027\0912Jst A 127.0.0.1""")})

    def test_it_is_shown_escaped(self):
        for command in ("resolve", "browse"):
            self.assertIn(r"r\027[31m\000\013\010\127\194\155", self.expect(0, command, self.SERVICE).text)

    def test_nothing_arrives_raw(self):
        zone = ["-z", "hostile.example"]
        commands = [["resolve", self.SERVICE], ["check", self.SERVICE], ["pick", self.SERVICE], ["pick", self.SERVICE, "-n", "9"],
                    ["browse", self.SERVICE], ["browse", *zone], ["browse", "--domains", *zone], ["get", self.SERVICE],
                    [self.SERVICE], ["resolve", self.SERVICE, "--txt", "no=such"]]
        for command in commands:
            for form in ("table", "json", "csv", "short"):
                for explain in ([], ["--explain", "--verbose"]):
                    done = self.lab.sd_connect(*command, "-o", form, *explain)
                    self.assertIn(done.code, (0, 65, 68, 69, 74, 76), f"{command}: {done}")
                    for text in (done.text.replace("\r\n", "\n") if form == "csv" else done.text, done.err):
                        self.assertIsNone(self.FORBIDDEN.search(text), f"{command} -o {form}: {done}")
                    if form == "json" and command[0] in ("resolve", "check", "pick", "browse"):
                        self.assertEqual(json.loads(done.text)["schema"] if done.text else 1, 1)


if __name__ == "__main__":
    lab.main()

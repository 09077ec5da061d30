"""One suite against BIND, Knot, NSD, PowerDNS, dnsmasq and unbound: with each of them, sd-connect
finds the same service.

Give a class (BindTest, KnotTest, ...) to run one server's part.
"""
import json
import sys
import time

import lab
import servers

DOMAIN = "lab.example"
BIG = 1500  # nearly all SRV records that one DNS message over TCP can hold
ZONE = lab.zone_text(DOMAIN, r"""
_services._dns-sd._udp PTR _theService._tcp
_services._dns-sd._udp PTR _ipp._tcp
b._dns-sd._udp PTR lab.example.
_theService._tcp PTR _v1._theservice._tcp
_theService._tcp PTR _v2._TheService._tcp
_v1._theservice._tcp SRV 0 30 18081 host1
_v1._theservice._tcp SRV 0 10 18082 Host2
_v1._theservice._tcp SRV 1 0 18083 host100
_v1._theservice._tcp TXT "txtvers=1" "data=sampledata"
_v2._theservice._tcp SRV 0 0 18084 host3
_v2._theservice._tcp TXT "txtvers=1" "proto=2"
_ipp._tcp PTR My\032Printer._ipp._tcp
_ipp._tcp PTR Dr\.\032Pepper._ipp._tcp
_ipp._tcp PTR B\195\188ro\032\226\152\149._ipp._tcp
_ipp._tcp PTR far._ipp._tcp.other.example.
_color._sub._ipp._tcp PTR My\032Printer._ipp._tcp
_color._sub._ipp._tcp PTR far._ipp._tcp.other.example.
My\032Printer._ipp._tcp SRV 0 0 631 host1
My\032Printer._ipp._tcp TXT "paper=A4" "duplex" "note="
Dr\.\032Pepper._ipp._tcp SRV 0 0 632 host2
Dr\.\032Pepper._ipp._tcp TXT "paper=A3"
B\195\188ro\032\226\152\149._ipp._tcp SRV 0 0 633 six
_txt._tcp SRV 0 0 80 host1
_txt._tcp TXT "bin=\000\001\255" "q=a\"b\\c=d" "=ignored" "Key=1" "KEY=2" "flag" "empty=" "u=\195\188"
_alias._tcp CNAME _v1._theservice._tcp
_alias-type._tcp CNAME _theService._tcp
moved DNAME other.example.
_target._tcp SRV 0 0 80 canonical
canonical CNAME host1
_none._tcp SRV 0 0 0 .
_six._tcp SRV 0 0 80 six
_short._tcp SRV 0 0 80 brief
_wild._tcp SRV 0 0 80 any.wild
*.wild A 127.0.0.9
*._tcp.wild SRV 0 0 81 any.wild
host1 A 127.0.0.11
host2 A 127.0.0.12
host3 A 127.0.0.13
host3 AAAA ::1
host100 A 127.0.0.100
six AAAA ::1
brief 20 A 127.0.0.20
""" + "".join(f"_forty._tcp SRV 0 {1 + i % 7} {20000 + i} h{i}\nh{i} A 127.0.1.{i}\n" for i in range(40)) + "".join(
    f"_big._tcp SRV {i % 2} {1 + i % 9} {10000 + i} host1\n" for i in range(BIG)))
OTHER = lab.zone_text("other.example", """
far._ipp._tcp SRV 0 0 634 host
far._ipp._tcp TXT "place=far"
_http._tcp SRV 0 0 8080 host
host A 127.0.0.34""")

PORT_OF = {"my printer": 631, "dr. pepper": 632, "büro ☕": 633, "far": 634}


def seen(endpoints):
    """Returns the parts that must be the same for every server; the case of names is not
    (compression changes it)."""
    return sorted((e["priority"], e["target"].lower(), e["port"], e["weight"], *sorted(e["addresses"])) for e in endpoints)


V1 = [(0, "host1.lab.example.", 18081, 30, "127.0.0.11"), (0, "host2.lab.example.", 18082, 10, "127.0.0.12"),
      (1, "host100.lab.example.", 18083, 0, "127.0.0.100")]
V2 = [(0, "host3.lab.example.", 18084, 0, "127.0.0.13", "::1")]


class Suite:
    """The tests that every server must pass; `Server` is one of servers.KINDS."""
    Server = None

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.server = cls.Server(cls.lab, {DOMAIN: ZONE, "other.example": OTHER})
        cls.lab.server = cls.server.address

    def json(self, command, name, *args, code=0):
        return json.loads(self.expect(code, command, name, "--json", *args).text)

    def endpoints(self, label, *args):
        found = self.json("resolve", f"{label}.{DOMAIN}", *args)
        self.assertEqual(found["server"], self.server.address)
        return seen(found["endpoints"])

    def queries(self, *args, code=0):
        """Returns the attempts from --explain, each as (type, transport, error)."""
        story = json.loads(self.expect(code, *args, "--json", "--explain").err.splitlines()[0])
        return [(q["type"], a["transport"], a["error"]) for q in story["queries"] for a in q["attempts"]]

    def assert_ttl(self, ttl, full):
        self.assertLessEqual(ttl, full)
        self.assertGreaterEqual(ttl, full - lab.PATIENCE if self.server.is_cache else full)

    def test_instance(self):
        """Several priorities and weights, each as in the zone [rfc-check-16] [rfc-check-17]
        [rfc-check-35] [rfc-check-44]"""
        found = self.json("resolve", f"_v1._theservice._tcp.{DOMAIN}")
        self.assertEqual((found["kind"], found["stale"], found["warnings"]), ("instance", False, []))
        self.assertEqual(seen(found["endpoints"]), V1)
        self.assertEqual([e["share"] for e in found["endpoints"]], [0.7439, 0.2561, 0])
        self.assertEqual(found["instances"][0]["txt"], [{"key": "txtvers", "value": "1"}, {"key": "data", "value": "sampledata"}])

    def test_type(self):
        """The case of names differs between servers, the service does not [rfc-check-7]
        [rfc-check-10] [rfc-check-18] [fault-N1]"""
        for name in ("_theService._tcp", "_THESERVICE._TCP", "_theservice._tcp"):
            found = self.json("resolve", f"{name}.{DOMAIN}")
            self.assertEqual(seen(found["endpoints"]), sorted(V1 + V2))
            self.assertEqual(sorted(i["label"] for i in found["instances"]), ["_v1", "_v2"])

    def test_version(self):
        found = self.expect(0, "resolve", "-z", f"{DOMAIN}.", "-s", "theService", "-p", "tcp", "-v", "v2", "--json")
        self.assertEqual(seen(json.loads(found.text)["endpoints"]), V2)

    def test_browse(self):
        """Instances, service types and browsing domains [rfc-check-12] [rfc-check-13]"""
        found = self.json("browse", f"_theService._tcp.{DOMAIN}")["instances"]
        self.assertEqual([(i["label"], i["type"].lower(), i["domain"]) for i in found],
                         [(label, f"_theservice._tcp.{DOMAIN}.", f"{DOMAIN}.") for label in ("_v1", "_v2")])
        for instance in found:
            self.assert_ttl(instance["ttl_s"], 60)
        types = json.loads(self.expect(0, "browse", "-z", DOMAIN, "--json").text)["types"]
        self.assertEqual(sorted(t.lower() for t in types), [f"_ipp._tcp.{DOMAIN}.", f"_theservice._tcp.{DOMAIN}."])
        domains = self.expect(0, "browse", "--domains", "-z", DOMAIN, "-o", "short").text
        self.assertEqual(domains, f"{DOMAIN}\n")

    def instances(self, *args):
        found = self.json("resolve", f"_ipp._tcp.{DOMAIN}", *args)
        ports = {e["port"] for e in found["endpoints"]}
        self.assertEqual({PORT_OF[i["label"].lower()] for i in found["instances"]}, ports)
        return ports

    def test_instance_names_of_any_kind(self):
        """Words, dots, UTF-8, and another domain [rfc-check-1] [rfc-check-8] [fault-N2] [fault-N3] [fault-N12]"""
        if not self.server.has_any_names:
            self.assertEqual(self.instances(), {634})
            self.expect_failure(77, "resolve", f"_ipp._tcp.{DOMAIN}", "--same-domain")
            return
        self.assertEqual(self.instances(), {631, 632, 633, 634})
        found = self.json("resolve", f"_ipp._tcp.{DOMAIN}", "--same-domain")
        self.assertEqual({e["port"] for e in found["endpoints"]}, {631, 632, 633})
        for label, port in ((r"My\032Printer", 631), ("my printer", 631), (r"Dr\.\032Pepper", 632), ("Büro ☕", 633),
                            (r"B\195\188ro\032\226\152\149", 633)):
            self.assertEqual([e[2] for e in self.endpoints(f"{label}._ipp._tcp")], [port], label)

    def test_subtype_and_txt_select(self):
        """[rfc-check-11]"""
        printer = {631} if self.server.has_any_names else set()
        self.assertEqual(self.instances("--subtype", "_color"), printer | {634})
        self.assertEqual(self.instances("--txt", "PLACE=far"), {634})
        self.assertEqual(self.instances("--subtype", "_color", "--txt", "place"), {634})

    def test_txt(self):
        """Binary values, quotes, repeated and missing keys [rfc-check-23] [rfc-check-24] [rfc-check-26] [rfc-check-27]
        [rfc-check-28] [fault-T6] [fault-T7]"""
        txt = self.json("resolve", f"_txt._tcp.{DOMAIN}")["instances"][0]["txt"]
        self.assertEqual(txt, [{"key": "bin", "value_b64": "AAH/"}, {"key": "q", "value": 'a"b\\c=d'},
                               {"key": "Key", "value": "1"}, {"key": "flag", "value": None}, {"key": "empty", "value": ""},
                               {"key": "u", "value": "ü"}])

    def test_aliases(self):
        """At the instance, at the type, above it, and at the target [rfc-check-49] [rfc-check-50] [fault-N14] [fault-S10]"""
        self.assertEqual(self.endpoints("_alias._tcp"), V1)
        self.assertEqual(self.endpoints("_alias-type._tcp"), sorted(V1 + V2))
        found = self.json("resolve", f"_target._tcp.{DOMAIN}")
        self.assertEqual(seen(found["endpoints"]), [(0, "canonical.lab.example.", 80, 0, "127.0.0.11")])
        self.assertIn("canonical", "".join(found["warnings"]))
        if self.server.has_dname:
            self.assertEqual(self.endpoints("_http._tcp.moved"), [(0, "host.other.example.", 8080, 0, "127.0.0.34")])
        else:
            self.expect_failure(68, "resolve", f"_http._tcp.moved.{DOMAIN}")

    def test_address_of_one_family(self):
        """[rfc-check-45] [fault-S14]"""
        self.assertEqual(self.endpoints("_six._tcp"), [(0, "six.lab.example.", 80, 0, "::1")])

    def test_wildcards(self):
        """[fault-N11]"""
        self.assertEqual(self.endpoints("_wild._tcp"), [(0, "any.wild.lab.example.", 80, 0, "127.0.0.9")])
        if self.server.has_srv_wildcards:
            self.assertEqual(self.endpoints("_anything._tcp.wild"), [(0, "any.wild.lab.example.", 81, 0, "127.0.0.9")])

    def test_ttl(self):
        """TTL of the SRV records, and of an address with a shorter one."""
        found = self.json("resolve", f"_v1._theservice._tcp.{DOMAIN}")
        for thing in found["endpoints"] + found["instances"]:
            self.assert_ttl(thing["ttl_s"], 60)
        self.assert_ttl(self.json("resolve", f"_short._tcp.{DOMAIN}")["endpoints"][0]["ttl_s"], 20)

    def test_pick(self):
        found = self.json("pick", f"_v1._theservice._tcp.{DOMAIN}", "-n", 4100, "--seed", 1)
        self.assertEqual([(e["target"].lower(), e["expected"]) for e in found["endpoints"]],
                         [("host1.lab.example.", 3050), ("host2.lab.example.", 1050), ("host100.lab.example.", 0)])
        self.assertGreater(found["chi_square_p"], 0.001)

    def test_truncated_answer_is_asked_for_again_over_tcp(self):
        """40 records do not fit 1232 octets; BIND sends some of them anyway [rfc-check-53]
        [rfc-check-56] [fault-X7]"""
        found = self.endpoints("_forty._tcp")
        self.assertEqual(found, sorted((0, f"h{i}.lab.example.", 20000 + i, 1 + i % 7, f"127.0.1.{i}") for i in range(40)))
        attempts = self.queries("resolve", f"_forty._tcp.{DOMAIN}")
        self.assertIn(("SRV", "tcp", None), attempts)
        self.assertNotIn(("SRV", "udp", None), attempts)
        self.assertIn("udp", {transport for kind, transport, _ in attempts if kind == "PTR"})

    def test_over_tcp_alone(self):
        """[rfc-check-57]"""
        self.assertEqual(self.endpoints("_theService._tcp", "--tcp"), sorted(V1 + V2))
        self.assertEqual({transport for _, transport, _ in self.queries("resolve", f"_theService._tcp.{DOMAIN}", "--tcp")},
                         {"tcp"})

    def test_1500_records(self):
        """[fault-W27]"""
        self.assertEqual(self.endpoints("_big._tcp"),
                         sorted((i % 2, "host1.lab.example.", 10000 + i, 1 + i % 9, "127.0.0.11") for i in range(BIG)))

    def test_no_such_service(self):
        """NXDOMAIN, NODATA, and the target "." [rfc-check-42] [rfc-check-47] [fault-S3] [fault-S19]"""
        self.expect_failure(68, "resolve", f"_absent._tcp.{DOMAIN}")
        self.expect_failure(68, "resolve", f"_none._tcp.{DOMAIN}")
        self.expect_failure(68, "browse", f"_absent._tcp.{DOMAIN}")
        # [fault-O14] dnsmasq sends no SOA record.
        self.expect_failure(68, "resolve", f"host1.{DOMAIN}", "--timeout", "3s")

    def test_refused(self):
        """A zone that the server does not have [fault-X13]"""
        for more in ([], ["--tcp"]):
            failed = self.expect_failure(75, "resolve", "_x._tcp.elsewhere.example", *more)
            self.assertIn(self.server.address, failed.err)

    def test_killed_and_started_again(self):
        """[fault-X17]"""
        name = f"_v1._theservice._tcp.{DOMAIN}"
        self.server.stop()
        try:
            for more in ([], ["--tcp"]):
                failed = self.expect_failure(75, "resolve", name, *more)
                self.assertIn(self.server.address, failed.err)
                self.assertLess(failed.seconds, 4, "a closed port need not be waited for")
        finally:
            self.server.start()
        self.assertEqual(self.endpoints("_v1._theservice._tcp"), V1)


class CacheSuite(Suite):
    """The additional tests for a cache."""

    def test_ttl_counts_down(self):
        name = f"_v1._theservice._tcp.{DOMAIN}"
        before = self.json("resolve", name)["endpoints"][0]["ttl_s"]
        began = time.monotonic()
        while self.json("resolve", name)["endpoints"][0]["ttl_s"] > before - 2:
            self.assertLess(time.monotonic() - began, lab.PATIENCE)
            time.sleep(0.1)
        self.assertGreater(time.monotonic() - began, 0.9, "two seconds of the cache's clock")

    def test_what_it_holds_outlives_the_server_behind_it(self):
        """Including negative answers [rfc-check-61]"""
        kept, gone, unasked = f"_v1._theservice._tcp.{DOMAIN}", f"_gone._tcp.{DOMAIN}", f"_unasked._tcp.{DOMAIN}"
        self.assertEqual(self.endpoints("_v1._theservice._tcp"), V1)
        self.expect_failure(68, "resolve", gone)
        self.server.upstream.stop()
        try:
            self.assertEqual(seen(self.json("resolve", kept)["endpoints"]), V1)
            self.expect_failure(68, "resolve", gone)
            self.expect_failure(75, "resolve", unasked, "--timeout", "2s")
        finally:
            self.server.upstream.start()


for kind in servers.KINDS:
    name = f"{kind.__name__}Test"
    setattr(sys.modules[__name__], name,
            type(name, (CacheSuite if kind.is_cache else Suite, lab.LabTest), {"Server": kind, "__module__": __name__}))

if __name__ == "__main__":
    lab.main()

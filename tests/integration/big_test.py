"""Many endpoints, and many choices."""
import json

import lab

COUNT = 1500  # nearly all that one DNS message over TCP can hold
SEED_SERVICE = "_v1._theservice._tcp.unilans.net"


class BigTest(lab.LabTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        records = "".join(f"_big._tcp SRV 0 {1 + i % 9} {10000 + i} h{i}\nh{i} A 127.9.{i // 250}.{1 + i % 250}\n"
                          for i in range(COUNT))
        cls.lab.name_server({"big.example": lab.zone_text("big.example", records), "unilans.net": lab.seed_zone()})

    def test_every_endpoint_is_resolved(self):
        found = json.loads(self.expect(0, "resolve", "_big._tcp.big.example", "--json", "--timeout", "30s").text)
        self.assertEqual({(e["target"], e["port"], e["weight"], *e["addresses"]) for e in found["endpoints"]},
                         {(f"h{i}.big.example.", 10000 + i, 1 + i % 9, f"127.9.{i // 250}.{1 + i % 250}") for i in range(COUNT)})
        self.assertEqual(len(found["endpoints"]), COUNT)
        self.assertAlmostEqual(sum(e["share"] for e in found["endpoints"]), 1, delta=0.1)  # four decimals each
        self.assertEqual(found["warnings"], [])

    def p_value(self, service, seed):
        done = self.expect(0, "pick", service, "-n", 1_000_000, "--seed", seed, "--json", "--timeout", "30s")
        found = json.loads(done.text)
        self.assertEqual(sum(e["count"] for e in found["endpoints"]), 1_000_000)
        return found["chi_square_p"]

    def test_a_million_choices_have_the_expected_shares(self):
        for service in (SEED_SERVICE, "_big._tcp.big.example"):
            self.assertGreater(self.p_value(service, 1), 0.001, service)

    def test_other_seeds_too(self):
        values = [self.p_value(SEED_SERVICE, seed) for seed in range(2, 12)]
        self.assertGreaterEqual(sum(p > 0.001 for p in values), 9, values)
        self.assertEqual(len(set(values)), 10, "every seed has choices of its own")


if __name__ == "__main__":
    lab.main()

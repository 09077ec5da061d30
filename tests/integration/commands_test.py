"""pick, check, exec and completion, and --explain."""
import json
import subprocess

import lab


class PickTest(lab.SeedZoneTest):
    def test_counts(self):
        found = self.json("pick", self.V1, "-n", 4100, "--seed", 1)
        self.assertEqual((found["schema"], found["picks"], found["policy"]), (1, 4100, "rfc2782"))
        self.assertEqual([(e["target"], e["port"], e["share"], e["expected"]) for e in found["endpoints"]],
                         [("host1.unilans.net.", self.ports["host1"], 0.7439, 3050),
                          ("host2.unilans.net.", self.ports["host2"], 0.2561, 1050),
                          ("host100.unilans.net.", self.ports["host100"], 0, 0)])
        self.assertEqual(sum(e["count"] for e in found["endpoints"]), 4100)
        self.assertGreater(found["chi_square_p"], 0.001)

    def test_seed_makes_it_reproducible(self):
        self.assertEqual(*(self.expect(0, "pick", self.V1, "-n", 1000, "--seed", 7).out for _ in range(2)))

    def pick(self, policy, picks, *more):
        found = self.json("pick", self.V1, "--policy", policy, "-n", picks, *more)
        self.assertEqual((found["policy"], sum(e["count"] for e in found["endpoints"])), (policy, picks))
        return found, [e["count"] for e in found["endpoints"]]

    def test_random_policies_have_their_shares(self):
        for policy, shares in (("rfc2782", [0.7439, 0.2561, 0]), ("weighted", [0.75, 0.25, 0]), ("hash", [0.75, 0.25, 0])):
            found, counts = self.pick(policy, 40_000, "--seed", 3)
            self.assertEqual([e["share"] for e in found["endpoints"]], shares, policy)
            # The endpoints of the keys depend on the ports, which differ in each run.
            self.assertGreater(found["chi_square_p"], 1e-7 if policy == "hash" else 0.001, policy)
            self.assertEqual(counts[2], 0)

    def test_ordered_has_no_chance(self):
        found, counts = self.pick("ordered", 1000)
        self.assertEqual((counts, found["chi_square_p"]), ([1000, 0, 0], None))

    def test_least_loaded_balances_what_is_in_flight(self):
        found, counts = self.pick("least-loaded", 4000, "--seed", 3)
        self.assertEqual([e["expected"] for e in found["endpoints"]], [3000, 1000, 0])
        self.assertTrue(abs(counts[0] - 3000) < 10, counts)  # plain draws have sigma 27
        self.assertIsNone(found["chi_square_p"])

    def test_a_hash_key_stays_where_it_is(self):
        one = {key: self.expect(0, "pick", self.V1, "--policy", "hash", "--hash-key", key).text.split(":")[0] + "."
               for key in map(str, range(80))}  # all 80 keys at one endpoint has probability 10^-10
        self.assertEqual(set(one.values()), {"host1.unilans.net.", "host2.unilans.net."})
        for key in ("0", "1", "2"):
            found, counts = self.pick("hash", 100, "--hash-key", key)
            self.assertEqual((sorted(counts), found["chi_square_p"]), ([0, 0, 100], None))
            self.assertEqual([e["expected"] for e in found["endpoints"]], counts)
            self.assertEqual(found["endpoints"][counts.index(100)]["target"], one[key])

    def test_one(self):
        self.assertRegex(self.expect(0, "pick", self.V1, "-o", "short").text, r"\Ahost[12]\.unilans\.net:\d+\n\Z")


class CheckTest(lab.SeedZoneTest):
    def test_up_and_down(self):
        found = self.json("check", self.V1)
        self.assertEqual([(e["ok"], e["address"], e["error"]) for e in found["endpoints"]],
                         [(True, address, None) for address in ("127.0.0.11", "127.0.0.12", "127.0.0.100")])
        self.assertTrue(all(e["connect_ms"] >= 0 for e in found["endpoints"]))
        self.lab.stop(self.servers["host2"])
        failed = self.expect_failure(69, "check", self.V1, "--json")
        self.assertIn("1 of 3", failed.err)
        down = json.loads(failed.text)["endpoints"][1]
        self.assertEqual((down["ok"], down["address"], down["port"]), (False, "127.0.0.12", self.ports["host2"]))
        self.assertIn("refused", down["error"])


class ExecTest(lab.SeedZoneTest):
    def test_words_and_variables(self):
        script = 'printf "%s\\n" "$@" "$SD_HOST" "$SD_PORT" "$SD_ADDR" "$SD_INSTANCE" "$SD_TXT_TXTVERS" "$SD_TXT_DATA"'
        words = ["sh", "-c", script, "sh", "{host}:{port}", "{addr}"]
        lines = self.expect(0, "exec", self.V1, "--policy", "ordered", "--", *words).text.splitlines()
        here = ["host1.unilans.net", str(self.ports["host1"]), "127.0.0.11"]
        self.assertEqual(lines, [":".join(here[:2]), here[2], *here, self.V1, "1", "sampledata"])

    def test_exit_code_and_input_are_the_command_s(self):
        done = self.expect(7, "exec", self.V1, "--", "sh", "-c", "cat; exit 7", stdin=b"through")
        self.assertEqual((done.text, done.err), ("through", ""))

    def test_no_descriptor_of_ours_is_left_open(self):
        self.assertEqual(self.expect(0, "exec", self.V1, "--", "ls", "/proc/self/fd").text.split(), ["0", "1", "2", "3"])


class ExplainTest(lab.SeedZoneTest):
    def test_text(self):
        done = self.expect(0, "get", self.TYPE, "-v", "v1", "--explain")
        self.assertIn("Status: running", done.text)
        for part in ("PTR", "SRV", self.lab.server, "UDP", "priority 0", "priority 1", "weight", "30", "74.39 %",
                     f"host1.unilans.net:{self.ports['host1']}", "127.0.0.11", "rfc2782", "connected"):
            self.assertIn(part, done.err)

    def test_json(self):
        story = json.loads(self.expect(0, "resolve", self.V1, "--explain", "--json").err)
        self.assertEqual([tier["priority"] for tier in story["tiers"]], [0, 1])
        self.assertTrue(story["queries"])


    def story(self, command, seed, policy, *more):
        arguments = [*command, "--seed", seed, "--policy", policy, *more]
        plain, told = (self.expect(0, *arguments, *extra) for extra in ([], ["--explain"]))
        self.assertEqual(plain.out, told.out, "the explanation changes the choice")
        return told

    def test_the_choice_told_is_the_choice_made(self):
        for policy in ("rfc2782", "weighted", "ordered", "least-loaded", "hash"):
            for seed in range(8):
                told = self.story(["pick", self.V1], seed, policy)
                self.assertIn(f"  chosen: {told.text}", told.err)
                told = self.story(["get", self.V1, "/index.html"], seed, policy)
                chosen = told.err.split("  chosen: ")[1].split(":")[0]
                self.assertIn(f"running on {chosen.split('.')[0]}<", told.text)
                attempt = told.err.split("\nconnecting:\n")[1].splitlines()[0]
                self.assertIn(f"({chosen}, priority 0): connected", attempt)

    def test_the_draw_is_told(self):
        done = self.expect(0, "pick", self.V1, "--seed", 1, "--explain", "--json")
        decision = json.loads(done.err)["decision"]
        self.assertEqual([(c["weight"], c["running_sum"]) for c in decision["candidates"]], [(30, 30), (10, 40)])
        (draw,) = decision["draws"]
        self.assertEqual((draw["sum"]["least"], draw["sum"]["most"], decision["weight_sum"]), (0, 40, 40))
        selected = next(c for c in decision["candidates"] if c["running_sum"] >= draw["sum"]["number"])
        self.assertEqual(decision["chosen"], {"target": selected["target"], "port": selected["port"]})
        self.assertEqual([(e["reason"], e["priority"]) for e in decision["left_out"]], [("other tier", 1)])

    def test_a_key_and_its_order(self):
        decisions = [json.loads(self.expect(0, "get", self.V1, "--policy", "hash", "--hash-key", "user 42", "--seed", seed,
                                            "--explain", "--json").err)["decision"] for seed in (1, 2)]
        self.assertEqual(*decisions)
        scores = [c["score"] for c in decisions[0]["candidates"]]
        self.assertEqual(scores, sorted(scores))
        self.assertEqual(decisions[0]["order"][0], decisions[0]["chosen"])
        self.assertEqual(len(decisions[0]["order"]), 3)


class CompletionTest(lab.LabTest):
    def test_scripts_are_in_order(self):
        for shell in ("bash", "zsh", "fish"):
            self.assertIn("resolve", self.expect(0, "completion", shell).text)
        script = self.expect(0, "completion", "bash").out
        subprocess.run([lab.program("bash"), "-n"], input=script, check=True)


if __name__ == "__main__":
    lab.main()

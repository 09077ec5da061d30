"""Completion in bash, zsh and fish, each in a real terminal."""
import os
import pathlib
import subprocess
import unittest

import lab
import terminal

PROGRAM = pathlib.Path(os.environ["SD_CONNECT"])
READ = {"bash": "source <(sd-connect completion bash)",
        "zsh": "source <(sd-connect completion zsh)",
        "fish": "sd-connect completion fish | source"}
# What is typed, and what TAB makes of it.
LINES = [
    ("sd-connect reso", "sd-connect resolve"),
    ("sd-connect resolve --expl", "sd-connect resolve --explain"),
    ("sd-connect resolve _http._tcp.example.com --expl", "sd-connect resolve _http._tcp.example.com --explain"),
    ("sd-connect _http._tcp.example.com --instan", "sd-connect _http._tcp.example.com --instance"),
    ("sd-connect get a.b.c --inclu", "sd-connect get a.b.c --include"),
    ("sd-connect resolve a.b.c --inclu", "sd-connect resolve a.b.c --inclu"),
    ("sd-connect --policy weig", "sd-connect --policy weighted"),
    ("sd-connect --policy=weig", "sd-connect --policy=weighted"),
    ("sd-connect resolve -o js", "sd-connect resolve -o json"),
    ("sd-connect resolve a.b.c --output=js", "sd-connect resolve a.b.c --output=json"),
    ("sd-connect --server 127.0.0.1 reso", "sd-connect --server 127.0.0.1 resolve"),
    ("sd-connect -z check --inclu", "sd-connect -z check --include"),
    ("sd-connect get a.b.c reso", "sd-connect get a.b.c reso"),
    ("sd-connect demo --zone here.z", "sd-connect demo --zone here.zone"),
    ("sd-connect demo --zone=here.z", "sd-connect demo --zone=here.zone"),
    ("sd-connect browse --zone here.z", "sd-connect browse --zone here.z"),
    ("sd-connect completion fi", "sd-connect completion fish"),
    ("sd-connect check a.b.c --check htt", "sd-connect check a.b.c --check http"),
    ("sd-connect exec a.b.c -- here-is-a-comm", "sd-connect exec a.b.c -- here-is-a-command"),
    ("sd-connect exec a.b.c -q -- here-is-a-command here.z", "sd-connect exec a.b.c -q -- here-is-a-command here.zone"),
    ("sd-connect exec a.b.c -- sd-connect reso", "sd-connect exec a.b.c -- sd-connect resolve"),
    ("sd-connect check a.b.c --check exec -- here-is-a-comm", "sd-connect check a.b.c --check exec -- here-is-a-command"),
    ("sd-connect get a.b.c -- here-is-a-comm", "sd-connect get a.b.c -- here-is-a-comm"),
]


class ShellTest:
    def setUp(self):
        self.lab = lab.Lab()
        self.addCleanup(self.lab.close)
        self.lab.file("here.zone", "")
        command = self.lab.file("bin/here-is-a-command", "#!/bin/sh\n")
        command.chmod(0o755)
        environment = self.lab.environment
        environment["PATH"] = f"{command.parent}:{PROGRAM.parent}:{environment['PATH']}"
        self.terminal = terminal.Terminal(self.shell, environment, self.lab.folder, READ[self.shell])
        self.addCleanup(self.terminal.close)

    def test_completion(self):
        """[fault-O33]"""
        for typed, becomes in LINES:
            with self.subTest(typed):
                # bash adds no blank behind a file; zsh adds "=" behind an option with a value.
                self.assertEqual(self.terminal.completed(typed).rstrip(" ="), becomes)

    def test_values_are_listed_behind_an_equals_sign(self):
        """[fault-O33]"""
        self.terminal.offered("sd-connect --policy=", "least-loaded")


class BashTest(ShellTest, unittest.TestCase):
    shell = "bash"


class ZshTest(ShellTest, unittest.TestCase):
    shell = "zsh"

    def test_loaded_from_a_folder(self):
        """[fault-O33] As installed: the first TAB completes."""
        script = subprocess.run([PROGRAM, "completion", "zsh"], capture_output=True, check=True).stdout
        folder = self.lab.file("site/_sd-connect", script).parent
        self.terminal.send(f"compdef -d sd-connect; unfunction _sd-connect; fpath=({folder} $fpath)\n".encode())
        self.terminal.send(b"compinit -u -D; print LOA''DED\n")
        self.terminal.read_until(rb"LOADED")
        self.assertEqual(self.terminal.completed("sd-connect reso"), "sd-connect resolve ")


class FishTest(ShellTest, unittest.TestCase):
    shell = "fish"


if __name__ == "__main__":
    lab.main()

"""The program of the preset `static` is one file: it works in a folder that contains nothing but it
and a zone file. SD_CONNECT names the program."""
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

PROGRAM = pathlib.Path(os.environ["SD_CONNECT"])

ZONE = """$ORIGIN static.example.
$TTL 60
@                  SOA ns hostmaster 1 3600 600 86400 60
@                  NS  ns
ns                 A   127.0.0.1
_page._tcp         PTR one._page._tcp
one._page._tcp     SRV 0 0 8080 host
one._page._tcp     TXT "txtvers=1"
host               A   127.0.0.1
"""


class StaticTest(unittest.TestCase):
    def setUp(self):
        self.root = pathlib.Path(tempfile.mkdtemp(prefix="static-"))
        self.addCleanup(shutil.rmtree, self.root)
        shutil.copy(PROGRAM, self.root / "sd-connect")
        (self.root / "zone").write_text(ZONE)

    def alone(self, *arguments):
        """Runs the program with self.root as the root folder."""
        # The name space makes an ordinary user root in the eyes of chroot.
        shell = ["unshare", "--user", "--map-root-user"] if os.geteuid() else []
        return subprocess.run([*shell, "/usr/sbin/chroot", self.root, "/sd-connect", *arguments], stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=60, check=False, env={})

    def test_needs_no_library(self):
        dynamic = subprocess.run(["readelf", "--dynamic", "--program-headers", "--wide", PROGRAM], capture_output=True,
                                 text=True, check=True).stdout
        self.assertNotIn("(NEEDED)", dynamic)
        self.assertNotIn("INTERP", dynamic)

    def test_resolves_a_zone_file(self):
        done = self.alone("resolve", "--server", "file:/zone", "_page._tcp.static.example", "-o", "short")
        self.assertEqual((done.returncode, done.stdout.split()[:1]), (0, ["host.static.example:8080"]), done.stderr)

    def test_reaches_backends(self):
        """Its own name server and backends, DNS over UDP and TCP, HTTP."""
        done = self.alone("demo", "--once")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertIn("checks ok", done.stdout)

    def test_speaks_tls(self):
        """Certificates of the system are not there: a clear error, no crash."""
        done = self.alone("resolve", "--server", "tls://127.0.0.1@name.example", "--timeout", "2s", "_page._tcp.x.example")
        self.assertIn(done.returncode, (66, 71, 75, 77), done.stderr)
        self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)


if __name__ == "__main__":
    unittest.main()

"""The status page in Chromium, the metrics in promtool, a browser behind the proxy, and systemd."""
import os
import pathlib
import subprocess
import urllib.request

import lab
from browser import Browser
from helper import Helper, V1, exchange, get
from loopback import wait_until


class StatusPageTest(lab.SeedZoneTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.helper = Helper(cls.lab, "proxy", "--listen", "0", "--map", f"mapped.example={V1}", "--status", "127.0.0.1:0")
        cls.page = cls.helper.at["status"]
        cls.proxy = cls.helper.port("proxy")
        cls.ask()

    @classmethod
    def ask(cls):
        return exchange(("127.0.0.1", cls.proxy), f"GET http://{V1}/ HTTP/1.1\r\nHost: x\r\n\r\n".encode(), end=False)

    def browser(self, *arguments, **options):
        browser = Browser(self.lab.folder / f"chromium{len(os.listdir(self.lab.folder))}", *arguments, **options)
        self.addCleanup(browser.close)
        return browser

    def test_values_change(self):
        for options in ({}, {"dark": True}, {"width": 390}):
            browser = self.browser(**options)
            browser.open(self.page)
            browser.until("document.body?.innerText.includes('host1.unilans.net')")
            before = browser.run("document.body.innerText")
            for _ in range(5):
                self.ask()
            wait_until(lambda: browser.run("document.body.innerText") != before, "nothing changes")
            self.assertTrue(browser.run("document.documentElement.scrollWidth <= window.innerWidth"), options)
            self.assertEqual([u for u in browser.requested() if not u.startswith(self.page)], [])
            self.assertEqual(browser.complaints(), [])
            shown = browser.run("getComputedStyle(document.body).backgroundColor")
            lightness = sum(int(v) for v in shown[4:-1].split(",")[:3]) / 3
            self.assertEqual(lightness < 128, bool(options.get("dark")), shown)

    def test_metrics(self):
        text = urllib.request.urlopen(self.page + "metrics", timeout=20).read()
        checked = subprocess.run([lab.program("promtool"), "check", "metrics"], input=text, capture_output=True)
        self.assertEqual((checked.returncode, checked.stdout + checked.stderr), (0, b""))
        self.assertIn(f'service="{V1}."'.encode(), text)

    def test_a_browser_reaches_services(self):
        """By --proxy-server, and by the PAC file, where other names stay direct."""
        for argument in (f"--proxy-server=http://127.0.0.1:{self.proxy}", f"--proxy-server=socks5://127.0.0.1:{self.proxy}",
                         f"--proxy-pac-url=http://127.0.0.1:{self.proxy}/proxy.pac"):
            browser = self.browser(argument)
            browser.open(f"http://{V1}/")
            browser.until("document.body?.innerText.includes('running on host')")
        refused = self.helper.status()["listeners"][0]["refused"]
        browser.open(f"http://127.0.0.11:{self.ports['host1']}/")
        browser.until("document.body?.innerText.includes('running on host1')")
        self.assertEqual(self.helper.status()["listeners"][0]["refused"], refused)

    def test_units(self):
        folder = self.lab.folder / "units"
        folder.mkdir()
        for source in pathlib.Path(os.environ["PROJECT_SOURCE_DIR"], "tools/sd-connect/systemd").glob("*.in"):
            text = source.read_text().replace("@CMAKE_INSTALL_FULL_BINDIR@/sd-connect", os.environ["SD_CONNECT"])
            unit = folder / source.stem
            unit.write_text("".join(line for line in text.splitlines(True) if not line.startswith("Documentation=")))
        unit = folder / "sd-connect.service"
        checked = subprocess.run([lab.program("systemd-analyze"), "verify", "--man=no", unit], capture_output=True)
        self.assertEqual((checked.returncode, checked.stderr), (0, b""))
        said = subprocess.run([lab.program("systemd-analyze"), "security", "--offline=true", "--no-pager", "--threshold=15", unit],
                              capture_output=True)
        self.assertEqual(said.returncode, 0, said.stdout.decode()[-300:])

    def test_a_socket_that_systemd_opened(self):
        port = lab.free_port("127.0.0.1")
        self.lab.start(["systemd-socket-activate", "-l", f"127.0.0.1:{port}", "--fdname=proxy",
                        *self.lab.command("proxy", "--listen", str(port))])
        wait_until(lambda: lab.is_listening("127.0.0.1", port), "nobody listens")
        reply = exchange(("127.0.0.1", port), f"GET http://{V1}/ HTTP/1.1\r\nHost: x\r\n\r\n".encode(), end=False)
        self.assertIn(b"running on", reply)


if __name__ == "__main__":
    lab.main()

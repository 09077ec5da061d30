"""A headless Chromium, driven by its DevTools protocol over a pipe."""
import json
import os
import subprocess

from lab import program
from loopback import wait_until


class Browser:
    """`arguments` go to Chromium. close() ends it."""

    def __init__(self, folder, *arguments, width=1280, height=900, dark=False):
        to_read, self._writing = os.pipe()
        self._reading, to_write = os.pipe()

        def pass_pipes():
            # Chromium reads commands from 3 and writes to 4.
            for source, spare, number in ((to_read, 33, 3), (to_write, 34, 4)):
                os.dup2(source, spare)
                os.dup2(spare, number)

        self._process = subprocess.Popen(
            [program("chromium"), "--headless=new", "--no-sandbox", "--disable-gpu", "--remote-debugging-pipe",
             "--hide-scrollbars", "--no-first-run", "--disable-background-networking", f"--user-data-dir={folder}",
             *arguments, "about:blank"],
            preexec_fn=pass_pipes, close_fds=False, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, env=os.environ | {"HOME": str(folder)})
        os.close(to_read)
        os.close(to_write)
        self._buffer = b""
        self._number = 0
        self._session = None
        self.events = []
        page = next(t for t in self.call("Target.getTargets")["targetInfos"] if t["type"] == "page")
        self._session = self.call("Target.attachToTarget", targetId=page["targetId"], flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Network", "Log"):
            self.call(domain + ".enable")
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1,
                  mobile=width < 600)
        self.call("Emulation.setEmulatedMedia",
                  features=[{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}])

    def close(self):
        self._process.kill()
        self._process.wait()
        os.close(self._reading)
        os.close(self._writing)

    def _message(self):
        while b"\0" not in self._buffer:
            octets = os.read(self._reading, 65536)
            if not octets:
                raise RuntimeError("chromium ended")
            self._buffer += octets
        line, self._buffer = self._buffer.split(b"\0", 1)
        return json.loads(line)

    def call(self, method, **params):
        self._number += 1
        request = {"id": self._number, "method": method, "params": params}
        if self._session:
            request["sessionId"] = self._session
        os.write(self._writing, json.dumps(request).encode() + b"\0")
        while True:
            message = self._message()
            if message.get("id") == self._number:
                if "error" in message:
                    raise RuntimeError(f"{method}: {message['error']}")
                return message["result"]
            self.events.append(message)

    def run(self, script):
        done = self.call("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in done:
            raise RuntimeError(done["exceptionDetails"])
        return done["result"].get("value")

    def open(self, url):
        return self.call("Page.navigate", url=url)

    def until(self, script):
        wait_until(lambda: self.run(script), script)

    def requested(self):
        """The URLs that the page has requested."""
        return [e["params"]["request"]["url"] for e in self.events if e.get("method") == "Network.requestWillBeSent"]

    def complaints(self):
        """Messages of the console and of the browser: errors, refused scripts and so on."""
        return [e["params"] for e in self.events
                if e.get("method") == "Log.entryAdded" or e.get("method") == "Runtime.exceptionThrown"]

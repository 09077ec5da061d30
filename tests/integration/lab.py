"""sd-connect against real servers: each on a free port, in a temporary folder, removed when the
test ends.
"""
import contextlib
import ctypes
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

import loopback
import servers
from loopback import PATIENCE, free_port, is_listening, wait_until

LIBC = ctypes.CDLL(None, use_errno=True)
PR_SET_PDEATHSIG = 1


def program(name):
    path = shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")
    if path is None:
        raise FileNotFoundError(f"{name} is not installed (scripts/lib/packages.sh lists the packages)")
    return path


def seed_zone(ports=None):
    """The example zone with its ports (18081..18084) replaced."""
    text = (pathlib.Path(__file__).parent / "unilans.zone").read_text()
    for old, new in (ports or {}).items():
        text = text.replace(f" {old} ", f" {new} ")
    return text


def zone_text(domain, records):
    return f"$ORIGIN {domain}.\n$TTL 60\n@ SOA ns1 hostmaster 1 3600 600 86400 60\n@ NS ns1\nns1 A 127.0.0.1\n{records}\n"


class Result:
    def __init__(self, code, out, err, seconds):
        self.code, self.out, self.err, self.seconds = code, out, err, seconds

    @property
    def text(self):
        return self.out.decode()

    def __str__(self):
        return f"exit {self.code}, stdout {self.out[:2000]!r}, stderr {self.err!r}"


class Lab:
    """Starts servers; close() ends them. They also end with this process, however it ends."""

    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="lab-"))
        self.server = None
        self._closing = contextlib.ExitStack()
        self._closing.callback(shutil.rmtree, self.folder, ignore_errors=True)

    def close(self):
        self._closing.close()

    @property
    def environment(self):
        """An environment without the user's settings."""
        clean = {k: v for k, v in os.environ.items() if not k.startswith(("SD_", "XDG_", "LC_", "SSH_"))}
        return clean | {"HOME": str(self.folder), "LANG": "C.UTF-8"}

    def file(self, name, content):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def start(self, argv, **options):
        options.setdefault("stdin", subprocess.DEVNULL)
        options.setdefault("env", self.environment)
        process = subprocess.Popen(
            [program(str(argv[0])), *map(str, argv[1:])], start_new_session=True,
            preexec_fn=lambda: LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL), **options)
        self._closing.callback(self.stop, process)
        return process

    @staticmethod
    def stop(process):
        if process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
        process.wait(PATIENCE)
        for pipe in (process.stdin, process.stdout, process.stderr):
            if pipe:
                with contextlib.suppress(OSError):
                    pipe.close()

    def run(self, argv):
        """Returns the output of a helper program, which must succeed."""
        done = subprocess.run([program(str(argv[0])), *map(str, argv[1:])], stdin=subprocess.DEVNULL, capture_output=True,
                              timeout=PATIENCE, env=self.environment)
        if done.returncode:
            raise RuntimeError(f"{argv}: exit {done.returncode}: {(done.stdout + done.stderr).decode(errors='replace')}")
        return done.stdout.decode()

    def start_server(self, argv, is_ready, name):
        log = self.folder / f"{name}.log"
        with open(log, "wb") as sink:
            process = self.start(argv, stdout=sink, stderr=sink)
        try:
            wait_until(lambda: is_ready() or process.poll() is not None, f"{name} is not ready")
            if process.poll() is not None:
                raise RuntimeError(f"{name} ended with {process.returncode}")
        except Exception as error:
            raise RuntimeError(f"{error}: {log.read_text(errors='replace')}") from None
        return process

    def name_server(self, zones):
        """Starts knotd; `zones` maps domains to zone files. It becomes sd-connect's default server
        in this lab."""
        server = servers.Knot(self, zones)
        self.server = server.address
        return server.port

    def web_server(self, address, port, pages, more="", tls=None):
        """Starts nginx; `pages` maps paths to their content."""
        name = f"nginx-{address}-{port}"
        for path, content in pages.items():
            self.file(f"{name}/root/{path}", content)
        temporary = "".join(f"{kind}_temp_path {self.folder}/{name}/{kind};\n"
                            for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        security = f"ssl_certificate {tls}.pem; ssl_certificate_key {tls}.key;" if tls else ""
        conf = self.file(f"{name}/nginx.conf", f"""daemon off; master_process off; pid {self.folder}/{name}/pid;
error_log stderr warn;
events {{ worker_connections 64; }}
http {{
access_log off;
default_type text/plain;
{temporary}
server {{ listen {address}:{port}{' ssl' if tls else ''}; root {self.folder}/{name}/root; {security}
{more}
}}}}""")
        argv = ["nginx", "-p", self.folder / name, "-e", "stderr", "-c", conf]
        return self.start_server(argv, lambda: is_listening(address, port), name)

    def backends(self):
        """Starts the example zone on knotd and its four hosts on nginx; returns (processes by host,
        port by host)."""
        hosts = {"host1": (18081, "127.0.0.11"), "host2": (18082, "127.0.0.12"), "host100": (18083, "127.0.0.100"),
                 "host3": (18084, "127.0.0.13")}
        ports = {host: free_port(address) for host, (_, address) in hosts.items()}
        self.name_server({"unilans.net": seed_zone({old: ports[host] for host, (old, _) in hosts.items()})})
        servers = {host: self.web_server(address, ports[host], {"index.html": page(host)}, WEB_ECHO)
                   for host, (_, address) in hosts.items()}
        return servers, ports

    def command(self, *args, server=None):
        chosen = server or self.server
        return [os.environ["SD_CONNECT"], *(["--server", chosen] if chosen else []), *map(str, args)]

    def sd_connect(self, *args, server=None, stdin=b"", env=None):
        began = time.monotonic()
        done = subprocess.run(self.command(*args, server=server), input=stdin, capture_output=True, timeout=60,
                              env=self.environment | (env or {}))
        return Result(done.returncode, done.stdout, done.stderr.decode(), time.monotonic() - began)

    def peer(self, serve, port=0):
        """Calls serve(socket) in this process for each connection to 127.0.0.1 and the returned
        port."""
        return self._until_close(loopback.tcp_server(serve, port))

    def datagram_peer(self, answer, port=0):
        """Sends back answer(query) from this process. Returns the port."""
        return self._until_close(loopback.udp_server(answer, port))

    def _until_close(self, server):
        self._closing.callback(server.server_close)
        self._closing.callback(server.shutdown)
        return server.server_address[1]


WEB_ECHO = """location = /host { return 200 "$http_host"; }
location = /fields { return 200 "$http_x_first|$http_x_second|$http_user_agent"; }
location = /moved { return 302 http://127.0.0.1:1/elsewhere; }"""


def page(host):
    return f"<html><head><title>Demo Page</title></head><body>Status: running on {host}</body></html>\n"


class LabTest(unittest.TestCase):
    """One lab for each class of tests."""

    @classmethod
    def setUpClass(cls):
        cls.lab = Lab()
        cls.addClassCleanup(cls.lab.close)

    def expect(self, code, *args, **options):
        done = self.lab.sd_connect(*args, **options)
        self.assertEqual(done.code, code, f"{args}: {done}")
        return done

    def expect_failure(self, code, *args, **options):
        """Checks that the failure is one line on stderr."""
        done = self.expect(code, *args, **options)
        self.assertRegex(done.err, r"\Asd-connect: [^\n]+\n\Z", str(args))
        return done


class SeedZoneTest(LabTest):
    """The example zone with all its backends running; names as in the zone, without final dot."""
    V1 = "_v1._theservice._tcp.unilans.net"
    V2 = "_v2._theservice._tcp.unilans.net"
    TYPE = "_theService._tcp.unilans.net"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.servers, cls.ports = cls.lab.backends()

    def json(self, *args):
        done = self.expect(0, *args, "--json")
        self.assertEqual((done.err, done.text.count("\n")), ("", 1))
        return json.loads(done.text)


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    unittest.main(verbosity=2)

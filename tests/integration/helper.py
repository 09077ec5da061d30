"""A running `sd-connect forward` or `proxy`, and clients that say exactly what they want."""
import contextlib
import http.client
import json
import signal
import socket
import struct
import subprocess
import threading

from loopback import PATIENCE, wait_until

V1, V2 = "_v1._theservice._tcp.unilans.net", "_v2._theservice._tcp.unilans.net"


class Helper:
    """A running forward or proxy. `at` maps what stands behind the address to the address."""

    def __init__(self, of, *args, env=None, **options):
        self.log = of.folder / f"helper-{id(self)}.log"
        with open(self.log, "wb") as sink:
            self.process = of.start(of.command(*args, **options), stdout=subprocess.PIPE, stderr=sink,
                                    env=of.environment | (env or {}))
        self.lines = []
        reader = threading.Thread(target=lambda: self.lines.extend(self.process.stdout), daemon=True)
        reader.start()
        expected = sum("=" in str(a) for a in args) if args[0] == "forward" else 1
        wait_until(lambda: len(self.lines) >= max(expected, 1) + args.count("--status") or self.process.poll() is not None,
                   "the helper is not ready")
        if self.process.poll() is not None:
            raise RuntimeError(self.errors())
        self.at = {}
        for line in self.lines:
            address, what = line.decode().split()
            self.at.setdefault(what.rstrip("."), address)

    def errors(self):
        return self.log.read_text()

    def port(self, what):
        return int(self.at[what].rsplit(":", 1)[1].rstrip("/"))

    def status(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.port("status"), timeout=PATIENCE)
        with contextlib.closing(connection):
            connection.request("GET", "/api/status")
            return json.load(connection.getresponse())

    def end(self, number=signal.SIGTERM):
        self.process.send_signal(number)
        return self.process.wait(PATIENCE)


def exchange(address, octets, end=True):
    with socket.create_connection(address, PATIENCE) as connection:
        connection.settimeout(PATIENCE)
        connection.sendall(octets)
        if end:
            connection.shutdown(socket.SHUT_WR)
        received = b""
        while part := connection.recv(65536):
            received += part
        return received


def socks5(name, port=80, command=1, methods=b"\0"):
    host = name.encode()
    return (b"\5" + bytes([len(methods)]) + methods + b"\5" + bytes([command]) + b"\0\3" + bytes([len(host)]) + host +
            struct.pack("!H", port))


def get(host, path="/"):
    return f"GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode()

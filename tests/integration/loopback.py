"""The loopback network: free ports, listening sockets, and servers inside the test that do what
real ones cannot.
"""
import contextlib
import pathlib
import random
import socket
import socketserver
import struct
import threading
import time

PATIENCE = 20  # seconds for steps that take milliseconds, on a machine that does ten other things


def wait_until(condition, what):
    deadline = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(what)
        time.sleep(0.002)


def free_port(address="127.0.0.1"):
    """Returns a port that is free for UDP and TCP. It is below the ports of outgoing connections,
    so that it stays free until the server opens it."""
    while True:
        port = random.randrange(15000, 32000)
        with contextlib.ExitStack() as sockets:
            try:
                for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
                    sockets.enter_context(socket.socket(socket.AF_INET, kind)).bind((address, port))
                return port
            except OSError:
                continue


def is_listening(address, port):
    """Checks without connecting: nc serves the first connection only."""
    raw = struct.unpack("=I", socket.inet_aton(address))[0]
    return f" {raw:08X}:{port:04X} 00000000:0000 0A " in pathlib.Path("/proc/net/tcp").read_text()


def question(name, qtype, query_id=4711):
    qname = b"".join(bytes([len(label)]) + label.encode() for label in name.split("."))
    return struct.pack("!6H", query_id, 0x0100, 1, 0, 0, 0) + qname + b"\0" + struct.pack("!2H", qtype, 1)  # RD; class IN


def has_address(port, name):
    """Whether the name server at `port` knows an A record of `name`, which means that it has loaded
    the zone."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.settimeout(0.2)
        try:
            sock.connect(("127.0.0.1", port))
            sock.send(question(name, 1))
            reply = sock.recv(4096)
        except OSError:
            return False
    return reply[3] & 0x0F == 0 and reply[6:8] != b"\0\0"  # NOERROR with an answer


def _in_background(server):
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    return server


def tcp_server(serve, port=0):
    """Calls serve(socket) for each connection to its server_address; port 0 selects a free one."""
    class Handler(socketserver.BaseRequestHandler):
        def handle(self):
            with contextlib.suppress(OSError):
                serve(self.request)

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True
        request_queue_size = 64

    return _in_background(Server(("127.0.0.1", port), Handler))


def udp_server(answer, port=0):
    """Sends answer(query) back."""
    class Handler(socketserver.BaseRequestHandler):
        def handle(self):
            query, sock = self.request
            sock.sendto(answer(query), self.client_address)

    return _in_background(socketserver.UDPServer(("127.0.0.1", port), Handler))

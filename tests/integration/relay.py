"""A relay in front of a name server: it loses, delays, duplicates and reorders datagrams, and
records the questions.
"""
import collections
import contextlib
import heapq
import itertools
import random
import select
import selectors
import socket
import threading
import time

import dns.message
import dns.rdatatype

import loopback

Question = collections.namedtuple("Question", "time name type")


class Relay:
    """Relays from `port` of 127.0.0.1 to the name server at `far_port`. Forwards TCP unchanged, or
    refuses it."""
    MOST_CLIENTS = 500  # sockets to the server; beyond that, a client's late datagrams are lost

    def __init__(self, far_port, drop=0.0, duplicate=0.0, delay=(0.0, 0.0), with_tcp=True, mute=(), seed=1):
        """`drop` and `duplicate`: the probability for each datagram in each direction; `delay`:
        seconds, drawn for each, so that datagrams overtake each other. `mute`: record types that
        get no answer over UDP."""
        self.mute = mute
        self.far_port, self.drop, self.duplicate, self.delay = far_port, drop, duplicate, delay
        self.questions = []
        self.random = random.Random(seed)
        self.port = loopback.free_port()
        self.address = f"127.0.0.1#{self.port}"
        self._near = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._near.bind(("127.0.0.1", self.port))
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._near, selectors.EVENT_READ)
        self._far = collections.OrderedDict()  # the socket to the server, by client
        self._later = []  # heap of (when, order, socket, data, client or None)
        self._order = itertools.count()
        self._is_open = True
        self._streams = loopback.tcp_server(self._serve_stream, self.port) if with_tcp else None
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def close(self):
        self._is_open = False
        self._thread.join()
        if self._streams:
            self._streams.shutdown()
            self._streams.server_close()
        for sock in (self._near, *self._far.values()):
            sock.close()
        self._selector.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def counts(self):
        """Returns how often each (name, type) was asked."""
        return collections.Counter((q.name, q.type) for q in list(self.questions))

    def _record(self, data):
        """Returns whether to forward it."""
        with contextlib.suppress(dns.exception.DNSException):
            asked = dns.message.from_wire(data, question_only=True).question[0]
            kind = dns.rdatatype.to_text(asked.rdtype)
            self.questions.append(Question(time.monotonic(), asked.name.to_text().lower(), kind))
            return kind not in self.mute
        return True

    def _run(self):
        while self._is_open:
            wait = min(0.05, self._later[0][0] - time.monotonic()) if self._later else 0.05
            for key, _ in self._selector.select(max(0.0, wait)):
                with contextlib.suppress(ConnectionRefusedError):
                    self._receive(key.fileobj, key.data)
            while self._later and self._later[0][0] <= time.monotonic():
                _, _, sock, data, client = heapq.heappop(self._later)
                with contextlib.suppress(OSError):
                    sock.sendto(data, client) if client else sock.send(data)

    def _receive(self, sock, client):
        if sock is self._near:
            data, client = sock.recvfrom(65536)
            if self._record(data):
                self._post(self._far_socket(client), data, None)
        elif self._far.get(client) is sock:  # not a socket that was just closed
            self._post(self._near, sock.recv(65536), client)

    def _far_socket(self, client):
        sock = self._far.get(client)
        if sock is None:
            if len(self._far) >= self.MOST_CLIENTS:
                _, oldest = self._far.popitem(last=False)
                self._selector.unregister(oldest)
                oldest.close()
            sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            sock.connect(("127.0.0.1", self.far_port))
            self._selector.register(sock, selectors.EVENT_READ, client)
            self._far[client] = sock
        return sock

    def _post(self, sock, data, client):
        for _ in range(2 if self.random.random() < self.duplicate else 1):
            if self.random.random() >= self.drop:
                when = time.monotonic() + self.random.uniform(*self.delay)
                heapq.heappush(self._later, (when, next(self._order), sock, data, client))

    def _serve_stream(self, near):
        with socket.create_connection(("127.0.0.1", self.far_port)) as far:
            copy_both_ways(near, far)


def copy_both_ways(near, far, limit=None):
    """Copies until one side ends; of `far`'s octets at most `limit`, then it sends nothing more."""
    passed = 0
    while True:
        for sock in select.select([near, far], [], [])[0]:
            data = sock.recv(65536)
            if not data:
                return
            if sock is near:
                far.sendall(data)
                continue
            if limit is not None:
                data = data[:max(0, limit - passed)]
            passed += len(data)
            near.sendall(data)

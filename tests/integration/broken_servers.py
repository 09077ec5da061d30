"""Name servers whose streams end in every way in which streams end. One thread listens for all of
them, so that many servers cost nothing while they wait.
"""
import contextlib
import select
import selectors
import socket
import struct
import threading
import time


class Stream:
    """A connection that a client has made. It is closed when the function that serves it returns."""

    def __init__(self, sock, tls):
        """`tls`: the context of the handshake; None for plain TCP."""
        self.sock, self.tls, self.received = sock, tls, b""

    def shake_hands(self):
        if self.tls:
            self.sock = self.tls.wrap_socket(self.sock, server_side=True)

    def questions(self, after=0.0):
        """Yields lists of queries, each `after` seconds after the first of them came, until the client
        ends the stream."""
        self.shake_hands()
        while select.select([self.sock], [], []):
            time.sleep(after)
            while select.select([self.sock], [], [], 0)[0]:
                octets = self.sock.recv(65536)
                if not octets:
                    return
                self.received += octets
            queries = []
            while size := self._first_message():
                queries.append(self.received[2:size])
                self.received = self.received[size:]
            if queries:
                yield queries

    def _first_message(self):
        size = 2 + int.from_bytes(self.received[:2], "big")
        return size if 2 < size <= len(self.received) else 0

    def send(self, message, size=None):
        """`size`: how many octets of it, with its length in front; None sends all."""
        self.sock.sendall((struct.pack("!H", len(message)) + message)[:size])

    def end(self):
        """Sends FIN, without close_notify under TLS, and waits for the client's."""
        self.sock.shutdown(socket.SHUT_WR)
        self.wait()

    def wait(self):
        while self.sock.recv(65536):
            pass

    def reset(self):
        """Sends RST."""
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close()

    def close(self):
        self.sock.close()


class Listeners(threading.Thread):
    """Begins to serve with start()."""

    def __init__(self):
        super().__init__(daemon=True)
        self.selector = selectors.DefaultSelector()
        self.is_open = True

    def run(self):
        while self.is_open:
            for key, _ in self.selector.select(0.1):
                key.data(key.fileobj)

    def close(self):
        self.is_open = False
        self.join()
        for key in list(self.selector.get_map().values()):
            key.fileobj.close()
        self.selector.close()

    def add(self, answer, serve, tls=None):
        """Sends answer(query) for each datagram to 127.0.0.1 and the returned port, and calls
        serve(stream, n) for the n-th connection, in a thread of its own."""
        numbers = iter(range(1 << 30))

        def on_datagram(sock):
            query, peer = sock.recvfrom(4096)
            sock.sendto(answer(query), peer)

        def on_connection(sock):
            accepted, _ = sock.accept()
            threading.Thread(target=self._serve, args=(Stream(accepted, tls), serve, next(numbers)), daemon=True).start()

        while True:
            udp, tcp = socket.socket(type=socket.SOCK_DGRAM), socket.create_server(("127.0.0.1", 0))
            try:
                udp.bind(tcp.getsockname())
            except OSError:  # somebody has that port for UDP
                udp.close()
                tcp.close()
                continue
            self.selector.register(udp, selectors.EVENT_READ, on_datagram)
            self.selector.register(tcp, selectors.EVENT_READ, on_connection)
            return tcp.getsockname()[1]

    @staticmethod
    def _serve(stream, serve, number):
        with contextlib.closing(stream), contextlib.suppress(OSError):  # the client has ended the stream
            serve(stream, number)

"""A name server whose zones lead from a few records to as many others as one likes: the shapes of FAULTS O7.

    hostile_server.py SHAPE     prints its port and domain, and serves until it is killed

To measure: /usr/bin/time -f %M sd-connect get _x._tcp.DOMAIN --server 127.0.0.1#PORT --timeout 8s

Each answer is made when it is asked for, so that a zone of a million records takes no memory here.
"""
import select
import socket
import struct
import sys
import time

A, CNAME, SOA, PTR, TXT, AAAA, SRV = 1, 5, 6, 12, 16, 28, 33
SHORT = (b"example", b"com")
LONG = tuple(bytes([97 + i]) * 59 for i in range(3)) + (b"d" * 44,)  # leaves 25 octets of 255


class Answer:
    """The records of one answer. Names in the data are below the domain, and compressed."""

    def __init__(self, at_domain):
        self.pointer = struct.pack(">H", 0xC000 | at_domain)
        self.parts, self.extra, self.count, self.extra_count, self.size = [], [], 0, 0, 0
        self.code = 0

    def name(self, *labels):
        return b"".join(bytes([len(label)]) + label for label in labels) + self.pointer

    def add(self, rr_type, data, ttl=60, owner=b"\xc0\x0c", limit=65_000):
        rr = owner + struct.pack(">HHIH", rr_type, 1, ttl, len(data)) + data
        if self.size + len(rr) > limit:
            return False
        self.size += len(rr)
        self.parts.append(rr)
        self.count += 1
        return True

    def add_extra(self, owner, rr_type, data, ttl=60):
        rr = owner + struct.pack(">HHIH", rr_type, 1, ttl, len(data)) + data
        if self.size + len(rr) > 65_000:
            return False
        self.size += len(rr)
        self.extra.append(rr)
        self.extra_count += 1
        return True

    def srv(self, label, port=80, priority=0, ttl=60):
        return self.add(SRV, struct.pack(">HHH", priority, 2, port) + self.name(label), ttl)

    def message(self, head, asked):
        authority = b""
        if self.count == 0 and self.code != 2:
            authority = (self.pointer + struct.pack(">HHIH", SOA, 1, 60, 24) + self.pointer * 2 +
                         struct.pack(">5I", 1, 60, 60, 60, 60))
        counts = struct.pack(">HHHHH", 0x8400 | self.code, 1, self.count, 1 if authority else 0, self.extra_count)
        return head + counts + asked + b"".join(self.parts) + authority + b"".join(self.extra)


class Zone:
    """By default: `instances` instances, each with `per_instance` SRV records of its own targets."""
    domain = SHORT
    instances, per_instance = 300, 2400
    addresses = 1
    ttl = 60

    def answer(self, out, labels, rr_type):
        if labels[:2] == (b"_x", b"_tcp"):
            return self.type(out, rr_type)
        if labels[:3] == (b"_services", b"_dns-sd", b"_udp"):
            return self.types(out, rr_type)
        if labels[1:3] == (b"_x", b"_tcp"):
            if rr_type == SRV:
                return self.srv(out, labels[0])
            if rr_type == TXT:
                return self.txt(out, labels[0])
            return None
        return self.host(out, labels[0] if labels else b"", rr_type)

    def type(self, out, rr_type):
        if rr_type == PTR:
            for i in range(self.instances):
                out.add(PTR, out.name(b"i%x" % i, b"_x", b"_tcp"), self.ttl)

    def types(self, out, rr_type):
        for i in range(5000):
            out.add(PTR, out.name(b"_%x" % i, b"_tcp"), self.ttl)

    def first_record(self, instance):
        return int(instance[1:], 16) * self.per_instance

    def srv(self, out, instance):
        first = self.first_record(instance)
        for i in range(first, first + self.per_instance):
            out.srv(b"t%x" % i, ttl=self.ttl)

    def txt(self, out, instance):
        pass

    def host(self, out, label, rr_type):
        if rr_type == A:
            for i in range(self.addresses):
                out.add(A, bytes([127, 0, i >> 8 & 255, 1 + i % 250]), self.ttl)


class Aliases(Zone):
    def srv(self, out, instance):
        if instance != b"shared":
            out.add(CNAME, out.name(b"shared", b"_x", b"_tcp"))
        else:
            for i in range(2500):
                out.srv(b"t%x" % i)

class AliasesThousand(Aliases):
    instances = 1000

class Own(Zone):
    pass

class OwnLong(Zone):
    domain = LONG

class OwnDual(OwnLong):
    def host(self, out, label, rr_type):
        if rr_type == A:
            out.add(A, bytes([127, 0, 0, 1]))
        if rr_type == AAAA:
            out.add(AAAA, bytes(15) + b"\1")

class Addresses(OwnLong):
    """Answers that just fit a datagram."""
    instances = 8
    ipv4, ipv6 = 55, 30
    def host(self, out, label, rr_type):
        if rr_type == A:
            for i in range(self.ipv4):
                out.add(A, bytes([127, 0, i >> 8 & 255, 1 + i % 250]))
        if rr_type == AAAA:
            for i in range(self.ipv6):
                out.add(AAAA, bytes([0xfd]) + bytes(13) + struct.pack(">H", i + 1))

class AddressesTcp(Addresses):
    ipv4, ipv6 = 300, 300

class Ports(AddressesTcp):
    """One target with all ports and 600 addresses."""
    domain = SHORT
    def srv(self, out, instance):
        first = self.first_record(instance)
        for i in range(first, first + self.per_instance):
            out.srv(b"t", port=1 + i)

class BigTxt(Zone):
    domain = LONG
    instances, per_instance = 5000, 1
    def txt(self, out, instance):
        out.add(TXT, (b"\xff" + b"k" + instance + b"=" + b"v" * (253 - len(instance))) * 250)

class MediumTxt(BigTxt):
    def txt(self, out, instance):
        out.add(TXT, (b"\xff" + b"k" + instance + b"=" + b"v" * (253 - len(instance))) * 4)

class ManyTxt(BigTxt):
    """Thousands of TXT records of one instance each."""
    def txt(self, out, instance):
        for i in range(4000):
            out.add(TXT, b"\5%05d" % i)

class Chains(Zone):
    """Each instance is an alias of an alias ... of a name with records of its own."""
    domain = LONG
    instances, per_instance = 5000, 4
    def srv(self, out, instance):
        step, of = instance[:1], instance[1:]
        if step in b"ibcdefg":
            out.add(CNAME, out.name(bytes([step[0] + 1 if step != b"i" else ord("b")]) + of, b"_x", b"_tcp"))
        else:
            super().srv(out, instance)

class TargetAliases(OwnLong):
    def host(self, out, label, rr_type):
        if label[:1] == b"t":
            out.add(CNAME, out.name(b"u" + label[1:]))
        else:
            super().host(out, label, rr_type)

class Additional(Zone):
    domain = LONG
    per_instance = 1000
    def srv(self, out, instance):
        super().srv(out, instance)
        first = self.first_record(instance)
        for i in range(first, first + self.per_instance):
            out.add_extra(out.name(b"t%x" % i), A, bytes([127, 0, 0, 1]))

class Junk(Zone):
    """PTR records that lead to no instance, with junk behind."""
    instances = 0
    domain = LONG
    def type(self, out, rr_type):
        if rr_type == PTR:
            for i in range(6):
                out.add(PTR, out.name(b"i%x" % i, b"_x", b"_tcp"))
            for i in range(5000):
                out.add(PTR, out.name(b"i%x" % i, b"_y", b"_tcp"))

class Shared(Zone):
    """All instances have the same records."""
    instances = 5000
    domain = LONG
    def first_record(self, instance):
        return 0

class Overlap(Zone):
    """Sets that differ by one record."""
    instances = 5000
    domain = LONG
    def first_record(self, instance):
        return int(instance[1:], 16)

class Failing(OwnLong):
    def host(self, out, label, rr_type):
        out.code = 2

class Changing(OwnLong):
    """Another zone every second."""
    ttl = 1
    def first_record(self, instance):
        return (int(time.time()) % 100_000 * 300 + int(instance[1:], 16)) * self.per_instance

class ChangingWeights(OwnLong):
    """The same endpoints, with another weight and other addresses every second."""
    ttl = 1
    instances = 4
    def srv(self, out, instance):
        first = self.first_record(instance)
        weight = int(time.time()) % 50_000
        for i in range(first, first + self.per_instance):
            out.add(SRV, struct.pack(">HHH", 0, weight, 80) + out.name(b"t%x" % i), self.ttl)
    def host(self, out, label, rr_type):
        if rr_type == A:
            for i in range(10):
                out.add(A, bytes([127, int(time.time()) % 250, i >> 8 & 255, 1 + i % 250]), self.ttl)

class Ten(OwnLong):
    """Ten thousand endpoints exactly, of three thousand instances."""
    instances, per_instance = 3334, 3

ZONES = {cls.__name__.lower(): cls for cls in list(globals().values())
         if isinstance(cls, type) and issubclass(cls, Zone) and cls is not Zone}


def wire(labels):
    return b"".join(bytes([len(label)]) + label for label in labels) + b"\0"


class Server:
    def __init__(self, zone):
        self.zone = zone
        self.suffix = wire(zone.domain)
        self.udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.udp.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        self.tcp = socket.socket()
        self.udp.bind(("127.0.0.1", 0))
        self.tcp.bind(self.udp.getsockname())
        self.tcp.listen(64)
        self.port = self.udp.getsockname()[1]
        self.questions = 0

    def reply(self, query, most):
        self.questions += 1
        at = 12
        labels = []
        while query[at]:
            labels.append(query[at + 1:at + 1 + query[at]])
            at += 1 + query[at]
        asked = query[12:at + 5]
        rr_type = struct.unpack(">H", query[at + 1:at + 3])[0]
        depth = len(labels) - len(self.zone.domain)
        at_domain = at + 1 - len(self.suffix)
        if depth < 0 or tuple(l.lower() for l in labels[depth:]) != self.zone.domain:
            return query[:2] + struct.pack(">HHHHH", 0x8405, 1, 0, 0, 0) + asked
        out = Answer(at_domain)
        self.zone.answer(out, tuple(l.lower() for l in labels[:depth]), rr_type)
        whole = out.message(query[:2], asked)
        if len(whole) <= most:
            return whole
        return query[:2] + struct.pack(">HHHHH", 0x8600, 1, 0, 0, 0) + asked

    def run(self):
        self.udp.setblocking(False)
        poll = select.epoll()
        poll.register(self.udp.fileno(), select.EPOLLIN)
        poll.register(self.tcp.fileno(), select.EPOLLIN)
        streams = {}
        while True:
            for fd, event in poll.poll():
                if fd == self.udp.fileno():
                    for _ in range(64):
                        try:
                            query, peer = self.udp.recvfrom(4096)
                        except BlockingIOError:
                            break
                        self.udp.sendto(self.reply(query, 1232), peer)
                elif fd == self.tcp.fileno():
                    stream, _ = self.tcp.accept()
                    stream.setblocking(False)
                    streams[stream.fileno()] = [stream, b"", bytearray()]
                    poll.register(stream.fileno(), select.EPOLLIN)
                else:
                    self.serve(fd, event, streams, poll)

    def serve(self, fd, event, streams, poll):
        state = streams[fd]
        stream = state[0]
        try:
            if event & select.EPOLLIN and len(state[2]) < 1 << 20:
                data = stream.recv(1 << 16)
                if not data:
                    raise ConnectionError
                state[1] += data
            while len(state[2]) < 1 << 20 and len(state[1]) >= 2 and len(state[1]) >= 2 + struct.unpack(">H", state[1][:2])[0]:
                size = struct.unpack(">H", state[1][:2])[0]
                query, state[1] = state[1][2:2 + size], state[1][2 + size:]
                whole = self.reply(query, 65_535)
                state[2] += struct.pack(">H", len(whole)) + whole
            if state[2]:
                try:
                    sent = stream.send(state[2])
                    del state[2][:sent]
                except BlockingIOError:
                    pass
            waits = bool(state[2])
            poll.modify(fd, (select.EPOLLOUT if waits else 0) | (select.EPOLLIN if len(state[2]) < 1 << 20 else 0))
        except OSError:
            poll.unregister(fd)
            stream.close()
            del streams[fd]


if __name__ == "__main__":
    server = Server(ZONES[sys.argv[1]]())
    print(server.port, ".".join(l.decode() for l in server.zone.domain), flush=True)
    try:
        server.run()
    except KeyboardInterrupt:
        print(server.questions, file=sys.stderr)

"""What a name server says to a query, made with dnspython."""
import dns.edns
import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset

DOMAIN = "lab.example."
SOA = "ns1.lab.example. hostmaster.lab.example. 1 3600 600 86400 60"


class Answers:
    """What a name server says: records, and what it says in place of an answer."""

    def __init__(self, *records, rcode=dns.rcode.NOERROR, soa=True, authority=(), domain=DOMAIN, failing=(), extended=()):
        """`records`: "OWNER TYPE DATA", OWNER below `domain` if it has no final dot. With `rcode` every
        reply has it and no records; `failing` are owners for which only the reply has SERVFAIL. Without
        `soa` an empty reply has `authority`. `extended`: (code, text) of extended errors in every
        reply."""
        self.domain, self.rcode, self.soa, self.authority, self.failing = domain, rcode, soa, authority, failing
        self.extended = [dns.edns.EDEOption(code, text) for code, text in extended]
        self.records = [self.absolute(*record.split(" ", 2)) for record in records]

    def absolute(self, owner, kind, data):
        return (owner if owner.endswith(".") else f"{owner}.{self.domain}"), kind, data

    def __call__(self, query):
        request = dns.message.from_wire(query)
        reply = dns.message.make_response(request)
        asked = request.question[0]
        self.fill(reply, asked.name.to_text(), dns.rdatatype.to_text(asked.rdtype))
        if self.extended:
            reply.use_edns(0, options=self.extended)
        return reply.to_wire()

    def fill(self, reply, owner, kind):
        if self.rcode != dns.rcode.NOERROR or owner in self.failing:
            reply.set_rcode(self.rcode or dns.rcode.SERVFAIL)
            return
        reply.flags |= dns.flags.AA
        for _ in range(12):  # follows aliases, also those that go round in a circle
            found = [r for r in self.records if r[0].lower() == owner.lower() and r[1] in (kind, "CNAME")]
            if not found:
                break
            for name, type_, data in found:
                reply.answer.append(dns.rrset.from_text(name, 60, "IN", type_, data))
            if found[0][1] != "CNAME":
                return
            owner = found[0][2]
        self.deny(reply, owner)

    def deny(self, reply, owner):
        names = [r[0].lower() for r in self.records]
        exists = any(n == owner.lower() or n.endswith("." + owner.lower()) for n in names)
        if self.soa:
            reply.set_rcode(dns.rcode.NOERROR if exists else dns.rcode.NXDOMAIN)
            zone = self.domain if owner.lower().endswith("." + self.domain) else owner.rstrip(".").split(".")[-1] + "."
            reply.authority.append(dns.rrset.from_text(zone, 60, "IN", "SOA", SOA))
        for line in self.authority:
            reply.authority.append(dns.rrset.from_text(*line.split(" ", 4)))


def truncated(query):
    reply = dns.message.make_response(dns.message.from_wire(query))
    reply.flags |= dns.flags.TC
    return reply.to_wire()

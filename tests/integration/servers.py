"""The name servers that sd-connect must work with, each run as its users run it, on a free port of
127.0.0.1.

Zones are master files by domain. No server drops privileges or goes into the background, so each
ends with the test, whoever runs it and however it ends.
"""
import dns.rdatatype
import dns.zone

import loopback


class NameServer:
    """Runs from start() to stop(), and again on the same port after another start()."""
    kind = ""
    is_cache = False
    # Zone features that not every server supports.
    has_dname = True
    has_srv_wildcards = True
    has_any_names = True

    def __init__(self, lab, zones, port=None):
        self.lab, self.zones = lab, zones
        self.port = port or loopback.free_port()
        self.address = f"127.0.0.1#{self.port}"
        self.name = f"{self.kind}-{self.port}"
        self.folder = lab.folder / self.name
        self.folder.mkdir()
        for domain, text in zones.items():
            self.write_zone(domain, text)
        self.argv = self.configure()
        self.process = None
        self.start()

    def configure(self):
        """Writes the configuration; returns the command."""
        raise NotImplementedError

    def file(self, name, content):
        return self.lab.file(f"{self.name}/{name}", content)

    def zone_path(self, domain):
        return self.folder / f"{domain}.zone"

    def write_zone(self, domain, text):
        self.file(f"{domain}.zone", text)

    def start(self):
        self.process = self.lab.start_server(self.argv, self.is_ready, self.name)

    def is_ready(self):
        return all(loopback.has_address(self.port, f"ns1.{domain}") for domain in self.zones)

    def stop(self):
        """Kills it, which the client sees as a crash."""
        self.lab.stop(self.process)


class Bind(NameServer):
    kind = "bind"

    def configure(self):
        zones = "".join(f'zone "{domain}" {{ type primary; file "{self.zone_path(domain)}"; }};\n' for domain in self.zones)
        conf = self.file("named.conf", f"""options {{
  directory "{self.folder}"; pid-file "{self.folder}/named.pid"; session-keyfile "{self.folder}/session.key";
  listen-on port {self.port} {{ 127.0.0.1; }}; listen-on-v6 {{ none; }}; recursion no; notify no;
  dnssec-validation no; managed-keys-directory "{self.folder}"; allow-query {{ 127.0.0.0/8; }}; minimal-responses no;
  max-records-per-type 0;
}};
controls {{ }};
{zones}""")
        return ["named", "-c", conf, "-f", "-g", "-n", "1"]


class Knot(NameServer):
    kind = "knot"

    def configure(self):
        self.file("run/lock", "")
        zones = "".join(f"  - domain: {domain}\n    file: {self.zone_path(domain)}\n" for domain in self.zones)
        self.conf = self.file("knot.conf", f"""server:
    rundir: {self.folder}/run
    listen: 127.0.0.1@{self.port}
    udp-workers: 1
    tcp-workers: 1
    background-workers: 1
control:
    listen: knot.sock
log:
  - target: stderr
    any: info
database:
    storage: {self.folder}/db
template:
  - id: default
    storage: {self.folder}
    zonefile-sync: -1
    zonefile-load: whole
    journal-content: none
    semantic-checks: off
zone:
{zones}""")
        return ["knotd", "-c", self.conf]

    def control(self, *words):
        """Returns the output of knotc."""
        return self.lab.run(["knotc", "-c", self.conf, *words])

    def replace_zone(self, domain, text):
        """Serves `text` from now on; its serial must be higher."""
        self.write_zone(domain, text)
        self.control("--blocking", "zone-reload", domain)


class Nsd(NameServer):
    kind = "nsd"

    def configure(self):
        zones = "".join(f'zone:\n    name: "{domain}"\n    zonefile: "{self.zone_path(domain)}"\n' for domain in self.zones)
        conf = self.file("nsd.conf", f"""server:
    ip-address: 127.0.0.1@{self.port}
    username: ""
    chroot: ""
    server-count: 1
    database: ""
    zonesdir: "{self.folder}"
    zonelistfile: "{self.folder}/zone.list"
    xfrdfile: "{self.folder}/xfrd.state"
    xfrdir: "{self.folder}"
    pidfile: "{self.folder}/nsd.pid"
    rrl-ratelimit: 0
remote-control:
    control-enable: no
{zones}""")
        return ["nsd", "-d", "-c", conf]


class PowerDns(NameServer):
    kind = "powerdns"

    def configure(self):
        zones = "".join(f'zone "{domain}" {{ type master; file "{self.zone_path(domain)}"; }};\n' for domain in self.zones)
        self.file("zones.conf", zones)
        self.file("pdns.conf", f"""launch=bind
bind-config={self.folder}/zones.conf
local-address=127.0.0.1
local-port={self.port}
socket-dir={self.folder}
setuid=
setgid=
daemon=no
guardian=no
disable-axfr=yes
cache-ttl=0
query-cache-ttl=0
negquery-cache-ttl=0
8bit-dns=yes
dname-processing=yes
zone-cache-refresh-interval=0
security-poll-suffix=
loglevel=4
""")
        return ["pdns_server", f"--config-dir={self.folder}"]


class Dnsmasq(NameServer):
    """Has no zones: each record is an option, and a TXT record with arbitrary octets is `dns-rr` in
    hexadecimal."""
    kind = "dnsmasq"
    has_dname = has_srv_wildcards = has_any_names = False
    DEFAULT_TTL = 60

    def configure(self):
        options = [f"{option}\n" for domain, text in self.zones.items() for option in self.options_of(domain, text)]
        conf = self.file("dnsmasq.conf", f"""port={self.port}
listen-address=127.0.0.1
bind-interfaces
no-resolv
no-hosts
user=
group=
pid-file={self.folder}/dnsmasq.pid
local-ttl={self.DEFAULT_TTL}
{''.join(options)}""")
        return ["dnsmasq", "-k", "-C", conf]

    @classmethod
    def options_of(cls, domain, text):
        yield f"local=/{domain}/"
        zone = dns.zone.from_text(text, origin=f"{domain}.", relativize=False)
        for name, rrset in zone.iterate_rdatasets():
            for record in rrset:
                yield from cls.option(name.to_text(omit_final_dot=True), rrset, record)

    @classmethod
    def option(cls, owner, rrset, record):
        target = record.target.to_text(omit_final_dot=True) if hasattr(record, "target") else ""
        if "\\" in owner + target:
            return  # it knows only host names
        ttl = "" if rrset.ttl == cls.DEFAULT_TTL else f",{rrset.ttl}"
        kind = dns.rdatatype.to_text(rrset.rdtype)
        if kind == "A" and owner.startswith("*."):
            yield f"address=/{owner.removeprefix('*.')}/{record.address}"
        elif kind in ("A", "AAAA"):
            yield f"host-record={owner},{record.address}{ttl}"
        elif kind == "SRV":
            yield f"srv-host={owner},{target},{record.port},{record.priority},{record.weight}"
        elif kind == "CNAME":
            yield f"cname={owner},{target}{ttl}"
        elif kind == "PTR":
            yield f"ptr-record={owner},{target}"
        elif kind == "TXT":
            yield f"dns-rr={owner},{int(rrset.rdtype)},{record.to_wire().hex()}"


class Unbound(NameServer):
    """A cache in front of its own Knot server, `upstream`."""
    kind = "unbound"
    is_cache = True

    def __init__(self, lab, zones, tls=None):
        """`tls`: (key file, certificate file); if given, its port serves DNS over TLS."""
        self.upstream = Knot(lab, zones)
        self.tls = tls
        super().__init__(lab, zones)

    def configure(self):
        stubs = "".join(f'stub-zone:\n    name: "{domain}."\n    stub-addr: 127.0.0.1@{self.upstream.port}\n'
                        for domain in self.zones)
        local = "".join(f'    local-zone: "{domain}." transparent\n' for domain in self.zones)
        tls = ""
        if self.tls:
            tls = f'    tls-port: {self.port}\n    tls-service-key: "{self.tls[0]}"\n    tls-service-pem: "{self.tls[1]}"\n'
        conf = self.file("unbound.conf", f"""server:
    interface: 127.0.0.1@{self.port}
    username: ""
    chroot: ""
    directory: "{self.folder}"
    pidfile: "{self.folder}/unbound.pid"
    use-syslog: no
    do-daemonize: no
    num-threads: 1
    do-not-query-localhost: no
    module-config: "iterator"
    access-control: 127.0.0.0/8 allow
    local-zone: "." refuse
{local}{tls}remote-control:
    control-enable: no
{stubs}""")
        return ["unbound", "-d", "-c", conf]

    def is_ready(self):
        if self.tls:
            return loopback.is_listening("127.0.0.1", self.port)
        return super().is_ready()


KINDS = (Bind, Knot, Nsd, PowerDns, Dnsmasq, Unbound)

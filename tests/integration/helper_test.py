"""forward, proxy, exec --proxy, status: real clients, a real name server, real backends."""
import concurrent.futures
import contextlib
import hashlib
import os
import pathlib
import re
import resource
import signal
import socket
import struct
import subprocess
import threading
import time

import lab
import loopback
import servers
from helper import Helper, V1, V2, exchange, get, socks5
from loopback import PATIENCE, free_port, wait_until


class ProxyTest(lab.SeedZoneTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.proxy = Helper(cls.lab, "proxy", "--listen", "0", "--status", "127.0.0.1:0", "--verbose")
        cls.port = cls.proxy.port("proxy")

    def curl(self, *args, code=0, port=None):
        done = subprocess.run(["curl", "-sS", "-m", "20", *map(str, args)], capture_output=True, timeout=60,
                              env=self.lab.environment)
        self.assertEqual(done.returncode, code, done)
        return done.stdout.decode(), done.stderr.decode()

    def test_every_protocol(self):
        """[fault-L32]"""
        for scheme in ("socks5h", "socks4a", "http"):
            self.assertIn("Status: running on host", self.curl("-x", f"{scheme}://127.0.0.1:{self.port}", f"http://{V1}/")[0])
        self.assertIn("Status: running on host", self.curl("-p", "-x", f"http://127.0.0.1:{self.port}", f"http://{V1}/")[0])

    def test_one_request_for_each_connection(self):
        """Two hosts, as curl sends them on one connection, and pipelined requests."""
        page = self.curl("-x", f"http://127.0.0.1:{self.port}", f"http://{V1}/host", f"http://{V2}/host")[0]
        self.assertEqual(page, V1 + V2)
        first = f"GET http://{V1}/host HTTP/1.1\r\nHost: wrong\r\n\r\n".encode()
        reply = exchange(("127.0.0.1", self.port), first + first.replace(V1.encode(), V2.encode()), end=False)
        self.assertEqual((reply.count(b"HTTP/1.1"), reply.count(V1.encode()), reply.count(V2.encode())), (1, 1, 0))
        self.assertIn(b"Connection: close", reply)

    def test_refusals_have_the_code_of_the_protocol(self):
        """[fault-L8] [fault-L7]"""
        def socks_code(*args, **options):
            return exchange(("127.0.0.1", self.port), socks5(*args, **options), end=False)[3]

        self.assertEqual([socks_code("www.example.com"), socks_code("_none._tcp.unilans.net"), socks_code(V1, command=3)],
                         [2, 4, 7])
        for url, status in ((f"http://127.0.0.1:{self.port}/", 421), ("http://example.com/", 421),
                            ("http://_none._tcp.unilans.net/", 502), ("http://_x._udp.unilans.net/", 421)):
            reply = exchange(("127.0.0.1", self.port), f"GET {url} HTTP/1.1\r\nHost: x\r\n\r\n".encode(), end=False)
            self.assertTrue(reply.startswith(b"HTTP/1.1 %d " % status), reply)
            self.assertIn(b"Proxy-Status: sd-connect; error=", reply)
        error = self.curl("-p", "-x", f"http://127.0.0.1:{self.port}", "http://_none._tcp.unilans.net/", code=56)[1]
        self.assertIn("502", error)

    def test_an_address_that_serves_itself_is_recognised(self):
        """[fault-O40] By IPv4, another listener, and a mapped address."""
        port = free_port()
        zone = self.lab.file("loop.zone", lab.zone_text("loop.example", f"""
_a._tcp SRV 0 0 {port} self
_b._tcp SRV 0 0 {port} mapped
self A 127.0.0.1
mapped AAAA ::ffff:127.0.0.1"""))
        Helper(self.lab, "proxy", "--listen", port, server=f"file:{zone}")
        for service in ("_a._tcp.loop.example", "_b._tcp.loop.example"):
            reply = exchange(("127.0.0.1", port), f"CONNECT {service}:1 HTTP/1.1\r\n\r\n".encode(), end=False)
            self.assertTrue(reply.startswith(b"HTTP/1.1 502 "), reply)
            self.assertIn(b"proxy_loop_detected", reply)

    def test_proxy_pac(self):
        """[fault-L25]"""
        page = self.curl(f"http://127.0.0.1:{self.port}/proxy.pac")[0]
        self.assertIn("FindProxyForURL", page)
        reply = exchange(("127.0.0.1", self.port), b"GET /proxy.pac HTTP/1.1\r\nHost: evil.example\r\n\r\n", end=False)
        self.assertTrue(reply.startswith(b"HTTP/1.1 421 "), reply)

    def test_authentication(self):
        """[fault-L5] [fault-L26] [fault-L27]"""
        secret = self.lab.file("secret", "user:pass word\n")
        secret.chmod(0o644)
        self.expect_failure(77, "proxy", "--listen", "0", "--auth-file", secret)
        secret.chmod(0o600)
        self.expect_failure(64, "proxy", "--listen", "0.0.0.0:0")
        self.expect_failure(64, "proxy", "--listen", "0.0.0.0:0", "--listen-any")
        guarded = Helper(self.lab, "proxy", "--listen", "0.0.0.0:0", "--listen-any", "--auth-file", secret)
        port = guarded.port("proxy")
        for scheme in ("socks5h", "http"):
            url = f"http://{V1}/"
            self.assertIn("running on", self.curl("-x", f"{scheme}://user:pass%20word@127.0.0.1:{port}", url)[0])
        self.assertEqual(exchange(("127.0.0.1", port), socks5(V1), end=False), b"\5\xff")
        reply = exchange(("127.0.0.1", port), f"CONNECT {V1}:1 HTTP/1.1\r\n\r\n".encode(), end=False)
        self.assertTrue(reply.startswith(b"HTTP/1.1 407 "), reply)
        self.assertIn(b"Proxy-Authenticate: Basic", reply)
        self.assertNotIn("pass word", guarded.errors())
        self.assertEqual(guarded.end(), 0)

    def test_slow_clients_keep_nobody_out(self):
        """[fault-L11] More unfinished handshakes than there may be."""
        with contextlib.ExitStack() as slow:
            for _ in range(300):
                slow.enter_context(socket.create_connection(("127.0.0.1", self.port), PATIENCE)).send(b"\5")
            self.assertIn("running on", self.curl("-x", f"socks5h://127.0.0.1:{self.port}", f"http://{V1}/")[0])

    def test_a_backend_that_fails_is_replaced(self):
        """[fault-B1] No request fails when a backend is killed."""
        servers, ports = self.lab.backends()
        del ports
        helper = Helper(self.lab, "forward", f"0={V1}", "--status", "127.0.0.1:0")
        address = ("127.0.0.1", helper.port(V1))
        for i in range(60):
            if i == 20:
                self.lab.stop(servers["host1"])
            reply = exchange(address, get("x"), end=False)
            self.assertTrue(reply.startswith(b"HTTP/1.1 200"), reply)
        states = {e["target"]: e["health"] for s in helper.status()["services"] for e in s["endpoints"]}
        self.assertNotEqual(states["host1.unilans.net."], "up", states)

    def test_no_name_server_for_a_while(self):
        """[fault-B18] What is known serves on, past its TTL."""
        zone = lab.seed_zone({18081 + i: self.ports[host] for i, host in enumerate(("host1", "host2", "host100", "host3"))})
        server = servers.Knot(self.lab, {"unilans.net": re.sub(r"\$TTL \S+", "$TTL 1", zone)})
        helper = Helper(self.lab, "forward", f"0={V1}", server=server.address)
        address = ("127.0.0.1", helper.port(V1))
        self.assertIn(b"running on", exchange(address, get("x"), end=False))
        server.process.send_signal(signal.SIGSTOP)
        time.sleep(1.5)
        for _ in range(20):
            self.assertIn(b"running on", exchange(address, get("x"), end=False))

    def test_octets_arrive_whole(self):
        """[fault-L14] [fault-L15] 64 MiB each way at once, with the end of one side before the other."""
        size = 64 << 20
        block = os.urandom(1 << 16)

        def serve(connection):
            digest = hashlib.sha256()
            sender = threading.Thread(target=lambda: [connection.sendall(block) for _ in range(size >> 16)])
            sender.start()
            while part := connection.recv(1 << 20):
                digest.update(part)
            sender.join()
            connection.sendall(digest.digest())

        port = self.lab.peer(serve)
        zone = self.lab.file("bulk.zone", lab.zone_text("bulk.example", f"_x._tcp SRV 0 0 {port} h\nh A 127.0.0.1"))
        helper = Helper(self.lab, "forward", "0=_x._tcp.bulk.example", server=f"file:{zone}")
        with socket.create_connection(("127.0.0.1", helper.port("_x._tcp.bulk.example")), PATIENCE) as connection:
            def send():
                for _ in range(size >> 16):
                    connection.sendall(block)
                connection.shutdown(socket.SHUT_WR)
            sender = threading.Thread(target=send)
            sender.start()
            got = bytearray()
            while part := connection.recv(1 << 20):
                got += part
            sender.join()
        whole = block * (size >> 16)
        self.assertEqual(bytes(got[:-32]), whole)
        self.assertEqual(bytes(got[-32:]), hashlib.sha256(whole).digest())

    def test_connections_leave_nothing_behind(self):
        """[fault-L31]"""
        helper = Helper(self.lab, "forward", f"0={V1}")
        folder = pathlib.Path(f"/proc/{helper.process.pid}/fd")
        address = ("127.0.0.1", helper.port(V1))
        exchange(address, get("x"), end=False)
        before = len(list(folder.iterdir()))
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            replies = list(pool.map(lambda _: exchange(address, get("x"), end=False)[:12], range(400)))
        self.assertEqual(set(replies), {b"HTTP/1.1 200"})
        wait_until(lambda: len(list(folder.iterdir())) <= before + 8, "descriptors are left")  # pipes and DNS sockets

    def test_no_descriptors_for_a_while(self):
        """[fault-L12] It goes on when there are some again, and does not spin."""
        helper = Helper(self.lab, "forward", f"0={V1}")
        address = ("127.0.0.1", helper.port(V1))
        exchange(address, get("x"), end=False)
        numbers = {int(entry.name) for entry in pathlib.Path(f"/proc/{helper.process.pid}/fd").iterdir()}
        used = min(set(range(len(numbers) + 1)) - numbers)
        hard = resource.prlimit(helper.process.pid, resource.RLIMIT_NOFILE)[1]
        resource.prlimit(helper.process.pid, resource.RLIMIT_NOFILE, (used, hard))

        def cpu():
            fields = pathlib.Path(f"/proc/{helper.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
            return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

        began = cpu()
        with socket.create_connection(address, PATIENCE) as waiting:
            waiting.sendall(get("x"))
            time.sleep(1)
            self.assertLess(cpu() - began, 0.2)
            resource.prlimit(helper.process.pid, resource.RLIMIT_NOFILE, (hard, hard))
            waiting.settimeout(PATIENCE)
            self.assertTrue(waiting.recv(100).startswith(b"HTTP/1.1 200"))

    def test_unix_sockets(self):
        path = self.lab.folder / "db.sock"
        stale = socket.socket(socket.AF_UNIX)
        stale.bind(str(path))
        stale.close()
        helper = Helper(self.lab, "forward", f"unix:{path}={V1}")
        self.assertEqual(path.stat().st_mode & 0o777, 0o600)
        self.assertIn("running on", self.curl("--unix-socket", path, "http://x/")[0])
        taken = self.expect_failure(71, "forward", f"unix:{path}={V1}")  # somebody answers on it
        self.assertIn("choose another path", taken.err)
        self.assertEqual(helper.end(), 0)
        self.assertFalse(path.exists())
        path.write_text("a file")
        self.expect_failure(71, "forward", f"unix:{path}={V1}")
        self.assertEqual(path.read_text(), "a file")

    def test_datagrams(self):
        answer = self.lab.datagram_peer(lambda query: query.upper())
        zone = self.lab.file("udp.zone", lab.zone_text("udp.example", f"_x._udp SRV 0 0 {answer} h\nh A 127.0.0.1"))
        helper = Helper(self.lab, "forward", "udp:0=_x._udp.udp.example", server=f"file:{zone}")
        for _ in range(2):
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
                client.settimeout(PATIENCE)
                client.connect(("127.0.0.1", helper.port("_x._udp.udp.example")))
                for word in (b"one", b"two"):
                    client.send(word)
                    self.assertEqual(client.recv(100), word.upper())

    def test_the_proxy_protocol(self):
        received = []
        port = self.lab.peer(lambda connection: (received.append(connection.recv(4096)), connection.sendall(b"ok")))
        zone = self.lab.file("pp.zone", lab.zone_text("pp.example", f"_x._tcp SRV 0 0 {port} h\nh A 127.0.0.1"))
        helper = Helper(self.lab, "forward", "--proxy-protocol", "0=_x._tcp.pp.example", server=f"file:{zone}")
        with socket.create_connection(("127.0.0.1", helper.port("_x._tcp.pp.example")), PATIENCE) as client:
            own = client.getsockname()[1]
            self.assertEqual(client.recv(10), b"ok")
        header = received[0]
        self.assertEqual(header[:14], b"\r\n\r\n\0\r\nQUIT\n\x21\x11")
        self.assertEqual(header[16:28], socket.inet_aton("127.0.0.1") * 2 + struct.pack("!HH", own, helper.port("_x._tcp.pp.example")))

    def test_a_plain_host_may_stand_for_a_service(self):
        mapped = Helper(self.lab, "proxy", "--listen", "0", "--map", f"www.example.com={V2}", "--srv-ports", "80=v1",
                        "--allow-direct")
        port = mapped.port("proxy")
        page = self.curl("-x", f"http://127.0.0.1:{port}", "http://www.example.com/host")[0]
        self.assertEqual(page, "www.example.com")
        direct = f"http://127.0.0.11:{self.ports['host1']}/"
        self.assertIn("running on host1", self.curl("-x", f"http://127.0.0.1:{port}", direct)[0])
        host = f"http://host1.unilans.net:{self.ports['host1']}/"
        self.assertIn("running on host1", self.curl("-x", f"http://127.0.0.1:{port}", host)[0])

    def test_ports_stand_for_services(self):
        backend = self.ports["host2"]
        zone = self.lab.file("ports.zone", lab.zone_text("ports.example", f"""
_http._tcp SRV 0 0 {backend} h
_https._tcp SRV 0 0 0 .
h A 127.0.0.12
@ A 127.0.0.12
plain A 127.0.0.12"""))
        helper = Helper(self.lab, "proxy", "--listen", "0", "--srv-ports", f"default,{backend}=none", "--allow-direct",
                        server=f"file:{zone}")
        proxy = f"http://127.0.0.1:{helper.port('proxy')}"
        self.assertIn("running on host2", self.curl("-x", proxy, "http://ports.example/")[0])
        self.assertIn("running on host2", self.curl("-x", proxy, f"http://plain.ports.example:{backend}/")[0])
        self.assertIn("503", self.curl("-x", proxy, "https://ports.example/", code=56)[1])

    def test_a_command_behind_a_proxy(self):
        done = self.expect(0, "exec", "--proxy", "--", "curl", "-sS", f"http://{V1}/", f"http://127.0.0.11:{self.ports['host1']}/")
        self.assertEqual(done.text.count("running on host"), 2)
        done = self.expect(3, "exec", "--proxy", "--socks", V1, "--", "sh", "-c", 'echo "$all_proxy $NO_PROXY"; exit 3')
        self.assertRegex(done.text, r"\Asocks5h://127\.0\.0\.1:\d+ localhost,127\.0\.0\.1,::1\n\Z")
        self.expect(127, "exec", "--proxy", "--", "no-such-command")
        self.assertIn("running on", self.expect(0, "exec", "--proxy", f"http://{V1}/", "--", "curl", "-sS", f"http://{V1}/").text)
        self.assertIn("not a service name", self.expect_failure(64, "exec", "--proxy", "www.example.com", "--", "true").err)
        self.assertIn("over UDP", self.expect_failure(64, "exec", "--proxy", "_x._udp.example.com", "--", "true").err)

    def test_reload_drops_nothing(self):
        """A changed file, one with a mistake, and one that takes a listener away."""
        port, other = free_port(), free_port()
        file = self.lab.file("reload.toml", f'[[forward]]\nlisten = "{port}"\nservice = "{V1}"\n')
        helper = Helper(self.lab, "forward", "--config", file, "--verbose")
        with socket.create_connection(("127.0.0.1", port), PATIENCE) as kept:
            kept.settimeout(PATIENCE)
            file.write_text(f'[[forward]]\nlisten = "{other}"\nservice = "{V2}"\n')
            helper.process.send_signal(signal.SIGHUP)
            wait_until(lambda: loopback.is_listening("127.0.0.1", other), "the new listener is not there")
            wait_until(lambda: not loopback.is_listening("127.0.0.1", port), "the old listener is still there")
            file.write_text("[[forward]]\nlisten = 1\n")
            helper.process.send_signal(signal.SIGHUP)
            wait_until(lambda: "as before" in helper.errors(), "no word about the mistake")
            self.assertIn("reload.toml:2:10", helper.errors())
            self.assertIn(b"running on", exchange(("127.0.0.1", other), get("x"), end=False))
            kept.sendall(get("x"))
            self.assertTrue(kept.recv(100).startswith(b"HTTP/1.1 200"))

    def test_it_ends_when_the_last_client_has_left(self):
        helper = Helper(self.lab, "forward", f"0={V1}", "--status", "127.0.0.1:0")
        address = ("127.0.0.1", helper.port(V1))
        self.expect(0, "status", "--status", helper.at["status"][7:].rstrip("/"), "--wait", "20s")
        with socket.create_connection(address, PATIENCE) as kept:
            kept.settimeout(PATIENCE)
            kept.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            self.assertTrue(kept.recv(4096).startswith(b"HTTP/1.1 200"))
            helper.process.send_signal(signal.SIGTERM)
            wait_until(lambda: self.lab.sd_connect("status", "--status", helper.at["status"][7:].rstrip("/")).code == 69,
                       "it is still ready")
            self.assertIn(b"running on", exchange(address, get("x"), end=False))  # accepts until the last has left
            self.assertIsNone(helper.process.poll())
        self.assertEqual(helper.process.wait(PATIENCE), 0)

    def test_the_state_of_a_helper(self):
        state = self.proxy.status()
        self.assertEqual(state["schema"], 1)
        self.assertRegex(self.expect(0, "status", "--status", self.proxy.at["status"][7:].rstrip("/")).text, "LISTENER")
        self.expect_failure(69, "status", "--status", f"127.0.0.1:{free_port()}")
        self.expect_failure(64, "status")

    def test_a_configuration_is_explained(self):
        file = self.lab.file("check.toml", f"""server = "127.0.0.1"
[[forward]]
listen = ["5432", "unix:/run/x"]
service = "{V1}"
affinity = true
[proxy]
allow = ["unilans.net"]
[map]
"www.example.com" = "{V2}"
""")
        text = self.expect(0, "config", "check", file).text
        for part in ("forward 127.0.0.1:5432 to", "affinity", "forward unix:/run/x", "proxy 127.0.0.1:1080", "allow unilans.net",
                     "map www.example.com to"):
            self.assertIn(part, text)
        file.write_text("[proxy]\nalow = 1\n")
        self.assertIn("check.toml:2:1", self.expect_failure(78, "config", "check", file).err)
        good = self.lab.file("good.toml", "timeout = 3\n")
        self.assertIn("good.toml' is valid", self.expect(0, "config", "check", good, env={"SD_CONNECT_CONFIG": str(file)}).text)
        missing = self.lab.folder / "none.toml"
        self.assertIn(f"FILE: '{missing}'", self.expect_failure(66, "config", "check", missing).err)


if __name__ == "__main__":
    lab.main()

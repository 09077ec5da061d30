"""A helper under load, for the nightly run: thousands of connections, kills, reloads, drain."""
import pathlib
import signal
import socket
import threading
import time

import lab
from helper import Helper, V1, exchange, get
from loopback import PATIENCE, free_port, wait_until


class Load:
    """Sends requests in a loop until it is stopped, and counts those that failed."""

    def __init__(self, address, threads=4, pause=0.0):
        self.failed, self.sent, self._stopping = [], 0, False
        self._began = time.monotonic()
        self._threads = [threading.Thread(target=self._run, args=(address, pause)) for _ in range(threads)]
        for thread in self._threads:
            thread.start()

    def _run(self, address, pause):
        while not self._stopping:
            began = time.monotonic()
            try:
                good = exchange(address, get("x"), end=False).startswith(b"HTTP/1.1 200")
            except OSError:
                good = False
            self.sent += 1
            if not good:
                self.failed.append(began - self._began)
            time.sleep(pause)

    def stop(self):
        self._stopping = True
        for thread in self._threads:
            thread.join()
        return self.failed


class SoakTest(lab.SeedZoneTest):
    def forward(self, *more, **options):
        helper = Helper(self.lab, "forward", f"0={V1}", *more, **options)
        return helper, ("127.0.0.1", helper.port(V1))

    @staticmethod
    def memory(helper):
        fields = pathlib.Path(f"/proc/{helper.process.pid}/status").read_text()
        return int(fields.split("VmRSS:")[1].split()[0]) * 1024

    @staticmethod
    def descriptors(helper):
        return len(list(pathlib.Path(f"/proc/{helper.process.pid}/fd").iterdir()))

    def test_many_connections_and_slow_clients(self):
        """[fault-L31] [fault-L11]"""
        helper, address = self.forward()
        exchange(address, get("x"), end=False)
        for _ in range(1000):
            socket.create_connection(address, PATIENCE).close()
        time.sleep(1)
        base = self.memory(helper), self.descriptors(helper)
        for _ in range(10000):
            socket.create_connection(address, PATIENCE).close()
        proxy = Helper(self.lab, "proxy", "--listen", "0")
        slow = [socket.create_connection(("127.0.0.1", proxy.port("proxy")), PATIENCE) for _ in range(1000)]
        for client in slow:
            client.send(b"\5")
        for client in slow:
            client.close()
        wait_until(lambda: self.descriptors(helper) <= base[1] + 8 and self.descriptors(proxy) < 40, "descriptors are left")
        self.assertLess(self.memory(helper) - base[0], 1 << 20)
        print(f"10,000 connections: {base} -> {self.memory(helper), self.descriptors(helper)}")

    def test_a_backend_is_killed(self):
        """[fault-B1]"""
        servers, _ = self.lab.backends()
        helper, address = self.forward()
        load = Load(address, 2)
        wait_until(lambda: load.sent > 100, "no load")
        killed = time.monotonic() - load._began
        self.lab.stop(servers["host1"])
        wait_until(lambda: load.sent > 1000, "no load")
        failed = load.stop()
        self.assertEqual([t for t in failed if t > killed + 0.25], [])
        print(f"a backend killed in {load.sent} requests: {len(failed)} failed")
        self.assertEqual(helper.end(), 0)

    def test_a_thousand_reloads(self):
        port = free_port()
        file = self.lab.file("reload.toml", f'[[forward]]\nlisten = "{port}"\nservice = "{V1}"\n')
        helper = Helper(self.lab, "forward", "--config", file, "-q")
        load = Load(("127.0.0.1", port), 2)
        for _ in range(1000):
            helper.process.send_signal(signal.SIGHUP)
            time.sleep(0.01)
        self.assertEqual(load.stop(), [])
        print(f"1,000 reloads: {load.sent} requests, 0 failed")

    def test_the_end_under_load(self):
        helper, address = self.forward("--drain", "20s")
        load = Load(address, 2)
        with socket.create_connection(address, PATIENCE) as kept:
            kept.sendall(get("x").replace(b"close", b"keep-alive"))
            kept.recv(4096)
            helper.process.send_signal(signal.SIGTERM)
            time.sleep(3)
            self.assertEqual(load.stop(), [])
            self.assertIsNone(helper.process.poll())
        self.assertEqual(helper.process.wait(PATIENCE), 0)
        print(f"SIGTERM under load: {load.sent} requests, 0 failed until the last client left")

    def test_a_rolling_restart(self):
        ports = {f"b{i}": free_port(f"127.0.1.{i}") for i in range(10)}
        records = "".join(f"_x._tcp SRV 0 10 {port} {host}\n{host} A 127.0.1.{host[1:]}\n" for host, port in ports.items())
        zone = self.lab.file("rolling.zone", lab.zone_text("rolling.example", records))

        def start(host):
            return self.lab.web_server(f"127.0.1.{host[1:]}", ports[host], {"index.html": lab.page(host)})
        servers = {host: start(host) for host in ports}
        helper = Helper(self.lab, "forward", "0=_x._tcp.rolling.example", server=f"file:{zone}")
        load = Load(("127.0.0.1", helper.port("_x._tcp.rolling.example")), 4, 0.006)
        ended = []
        for host in ports:
            ended.append(time.monotonic() - load._began)
            servers[host].send_signal(signal.SIGQUIT)  # nginx: finishes what it has begun
            servers[host].wait(PATIENCE)
            time.sleep(0.2)
            servers[host] = start(host)
            time.sleep(0.3)
        # nginx resets connections that the kernel has accepted for it and that it has not taken yet.
        failed = load.stop()
        self.assertEqual([t for t in failed if not any(end - 0.1 < t < end + 0.25 for end in ended)], [])
        print(f"rolling restart of 10 backends: {load.sent} requests, {len(failed)} failed")


if __name__ == "__main__":
    lab.main()

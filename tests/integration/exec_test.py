"""exec: placeholders, variables, and the next endpoint after a failure."""
import os
import signal
import socket
import subprocess
import threading

import lab
import loopback

PRINT = 'printf "%s\\n" "$@"'


class ExecTest(lab.LabTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ports = [cls.lab.peer(lambda connection: connection.recv(1)) for _ in range(3)]
        cls.closed = loopback.free_port("127.0.0.1")
        first, second, spare = cls.ports
        cls.lab.server = "file:" + str(cls.lab.file("zone", lab.zone_text("example.com", f"""
_x._tcp PTR my\\032shop._x._tcp
my\\032shop._x._tcp SRV 0 20 {first} first
my\\032shop._x._tcp SRV 0 10 {second} second
my\\032shop._x._tcp SRV 1 0 {spare} spare
_closed._tcp SRV 0 30 {cls.closed} closed
_closed._tcp SRV 0 20 {first} first
_closed._tcp SRV 0 10 {second} second
_hostile._tcp PTR `touch\\032pwned`._hostile._tcp
`touch\\032pwned`._hostile._tcp SRV 0 0 {first} first
_x._udp SRV 0 20 1 first
_x._udp SRV 0 10 2 second
_six._tcp SRV 0 0 {cls.listen_on_ipv6()} six
first A 127.0.0.1
second A 127.0.0.1
spare A 127.0.0.1
closed A 127.0.0.1
six AAAA ::1""")))

    @classmethod
    def listen_on_ipv6(cls):
        """Answers each connection with an HTTP page; returns the port."""
        listener = socket.create_server(("::1", 0), family=socket.AF_INET6)
        cls.addClassCleanup(listener.close)

        def serve():
            while True:
                try:
                    connection = listener.accept()[0]
                except OSError:
                    return
                with connection:
                    if connection.recv(4096).startswith(b"GET"):
                        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\nConnection: close\r\n\r\nsix\n")
        threading.Thread(target=serve, daemon=True).start()
        return listener.getsockname()[1]

    def run_exec(self, code, name, *words, policy="ordered", **options):
        return self.expect(code, "exec", f"{name}.example.com", "--policy", policy, *words, **options)

    def test_an_ipv6_address_is_in_brackets(self):
        """[fault-O30]"""
        done = self.run_exec(0, "_six._tcp", "--", "curl", "-s", "--noproxy", "*", "http://{addrport}/")
        self.assertEqual(done.text, "six\n")
        done = self.run_exec(0, "_six._tcp", "--", "sh", "-c", PRINT + ' "$SD_ADDRPORT" "$SD_ADDR"', "sh", "{hostport}")
        host, addrport, addr = done.text.split()
        self.assertEqual((host, addrport, addr), ("six.example.com:" + host.split(":")[1], "[::1]:" + host.split(":")[1], "::1"))

    def test_the_whole_order(self):
        """[fault-O31]"""
        first, second, spare = self.ports
        done = self.run_exec(0, "_x._tcp", "--", "sh", "-c", PRINT + ' "$SD_ENDPOINTS" "$SD_INSTANCE" "$SD_PRIORITY" "$SD_WEIGHT"',
                             "sh", "--endpoints={endpoints}", "{instance}", "{priority}/{weight}")
        order = f"first.example.com:{first},second.example.com:{second},spare.example.com:{spare}"
        instance = "my\\032shop._x._tcp.example.com"
        self.assertEqual(done.text.splitlines(), ["--endpoints=" + order, instance, "0/20", order, instance, "0", "20"])

    def test_the_order_is_that_of_the_policy(self):
        """[fault-O31]"""
        orders = {self.run_exec(0, "_x._tcp", "--seed", seed, "--", "echo", "{endpoints}", policy="rfc2782").text
                  for seed in range(24)}
        self.assertEqual(len(orders), 2)
        self.assertTrue(all(",spare.example.com:" in order for order in orders))

    def test_the_order_has_what_did_not_accept(self):
        """[fault-O31]"""
        done = self.run_exec(0, "_closed._tcp", "--", "echo", "{host}", "{endpoints}")
        host, order = done.text.split()
        self.assertEqual(host, "first.example.com")
        self.assertEqual([e.split(".")[0] for e in order.split(",")], ["closed", "first", "second"])

    def test_the_next_endpoint_while_the_command_fails(self):
        """[fault-O31]"""
        script = 'echo "$SD_HOST $1"; [ "$SD_PRIORITY" = 1 ]'
        done = self.run_exec(0, "_x._tcp", "--next-on-failure", "--", "sh", "-c", script, "sh", "{hostport}")
        self.assertEqual([line.split(".")[0] for line in done.text.splitlines()], ["first", "second", "spare"])
        self.assertEqual([line.split()[1] for line in done.text.splitlines()],
                         [f"{host}.example.com:{port}" for host, port in zip(("first", "second", "spare"), self.ports)])
        self.assertEqual(done.err.count("sd-connect: note: the command failed with "), 2)
        done = self.run_exec(0, "_x._tcp", "--next-on-failure", "--", "echo", "{host}")
        self.assertEqual((done.text, done.err), ("first.example.com\n", ""))

    def test_every_endpoint_fails(self):
        """[fault-O31] What does not accept a connection gets no run; the code is that of the last run."""
        done = self.run_exec(7, "_closed._tcp", "--next-on-failure", "-q", "--", "sh", "-c", "echo {host}; exit 7")
        self.assertEqual(done.text.split(), ["first.example.com", "second.example.com"])
        self.assertRegex(done.err, r"\Asd-connect: the command failed with 2 endpoints: _closed\._tcp\.example\.com\.: last "
                                   r"with second\.example\.com:\d+ \(exit code 7\)\n\Z")

    def test_a_datagram_service_is_tried_in_order(self):
        """[fault-O31]"""
        done = self.run_exec(0, "_x._udp", "--next-on-failure", "-q", "--", "sh", "-c", "echo {port}; [ {port} = 2 ]")
        self.assertEqual(done.text.split(), ["1", "2"])

    def test_a_command_that_cannot_be_run_is_tried_once(self):
        """[fault-O31]"""
        failed = self.expect_failure(127, "exec", "_x._tcp.example.com", "--next-on-failure", "--", "no-such-command")
        self.assertIn("cannot run: 'no-such-command'", failed.err)
        self.expect_failure(126, "exec", "_x._tcp.example.com", "--next-on-failure", "--", "/")

    def test_a_signal_ends_it(self):
        """[fault-O31]"""
        for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
            with self.subTest(number):
                process = self.lab.start(self.lab.command("exec", "_x._tcp.example.com", "--next-on-failure", "--", "sh", "-c",
                                                          "echo run; exec sleep 60"), stdout=subprocess.PIPE)
                self.assertEqual(process.stdout.readline(), b"run\n")
                os.kill(process.pid, number)
                self.assertEqual(process.wait(loopback.PATIENCE), 128 + number)
                self.assertEqual(process.stdout.read(), b"")

    def test_the_name_of_an_instance_is_no_script(self):
        """[fault-O31]"""
        failed = self.expect_failure(65, "exec", "_hostile._tcp.example.com", "--", "sh", "-c", "echo {instance}")
        self.assertIn("SD_INSTANCE", failed.err)
        done = self.run_exec(0, "_hostile._tcp", "--", "sh", "-c", PRINT + ' "$SD_INSTANCE"', "sh", "{instance}")
        self.assertEqual(len(set(done.text.splitlines())), 1)
        self.expect(69, "check", "_hostile._tcp.example.com", "--check", "exec", "--", "sh", "-c", "echo {instance}")

    def test_check_has_the_same_words(self):
        """[fault-O30] [fault-O31]"""
        first = self.ports[0]
        script = f'[ "$1" = first.example.com:{first} ] && [ "$2" = 127.0.0.1:{first} ] && [ "$SD_ENDPOINTS" = "$1" ]'
        self.expect(0, "check", "_hostile._tcp.example.com", "--check", "exec", "--", "sh", "-c", script, "sh", "{endpoints}",
                    "{addrport}")


if __name__ == "__main__":
    lab.main()

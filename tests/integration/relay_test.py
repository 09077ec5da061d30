"""The bare relay between nc, sshd and files."""
import contextlib
import getpass
import hashlib
import os
import pathlib
import signal
import socket
import struct
import subprocess
import threading

import lab

MEGABYTE = 1 << 20
SERVICE = "_relay._tcp.lab.example"
INSTANCE = f"one.{SERVICE}"


def digest(data):
    return hashlib.sha256(data).hexdigest()


class RelayTest(lab.LabTest):
    """A service with one endpoint, 127.0.0.21 at `port`."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.port = lab.free_port("127.0.0.21")
        cls.lab.name_server({"lab.example": lab.zone_text("lab.example", f"""
_relay._tcp PTR one._relay._tcp
one._relay._tcp SRV 0 0 {cls.port} host
one._relay._tcp TXT "txtvers=1"
host A 127.0.0.21""")})

    @contextlib.contextmanager
    def listener(self):
        """Returns the endpoint itself, as a plain socket."""
        with socket.create_server(("127.0.0.21", self.port), reuse_port=False) as server:
            server.settimeout(lab.PATIENCE)
            yield server

    @contextlib.contextmanager
    def relay(self, *args, **options):
        for stream in ("stdin", "stdout", "stderr"):
            options.setdefault(stream, subprocess.PIPE)
        process = subprocess.Popen(self.lab.command(SERVICE, *args), env=self.lab.environment, **options)
        try:
            yield process
        finally:
            self.lab.stop(process)

    def end_of(self, process):
        return process.wait(lab.PATIENCE)


class NetcatTest(RelayTest):
    """Both directions at the same time. nc -l ends when its peer has ended, so sd-connect's input
    ends last; HalfCloseTest tests the reverse."""

    def exchange(self, upward, downward):
        at_peer = self.lab.folder / "at-peer"
        with open(self.lab.file("downward", downward), "rb") as source, open(at_peer, "wb") as sink:
            netcat = self.lab.start(["nc", "-N", "-l", "127.0.0.21", self.port], stdin=source, stdout=sink)
        lab.wait_until(lambda: lab.is_listening("127.0.0.21", self.port), "nc listens")
        with self.relay() as process:
            writer = threading.Thread(target=process.stdin.write, args=[upward])
            writer.start()
            received = process.stdout.read()
            writer.join()
            process.stdin.close()
            self.assertEqual((self.end_of(process), process.stderr.read()), (0, b""))
        self.assertEqual(netcat.wait(lab.PATIENCE), 0)
        self.assertEqual(digest(received), digest(downward), f"{len(received)} of {len(downward)} octets down")
        got = at_peer.read_bytes()
        self.assertEqual(digest(got), digest(upward), f"{len(got)} of {len(upward)} octets up")

    def test_both_ways_at_once(self):
        self.exchange(os.urandom(8 * MEGABYTE), os.urandom(8 * MEGABYTE))

    def test_peer_ends_first(self):
        self.exchange(os.urandom(8 * MEGABYTE), b"")

    def test_nothing_either_way(self):
        self.exchange(b"", b"")


class HalfCloseTest(RelayTest):
    def test_sending_goes_on_after_the_peer_has_ended(self):
        with self.listener() as server, self.relay() as process:
            peer, _ = server.accept()
            with peer:
                peer.sendall(b"the peer's last word")
                peer.shutdown(socket.SHUT_WR)
                self.assertEqual(process.stdout.read(), b"the peer's last word", "stdout is closed while stdin is open")
                process.stdin.write(b"ours comes later")
                process.stdin.close()
                self.assertEqual(peer.makefile("rb").read(), b"ours comes later")
            self.assertEqual(self.end_of(process), 0)

    def test_receiving_goes_on_after_stdin_has_ended(self):
        data = os.urandom(8 * MEGABYTE)
        with self.listener() as server, self.relay() as process:
            peer, _ = server.accept()
            process.stdin.close()
            self.assertEqual(peer.recv(1), b"", "the end of stdin reaches the peer")
            sender = threading.Thread(target=lambda: (peer.sendall(data), peer.close()))
            sender.start()
            self.assertEqual(digest(process.stdout.read()), digest(data))
            sender.join()
            self.assertEqual(self.end_of(process), 0)


class InputTest(RelayTest):
    def answer_with(self, **stdin):
        """Returns what arrived at the peer and what came back, for a peer that answers when the
        input has ended."""
        with self.listener() as server, self.relay(**stdin) as process:
            peer, _ = server.accept()
            with peer:
                peer.settimeout(lab.PATIENCE)
                got = peer.makefile("rb").read()
                peer.sendall(b"answer")
            self.assertEqual(process.stdout.read(), b"answer")
            self.assertEqual(self.end_of(process), 0)
        return got

    def test_file(self):
        data = os.urandom(MEGABYTE + 1)
        with open(self.lab.file("input", data), "rb") as source:
            self.assertEqual(digest(self.answer_with(stdin=source)), digest(data))

    def test_dev_null(self):
        self.assertEqual(self.answer_with(stdin=subprocess.DEVNULL), b"")

    def test_pipe_closed_before_the_start(self):
        reading, writing = os.pipe()
        os.close(writing)
        with open(reading, "rb") as source:
            self.assertEqual(self.answer_with(stdin=source), b"")

    def test_no_descriptor_at_all(self):
        """A socket opened later must not become standard input or output."""
        for redirection, code in (("<&-", 0), (">&-", 74), ("<&- >&- 2>&-", 74)):
            with self.subTest(redirection), self.listener() as server:
                argv = ["sh", "-c", f'exec "$@" {redirection}', "sh", *self.lab.command(SERVICE)]
                process = self.lab.start(argv, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
                peer, _ = server.accept()
                with peer:
                    peer.settimeout(lab.PATIENCE)
                    with contextlib.suppress(ConnectionError):
                        peer.sendall(b"answer")
                        peer.shutdown(socket.SHUT_WR)
                        self.assertEqual(peer.recv(100), b"")
                self.assertEqual(self.end_of(process), code)


class EndTest(RelayTest):
    def test_sigterm_ends_at_once_and_the_peer_sees_it(self):
        with self.listener() as server, self.relay() as process:
            peer, _ = server.accept()
            with peer:
                process.send_signal(signal.SIGTERM)
                self.assertEqual(self.end_of(process), -signal.SIGTERM)
                self.assertEqual(peer.recv(1), b"")
            self.assertEqual(process.stderr.read(), b"")

    def test_reset_by_the_peer_is_74(self):
        with self.listener() as server, self.relay() as process:
            peer, _ = server.accept()
            peer.sendall(b"last word")
            self.assertEqual(process.stdout.read(9), b"last word")
            peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            peer.close()
            self.assertEqual(self.end_of(process), 74)
            line = rf"\Asd-connect: .*host\.lab\.example:{self.port} \(127\.0\.0\.21\).*\n\Z"
            self.assertRegex(process.stderr.read().decode(), line)

    def test_reader_that_went_away_is_74_without_a_word(self):
        with self.listener() as server, self.relay() as process:
            peer, _ = server.accept()
            with peer, contextlib.suppress(ConnectionError):
                process.stdout.close()
                peer.sendall(os.urandom(MEGABYTE))
                self.assertEqual(self.end_of(process), 74)
            self.assertEqual(process.stderr.read(), b"")

    def test_nobody_listens_is_69(self):
        failed = self.expect_failure(69, SERVICE)
        self.assertIn(f"127.0.0.21:{self.port}", failed.err)


class SshTest(RelayTest):
    """ssh -o ProxyCommand='sd-connect %h'"""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if os.getuid() == 0:
            pathlib.Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)  # sshd requires it when it runs as root
        folder = cls.lab.folder
        for key in ("host_key", "user_key"):
            subprocess.run([lab.program("ssh-keygen"), "-q", "-t", "ed25519", "-N", "", "-f", folder / key], check=True)
        cls.lab.file("known_hosts", "lab " + (folder / "host_key.pub").read_text())
        conf = cls.lab.file("sshd_config", f"""ListenAddress 127.0.0.21:{cls.port}
HostKey {folder}/host_key
AuthorizedKeysFile {folder}/user_key.pub
PidFile none
UsePAM no
StrictModes no
PermitRootLogin yes
PasswordAuthentication no
KbdInteractiveAuthentication no
""")
        cls.lab.start_server(["sshd", "-D", "-e", "-f", conf], lambda: lab.is_listening("127.0.0.21", cls.port), "sshd")

    def ssh(self, command, stdin=b""):
        folder = self.lab.folder
        proxy = " ".join(self.lab.command("%h"))
        options = [f"ProxyCommand={proxy}", f"HostName={SERVICE}", "HostKeyAlias=lab", f"UserKnownHostsFile={folder}/known_hosts",
                   f"IdentityFile={folder}/user_key", "IdentitiesOnly=yes", "IdentityAgent=none", "BatchMode=yes",
                   "LogLevel=ERROR"]
        argv = [lab.program("ssh"), "-F", "/dev/null", "-l", getpass.getuser(), "lab", command]
        argv[1:1] = [word for option in options for word in ("-o", option)]
        return subprocess.run(argv, input=stdin, capture_output=True, env=self.lab.environment, timeout=60)

    def test_command_and_its_exit_code(self):
        done = self.ssh("echo it works; exit 7")
        self.assertEqual((done.stdout, done.returncode), (b"it works\n", 7), done.stderr)

    def test_data_both_ways(self):
        data = os.urandom(MEGABYTE)
        done = self.ssh("cat", data)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(digest(done.stdout), digest(data))


if __name__ == "__main__":
    lab.main()

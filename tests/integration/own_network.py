"""A network namespace for this process and its children: its addresses can change without affecting
other processes.
"""
import ctypes
import os
import pathlib
import subprocess
import tempfile

CLONE_NEWNS, CLONE_NEWUSER, CLONE_NEWNET = 0x00020000, 0x10000000, 0x40000000


def enter():
    """Call it once, before starting any thread; loopback is up. Without root it creates a user
    namespace and becomes root in it."""
    user, group = os.geteuid(), os.getegid()
    unshare(CLONE_NEWNET | (CLONE_NEWUSER if user else 0), "network")
    if user:
        for file, text in (("setgroups", "deny"), ("uid_map", f"0 {user} 1"), ("gid_map", f"0 {group} 1")):
            pathlib.Path(f"/proc/self/{file}").write_text(text)
    ip("link", "set", "lo", "up")


def unshare(flags, what):
    if ctypes.CDLL(None, use_errno=True).unshare(flags) != 0:
        raise OSError(ctypes.get_errno(), f"cannot make a {what} namespace")


def replace_resolv_conf(text):
    """Call it after enter(): affects this process and its children."""
    unshare(CLONE_NEWNS, "mount")
    run("mount", "--make-rprivate", "/")
    with tempfile.NamedTemporaryFile("w", prefix="resolv-") as file:  # the mount keeps it
        file.write(text)
        file.flush()
        os.chmod(file.name, 0o644)
        run("mount", "--bind", file.name, "/etc/resolv.conf")


def ip(*words):
    run("ip", *words)


def run(*argv):
    subprocess.run(argv, check=True, stdin=subprocess.DEVNULL, env=os.environ | {"PATH": "/usr/sbin:/sbin:/usr/bin:/bin"})


def is_monitored():
    """Whether a process listens for changes of IPv4 and IPv6 addresses (rtnetlink(7), the groups of
    the socket)."""
    return " 00000110 " in pathlib.Path("/proc/net/netlink").read_text()

"""A network namespace for this process and all it starts: its addresses can change, and nothing else sees it."""
import ctypes
import os
import pathlib
import subprocess

CLONE_NEWUSER, CLONE_NEWNET = 0x10000000, 0x40000000


def enter():
    """Once, before any thread is started; loopback is up. Who is not root becomes root of a user namespace for it."""
    user, group = os.geteuid(), os.getegid()
    flags = CLONE_NEWNET | (CLONE_NEWUSER if user else 0)
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(flags) != 0:
        raise OSError(ctypes.get_errno(), "cannot make a network namespace")
    if user:
        for file, text in (("setgroups", "deny"), ("uid_map", f"0 {user} 1"), ("gid_map", f"0 {group} 1")):
            pathlib.Path(f"/proc/self/{file}").write_text(text)
    ip("link", "set", "lo", "up")


def ip(*words):
    subprocess.run(["ip", *words], check=True, stdin=subprocess.DEVNULL, env=os.environ | {"PATH": "/usr/sbin:/sbin:/usr/bin:/bin"})


def is_monitored():
    """Whether a process listens to changes of IPv4 and IPv6 addresses (rtnetlink(7), the groups of the socket)."""
    return " 00000110 " in pathlib.Path("/proc/net/netlink").read_text()

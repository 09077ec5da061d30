"""Measures whole processes: `sd-connect get` and other ways to get one page from a service, against
knotd and nginx.

    scripts/bench cli [--runs N] [--callgrind]

Interleaves the runs, so that all see the same state of the machine. Ratios are medians of the
ratios within a round.
"""
import argparse
import ctypes
import os
import pathlib
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True
BENCH = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(BENCH.parent.parent / "tests/integration"))
import lab  # noqa: E402

LIBC = ctypes.CDLL(None, use_errno=True)
LIBC.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
TRACEME, CONT, SETOPTIONS = 0, 7, 0x4200
TRACE_FORK, TRACE_VFORK, TRACE_CLONE, TRACE_EXIT = 1 << 1, 1 << 2, 1 << 3, 1 << 6
EVENT_EXIT = 6
ALL_THREADS = 0x40000000  # __WALL

# (program, its name in the goals, CPU and wall time relative to curl alone, times faster than
# client.py, peak RSS in MB)
GOALS = [
    ("sd-connect get", "cli_get", 0.7, 0.8, 25, 8),
    ("static get", "cli_static_get", 0.35, 0.8, 50, 6),
]


class Run:
    def __init__(self, argv, env, expected):
        read_end, write_end = os.pipe()
        os.set_inheritable(write_end, True)
        actions = [(os.POSIX_SPAWN_DUP2, write_end, 1), (os.POSIX_SPAWN_CLOSE, write_end)]
        began = time.perf_counter()
        pid = os.posix_spawn(argv[0], argv, env, file_actions=actions)
        os.close(write_end)
        with open(read_end, "rb") as pipe:
            output = pipe.read()
        _, status, usage = os.wait4(pid, 0)
        self.wall = (time.perf_counter() - began) * 1e3
        self.cpu = (usage.ru_utime + usage.ru_stime) * 1e3
        if status != 0 or expected not in output:
            sys.exit(f"{argv}: exit {os.waitstatus_to_exitcode(status)}, output {output!r}")


def peak_rss_mb(argv, env):
    """Returns the peak of the largest process. Does not use wait4(), which includes this
    interpreter before the exec: reads it when each process exits."""
    def trace_me():
        LIBC.ptrace(TRACEME, 0, None, None)

    peak = 0
    alive = set()
    root = subprocess.Popen(argv, env=env, stdout=subprocess.DEVNULL, preexec_fn=trace_me)
    while root.returncode is None or alive:
        pid, status = os.waitpid(-1, ALL_THREADS)
        if not os.WIFSTOPPED(status):
            alive.discard(pid)
            if pid == root.pid:
                root.returncode = os.waitstatus_to_exitcode(status)
            continue
        event, stop = status >> 16, os.WSTOPSIG(status)
        if pid not in alive:
            alive.add(pid)
            LIBC.ptrace(SETOPTIONS, pid, None, TRACE_FORK | TRACE_VFORK | TRACE_CLONE | TRACE_EXIT)
            stop = signal.SIGTRAP  # of the exec, or SIGSTOP of a new child: not delivered to the program
        if event == EVENT_EXIT:
            found = re.search(r"VmHWM:\s*(\d+)", pathlib.Path(f"/proc/{pid}/status").read_text())
            peak = max(peak, int(found[1]) if found else 0)
        LIBC.ptrace(CONT, pid, None, None if event or stop == signal.SIGTRAP else stop)
    return peak / 1024


def user_instructions(argv, env):
    with tempfile.NamedTemporaryFile() as out:
        subprocess.run([lab.program("valgrind"), "--tool=callgrind", f"--callgrind-out-file={out.name}", *argv],
                       env=env, check=True, capture_output=True)
        return int(re.search(r"^(?:summary|totals): (\d+)", pathlib.Path(out.name).read_text(), re.M)[1])


def contestants(with_lab, ports):
    address, port = with_lab.server.split("#")
    flags = ["-z", "unilans.net.", "-s", "theService", "-p", "tcp", "-v", "v1"]
    return {
        "client.py": ["/usr/bin/python3", str(BENCH / "peers/client.py"), *flags],
        "dig + curl": ["/bin/sh", str(BENCH / "peers/pipeline.sh"), address, port],
        "curl alone": [lab.program("curl"), "-s", f"http://127.0.0.11:{ports['host1']}/"],
        "sd-connect get": [os.environ["SD_CONNECT"], "--server", with_lab.server, *flags],
        "static get": [os.environ["SD_CONNECT_STATIC"], "--server", with_lab.server, *flags],
        "/bin/true": ["/bin/true"],
    }


def measure(commands, env, runs):
    def run(name):
        return Run(commands[name], env, b"" if name == "/bin/true" else b"Status: running")

    rounds = [{name: run(name) for name in commands} for _ in range(runs + 1)]
    return rounds[1:]  # the first round fills the caches


def print_goal(name, value, goal, is_met):
    print(f"{name} {value:.2f} {goal} {'ok' if is_met else 'short'}")


def main():
    parser = argparse.ArgumentParser(prog="scripts/bench cli")
    parser.add_argument("--runs", type=int, default=31)
    parser.add_argument("--callgrind", action="store_true", help="count user instructions as well (needs valgrind)")
    args = parser.parse_args()

    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    servers = lab.Lab()
    try:
        _, ports = servers.backends()
        commands = contestants(servers, ports)
        env = servers.environment | {"PEER_NAME_SERVER": servers.server}
        rounds = measure(commands, env, args.runs)
        peaks = {name: statistics.median(peak_rss_mb(argv, env) for _ in range(3)) for name, argv in commands.items()}
        counted = [name for name, *_ in GOALS] if args.callgrind else []
        instructions = {name: user_instructions(commands[name], env) for name in counted}
    finally:
        servers.close()

    def median(name, of):
        return statistics.median(of(one[name]) for one in rounds)

    def ratio(one, other, of):
        return statistics.median(of(each[one]) / of(each[other]) for each in rounds)

    def wall_time(run):
        return run.wall

    def cpu_time(run):
        return run.cpu

    print(f"{args.runs} runs of each, load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors")
    print(f"{'':16}{'wall ms':>9}{'CPU ms':>9}{'RSS MB':>9}{'x of sd-connect':>17}")
    for name in commands:
        wall, cpu = median(name, wall_time), median(name, cpu_time)
        note = f"  {instructions[name] / 1e6:.2f} M instructions" if name in instructions else ""
        print(f"{name:16}{wall:9.2f}{cpu:9.2f}{peaks[name]:9.1f}"
              f"{ratio(name, 'sd-connect get', wall_time):17.1f}{note}")
    print()
    for name, goal, most_cpu, most_wall, times_faster, most_rss in GOALS:
        cpu, wall = ratio(name, "curl alone", cpu_time), ratio(name, "curl alone", wall_time)
        faster, rss = ratio("client.py", name, wall_time), peaks[name]
        print_goal(f"{goal}_cpu_relative_to_curl", cpu, f"<={most_cpu:g}", cpu <= most_cpu)
        print_goal(f"{goal}_wall_relative_to_curl", wall, f"<={most_wall:g}", wall <= most_wall)
        print_goal(f"{goal}_times_faster_than_client_py", faster, f">={times_faster:g}", faster >= times_faster)
        print_goal(f"{goal}_peak_rss_mb", rss, f"<={most_rss:g}", rss <= most_rss)


if __name__ == "__main__":
    main()

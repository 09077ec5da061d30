# shellcheck shell=bash
# phase NAME COMMAND...: runs the command with its output on stderr, and prints there its wall-clock
# time and its CPU time: user and system time of the command and all processes it waited for.
phase() {
  measured "$@" >&2
}

# measured NAME COMMAND...: the same, but leaves the command's output unchanged.
measured() {
  local name=$1 start=$SECONDS ticks status=0 verdict=
  ticks=$(cpu_ticks $$)
  shift
  "$@" || status=$?
  ticks=$(($(cpu_ticks $$) - ticks))
  phase_ticks=$((phase_ticks + ticks))
  ((status == 0)) || verdict=" failed after"
  echo "== $name:$verdict $((SECONDS - start)) s, $((ticks / ticks_per_second)) s CPU" >&2
  return "$status"
}

# phase_total: prints the CPU time of all phases so far.
phase_total() {
  echo "== all phases: $SECONDS s, $((phase_ticks / ticks_per_second)) s CPU" >&2
}

ticks_per_second=$(getconf CLK_TCK)
phase_ticks=0

# User and system time of a process and its ended children; the process name must not contain
# blanks.
cpu_ticks() {
  local fields
  read -ra fields <"/proc/$1/stat"
  echo $((fields[13] + fields[14] + fields[15] + fields[16]))
}

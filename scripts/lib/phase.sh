# shellcheck shell=bash
# phase NAME COMMAND...: runs the command, its output on stderr, and says there what time it took, of the clock and of the
# processors: user and system time of the command and all that it waited for.
phase() {
  measured "$@" >&2
}

# measured NAME COMMAND...: the same, with the command's output where it is.
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

# phase_total: the processor time of all phases so far.
phase_total() {
  echo "== all phases: $SECONDS s, $((phase_ticks / ticks_per_second)) s CPU" >&2
}

ticks_per_second=$(getconf CLK_TCK)
phase_ticks=0

# User and system time of a process and its children that ended; its name must have no blanks.
cpu_ticks() {
  local fields
  read -ra fields <"/proc/$1/stat"
  echo $((fields[13] + fields[14] + fields[15] + fields[16]))
}

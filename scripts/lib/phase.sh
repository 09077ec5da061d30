# shellcheck shell=bash
# phase NAME COMMAND...: runs the command, its output on stderr, and says there how long it took.
phase() {
  local name=$1 start=$SECONDS
  shift
  "$@" >&2 || {
    echo "== $name: failed after $((SECONDS - start)) s" >&2
    return 1
  }
  echo "== $name: $((SECONDS - start)) s" >&2
}

# shellcheck shell=bash
# Installs missing Debian packages; scripts/demo and scripts/test source this file. Never removes a
# package. Leaves no service running or enabled that was not so before. Needs only bash, coreutils
# and apt.

# Packages for building sd-connect.
build_packages=(
  g++ cmake ninja-build pkg-config
  libboost1.81-dev libldns-dev libfmt-dev libtomlplusplus-dev libcli11-dev libssl-dev
)

# Packages for testing it: the other compiler, checkers, and the servers and clients that sd-connect
# must work with.
# shellcheck disable=SC2034 # used by scripts/test
test_packages=(
  "${build_packages[@]}"
  clang libclang-rt-14-dev clang-format ccache git
  catch2 libbenchmark-dev libc-ares-dev libgetdns-dev libunbound-dev libabsl-dev
  python3 python3-dnspython python3-requests
  knot knot-dnsutils bind9-dnsutils nginx iproute2
  bind9 nsd pdns-server pdns-backend-bind dnsmasq-base unbound
  openssh-server openssh-client netcat-openbsd curl openssl procps
  zsh fish mandoc groff-base
  chromium prometheus systemd ncat socat wget
)

# Packages of these lists that start and enable a system service when installed, and that service.
declare -A package_service=(
  [knot]=knot [bind9]=named [nsd]=nsd [pdns-server]=pdns [unbound]=unbound [nginx]=nginx [openssh-server]=ssh
  [prometheus]=prometheus
)

policy_rc_d=/usr/sbin/policy-rc.d

missing_packages() {
  local package
  for package; do
    [[ $(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null) == installed ]] || echo "$package"
  done
}

as_root() {
  if ((EUID == 0)); then "$@"; else sudo "$@"; fi
}

# Reads `apt-get install -s` and prints the packages that it would remove.
removed_packages() {
  local verb package rest
  while read -r verb package rest; do
    [[ $verb != Remv ]] || echo "$package"
  done
}

# install_packages PACKAGE...: writes all output to stderr.
install_packages() {
  if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
    echo "not a Debian system: nothing is installed; needed are what Debian calls: $*" >&2
    return 0
  fi
  local missing
  mapfile -t missing < <(missing_packages "$@")
  ((${#missing[@]})) || return 0
  if ((EUID != 0)) && ! command -v sudo >/dev/null; then
    echo "error: missing packages, and neither root nor sudo to install them: ${missing[*]}" >&2
    return 1
  fi
  echo "installing: ${missing[*]}" >&2
  as_root apt-get update -q >&2 || echo "warning: the package lists could not be updated" >&2

  local simulation removed
  if ! simulation=$(LC_ALL=C apt-get install -s --no-install-recommends "${missing[@]}" 2>&1); then
    printf '%s\n' "$simulation" >&2
    return 1
  fi
  mapfile -t removed < <(removed_packages <<<"$simulation")
  if ((${#removed[@]})); then
    {
      echo "error: apt would have to remove packages of yours, so nothing was installed."
      echo "  wanted:  ${missing[*]}"
      echo "  removed: ${removed[*]}"
      echo "Most likely: libboost1.81-dev conflicts with every other libboost*-dev. If you can do without these, run as root:"
      echo "  apt-get install --no-install-recommends ${missing[*]}"
    } >&2
    return 1
  fi
  install_without_services "${missing[@]}" >&2
}

# Debian starts and enables the service of a newly installed package. policy-rc.d prevents the start
# now, `systemctl disable` prevents it at the next boot.
install_without_services() {
  local status=0 ours='' package
  if [[ ! -e $policy_rc_d ]]; then
    ours=1
    trap 'as_root rm -f "$policy_rc_d"' EXIT
    printf '#!/bin/sh\nexit 101\n' | as_root tee "$policy_rc_d" >/dev/null || return 1
    as_root chmod +x "$policy_rc_d"
  fi
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "$@" || status=$?
  if [[ $ours ]]; then
    as_root rm -f "$policy_rc_d"
    trap - EXIT
  fi
  ((status == 0)) || return "$status"

  command -v systemctl >/dev/null || return 0
  for package; do
    if [[ ${package_service[$package]-} ]]; then
      as_root systemctl disable "${package_service[$package]}" ||
        echo "warning: the service ${package_service[$package]} may start at the next boot"
    fi
  done
}

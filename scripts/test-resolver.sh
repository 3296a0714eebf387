#!/usr/bin/env bash
# The service behind a real unbound and real lists, under attack: `npm run test:resolver`.
#
# Needs root and Debian with a way to its packages. Installs unbound and rbldnsd where they are missing (without starting
# them or touching a configuration) and runs the tests of test/resolver. The system's own services are not touched: the
# tests have a network of their own, in which there is nothing but loopback, and processes of their own, which end with
# the tests whatever happens.
#
# Ends with a line `N passed, N failed`; exit status 1 if anything failed. A run that hangs is ended after five and a half minutes.
set -euo pipefail
cd "$(dirname "$0")/.."

[ "$(id -u)" -eq 0 ] || { echo 'test-resolver: only root can make a network' >&2 && exit 2; }

temp=$(mktemp -d)
# unbound, rbldns and nobody have to get through.
chmod 755 "$temp"
made_policy_rc=

clean_up() {
  rm -rf "$temp"
  [ -z "$made_policy_rc" ] || rm -f /usr/sbin/policy-rc.d
}
trap clean_up EXIT

install_packages() {
  # invoke-rc.d(8) asks this program whether a service may be started: 101 is no.
  if [ ! -e /usr/sbin/policy-rc.d ]; then
    made_policy_rc=yes
    printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d
    chmod 755 /usr/sbin/policy-rc.d
  fi
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq
  apt-get install -y -qq --no-install-recommends unbound rbldnsd iproute2 util-linux >"$temp/apt.log" 2>&1 || {
    cat "$temp/apt.log" >&2
    return 1
  }
}

# counted WORD: the number behind it in the last summary of tap.
counted() {
  local found
  found=$(sed -nE "s/^# \{ total: .*$1: ([0-9]+).*/\1/p" "$temp/output" | tail -n 1)
  echo "${found:-0}"
}

{ command -v unbound && command -v unbound-control && command -v rbldnsd && command -v ip; } >/dev/null ||
  install_packages

status=0
export TMPDIR=$temp TAP_RCFILE=test/resolver/.taprc TAP_REPORTER=tap TAP_DISABLE_COVERAGE=1
unshare --net --pid --fork --kill-child --mount-proc \
  sh -c 'ip link set lo up && exec timeout --kill-after=10 330 npx tap "$@"' sh "$@" 2>&1 |
  tee "$temp/output" || status=1
passed=$(counted pass)
failed=$(counted fail)
[ "$status" -eq 0 ] || [ "$failed" -gt 0 ] || failed=1
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]

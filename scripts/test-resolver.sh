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

. scripts/tests-on-debian.sh
trap clean_up_debian EXIT

{ command -v unbound && command -v unbound-control && command -v rbldnsd && command -v ip; } >/dev/null ||
  install_packages unbound rbldnsd iproute2 util-linux

status=0
export TMPDIR=$temp TAP_RCFILE=test/resolver/.taprc TAP_REPORTER=tap TAP_DISABLE_COVERAGE=1
unshare --net --pid --fork --kill-child --mount-proc \
  sh -c 'ip link set lo up && exec timeout --kill-after=10 330 npx tap "$@"' sh "$@" 2>&1 |
  tee "$temp/output" || status=1
report "$status"

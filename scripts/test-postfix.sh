#!/usr/bin/env bash
# The service of master.cf.example behind a real Postfix: `npm run test:postfix`.
#
# Needs root, Debian with a way to its packages, and a Node that every user may run. Installs postfix and swaks where they
# are missing (without starting a daemon or touching a configuration), adds the user polw if there is none, runs the tests
# of test/postfix, and removes the user again. The system's own Postfix is not touched: each test has an instance of its
# own, see test/support/postfix-instance.ts.
#
# Ends with a line `N passed, N failed`; exit status 1 if anything failed. A run that hangs is ended after four minutes,
# with whatever it has started.
set -euo pipefail
cd "$(dirname "$0")/.."

[ "$(id -u)" -eq 0 ] || { echo 'test-postfix: only root can start Postfix' >&2 && exit 2; }

temp=$(mktemp -d)
# polw, postfix and nobody have to get through.
chmod 755 "$temp"
made_user=
made_policy_rc=

# Ends what still names the temporary directory among its arguments, each by its process id.
end_leftovers() {
  local arguments pid
  for arguments in /proc/[0-9]*/cmdline; do
    pid=${arguments#/proc/} && pid=${pid%/cmdline}
    if [ "$pid" != $$ ] && tr '\0' ' ' 2>/dev/null <"$arguments" | grep -qF "$temp/"; then
      echo "test-postfix: left over, ended: $pid" >&2
      kill -KILL "$pid" 2>/dev/null || true
    fi
  done
}

clean_up() {
  end_leftovers
  rm -rf "$temp"
  [ -z "$made_policy_rc" ] || rm -f /usr/sbin/policy-rc.d
  [ -z "$made_user" ] || userdel polw
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
  echo 'postfix postfix/main_mailer_type select No configuration' | debconf-set-selections
  apt-get update -qq
  apt-get install -y -qq --no-install-recommends postfix swaks >"$temp/apt.log" 2>&1 || {
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

{ command -v postconf && command -v smtp-source && command -v swaks; } >/dev/null || install_packages
if ! id -u polw >/dev/null 2>&1; then
  adduser --quiet --system --group --no-create-home polw
  made_user=yes
fi

status=0
TMPDIR=$temp TAP_RCFILE=test/postfix/.taprc TAP_REPORTER=tap TAP_DISABLE_COVERAGE=1 \
  timeout --kill-after=10 230 npx tap "$@" 2>&1 | tee "$temp/output" || status=1
passed=$(counted pass)
failed=$(counted fail)
[ "$status" -eq 0 ] || [ "$failed" -gt 0 ] || failed=1
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]

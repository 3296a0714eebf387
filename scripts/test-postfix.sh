#!/usr/bin/env bash
# The service of master.cf.example behind a real Postfix: `npm run test:postfix`.
#
# Needs root, Debian with a way to its packages, and a Node that every user may run. Installs postfix and swaks where they
# are missing (without starting a daemon or touching a configuration), adds the user polw if there is none, runs the tests
# of test/postfix, and removes the user again. The system's own Postfix is not touched: each test has an instance of its
# own, see testkit/postfix-instance.ts.
#
# Ends with a line `N passed, N failed`; exit status 1 if anything failed. A run that hangs is ended after four minutes,
# with whatever it has started.
set -euo pipefail
cd "$(dirname "$0")/.."

[ "$(id -u)" -eq 0 ] || { echo 'test-postfix: only root can start Postfix' >&2 && exit 2; }

. scripts/tests-on-debian.sh
made_user=

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
  clean_up_debian
  [ -z "$made_user" ] || userdel polw
}
trap clean_up EXIT

{ command -v postconf && command -v smtp-source && command -v swaks; } >/dev/null || {
  echo 'postfix postfix/main_mailer_type select No configuration' | debconf-set-selections
  install_packages postfix swaks
}
if ! id -u polw >/dev/null 2>&1; then
  adduser --quiet --system --group --no-create-home polw
  made_user=yes
fi

status=0
TMPDIR=$temp TAP_RCFILE=test/postfix/.taprc TAP_REPORTER=tap TAP_DISABLE_COVERAGE=1 \
  timeout --kill-after=10 230 npx tap "$@" 2>&1 | tee "$temp/output" || status=1
report "$status"

# What tests have in common that need Debian's packages and root; sourced by test-postfix.sh and test-resolver.sh, in the
# root of the project. Sets `temp`, a folder that every user may enter, which is removed at the end.

temp=$(mktemp -d)
chmod 755 "$temp"
made_policy_rc=

clean_up_debian() {
  rm -rf "$temp"
  [ -z "$made_policy_rc" ] || rm -f /usr/sbin/policy-rc.d
}

# install_packages NAME…: installs them without starting their services.
install_packages() {
  # invoke-rc.d(8) asks this program whether a service may be started: 101 is no.
  if [ ! -e /usr/sbin/policy-rc.d ]; then
    made_policy_rc=yes
    printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d
    chmod 755 /usr/sbin/policy-rc.d
  fi
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq
  apt-get install -y -qq --no-install-recommends "$@" >"$temp/apt.log" 2>&1 || {
    cat "$temp/apt.log" >&2
    return 1
  }
}

# counted WORD: the number behind it in the last summary of tap, in $temp/output.
counted() {
  local found
  found=$(sed -nE "s/^# \{ total: .*$1: ([0-9]+).*/\1/p" "$temp/output" | tail -n 1)
  echo "${found:-0}"
}

# report STATUS: prints `N passed, N failed`; true if everything passed and something did.
report() {
  local passed failed
  passed=$(counted pass)
  failed=$(counted fail)
  [ "$1" -eq 0 ] || [ "$failed" -gt 0 ] || failed=1
  echo "$passed passed, $failed failed"
  [ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
}

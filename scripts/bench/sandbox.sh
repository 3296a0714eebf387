#!/bin/sh
# The machine as the contenders of a benchmark see it: sandbox.sh FOLDER COMMAND ARGUMENT...
#
# To be started in namespaces of its own (run.ts: mounts, network, processes). There is no network but loopback, so port
# 53 and every other is free and nothing leaves the machine; FOLDER is a tmpfs, as /run is; /dev has no /dev/log but the
# benchmark's own, so the machine's log stays clean. Whatever is started in here ends with the command.
set -e
folder=$1
shift
ip link set lo up
mount -t tmpfs -o mode=755 tmpfs "$folder"
mkdir "$folder/dev" "$folder/dev/shm" "$folder/dev/pts"
for name in null zero full random urandom ptmx fd stdin stdout stderr; do
  cp -a "/dev/$name" "$folder/dev/"
done
mount -t tmpfs -o mode=1777 tmpfs "$folder/dev/shm"
mount --rbind /dev/pts "$folder/dev/pts"
mount --rbind "$folder/dev" /dev
# For those that cannot be told whom to ask: the address without a delay (fixture.ts).
echo nameserver 127.83.0.1 >"$folder/resolv.conf"
mount --bind "$folder/resolv.conf" /etc/resolv.conf
exec "$@"

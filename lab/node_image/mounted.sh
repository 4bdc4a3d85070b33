#!/bin/sh
# mounted.sh DISK ROOT COMMAND...: run the command while DISK is mounted at ROOT.
# Process 1 of a process namespace, in a mount namespace of its own: see stage.py.
set -eu
disk=$1 root=$2
shift 2
# Nothing of a disk survives that is not finished, so its file system need not survive a power failure before that.
mount -o loop,noatime,nobarrier "$disk" "$root"
status=0
"$@" || status=$?
# Whatever a package or a daemon left running would keep the disk busy. `-1` spares process 1.
kill -KILL -1 2> /dev/null || true
wait || true
umount --recursive "$root/proc" "$root/sys" 2> /dev/null || true
# Blocks of deleted files become holes again; those whose deletion is not yet on the disk would be passed over.
sync --file-system "$root"
fstrim "$root"
umount --recursive "$root"
exit "$status"

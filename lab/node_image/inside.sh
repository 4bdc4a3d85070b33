#!/bin/sh
# inside.sh ROOT RECIPE FOLDER SCRIPT: run RECIPE/SCRIPT in the system at ROOT, with FOLDER as its argument.
# Runs in namespaces that end with it: see stage.py.
set -eu
root=$1 recipe=$2 folder=$3 script=$4
mount -t proc proc "$root/proc"
mount -t tmpfs tmpfs "$root/run"
mount -t tmpfs tmpfs "$root/tmp"
mkdir "$root/run/recipe" "$root/run/given"
mount -o bind,ro "$recipe" "$root/run/recipe"
mount -o bind,ro "$folder" "$root/run/given"
exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 HOME=/root \
    chroot "$root" sh "/run/recipe/$script" /run/given

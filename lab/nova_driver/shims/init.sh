#!/bin/sh
# The machine's first process: makes a container look like the virtual machine that it stands for, then becomes systemd.

# nspawn mounts the control groups read-only, and a kubelet needs its own. /sys itself stays so: with it writable,
# networkd would wait for a udev that a container does not have.
for group in /sys/fs/cgroup /sys/fs/cgroup/*; do
    [ -d "$group" ] && [ ! -L "$group" ] && mount -o remount,bind,rw "$group" 2>/dev/null
done
mount -o remount,rw /proc/sys

# These settings are the whole machine's, so they are shadowed: they can be asked for and read back, and do nothing.
mkdir -p /run/lab-sysctl
while read -r key value; do
    file=/proc/sys/$key
    [ -e "$file" ] || continue
    shadow=/run/lab-sysctl/$(echo "$key" | tr / .)
    if [ -n "$value" ]; then echo "$value" >"$shadow"; else cat "$file" >"$shadow"; fi
    mount --bind "$shadow" "$file"
done <<END
fs/file-max
fs/inotify/max_queued_events
fs/inotify/max_user_instances 8192
fs/inotify/max_user_watches 1048576
fs/nr_open
kernel/core_pattern
kernel/hung_task_timeout_secs
kernel/keys/root_maxbytes
kernel/keys/root_maxkeys
kernel/panic
kernel/panic_on_oops
kernel/pid_max
kernel/sysrq
kernel/threads-max
net/netfilter/nf_conntrack_max
vm/dirty_background_ratio
vm/dirty_ratio
vm/max_map_count
vm/min_free_kbytes
vm/nr_hugepages
vm/overcommit_memory
vm/panic_on_oom
vm/swappiness
END

# systemd writes a value over a longer one without emptying the file: the kernel forgets the rest, a shadow does not.
mkdir -p /run/systemd/system/systemd-sysctl.service.d
cat >/run/systemd/system/systemd-sysctl.service.d/lab.conf <<'END'
[Service]
ExecStartPost=/bin/sh -c 'for file in /run/lab-sysctl/*; do [ -d $$file ] && continue; read -r value <$$file; echo "$$value" >$$file; done'
END

# A network namespace does not have these, or may not write them: they get folders of their own, with the rest in them.
while read -r folder values; do
    place=/proc/sys/$folder
    real=/run/lab-sysctl/$(echo "$folder" | tr / .)
    mkdir -p "$real"
    mount --bind "$place" "$real"
    # Else the new file system is mounted here, too, over the rest.
    mount --make-private "$real"
    mount -t tmpfs -o mode=0755 lab-sysctl "$place"
    for value in $values; do
        file=$place/${value%%=*}
        mkdir -p "${file%/*}"
        echo "${value#*=}" >"$file"
    done
    for file in "$real"/*; do
        own=$place/${file##*/}
        [ -e "$own" ] && continue
        if [ -d "$file" ]; then mkdir "$own"; else touch "$own"; fi
        mount --bind "$file" "$own"
    done
done <<END
net/core netdev_max_backlog=1000 rmem_max=212992 wmem_max=212992
net/ipv4/neigh default/gc_thresh1=128 default/gc_thresh2=512 default/gc_thresh3=1024
END

# The memory that the flavor gives, and not the whole machine's.
mount --bind /run/lab/meminfo /proc/meminfo

# Volumes: a device, and the link that udev would make.
mkdir -p /dev/disk/by-id
while read -r name major minor serial; do
    mknod -m 0660 "/dev/$name" b "$major" "$minor"
    ln -s "../../$name" "/dev/disk/by-id/virtio-$serial"
done </run/lab/volumes

# No router here advertises IPv6, and networkd would wait twelve seconds for one before it says that it is online.
for nic in /sys/class/net/ens*; do
    [ -d "$nic" ] || continue
    folder=/run/systemd/network/10-cloud-init-${nic##*/}.network.d
    mkdir -p "$folder"
    printf '[Network]\nIPv6AcceptRA=no\n' >"$folder/lab.conf"
done

# As systemd has it on a machine: mounts made in it are seen by the containers in it.
mount --make-rshared /
mkdir -p "/lib/modules/$(uname -r)"
exec /lib/systemd/systemd

#!/bin/sh
# Makes Debian 12 a node's system: all but the Kubernetes binaries and the container images.
# Runs as root inside the system, in a chroot or in virt-customize; `packages` lies beside it.
set -eu
packages=$(dirname "$0")/packages
export DEBIAN_FRONTEND=noninteractive

# Debian starts a daemon when it installs it, unless this file forbids it.
printf '#!/bin/sh\nexit 101\n' > /usr/sbin/policy-rc.d
chmod 755 /usr/sbin/policy-rc.d
# What nobody reads on a node, and a sync after every file of a disk that is thrown away should this fail.
cat > /etc/dpkg/dpkg.cfg.d/90-cecf-build << 'END'
force-unsafe-io
path-exclude=/usr/share/doc/*
path-include=/usr/share/doc/*/copyright
path-exclude=/usr/share/info/*
path-exclude=/usr/share/locale/*
path-exclude=/usr/share/man/*
END

# debootstrap writes no more than the release itself; a cloud's image has both.
if ! grep --quiet --recursive bookworm-security /etc/apt; then
    for source in "debian bookworm-updates" "debian-security bookworm-security"; do
        echo "deb http://deb.debian.org/$source main" >> /etc/apt/sources.list
    done
fi
apt-get update --quiet
apt-get upgrade --quiet --yes
# shellcheck disable=SC2046
apt-get install --quiet --yes --no-install-recommends $(cat "$packages")

# Owns etcd's data. Its number is fixed: a volume goes from one server to the next, also from one image to the next.
groupadd --gid 600 etcd
useradd --uid 600 --gid etcd --home-dir /nonexistent --no-create-home --shell /usr/sbin/nologin etcd

# The node's user data starts these, each when its configuration is there. A node does not upgrade itself either.
systemctl disable haproxy keepalived chrony ssh apt-daily.timer apt-daily-upgrade.timer
systemctl enable systemd-networkd systemd-resolved containerd

# With it cloud-init finds its locale set, and generates none.
echo LANG=C.UTF-8 > /etc/default/locale
echo 'locale: C.UTF-8' > /etc/cloud/cloud.cfg.d/10-cecf.cfg

# What each machine has of its own, made at its first boot. Empty, not missing: a missing machine-id makes systemd
# enable every service that is disabled above.
: > /etc/machine-id
rm -f /etc/hostname /etc/ssh/ssh_host_* /var/lib/systemd/random-seed /var/lib/dbus/machine-id
ln -sf ../run/systemd/resolve/stub-resolv.conf /etc/resolv.conf

rm -f /usr/sbin/policy-rc.d /etc/dpkg/dpkg.cfg.d/90-cecf-build
apt-get clean
rm -rf /var/lib/apt/lists/*
find /var/log /var/cache -type f -delete

#!/bin/sh
# kubernetes.sh FOLDER: puts Kubernetes into a system that install.sh has prepared.
#   FOLDER/bin         the programs that `programs` lists
#   FOLDER/cni         CNI plugins
#   FOLDER/images      container images as OCI archives, *.tar
# Runs as root inside the system, whose containerd must not run.
set -eu
here=$(dirname "$0")
folder=$1

while read -r program; do
    install -m 0755 "$folder/bin/$program" /usr/bin/
done < "$here/programs"
install -d /opt/cni/bin
install -m 0755 "$folder"/cni/* /opt/cni/bin/
units=/usr/lib/systemd/system
install -D -m 0644 -t "$units" "$here/kubelet.service"
install -D -m 0644 -t "$units/kubelet.service.d" "$here/10-kubeadm.conf"

# The images, unpacked, into containerd's store. It runs with its kubelet's part, which marks each image as its own.
export CONTAINERD_NAMESPACE=k8s.io
log=/tmp/containerd.log
fail() {
    echo "$1; containerd's last lines:"
    tail -n 20 "$log"
    exit 1
}
containerd > "$log" 2>&1 &
daemon=$!
tries=0
until ctr version > /dev/null 2>&1; do
    tries=$((tries + 1))
    [ "$tries" -lt 300 ] || fail "containerd does not answer"
    kill -0 "$daemon" 2> /dev/null || fail "containerd ended"
    sleep 0.1
done
for archive in "$folder"/images/*.tar; do
    ctr images import --snapshotter overlayfs "$archive" || fail "$archive was not imported"
done
for name in $(ctr images ls -q); do
    # The kubelet cleans a full disk of images that no container uses; of these no registry has another copy.
    ctr images label "$name" io.cri-containerd.image=managed io.cri-containerd.pinned=pinned > /dev/null
done
ctr images check --snapshotter overlayfs > /tmp/images
cat /tmp/images
awk 'NR > 1 && !(/ complete / && / true *$/) { bad = 1 } END { exit bad || NR < 2 }' /tmp/images ||
    fail "an image is incomplete or not unpacked"
kill "$daemon"
wait "$daemon" || true

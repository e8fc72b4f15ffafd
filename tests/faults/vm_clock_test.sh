#!/usr/bin/env bash
# The real anchor under a clock that is really slewed: Debian's kernel in a virtual machine, this machine's file system
# below it (read only, a layer in memory above), the clock bent by adjtimex(2) and then by Debian's chronyd. No sample may
# be shorter than its pong was held.
#
#   vm_clock_test.sh BIN_DIR VM_DIR [SAMPLES]     exit 0 passed, 1 failed, 77 skipped, and it says why
#
# VM_DIR holds what `deploy/check.sh vm` fetches: vmlinuz, modules (a tree of .ko files), chrony (the unpacked package).
# Uses KVM where it may, else emulates, which takes some times as long.
set -euo pipefail
bin=$(realpath "$1")
vm=$(realpath -m "$2")
samples=${3:-2000}
source_dir=$(realpath "$(dirname "${BASH_SOURCE[0]}")/../..")
skip() { echo "skipped: $1"; exit 77; }

[[ $(uname -m) == x86_64 ]] || skip "this machine is a $(uname -m); the virtual one is an x86_64"
command -v qemu-system-x86_64 >/dev/null || skip "no qemu-system-x86_64 here; deploy/check.sh vm installs it"
command -v busybox >/dev/null || skip "no busybox here; deploy/check.sh vm installs it"
[[ -f $vm/vmlinuz && -d $vm/modules && -d $vm/chrony ]] || skip "$vm holds no kernel; deploy/check.sh vm fetches one"
[[ -x $bin/chiploc_held_pings ]] || skip "$bin/chiploc_held_pings is not built"
if ldd "$(command -v busybox)" >/dev/null 2>&1; then skip "busybox is not static; install busybox-static"; fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# The first file system: busybox, the modules, and what mounts the rest. Which module needs which differs between
# kernels of one series (virtio needs virtio_ring from 6.1.192 on), so the guest tries all of them until each is in.
root=$work/initramfs
mkdir -p "$root"/{bin,modules,proc,sys,dev,host,layer,root}
cp "$(command -v busybox)" "$root/bin/busybox"
order=(virtio virtio_ring virtio_pci_legacy_dev virtio_pci_modern_dev virtio_pci netfs fscache 9pnet 9pnet_virtio 9p overlay)
for name in "${order[@]}"; do
  module=$(find "$vm/modules" -name "$name.ko" -o -name "$name.ko.xz" | head -n 1)
  case $module in
    '') ;;  # built into this kernel
    *.xz) xz -dc "$module" >"$root/modules/$name.ko" ;;
    *) cp "$module" "$root/modules/$name.ko" ;;
  esac
done
cat >"$root/init" <<INIT
#!/bin/busybox sh
/bin/busybox mkdir -p /usr/bin /usr/sbin /sbin
/bin/busybox --install -s
echo "VM: up"
mount -t proc proc /proc; mount -t sysfs sys /sys; mount -t devtmpfs dev /dev
for again in 1 2 3 4; do
  for name in ${order[*]}; do [ ! -f /modules/\$name.ko ] || insmod /modules/\$name.ko 2>/dev/null; done
done
mount -t 9p -o trans=virtio,version=9p2000.L,ro,cache=loose,msize=512000 host /host || echo "VM: no 9p"
mount -t tmpfs -o size=1500m layer /layer; mkdir /layer/upper /layer/work
mount -t overlay -o lowerdir=/host,upperdir=/layer/upper,workdir=/layer/work root /root || echo "VM: no overlay"
for at in proc sys dev; do mount -o move /\$at /root/\$at; done
mkdir -p /root/dev/shm /root/dev/pts
mount -t tmpfs run /root/run; mount -t tmpfs shm /root/dev/shm
ip link set lo up
chroot /root /bin/bash $source_dir/tests/faults/vm_clock_guest.sh $bin $vm $samples
echo "VM: exit code \$?"
poweroff -f
INIT
chmod +x "$root/init"
(cd "$root" && find . | busybox cpio -o -H newc 2>/dev/null | gzip -1) >"$work/initramfs.gz"

boot() { # patience in s until the guest says a word, what runs its instructions...
  local patience=$1 qemu
  shift
  echo "booting Debian's kernel with $*"
  : >"$work/console"
  timeout 840 qemu-system-x86_64 "$@" -m 3G -smp 2 -nographic -no-reboot -nodefaults -serial stdio \
    -kernel "$vm/vmlinuz" -initrd "$work/initramfs.gz" -append "console=ttyS0 quiet panic=-1 no_timer_check" \
    -fsdev local,id=host,path=/,security_model=none,readonly=on,multidevs=remap -device virtio-9p-pci,fsdev=host,mount_tag=host \
    </dev/null >"$work/console" 2>&1 &
  qemu=$!
  while kill -0 $qemu 2>/dev/null; do
    sleep 1
    if ! says_anything && ((--patience < 0)); then kill $qemu 2>/dev/null || true; fi
  done
  wait $qemu || true
}
says_anything() { grep -aq 'VM: up' "$work/console"; }
said() { tr -d '\r' <"$work/console" | grep -aE "$1"; }
# A virtual machine within a virtual machine may fail to come up under KVM: then emulate.
: >"$work/console"
if [[ -r /dev/kvm && -w /dev/kvm ]]; then boot 40 -enable-kvm -cpu host; fi
says_anything || boot 300 -cpu max
said '^(VM:|slew=|  STAMP|FAILED|chrony|kernel)' || true
if said '^VM: exit code 0' >/dev/null; then exit 0; fi
echo "FAILED; the console's last lines:"
tail -n 40 "$work/console"
exit 1

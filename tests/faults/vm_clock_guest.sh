#!/usr/bin/env bash
# The inside of vm_clock_test.sh: bends this machine's clock and measures meanwhile. Never run it on a machine that
# anybody uses.
#
#   vm_clock_guest.sh BIN_DIR VM_DIR SAMPLES
set -euo pipefail
[[ $(stat -f -c %T /) == overlayfs && $(cat /proc/1/comm) == init ]] || { echo "VM: this is no virtual machine of ours"; exit 1; }
bin=$1 vm=$2 samples=$3
export PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/tmp LC_ALL=C.UTF-8
echo "kernel $(uname -r), clocksource $(cat /sys/devices/system/clocksource/clocksource0/current_clocksource)"

"$bin/chiploc_held_pings" --samples "$samples" --hold-ms 30 --slew tick

# chronyd with Debian's configuration and a source that is two seconds behind from its fifth second on, after the three
# updates in which makestep would step: it slews by all it has.
cp -a "$vm/chrony/etc" "$vm/chrony/usr" /
grep -q '^_chrony:' /etc/passwd || echo '_chrony:x:199:199::/var/lib/chrony:/usr/sbin/nologin' >>/etc/passwd
grep -q '^_chrony:' /etc/group || echo '_chrony:x:199:' >>/etc/group
mkdir -p /etc/chrony/conf.d /var/lib/chrony /var/log/chrony /run/chrony
chown _chrony /var/lib/chrony /var/log/chrony /run/chrony
cp /usr/share/chrony/chrony.conf /etc/chrony/chrony.conf
echo 'refclock SOCK /run/chrony/source.sock poll 0 filter 1 refid BEND' >/etc/chrony/conf.d/source.conf
chronyd -F 1
"$bin/chiploc_held_pings" --bend /run/chrony/source.sock &
feeder=$!
for _ in $(seq 60); do
  sleep 1
  rate=$(chronyc -n tracking | sed -n 's/^System time *: *//p')
  [[ $rate == [1-9].*slow* || $rate == [1-9].*fast* || $rate == 0.[5-9]* ]] && break
done
echo "chrony: system time $rate"
"$bin/chiploc_held_pings" --samples "$samples" --hold-ms 30 --slew running
kill $feeder

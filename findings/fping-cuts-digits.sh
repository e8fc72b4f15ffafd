#!/usr/bin/env bash
# fping 5.1 (Debian 12) measures microseconds and prints three digits: from 100 ms on whole milliseconds, rounded to the
# nearest, in -C, -c and -q alike, and no option gives more. iputils' ping prints three decimals in its summary. A round
# trip that bounds a distance can come out half a millisecond short, 75 km: add it back, or take the times from ping.
#
# Needs Debian 12, root, /dev/net/tun and python3: a host behind a tun device answers after 151.2 ms or a little more.
# Fails when that changes.
set -euo pipefail
if [[ ${1:-} != inside ]]; then
  folder=$(mktemp -d)
  (cd "$folder" && apt-get -qq download 'fping=5.1*' 'iputils-ping=3:20221126*' >/dev/null 2>&1) ||
    { echo "apt cannot fetch fping 5.1: this needs Debian 12" >&2; rm -rf "$folder"; exit 77; }
  for package in "$folder"/*.deb; do dpkg-deb -x "$package" "$folder/unpacked"; done
  exec unshare -n "$0" inside "$folder"
fi
folder=$2
answering=
trap '[[ -z $answering ]] || kill $answering; rm -rf "$folder"' EXIT
cd "$folder"
ip link set lo up
cat >answer.py <<'PY'
import fcntl, os, struct, threading
def checksum(data):
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF
tun = os.open("/dev/net/tun", os.O_RDWR)
fcntl.ioctl(tun, 0x400454CA, struct.pack("16sH", b"far", 0x1001))  # TUNSETIFF: a tun device, no header
os.system("ip address add 10.9.0.1/24 dev far && ip link set far up")
open("ready", "w").close()
while True:
    packet = bytearray(os.read(tun, 2000))
    if packet[0] >> 4 != 4 or packet[9] != 1 or packet[20] != 8:
        continue  # no echo request
    packet[12:16], packet[16:20] = packet[16:20], packet[12:16]
    packet[20], packet[22:24] = 0, b"\0\0"
    packet[22:24] = struct.pack("!H", checksum(bytes(packet[20:])))
    threading.Timer(0.1512, os.write, (tun, bytes(packet))).start()
PY
python3 answer.py &
answering=$!
for _ in {1..100}; do [[ -e ready ]] && break; sleep 0.1; done
digits() { # what, the least round trip as printed
  if [[ $2 =~ ^[0-9]+$ ]]; then echo "$1: whole milliseconds"
  elif [[ $2 =~ ^[0-9]+\.([0-9]+)$ ]]; then echo "$1: ${#BASH_REMATCH[1]} decimals"
  else echo "$1: $2"; fi
}
{
  digits "fping -C" "$(unpacked/usr/bin/fping -q -C 3 10.9.0.150 2>&1 | awk '{ print $3 }')"
  digits "fping -c" "$(unpacked/usr/bin/fping -q -c 3 10.9.0.150 2>&1 | sed 's/.* = //; s|/.*||')"
  digits "ping" "$(unpacked/bin/ping -q -c 3 -i 0.3 10.9.0.150 | sed -n 's/^rtt .* = //p' | sed 's|/.*||')"
} | tee seen
diff seen - <<'EXPECTED'
fping -C: whole milliseconds
fping -c: whole milliseconds
ping: 3 decimals
EXPECTED
echo "as seen on 2026-12-01"

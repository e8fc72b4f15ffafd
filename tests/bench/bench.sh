#!/usr/bin/env bash
# Runs all benchmarks and prints one table: figure, ours, reference, ratio, target, whether it is reached. What needs a
# tool or a right that is not there says "skipped". Run it on a quiet machine; the network part takes root.
#     tests/bench/bench.sh FOLDER_OF_THE_PROGRAMS
set -euo pipefail
bin=$(realpath "$1")
here=$(dirname "$(realpath "${BASH_SOURCE[0]}")")
work=$(mktemp -d -t chiploc-bench-XXXXXX)
spaces=()
cleanup() {
  for space in "${spaces[@]}"; do ip netns del "$space" 2>/dev/null || true; done
  rm -rf "$work"
}
trap cleanup EXIT

figures=$work/figures
run() { # name, command...
  printf 'bench: %s\n' "$1" >&2
  shift
  "$@" 2>"$work/stderr" | grep -a '^FIGURE' >>"$figures" || { printf 'FIGURE\t%s\t\t\t\t\tfailed: %s\n' "$(basename "$1")" "$(tail -n 1 "$work/stderr")" >>"$figures"; }
}
have() { command -v "$1" >/dev/null || [[ -x /usr/sbin/$1 ]]; }

# Exchanges a second, and processor time of one (both ends: the kernel answers in the sender's time).
icmp_fping() {
  local replies began ended cpu
  have fping || { echo "fping 0 0"; return; }
  began=$(date +%s%N)
  TIMEFORMAT='%U %S'
  # It has 65,536 sequence numbers for each ten seconds.
  { time ip netns exec "$1" fping -q -c 600 -i 0 -p 1 -g 10.77.0.2 10.77.0.101 >"$work/fping" 2>&1 || true; } 2>"$work/time"
  ended=$(date +%s%N)
  replies=$(grep -oE 'xmt/rcv/%loss = [0-9]+/[0-9]+' "$work/fping" | awk -F/ '{n += $NF} END {print n + 0}')
  cpu=$(awk 'END {print $1 + $2}' "$work/time")
  awk -v n="$replies" -v ns=$((ended - began)) -v cpu="$cpu" 'BEGIN {printf "fping %.0f %.3f\n", n ? n / (ns / 1e9) : 0, n ? 1e6 * cpu / n : 0}'
}
icmp_zmap() {
  local replies began ended cpu mac
  have zmap || { echo "zmap 0 0"; return; }
  mac=$(ip netns exec "$2" cat /sys/class/net/bench1/address)
  began=$(date +%s%N)
  TIMEFORMAT='%U %S'
  { time ip netns exec "$1" zmap -q -v 0 -M icmp_echoscan -b /dev/null -i bench0 -G "$mac" -r 150000 -c 1 -o "$work/zmap" 10.78.0.0/16 >/dev/null 2>&1 || true; } 2>"$work/time"
  ended=$(date +%s%N)
  replies=$(wc -l <"$work/zmap" 2>/dev/null || echo 0)
  cpu=$(awk 'END {print $1 + $2}' "$work/time")
  # A second of the time is zmap's wait for the last answers.
  awk -v n="$replies" -v ns=$((ended - began)) -v cpu="$cpu" 'BEGIN {printf "zmap %.0f %.3f\n", n ? n / (ns / 1e9 - 1) : 0, n ? 1e6 * cpu / n : 0}'
}

network() {
  local a=chiploc-bench-a-$$ b=chiploc-bench-b-$$ i tools
  if [[ $(id -u) -ne 0 ]] || ! ip netns add "$a" 2>/dev/null; then
    echo "bench: no right to make namespaces; the network figures run on the loopback interface, without ICMP tools" >&2
    run network "$bin/chiploc-net-bench" - 127.0.0.1 - 127.0.0.1
    return
  fi
  spaces+=("$a" "$b")
  ip netns add "$b"
  ip link add bench0 netns "$a" type veth peer name bench1 netns "$b"
  ip -n "$a" addr add 10.77.0.1/16 dev bench0
  ip -n "$b" addr add 10.77.0.2/16 dev bench1
  for i in $(seq 3 101); do ip -n "$b" addr add "10.77.0.$i/16" dev bench1; done
  ip -n "$b" link set lo up
  ip -n "$b" route add local 10.78.0.0/16 dev lo
  ip -n "$a" link set bench0 up
  ip -n "$b" link set bench1 up
  ip -n "$a" route add 10.78.0.0/16 via 10.77.0.2
  ip netns exec "$b" sysctl -qw net.ipv4.icmp_ratelimit=0 net.ipv4.icmp_msgs_per_sec=10000000 net.ipv4.icmp_msgs_burst=100000 2>/dev/null || true
  tools="$(icmp_fping "$a") $(icmp_zmap "$a" "$b")"
  # shellcheck disable=SC2086
  run network "$bin/chiploc-net-bench" "/run/netns/$a" 10.77.0.1 "/run/netns/$b" 10.77.0.2 $tools
}

memory() {
  [[ -x $bin/agent_memory_test ]] || return 0
  printf 'bench: agent\n' >&2
  "$bin/agent_memory_test" -s 2>/dev/null | grep -a '^FIGURE' >>"$figures" || true
  cp "$bin/chiploc-agent" "$work/agent"
  strip "$work/agent"
  printf 'FIGURE\tchiploc-agent on the disk, stripped\t%s kB\t\t\t\t\n' $(($(stat -c %s "$work/agent") / 1024)) >>"$figures"
}

: >"$figures"
network
scipy=()
for anchors in 16 64 240; do
  "$bin/chiploc-geo-figures" --dump "$work/fits" $anchors
  scipy+=("$(/usr/bin/python3 "$here/fit_scipy.py" "$work/fits" 2>/dev/null || echo 0)")
done
run geometry "$bin/chiploc-geo-figures" "${scipy[@]}"
run store "$bin/chiploc-store-bench"
run lists "$bin/chiploc-list-bench"
run summary "$bin/chiploc-summary-bench"
run imports "$bin/chiploc-import-bench"
run stream "$bin/chiploc-stream-bench"
run round "$bin/chiploc-round-bench"
run rest "$bin/chiploc-rest-bench"
run trial "$bin/chiploc-trial-bench"
ns3=()
# shellcheck disable=SC2207
if [[ -x $bin/chiploc-ns3-echo ]]; then ns3=($("$bin/chiploc-ns3-echo" | awk '{print $1, $3}')); fi
run simulation "$bin/chiploc-sim-bench" "$here/../../deploy/fleets/ten-million.toml" "${ns3[@]}"
memory

printf '\n%s, %s processors, Linux %s, %s\n\n' "$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1)" "$(nproc)" "$(uname -r)" "$(date -u +%F)"
awk -F'\t' 'BEGIN {printf "%-66s %18s %12s %8s %8s  %s\n", "figure", "ours", "reference", "ratio", "target", "reached"}
  {printf "%-66s %18s %12s %8s %8s  %s\n", $2, $3, $4, $5, $6, $7}' "$figures"

#!/usr/bin/env bash
# The main story over real network namespaces: coordinator, three anchors and an agent on hosts of their own; the agent
# sits behind a router that masquerades what goes out and drops what comes in. It must be measured in knock mode.
#
#   namespaces_test.sh BIN_DIR       exit 0 passed, 1 failed, 77 skipped (no right to make namespaces here)
set -euo pipefail
# shellcheck source=tests/e2e/namespaces.sh
source "$(dirname "$(realpath "$0")")/namespaces.sh"
chip NS-1 00112233445566778899aabbccddeeff 7400 knock
everything_but_agents
run ag agent "$bin/chiploc-agent" --config NS-1.toml

rc=0
cli verify NS-1 >"$work/verify.log" 2>&1 || rc=$?
cat "$work/verify.log"
[ $rc = 0 ] || fail "verify ended with $rc instead of 0 (VERIFIED)"

# The router really drops: a datagram to its outside address reaches nobody and is counted.
on a1 bash -c 'printf x >/dev/udp/10.77.0.50/7400'
dropped=$(on nat nft list chain ip edge local | grep -o 'packets [0-9]*' | cut -d' ' -f2)
[ "$dropped" -ge 1 ] || fail "the router let an unasked datagram in"

cli verdict show NS-1 --evidence "$work/evidence" >/dev/null || fail "no evidence was stored"
peers=$(on co "$bin/chiploc" --config "$work/cli.toml" verdict show NS-1 -o json | jq '[.anchors[] | select(.used == true)] | length')
[ "$peers" = 3 ] || fail "$peers anchors were used instead of 3"
echo "passed: VERIFIED through a masquerading router that dropped $dropped unasked datagram(s)"

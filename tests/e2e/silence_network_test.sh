#!/usr/bin/env bash
# Mistakes of the network, made between hosts in namespaces of their own: each has to be the first or the second of the
# causes that SILENT shows, and what that says to do has to help.
#
#   silence_network_test.sh BIN_DIR       exit 0 passed, 1 failed, 77 skipped (no right to make namespaces here)
set -euo pipefail
# shellcheck source=tests/e2e/namespaces.sh
source "$(dirname "$(realpath "$0")")/namespaces.sh"
chip NS-1 00112233445566778899aabbccddeeff 7400 knock
chip NS-2 00112233445566778899aabbccddee00 7402 'inbound 10.77.0.50:7402'
# Short waits; the rest of [policy] is what the file has.
cat >>chiplocd.toml <<TOML
knock_interval_ms = 500
knock_wait_ms = 3000
prepare_deadline_ms = 1000
round_deadline_ms = 5000
TOML
everything_but_agents

agent() { # serial: started anew
  if [ -n "${agents[$1]:-}" ]; then
    kill "${agents[$1]}" || true
    wait "${agents[$1]}" || true
  fi
  run ag "agent-$1" "$bin/chiploc-agent" --config "$1.toml"
  agents[$1]=${pids[-1]}
}
declare -A agents=()
verdict() { # serial, code that verify has to end with
  local rc=0
  cli verify "$1" -o json >"$work/verdict.json" 2>"$work/verify-$1.log" || rc=$?
  [ "$rc" = "$2" ] || fail "verify $1 ended with $rc instead of $2: $(cat "$work/verdict.json")"
}
silent() { # what was planted, serial, cause that has to be first or second
  verdict "$2" 14
  local shown
  shown=$(jq -r '[.silence.causes[].code] | join(" ")' "$work/verdict.json")
  echo "$1: $shown (as far as: $(jq -r .silence.reached "$work/verdict.json"))"
  [[ " $(cut -d' ' -f1-2 <<<"$shown") " == *" $3 "* ]] || fail "$1: $3 is neither first nor second of: $shown"
}
verified() { # serial; a loaded machine may miss a round
  for _ in 1 2 3; do
    if (verdict "$1" 0) >/dev/null; then return 0; fi
  done
  verdict "$1" 0
}
counted() { on nat nft list chain ip edge "$1" | grep "$2" | grep -o 'packets [0-9]*' | cut -d' ' -f2; }
block() { on nat nft insert rule ip edge through "$@" counter drop; } # as a firewall between chip and anchors would
unblock() { on nat nft delete rule ip edge through handle "$(on nat nft -a list chain ip edge through | sed -n 's/.*udp .* handle //p')"; }

# A NAT, and a chip that is registered behind it to be called.
agent NS-2
silent "NAT without knock" NS-2 inbound_blocked
[ "$(counted local 'ct state new')" -ge 1 ] || fail "the router dropped nothing"
# As it says: let it knock.
{ head -1 chips.csv; echo "00112233445566778899aabbccddee00,NS-2,Maker,TEST-1,L-1,knock,$(pem_field NS-2.pem)"; } >chips2.csv
cli import --chips chips2.csv >/dev/null || fail "the import of reach = knock was refused"
knocking NS-2
agent NS-2
verified NS-2

# UDP that does not get out, of a chip that was never heard.
block iifname in0 udp dport 7411
agent NS-1
silent "UDP blocked, never heard" NS-1 udp_blocked
[ "$(counted through 'udp dport 7411')" -ge 1 ] || fail "the router blocked nothing"
unblock
verified NS-1
# The same of one that was heard.
block iifname in0 udp dport 7411
silent "UDP blocked, heard before" NS-1 udp_blocked
unblock
verified NS-1
# It gets out, and no answer comes back.
block oifname in0 udp sport 7411
silent "answers blocked" NS-1 replies_blocked
unblock
verified NS-1
echo "passed: blocked UDP and a NAT without knock are named first or second, and the remedies help"

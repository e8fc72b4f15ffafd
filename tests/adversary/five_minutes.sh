#!/usr/bin/env bash
# The adversary against the sample lab for five minutes, as an insider: no honest chip's verdict may change.
#
#     tests/adversary/five_minutes.sh BIN [--seconds N] [--rate N] [--seed N] [--lab FILE]
#
# BIN is the folder of the programs, for example build/release/bin. Three phases: the lab undisturbed, under attack
# (default 300 s), and afterwards; in each, every honest chip is measured again and again, four at a time. Prints the
# verdicts of each chip and phase, and what the adversary counted. Exit code 0 if under attack and afterwards no honest
# chip had a state that it did not have undisturbed, and every program is alive; 1 if not; 64 usage; 69 no lab.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

usage() { sed -n '4,4p' "$0" | sed 's/^# *//' >&2; exit 64; }
[[ $# -ge 1 && -x $1/chiploc && -x $1/adversary ]] || { echo "five_minutes.sh: needs the folder of chiploc and adversary" >&2; usage; }
bin=$(cd "$1" && pwd) seconds=300 rate=1000 seed=1 lab=deploy/lab/sample.toml
shift
while [[ $# -gt 0 ]]; do
  case $1 in
    --seconds | --rate | --seed | --lab) [[ -n ${2:-} ]] || usage; printf -v "${1#--}" %s "$2"; shift 2 ;;
    *) usage ;;
  esac
done

work=$(mktemp -d)
lab_pid=
finish() {
  [[ -z $lab_pid ]] || { kill "$lab_pid" 2>/dev/null; wait "$lab_pid" 2>/dev/null || true; }
  rm -rf "$work"
}
trap finish EXIT
mkdir "$work/lab"
"$bin/chiploc" lab up "$lab" --state "$work/lab" >"$work/up.out" 2>"$work/up.err" &
lab_pid=$!
until grep -q 'The lab runs on' "$work/up.out"; do
  kill -0 "$lab_pid" 2>/dev/null || { cat "$work/up.err" >&2; echo "five_minutes.sh: no lab" >&2; exit 69; }
  read -rt 1 <> <(:) || true
done
cat "$work/up.out"
export CHIPLOC_CONFIG=$work/lab/cli.toml

# The honest chips: those whose section of the lab file names no behaviour.
mapfile -t honest < <(awk -F'"' '
  function flush() { if (serial != "" && !other) print serial; serial = ""; other = 0 }
  /^\[/ { flush(); chip = ($0 ~ /^\[\[chip\]\]/) }
  chip && /^serial/ { serial = $2 }
  chip && /^behaviour/ { other = ($2 != "honest") }
  END { flush() }' "$lab")

measure_one() { # serial, file
  local code=0
  "$bin/chiploc" verify "$1" >/dev/null 2>>"$work/errors" || code=$?
  case $code in
    0) echo VERIFIED ;; 10) echo CLEARED ;; 11) echo UNRESOLVED ;; 12) echo OUTSIDE ;; 13) echo PROHIBITED ;;
    14) echo SILENT ;; 15) echo INVALID ;; *) echo "FAILED($code)" ;;
  esac >>"$2"
}
export -f measure_one
export bin work
rounds() { printf '%s\n' "${honest[@]}" | xargs -P 4 -I{} bash -c "measure_one {} $work/$1.{}"; }
phase() { # name, seconds: rounds until they are over
  local until=$((SECONDS + $2))
  rounds "$1"
  while ((SECONDS < until)); do rounds "$1"; done
}

echo "undisturbed ..."
phase undisturbed $((seconds / 3))
"$bin/chiploc" verdict show "${honest[0]}" --evidence "$work/lab/stolen" >/dev/null
echo "under attack, $seconds s at $rate datagrams a second ..."
"$bin/adversary" --lab "$work/lab" --insider --ticket "$work/lab/stolen/ticket-00.bin" --seconds "$seconds" --rate "$rate" \
  --seed "$seed" >"$work/adversary.out" 2>&1 &
adversary_pid=$!
phase attacked "$seconds"
attack=0
wait "$adversary_pid" || attack=$?
echo "afterwards ..."
phase after 1
cat "$work/adversary.out"

counted() { sort "$1" | uniq -c | awk '{printf "%s%s x%s", (NR > 1 ? " " : ""), $2, $1}'; }
printf '\n%-12s %-34s %-34s %s\n' chip undisturbed attacked afterwards
changed=0
for serial in "${honest[@]}"; do
  mark=
  for name in attacked after; do
    if [[ -n $(comm -13 <(sort -u "$work/undisturbed.$serial") <(sort -u "$work/$name.$serial")) ]]; then mark='  CHANGED'; fi
  done
  [[ -z $mark ]] || changed=$((changed + 1))
  printf '%-12s %-34s %-34s %s%s\n' "$serial" "$(counted "$work/undisturbed.$serial")" "$(counted "$work/attacked.$serial")" \
    "$(counted "$work/after.$serial")" "$mark"
done
printf '\n%d honest chips, %d verdicts under attack, %d chips changed; adversary exit code %d\n' \
  "${#honest[@]}" "$(cat "$work"/attacked.* 2>/dev/null | grep -c '^[A-Z]')" "$changed" "$attack"
if grep -n 'ended by itself\|exited\|signal' "$work/up.err"; then echo "a program died" >&2; exit 1; fi
[[ $changed = 0 && $attack = 0 ]]

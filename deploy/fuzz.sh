#!/usr/bin/env bash
# Runs the fuzz targets, each until it has used so many seconds of processor time, and prints what came of it.
#
#     deploy/fuzz.sh [--seconds N] [--jobs N] [--no-build] [TARGET...]
#
#   --seconds N   processor seconds for each target (default 600); wall time is longer on a busy machine
#   --jobs N      targets at once (default 1)
#   --no-build    take build/asan as it is
#   TARGET        "wire" or "wire_fuzz"; without any, all of them
#
# Kept inputs come from tests/fuzz/corpus and from chiploc_fuzz_corpus, new ones go to build/fuzz/corpus. A finding is
# minimised, stays in build/fuzz/findings, and belongs into tests/fuzz/corpus/TARGET once it is mended: ctest replays
# that folder. Exit code 0 without findings, 1 with, 64 for a wrong option, 66 for an unknown target.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

seconds=600 jobs=1 build=yes targets=()
usage() { sed -n '4,9s/^# \{0,1\}//p' "$0" >&2; exit 64; }
while [[ $# -gt 0 ]]; do
  case $1 in
    --seconds | --jobs)
      [[ ${2:-} =~ ^[1-9][0-9]*$ ]] || { echo "fuzz.sh: $1 takes a whole number above 0" >&2; usage; }
      printf -v "${1#--}" %s "$2"
      shift 2 ;;
    --no-build) build=no; shift ;;
    --help) usage ;;
    -*) echo "fuzz.sh: no option $1" >&2; usage ;;
    *) targets+=("${1%_fuzz}"); shift ;;
  esac
done

out=build/fuzz bin=${CHIPLOC_FUZZ_BIN:-build/asan/bin}
mkdir -p $out/{corpus,findings,results,logs}
if [[ $build = yes ]]; then
  cmake --preset asan >$out/configure.log 2>&1 || { cat $out/configure.log >&2; exit 1; }
  cmake --build --preset asan --target chiploc_fuzz_targets
fi
if [[ ${#targets[@]} = 0 ]]; then
  for target in $bin/*_fuzz; do
    target=$(basename "$target")
    targets+=("${target%_fuzz}")
  done
fi
for target in "${targets[@]}"; do
  [[ -x $bin/${target}_fuzz ]] || { echo "fuzz.sh: no target '$target' in $bin; there are: $(cd $bin && echo *_fuzz)" >&2; exit 66; }
done
rm -rf $out/seeds
$bin/chiploc_fuzz_corpus $out/seeds deploy

# One target until its time is used up, or it has found something.
run_one() { # target, seconds, folder
  local target=$1 budget=$2 out=$3 used=0 runs=0 cov=0 findings=0 left log folder times
  log=$out/logs/$target.log
  local corpora=("$out/corpus/$target")
  mkdir -p "$out/corpus/$target"
  for folder in "tests/fuzz/corpus/$target" "$out/seeds/$target"; do
    [[ -d $folder ]] && corpora+=("$folder")
  done
  : >"$log"
  while ((used < budget)); do
    left=$((budget - used))
    # libFuzzer counts wall time; what was really used is counted here, and the rest is run again.
    TIMEFORMAT='%U %S'
    times=$({ time "$bin/${target}_fuzz" -max_total_time="$left" -timeout="${CHIPLOC_FUZZ_TIMEOUT:-60}" \
      -rss_limit_mb=2048 -print_final_stats=1 -artifact_prefix="$out/findings/$target-" "${corpora[@]}" >>"$log" 2>&1; } 2>&1) ||
      findings=$((findings + 1))
    used=$((used + $(awk '{print int($1 + $2 + 1)}' <<<"$(tail -n 1 <<<"$times")")))
    ((findings == 0)) || break
  done
  runs=$(awk '/^stat::number_of_executed_units/ {n += $2} END {print n + 0}' "$log")
  cov=$(grep -oE 'cov: [0-9]+' "$log" | tail -n 1 | cut -d' ' -f2 || true)
  if ((findings > 0)); then
    local found
    found=$(grep -oE "Test unit written to .*" "$log" | tail -n 1 | sed 's/Test unit written to //' || true)
    if [[ -f $found && $(basename "$found") = "$target-crash-"* ]]; then
      "$bin/${target}_fuzz" -minimize_crash=1 -max_total_time=30 -exact_artifact_path="$out/findings/$target-minimised" "$found" \
        >"$out/logs/$target-minimise.log" 2>&1 || true
    fi
    tail -n 60 "$log" >&2
  fi
  printf '%s\t%s\t%s\t%s\t%s\n' "$target" "$runs" "${cov:-0}" "$used" "$findings" >"$out/results/$target"
}
export -f run_one
export bin
for target in "${targets[@]}"; do rm -f "$out/results/$target"; done
printf '%s\n' "${targets[@]}" | xargs -P "$jobs" -I{} bash -c "set -euo pipefail; run_one {} $seconds $out"

printf '%-18s %14s %8s %12s %9s\n' target runs cov 'CPU seconds' findings
found=0
for target in "${targets[@]}"; do
  IFS=$'\t' read -r name runs cov used findings <"$out/results/$target"
  printf '%-18s %14s %8s %12s %9s\n' "$name" "$runs" "$cov" "$used" "$findings"
  found=$((found + findings))
done
[[ $found = 0 ]] || { echo "fuzz.sh: findings are in $out/findings; minimised ones end in -minimised" >&2; exit 1; }

#!/usr/bin/env bash
# Everything that must hold before a change lands: format, layering, build without warnings, all tests, the same under
# the sanitizers, a short run of every fuzz target, clang-tidy over the core. Installs what it needs first.
#
#     deploy/check.sh             all of it
#     deploy/check.sh format layers tests ...    only these steps, in this order
#     deploy/check.sh sanitizers-all             every test under both sanitizers, real processes included (long)
#     deploy/check.sh vm                         the real anchor under slewed clocks, in a virtual machine (some minutes)
#     deploy/check.sh alone                      each file of the programs by itself, as preset dev compiles it (long)
#
# Everything is built in a few large units (CMAKE_UNITY_BUILD), which takes a third of the time; so is what the quick start
# builds.
#
# Exit code 0 if everything held; the first step that fails ends the run with its output.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

jobs=$(nproc)
started=$SECONDS
say() { printf '\n== %s (at %d s)\n' "$1" $((SECONDS - started)); }
die() { printf 'check.sh: %s\n' "$1" >&2; exit 1; }

our_files() { git ls-files -- '*.cpp' '*.hpp'; }

step_install() { deploy/setup.sh; }

step_format() {
  # Each version formats a little differently: this one judges, wherever it is (Debian 13 has none).
  if command -v clang-format-14 >/dev/null; then
    our_files | xargs clang-format-14 --dry-run --Werror || die "run: git ls-files '*.cpp' '*.hpp' | xargs clang-format-14 -i"
  else
    echo "skipped: there is no clang-format-14 here"
  fi
  local long
  long=$(our_files | xargs wc -l | awk '$2 != "total" && $1 > 400 {print $2 " (" $1 " lines)"}' | grep -v '^tests/' || true)
  [[ -z $long ]] || echo "past 400 lines, look for a seam: $long"
  deploy/layers.py cells || die "format: make the table a list or a section"
}

# Which folder may include which, what pure code must never reach, and where each source has its tests: the tables stand
# in the script and in tests/README.md.
step_layers() { deploy/layers.py arrows tests names || die "layers: see the table, deploy/layers.py --table"; }

build() { # preset, targets...
  local preset=$1
  shift
  cmake --preset "$preset" >"build/$preset-configure.log" 2>&1 || { cat "build/$preset-configure.log"; die "configuring $preset"; }
  nice cmake --build --preset "$preset" -j "$jobs" ${1:+--target "$@"} >"build/$preset-build.log" 2>&1 ||
    { grep -E 'error|warning|FAILED' -A3 "build/$preset-build.log" | head -60; die "building $preset"; }
}

# ctest says nothing at all when it is quiet: its words go to a file, and out of it when something failed.
run_tests() { # preset, ctest's arguments...
  local preset=$1 log=build/$1-tests.log
  shift
  nice ctest --preset "$preset" "$@" >"$log" 2>&1 || { grep -vE ' Passed |^ *Start ' "$log" | tail -n 300; die "tests ($preset)"; }
  grep -E '^[0-9]+% tests passed|^Total Test time' "$log"
}

# One build by clang for the tests and the fuzz targets: their libraries are the same. tests/support/sanitized.sh gives
# every process its options and fails a test for any report of its children.
step_asan() {
  build asan chiploc_asan_tests chiploc_fuzz_targets
  run_tests asan -L unit -j "$jobs"
}

step_tsan() {
  build tsan chiploc_tsan_tests
  run_tests tsan -L '^threads$' -j 1  # not tool_threads
}

# Every test of ours under both sanitizers, the programs they start included. Not among the steps of a whole run: it
# builds every program twice more.
step_sanitizers-all() {
  local preset
  for preset in asan tsan; do
    build $preset chiploc_sanitized_tests
    run_tests $preset -LE 'oracle|fuzz|unsanitized' -j "$jobs"
  done
}

# Debian's kernel and chrony as packages, unpacked and not installed: a clock may be bent in a virtual machine only. Not
# among the steps of a whole run.
fetch_vm() {
  local to=build/vm kernel
  [[ ! -f $to/vmlinuz || ! -d $to/chrony ]] || return 0
  kernel=$(apt-cache depends linux-image-amd64 | awk '/Depends: linux-image-/ {print $2; exit}')
  [[ -n $kernel ]] || die "vm: apt knows no linux-image-amd64"
  rm -rf $to && mkdir -p $to/packages
  (cd $to/packages && apt-get -qq download "$kernel" chrony) || die "vm: cannot fetch $kernel and chrony"
  dpkg-deb -x $to/packages/linux-image-*.deb $to/kernel
  dpkg-deb -x $to/packages/chrony_*.deb $to/chrony
  mv "$(find $to/kernel -type d -path '*lib/modules')" $to/modules
  mv "$(find $to/kernel -name 'vmlinuz-*')" $to/vmlinuz
  rm -rf $to/kernel $to/packages
}

step_vm() {
  local code=0
  deploy/setup.sh --vm
  build dev chiploc_held_pings
  fetch_vm
  tests/faults/vm_clock_test.sh build/dev/bin build/vm || code=$?
  [[ $code = 0 || $code = 77 ]] || die "vm: a sample came out short, or the machine did not run"
}

step_fuzz() {
  build asan chiploc_fuzz_targets
  deploy/fuzz.sh --no-build --jobs "$jobs" --seconds "${CHIPLOC_FUZZ_SECONDS:-3}" || die "fuzz: see build/fuzz/findings"
}

step_tidy() {
  # The core that outsiders' bytes reach, each file by itself: as the build for developers would compile it.
  build dev chiploc_generated
  local files=(proto/wire/{datagram,ticket,transcript}.cpp proto/base/bytes.cpp proto/crypto/{eat,cose}.cpp agent/responder.cpp
    server/rounds/{round,anchor_gate,engine_messages}.cpp server/verifier/{evidence,report_check,context_record,decide,replay}.cpp
    server/anchor/prober.cpp geo/region.cpp)
  printf '%s\n' "${files[@]}" | xargs -P "$jobs" -n 2 clang-tidy -p build/dev --quiet --extra-arg=-Wno-unknown-warning-option 2>/dev/null || die "clang-tidy"
}

# Each file of the programs by itself: in large units one file's include hides what another one lacks. Not among the steps
# of a whole run: the front end alone takes as long for them as the whole build does.
step_alone() {
  build dev chiploc_generated
  jq -r '.[] | select((.file | endswith(".cpp")) and (.file | test("/(build|tests)/") | not)) | "cd \(.directory) && \(.command)"' build/dev/compile_commands.json |
    sed -E 's#\S*/ccache ##; s# -o \S+ -c # -fsyntax-only -O0 #' >build/alone-commands
  xargs -d '\n' -P "$jobs" -n 1 nice bash -c <build/alone-commands >build/alone.log 2>&1 || { head -n 60 build/alone.log; die "alone"; }
  echo "$(wc -l <build/alone-commands) files compile alone"
}

# Each test is built once: the unit tests by clang for the sanitizers, by g++ what runs the programs, as users build them.
# Preset check builds all of them by g++, and `ctest --preset check` runs them.
step_build() { build plain; }

step_tests() {
  step_tests-begin
  step_tests-end
}

# The tests wait more than they compute (clocks, disks and lines that fail, and what comes after): they run while the
# sanitizers' builds compile, at a lower priority.
step_tests-begin() {
  build plain
  ctest --preset plain -LE unit >build/plain-tests.log 2>&1 &
  tests=$!
}
step_tests-end() {
  local outcome=0
  wait "$tests" || outcome=$?
  tests=
  cat build/plain-tests.log
  [[ $outcome = 0 ]] || die "tests"
}
tests=
trap '[[ -z $tests ]] || kill "$tests" 2>/dev/null || true' EXIT

mkdir -p build
steps=("$@")
[[ ${#steps[@]} -gt 0 ]] || steps=(install format layers build tests-begin tidy asan fuzz tsan tests-end)
for step in "${steps[@]}"; do
  declare -F "step_$step" >/dev/null || die "no step '$step'; there are: $(declare -F | sed -n 's/^declare -f step_//p' | tr '\n' ' ')"
  say "$step"
  "step_$step"
done
say "all held"

#!/usr/bin/env bash
# From a bare Debian 12 or 13 to verdicts: installs packages, builds the programs, and runs the sample lab, which is a
# coordinator, 16 anchors and 24 chips as real programs on this machine with the distances emulated.
#
#     deploy/quickstart.sh            builds, shows the table, and leaves the lab running until Ctrl-C
#     deploy/quickstart.sh --once     ends after the table; exit code 0 only if every verdict is an expected one
#     deploy/quickstart.sh --json     one line of JSON on standard output and nothing else there
#
# Other options (--seed N, --rounds N, --state DIR, --keep) go to `chiploc lab up` as they stand. Everything but the
# result is printed to standard error. A first run takes several minutes, later ones start at once.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

case ${1:-} in
  -h | --help)
    sed -n '2,11s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"
    exit 0
    ;;
esac

log=build/quickstart.log
mkdir -p build
step() {
  echo "quickstart: $1" >&2
  shift
  if ! "$@" >"$log" 2>&1; then
    tail -n 40 "$log" >&2
    echo "quickstart: that failed; the whole output is in $log" >&2
    exit 70
  fi
}

echo "quickstart: packages" >&2
deploy/setup.sh --programs
step "configuring" cmake --preset release -DCHIPLOC_TESTS=OFF
step "building (some minutes the first time)" cmake --build --preset release --target \
  chiploc chiplocd chiploc-anchor chiploc-agent chiploc-rogue-agent chiploc_dashboard
echo "quickstart: starting the lab" >&2
exec build/release/bin/chiploc lab up deploy/lab/sample.toml "$@"

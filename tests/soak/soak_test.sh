#!/usr/bin/env bash
# A short soak: a thousand rounds in flight for twenty seconds, and not one may be lost.
#     tests/soak/soak_test.sh PROGRAM
set -euo pipefail
state=$(mktemp -d -t chiploc-soak-XXXXXX)
trap 'rm -rf "$state"' EXIT
"$1" --state "$state" --rounds 1000 --seconds 20 --starts-per-s 100 --ping-interval-ms 1000 --every-s 5

#!/bin/bash
# Usage: proof_links_no_estimate.sh CMAKE BUILD. Exit code 0 if the linker takes the proof as it is, and refuses it with
# a planted call of an estimate, for that call and nothing else.
set -euo pipefail
cmake=$1
build=$2
"$cmake" --build "$build" --target chiploc_proof_alone >"$build/proof_alone.log" 2>&1 ||
  { cat "$build/proof_alone.log"; echo "the proof does not link alone"; exit 1; }
if "$cmake" --build "$build" --target chiploc_proof_with_estimate >"$build/proof_with_estimate.log" 2>&1; then
  echo "a proof that calls fit_place() links: some library of the proof brings the estimate along"
  exit 1
fi
grep -qE "undefined (reference|symbol).*fit_place" "$build/proof_with_estimate.log" ||
  { cat "$build/proof_with_estimate.log"; echo "it failed, but not for want of fit_place()"; exit 1; }
echo "the linker refuses a proof that estimates"

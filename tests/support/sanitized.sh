#!/usr/bin/env bash
# A test under a sanitizer: sanitized.sh REPORTS COMMAND...
# Every process of it, children included, writes what its sanitizer finds into the folder REPORTS. Exit code 99, with
# the reports, if there is any, whatever the test itself thought of its children; else the command's.
set -u
reports=$1
shift
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
rm -rf "$reports"
mkdir -p "$reports"
export ASAN_OPTIONS="detect_stack_use_after_return=1:exitcode=99:log_path=$reports/address"
export LSAN_OPTIONS="suppressions=$here/lsan.supp:print_suppressions=0"
export UBSAN_OPTIONS="print_stacktrace=1:log_path=$reports/undefined"
export TSAN_OPTIONS="ignore_noninstrumented_modules=1:second_deadlock_stack=1:exitcode=99:suppressions=$here/tsan.supp:print_suppressions=0:log_path=$reports/thread"
"$@"
code=$?
shopt -s nullglob
found=("$reports"/*)
if [[ ${#found[@]} -gt 0 ]]; then
  head -n 120 "${found[@]:0:5}"
  echo "sanitized.sh: ${#found[@]} reports in $reports"
  exit 99
fi
exit $code

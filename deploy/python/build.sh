#!/usr/bin/env bash
# Makes the Python package `chiploc` in a folder: stubs from the protocol's own files, and what stands beside this script.
#
#     deploy/python/build.sh DIR      then: PYTHONPATH=DIR python3 -m chiploc verdicts
#
# Needs Debian's protobuf-compiler and protobuf-compiler-grpc; the package needs python3-grpcio and python3-protobuf.
set -euo pipefail
[[ $# -eq 1 ]] || { echo "usage: deploy/python/build.sh DIR" >&2; exit 64; }
mkdir -p "$1"
out=$(cd "$1" && pwd)
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
plugin=$(command -v grpc_python_plugin) || { echo "build.sh: there is no grpc_python_plugin; install protobuf-compiler-grpc" >&2; exit 69; }
rm -rf "$out/chiploc" "$out/.stubs"
mkdir -p "$out/.stubs"
protoc -I . --python_out="$out/.stubs" --grpc_out="$out/.stubs" --plugin=protoc-gen-grpc="$plugin" proto/v1/*.proto
cp -r deploy/python/chiploc "$out/chiploc"
mkdir "$out/chiploc/v1"
touch "$out/chiploc/v1/__init__.py"
# protoc names modules by the files' paths; here they stand inside the package, so that no other `proto` is in the way.
for stub in "$out"/.stubs/proto/v1/*.py; do
  sed 's/^from proto\.v1 import /from chiploc.v1 import /' "$stub" >"$out/chiploc/v1/$(basename "$stub")"
done
rm -r "$out/.stubs"

#!/usr/bin/env bash
# Debian 12's libcurl 7.88 with CURLOPT_CAINFO (curl --cacert FILE): the authorities in FILE are believed besides the
# system's, not in their place. Debian builds libcurl with a folder of authorities too (/etc/ssl/certs), which only
# CURLOPT_CAPATH = NULL takes away; the tool's --capath cannot be emptied, only pointed at another folder. Who pins a private
# authority by the one option goes on believing every public one.
#
# Needs root for a mount namespace of its own (a made authority stands in /etc/ssl/certs there alone). Fails when that changes.
set -euo pipefail
if [[ ${1:-} != inside ]]; then
  folder=$(mktemp -d)
  (cd "$folder" && apt-get -qq download 'curl=7.88.1*' 'libcurl4=7.88.1*' >/dev/null 2>&1) ||
    { echo "apt cannot fetch curl 7.88.1: this needs Debian 12" >&2; rm -rf "$folder"; exit 77; }
  for package in "$folder"/*.deb; do dpkg-deb -x "$package" "$folder/unpacked"; done
  exec unshare -mn "$0" inside "$folder"
fi
folder=$2
curl=$folder/unpacked/usr/bin/curl
LD_LIBRARY_PATH=$(dirname "$folder"/unpacked/usr/lib/*/libcurl.so.4)
export LD_LIBRARY_PATH
server=
trap '[[ -z $server ]] || kill $server; rm -rf "$folder"' EXIT
cd "$folder"
ip link set lo up
for name in public private; do
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj "/CN=$name" -addext subjectAltName=DNS:localhost \
    -keyout $name.key -out $name.pem 2>/dev/null
done
mkdir certs empty
cp public.pem certs/ && openssl rehash certs
mount --make-rprivate / && mount --bind certs /etc/ssl/certs
openssl s_server -quiet -www -accept 127.0.0.1:18443 -cert public.pem -key public.key >/dev/null 2>&1 &
server=$!
try() { # what, options...
  local what=$1 code=0
  shift
  "$curl" -s -o /dev/null --retry 20 --retry-connrefused --retry-delay 1 "$@" https://localhost:18443/ || code=$?
  echo "$what: exit $code"
}
{
  "$curl" --version | grep -o 'libcurl/[0-9.]*' | head -n 1
  try "an authority that signed nothing, by --cacert" --cacert private.pem
  try "the same, and an empty folder by --capath" --cacert private.pem --capath empty
} | tee seen
diff seen - <<'EXPECTED'
libcurl/7.88.1
an authority that signed nothing, by --cacert: exit 0
the same, and an empty folder by --capath: exit 60
EXPECTED
echo "as seen on 2026-12-01"

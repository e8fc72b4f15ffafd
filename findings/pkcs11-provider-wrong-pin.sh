#!/usr/bin/env bash
# Debian 13's pkcs11-provider 1.0-3 under OpenSSL 3.5: a wrong PIN is no error. OSSL_STORE finds nothing, its error queue is
# empty and `openssl storeutl` ends well, exactly as for an object that is not there. Who tells people "no such key" sends
# them to the wrong file, and each further try counts at the token: name both causes.
#
# Needs Debian 13 and openssl 3.5; the rest comes as packages, unpacked in a temporary folder. Fails when that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
chmod 755 .
apt-get -qq download pkcs11-provider=1.0-3 softhsm2 softhsm2-common libsofthsm2 opensc opensc-pkcs11 libeac3 libp11-kit0 libffi8 >/dev/null 2>&1 ||
  { echo "apt cannot fetch pkcs11-provider 1.0-3: this needs Debian 13" >&2; exit 77; }
for package in *.deb; do dpkg-deb -x "$package" .; done
libraries=$folder/usr/lib/$(dpkg-architecture -qDEB_HOST_MULTIARCH 2>/dev/null || echo x86_64-linux-gnu)
export LD_LIBRARY_PATH=$libraries:$libraries/softhsm
module=$(find . -name libsofthsm2.so | head -n 1)
module=$folder/${module#./}
export SOFTHSM2_CONF=$folder/softhsm2.conf OPENSSL_CONF=$folder/openssl.cnf
mkdir tokens
echo "directories.tokendir = $folder/tokens" >softhsm2.conf
cat >openssl.cnf <<CONF
openssl_conf = init
[init]
providers = all
[all]
default = usual
pkcs11 = token
[usual]
activate = 1
[token]
module = $libraries/ossl-modules/pkcs11.so
pkcs11-module-path = $module
pkcs11-module-quirks = no-deinit
activate = 1
CONF
usr/bin/softhsm2-util --module "$module" --init-token --free --label token --so-pin 87654321 --pin 123456 >/dev/null
usr/bin/pkcs11-tool --module "$module" --token-label token --login --pin 123456 --keypairgen --key-type EC:prime256v1 \
  --label key --id 01 >/dev/null 2>&1
for pin in 123456 654321; do
  for object in key none; do
    code=0
    openssl storeutl -passin "pass:$pin" -keys -noout "pkcs11:token=token;object=$object;type=private" \
      >said 2>&1 || code=$?
    echo "PIN $pin, object $object: exit $code, $(grep -c 'Pkey' said || true) keys, $(grep -ci error said || true) errors"
  done
done | tee seen
diff seen - <<'EXPECTED'
PIN 123456, object key: exit 0, 1 keys, 0 errors
PIN 123456, object none: exit 0, 0 keys, 0 errors
PIN 654321, object key: exit 0, 0 keys, 0 errors
PIN 654321, object none: exit 0, 0 keys, 0 errors
EXPECTED
echo "as seen on 2026-11-30"

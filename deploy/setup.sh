#!/usr/bin/env bash
# Installs the packages of Debian 12 or 13 that chiploc needs. Says nothing and changes nothing when all are there. Needs root or
# sudo for the rest. Everything it prints goes to standard error.
#
#     deploy/setup.sh              to build, test, check and run
#     deploy/setup.sh --programs   to build and run the programs alone: half as much
#     deploy/setup.sh --vm         all of it, and what runs virtual machines
#     deploy/setup.sh --bench      all of it, and what the benchmarks compare with
set -euo pipefail
exec 1>&2

programs=(
  cmake ninja-build g++ mold pkg-config ca-certificates git
  # libraries: network and cryptography
  libasio-dev libssl-dev openssl protobuf-compiler libprotobuf-dev protobuf-compiler-grpc libgrpc++-dev libcbor-dev
  # libraries: what is sent to other systems, and HTTP for people
  libcurl4-openssl-dev libboost-dev
  # libraries: geometry; borders come from npm and iso-codes
  libeigen3-dev libgeographiclib-dev libgeos-dev iso-codes nodejs
  # libraries: pictures; a font that the build embeds
  libagg-dev libstb-dev fonts-dejavu-core
  # libraries: reports as PDF
  libcairo2-dev
  # libraries: metrics as Prometheus reads them
  prometheus-cpp-dev
  # libraries: storage, configuration, files
  libsqlite3-dev libcli11-dev libtomlplusplus-dev libspdlog-dev libfmt-dev libsystemd-dev nlohmann-json3-dev libcsv-dev
)
tests_and_checks=(
  # frameworks and oracles
  ccache catch2 librapidcheck-dev libabsl-dev zlib1g-dev
  # a token and a TPM in software, network namespaces
  softhsm2 opensc libengine-pkcs11-openssl swtpm swtpm-tools tpm2-openssl tpm2-tools
  nftables iproute2 procps jq
  # a validator of JSON Schemas, a reader of regions, gRPC for Python
  python3-jsonschema python3-shapely python3-grpcio python3-protobuf
  # SSH between those: a server that installs no service
  openssh-client openssh-sftp-server dropbear-bin
  # a reader of PDF
  poppler-utils
  # whose completion is tried in themselves
  zsh fish
  clang clang-tidy libclang-rt-dev
)
# What only one of the two has. S2 is the oracle of regions; one version of the formatter judges.
release=$(. /etc/os-release 2>/dev/null && echo "${VERSION_CODENAME:-}")
case $release in
  bookworm) tests_and_checks+=(libs2-dev clang-format-14) ;;
  *) tests_and_checks+=(pkcs11-provider) ;;
esac
virtual_machines=(qemu-system-x86 busybox-static xz-utils)
references=(fping zmap libceres-dev python3-scipy libns3-dev nginx wrk)
case ${1:-} in
  --programs) packages=("${programs[@]}") ;;
  --vm) packages=("${programs[@]}" "${tests_and_checks[@]}" "${virtual_machines[@]}") ;;
  --bench) packages=("${programs[@]}" "${tests_and_checks[@]}" "${references[@]}") ;;
  '') packages=("${programs[@]}" "${tests_and_checks[@]}") ;;
  *)
    echo "setup.sh: unknown option $1; there are --programs, --vm and --bench"
    exit 64
    ;;
esac

missing=()
installed=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' 2>/dev/null || true)
for package in "${packages[@]}"; do
  grep -qxF "installed $package" <<<"$installed" || missing+=("$package")
done
if [[ ${#missing[@]} -eq 0 ]] && command -v npm >/dev/null; then exit 0; fi

as_root=()
if [[ $(id -u) -ne 0 ]]; then
  command -v sudo >/dev/null || {
    echo "setup.sh: these packages are missing and installing them needs root or sudo: ${missing[*]:-npm}"
    exit 77
  }
  as_root=(sudo)
fi
if ! command -v apt-get >/dev/null; then
  echo "setup.sh: no apt-get here; this script knows Debian 12 and 13. Install the equivalents of: ${missing[*]:-npm}"
  exit 69
fi

options=(-qq -o Dpkg::Use-Pty=0 -o Acquire::Retries=3)
# dpkg syncs every file to the disk, which takes minutes for npm's six hundred small packages. A machine that runs CI is
# thrown away after a crash, so it may go without; anybody else's keeps the safety.
if [[ ${CI:-} == true ]]; then options+=(-o Dpkg::Options::=--force-unsafe-io); fi
apt() { "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get "${options[@]}" "$@"; }
echo "setup.sh: installing ${missing[*]:-npm}"
apt update
# nginx brings a service, and the benchmark wants the program alone: it is started neither now nor with the machine.
no_services=/usr/sbin/policy-rc.d
with_nginx=false
if [[ " ${missing[*]} " == *" nginx "* ]]; then with_nginx=true; fi
if $with_nginx && [[ ! -e $no_services ]]; then
  trap '"${as_root[@]}" rm -f "$no_services"' EXIT
  printf '#!/bin/sh\nexit 101\n' | "${as_root[@]}" tee "$no_services" >/dev/null
  "${as_root[@]}" chmod 755 "$no_services"
fi
if [[ ${#missing[@]} -gt 0 ]]; then apt install -y --no-install-recommends "${missing[@]}" >/dev/null; fi
if $with_nginx; then "${as_root[@]}" rm -f /etc/systemd/system/multi-user.target.wants/nginx.service; fi
# Debian's nodejs comes without npm, other sources' with it; their packages then refuse Debian's npm.
if ! command -v npm >/dev/null; then apt install -y --no-install-recommends npm >/dev/null; fi
echo "setup.sh: done"

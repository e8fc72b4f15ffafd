# shellcheck shell=bash
# For the tests of this folder that source it: a coordinator, three anchors and a chip's host in network namespaces of
# their own, the last behind a router that masquerades what goes out and drops what comes in; their keys, certificates and
# registry in a folder that is the working directory then. Exit code 77 where no namespaces can be made.
if [[ -z ${CHIPLOC_OWN_MOUNTS:-} ]]; then
  # In mounts of our own: nothing stays behind.
  export CHIPLOC_OWN_MOUNTS=1
  self=$(realpath "$0")
  set -- "$(realpath "$1")"
  unshare --mount true 2>/dev/null && exec unshare --mount "$self" "$@"
  # Where the root is no mount point (a chroot), which ip netns needs, it is made one.
  unshare --mount --propagation unchanged true 2>/dev/null || { echo "skipped: mount namespaces cannot be made here"; exit 77; }
  # shellcheck disable=SC2016
  exec unshare --mount --propagation unchanged bash -c \
    'mount --rbind / /mnt && mount --make-rprivate /mnt && cd / && exec chroot /mnt "$@"' namespaces_test "$self" "$@"
fi
mkdir -p /run/netns && mount -t tmpfs -o mode=755 chiploc /run/netns && mount --make-shared /run/netns
bin=$(cd "$1" && pwd)
tag=cl$$
work=$(mktemp -d)
hosts=(sw co a1 a2 a3 nat ag)
pids=()

cleanup() {
  for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
  for pid in "${pids[@]}"; do wait "$pid" 2>/dev/null || true; done
  for h in "${hosts[@]}"; do ip netns del "$tag$h" 2>/dev/null || true; done
  rm -rf "$work"
}
trap cleanup EXIT
skip() { echo "skipped: $1"; exit 77; }
fail() {
  echo "FAILED: $1"
  for log in "$work"/*.log; do echo "--- $log"; tail -n 25 "$log"; done
  exit 1
}
on() { local h=$1; shift; ip netns exec "$tag$h" "$@"; }
run() { # host, name, command...
  local h=$1 name=$2
  shift 2
  ip netns exec "$tag$h" "$@" >"$work/$name.log" 2>&1 &
  pids+=($!)
}

command -v ip >/dev/null && command -v nft >/dev/null || skip "needs the ip and nft commands"
ip netns add "${tag}sw" 2>/dev/null || skip "network namespaces cannot be made here"
for h in "${hosts[@]:1}"; do ip netns add "$tag$h"; done
on sw ip link add br0 type bridge 2>/dev/null || skip "bridges cannot be made here"
on sw ip link set br0 up

plug() { # host, address: one veth from the host to the switch
  ip link add "$tag$1" type veth peer name eth0 netns "$tag$1"
  ip link set "$tag$1" netns "${tag}sw"
  on sw ip link set "$tag$1" master br0 up
  on "$1" ip addr add "$2/24" dev eth0
  on "$1" ip link set eth0 up
  on "$1" ip link set lo up
}
plug co 10.77.0.1
plug a1 10.77.0.11
plug a2 10.77.0.12
plug a3 10.77.0.13
plug nat 10.77.0.50
ip link add in0 netns "${tag}nat" type veth peer name eth0 netns "${tag}ag"
on nat ip addr add 192.168.77.1/24 dev in0
on nat ip link set in0 up
on ag ip addr add 192.168.77.2/24 dev eth0
on ag ip link set eth0 up
on ag ip link set lo up
on ag ip route add default via 192.168.77.1
on nat sysctl -qw net.ipv4.ip_forward=1
on nat nft -f - <<'NFT' || skip "nftables cannot masquerade here"
table ip edge {
  chain out { type nat hook postrouting priority srcnat; oifname "eth0" masquerade; }
  chain through {
    type filter hook forward priority filter; policy drop;
    iifname "in0" accept
    ct state established,related accept
    counter drop
  }
  chain local { type filter hook input priority filter; policy accept; iifname "eth0" ct state new counter drop; }
}
NFT

# Keys, certificates, registry ----------------------------------------------------------------------------
cd "$work"
umask 077
raw_public() { openssl pkey -in "$1" -pubout -outform DER | tail -c 32 | od -An -v -tx1 | tr -d ' \n'; }
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout ca.key -out ca.pem -days 2 -subj "/CN=Test CA" \
  -addext basicConstraints=critical,CA:TRUE 2>/dev/null
tls() { # file, CN, OU
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$1.key" -out "$1.csr" -subj "/OU=$3/CN=$2" 2>/dev/null
  printf 'subjectAltName=DNS:%s\nextendedKeyUsage=serverAuth,clientAuth\n' "$2" >"$1.ext"
  openssl x509 -req -in "$1.csr" -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile "$1.ext" -out "$1.pem" 2>/dev/null
}
tls tls-co chiplocd coordinator
tls tls-me tester admin
openssl genpkey -algorithm ed25519 -out coordinator.key
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout maker.key -out maker.pem -days 2 -subj "/CN=Maker" \
  -addext basicConstraints=critical,CA:TRUE 2>/dev/null

echo 'name,public_key,lat,lon,uncertainty_km,operator,network,address,rendezvous' >anchors.csv
# All in one town: real round trips here are those of one machine, so that is where the hosts must say they are.
places=("-35.28,149.13" "-35.29,149.14" "-35.27,149.12")
for i in 1 2 3; do
  tls "tls-a$i" "a$i" anchor
  openssl genpkey -algorithm ed25519 -out "a$i.key"
  echo "a$i,$(raw_public "a$i.key"),${places[i - 1]},0.1,op$i,net$i,10.77.0.1$i:7411,$([ $i = 1 ] && echo yes || echo no)" >>anchors.csv
  cat >"a$i.toml" <<TOML
[anchor]
name = "a$i"
listen = ["10.77.0.1$i:7411"]
key = "a$i.key"
state_dir = "state-a$i"
[coordinator]
address = "10.77.0.1:7443"
server_name = "chiplocd"
ca = "ca.pem"
certificate = "tls-a$i.pem"
tls_key = "tls-a$i.key"
TOML
done
pem_field() { printf '"%s"' "$(cat "$1")"; }
{ echo 'name,ca_pem'; echo "Maker,$(pem_field maker.pem)"; } >makers.csv
printf 'id,holder,countries,valid_from,valid_to\nL-1,Example Ltd,AU,2020-01-01,2099-12-31\n' >licences.csv
printf 'country\nCN\nRU\n' >prohibited.csv
echo 'id,serial,maker,model,licence,reach,certificate_pem' >chips.csv
cat >chiplocd.toml <<TOML
[coordinator]
grpc = "10.77.0.1:7443"
key = "coordinator.key"
database = "chiploc.db"
[tls]
ca = "ca.pem"
certificate = "tls-co.pem"
key = "tls-co.key"
[policy]
linger_ms = 0
TOML
cat >cli.toml <<TOML
server = "10.77.0.1:7443"
server_name = "chiplocd"
ca = "ca.pem"
certificate = "tls-me.pem"
tls_key = "tls-me.key"
TOML
mkdir state-a1 state-a2 state-a3

chip() { # serial, id, port, reach ("knock", "inbound ADDRESS"): key, certificate, agent.toml, a row of chips.csv
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$1.key" -out "$1.csr" -subj "/CN=chip/serialNumber=$2" 2>/dev/null
  printf 'basicConstraints=critical,CA:FALSE\nkeyUsage=digitalSignature\n' >"$1.ext"
  openssl x509 -req -in "$1.csr" -CA maker.pem -CAkey maker.key -CAcreateserial -days 2 -extfile "$1.ext" -out "$1.pem" 2>/dev/null
  echo "$2,$1,Maker,TEST-1,L-1,$4,$(pem_field "$1.pem")" >>chips.csv
  mkdir "state-$1"
  cat >"$1.toml" <<TOML
[agent]
listen = ["0.0.0.0:$3"]
state_dir = "state-$1"
[chip]
model = "TEST-1"
firmware_version = "1.0"
firmware_measurement = "$(printf '%064d' 0)"
debug_state = "disabled-permanently"
[key]
uri = "file:$1.key"
certificate = "$1.pem"
[[coordinator]]
name = "co"
public_key = "$(raw_public coordinator.key)"
TOML
  [ "$4" != knock ] || knocking "$1"
}
knocking() { # serial: its agent knocks at a1
  cat >>"$1.toml" <<TOML
[[rendezvous]]
address = "10.77.0.11:7411"
public_key = "$(raw_public a1.key)"
[knock]
mean_interval_ms = 500
TOML
}

cli() { on co "$bin/chiploc" --config "$work/cli.toml" "$@"; }
eventually() { # description, command...: asks again until it succeeds, at most 200 times
  local what=$1
  shift
  for _ in $(seq 200); do
    if "$@" >/dev/null 2>&1; then return 0; fi
    read -rt 0.1 <> <(:) || true
  done
  fail "$what"
}
all_attached() { [ "$(cli anchor list -o json | jq '[.. | objects | select(.connected == true)] | length')" = 3 ]; }
everything_but_agents() { # imports what there is, once chiplocd answers, and waits for the anchors
  run co chiplocd "$bin/chiplocd" --config chiplocd.toml
  eventually "chiplocd does not answer" cli status
  cli import --makers makers.csv --licences licences.csv --prohibited prohibited.csv --anchors anchors.csv --chips chips.csv ||
    fail "the import was refused"
  for i in 1 2 3; do run "a$i" "a$i" "$bin/chiploc-anchor" --config "a$i.toml"; done
  eventually "the anchors do not attach" all_attached
}

# Two network namespaces joined by a veth pair, 10.9.0.1 (near) and 10.9.0.2 (far), and programs that run
# there; read by the scripts of the folder above, which set `here` to it.

work=$(mktemp -d)
near=wirereel-bench-near-$$
far=wirereel-bench-far-$$
background=
receiver=

finish() {
    for pid in $background $receiver; do
        kill "$pid" 2>/dev/null || true
    done
    ip netns del "$near" 2>/dev/null || true
    ip netns del "$far" 2>/dev/null || true
    rm -rf "$work"
}
trap finish EXIT

# neighbour NAMESPACE ADDRESS OTHER: where the other namespace's address is.
neighbour() {
    link=$(ip netns exec "$3" cat /sys/class/net/veth0/address)
    ip -n "$1" neighbour replace "$2" lladdr "$link" dev veth0
}

set_up() {
    ip netns add "$near"
    ip netns add "$far"
    ip link add name veth0 netns "$near" type veth peer name veth0 netns "$far"
    ip -n "$near" address add 10.9.0.1/24 dev veth0
    ip -n "$far" address add 10.9.0.2/24 dev veth0
    for namespace in "$near" "$far"; do
        ip -n "$namespace" link set lo up
        ip -n "$namespace" link set veth0 up
    done
    # The first datagram is not to wait for ARP.
    neighbour "$near" 10.9.0.2 "$far"
    neighbour "$far" 10.9.0.1 "$near"
    gcc -O2 -o "$work/sendto" "$here/udp/sendto.c"
    gcc -O2 -o "$work/receiver" "$here/udp/receiver.c"
    if [ -z "${WIREREEL:-}" ]; then
        cargo build --release --manifest-path "$here/../Cargo.toml"
        WIREREEL=$here/../target/release/wirereel
    fi
}

# wait_for TEXT FILE: at most ten seconds.
wait_for() {
    for _ in $(seq 100); do
        ! grep -q "$1" "$2" || return 0
        sleep 0.1
    done
    echo "$0: no \"$1\" from a program in the background" >&2
    exit 1
}

# received PROGRAM...: runs it in the near namespace, and prints what the receiver counted.
received() { received_of ip netns exec "$near" "$@"; }

# received_of COMMAND...: the same of any command.
received_of() {
    ip netns exec "$far" "$work/receiver" "$takes" 1989 >"$work/counted" &
    background=$!
    wait_for ready "$work/counted"
    "$@" >/dev/null 2>"$work/errors" || { cat "$work/errors" >&2; exit 1; }
    wait "$background"
    background=
    tail -n 1 "$work/counted"
}

median() { sort -n | awk '{ all[NR] = $1 } END { print all[int((NR + 1) / 2)] }'; }


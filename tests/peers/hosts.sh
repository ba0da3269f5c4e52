# Two hosts, and recordings of what they say to each other; read by the recording scripts, which
# set `here` to this folder and take the folder of captures as their argument.
#
# Senders are 10.0.0.1 (namespace "near"), receivers 10.0.0.2 ("far"). Addresses, hardware
# addresses and ports are fixed, so that two recordings differ only in their times, in what
# the kernel draws at random (IPv4 identification, TCP sequence numbers and timestamps), and in the
# checksums over these. No packet leaves the namespaces.

captures=$(mkdir -p "${1:-$here/../../captures}" && cd "${1:-$here/../../captures}" && pwd)
work=$(mktemp -d)
near=wirereel-near-$$
far=wirereel-far-$$
source_port=40000
capture_pid=
receiver_pid=
sender_pid=
server_pids=

finish() {
    for pid in $sender_pid $receiver_pid $server_pids $capture_pid; do
        kill "$pid" 2>/dev/null || true
    done
    # A server cleans up when it is told to end; its files go after it.
    for pid in $server_pids; do
        wait "$pid" 2>/dev/null || true
    done
    ip netns del "$near" 2>/dev/null || true
    ip netns del "$far" 2>/dev/null || true
    rm -rf "$work"
}
trap finish EXIT

# --- the two hosts -------------------------------------------------------------------------------

in_near() { ip netns exec "$near" "$@"; }

# set_up_host NAMESPACE NUMBER PEER_NUMBER: static neighbours, so that no ARP is recorded; whole
# checksums; no address configuration of its own.
set_up_host() {
    ip -n "$1" link set veth0 address "02:00:00:00:00:0$2"
    ip -n "$1" link set lo up
    ip -n "$1" link set veth0 up
    ip netns exec "$1" ethtool -K veth0 tx off rx off gso off tso off gro off >/dev/null
    ip netns exec "$1" sysctl -qw net.ipv6.conf.veth0.accept_ra=0
    ip -n "$1" address add "10.0.0.$2/24" broadcast 10.0.0.255 dev veth0
    ip -n "$1" address add "fd00::$2/64" dev veth0 nodad
    ip -n "$1" neighbour add "10.0.0.$3" lladdr "02:00:00:00:00:0$3" dev veth0
    ip -n "$1" neighbour add "fd00::$3" lladdr "02:00:00:00:00:0$3" dev veth0
    ip -n "$1" route add 255.255.255.255 dev veth0
    ip -n "$1" route add 224.0.0.0/4 dev veth0
}

for namespace in "$near" "$far"; do
    ip netns add "$namespace"
    # Devices take this over when they are made: a membership is reported once.
    ip netns exec "$namespace" sysctl -qw net.ipv4.igmp_qrv=1
done
ip link add name veth0 netns "$near" type veth peer name veth0 netns "$far"
set_up_host "$near" 1 2
set_up_host "$far" 2 1

# --- one recording -------------------------------------------------------------------------------

# wait_until WHAT COMMAND...: until the command succeeds, for at most ten seconds.
wait_until() {
    local what=$1 tries=0
    shift
    until "$@"; do
        tries=$((tries + 1))
        if [ $tries -gt 200 ]; then
            echo "${0##*/}: gave up waiting until $what" >&2
            exit 1
        fi
        sleep 0.05
    done
}

# The last program's line must not be taken for the next one's.
forget() { rm -f "$@"; }

# Nothing but what waits out its time: the last acknowledgement has been sent.
all_closed() {
    [ -z "$(ip netns exec "$near" ss -Htn exclude time-wait exclude listening)" ] &&
        [ -z "$(ip netns exec "$far" ss -Htn exclude time-wait exclude listening)" ]
}

has_mark() { [ -n "$(tcpdump -r "$work/capture" udp 2>/dev/null)" ]; }

# begin_connections INTERFACE: records every segment that the far host sees there.
begin_connections() {
    forget "$work/tcpdump.log" "$work/capture"
    timeout 60 ip netns exec "$far" tcpdump -Z root -U --immediate-mode -i "$1" \
        -w "$work/capture" 'tcp or udp' 2>"$work/tcpdump.log" &
    capture_pid=$!
    wait_until "tcpdump listens" grep -qsi 'listening on' "$work/tcpdump.log"
}

# save_connections FILE ADDRESS [NAMESPACE]: what was recorded becomes captures/FILE, from the first
# to the last segment. How many those are is for TCP to decide, so a datagram to ADDRESS marks the
# end; it is left out of the file. The next connections come from other ports.
save_connections() {
    wait_until "all connections are closed" all_closed
    ip netns exec "${3:-$near}" "$work/bin/dgram-basic/sender" "$2" 9 9 end 0 0
    wait_until "the mark is seen" has_mark
    kill "$capture_pid"
    wait "$capture_pid" || true
    capture_pid=
    tcpdump -r "$work/capture" -w "$captures/$1" tcp 2>/dev/null
    chmod 644 "$captures/$1"
    echo "$1"
    source_port=$((source_port + 100))
}

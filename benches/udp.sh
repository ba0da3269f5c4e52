#!/bin/sh
# Measures sending between two network namespaces, as docs/performance.md says.
#
#     benches/udp.sh speed|timing RUNS
#
# `speed`: datagrams a second at the receiver, at top speed, of a sendto loop and of wirereel, in
# turn. `timing`: how far datagrams are from their recorded times at the receiving interface, of
# tcpreplay and of wirereel, in turn. Needs root, gcc, iproute2; timing needs tcpreplay and tcpdump.
# The program is taken from $WIREREEL, or built.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
runs=${2:-5}
. "$here/udp/hosts.sh"

workload() {
    cargo run --quiet --release --manifest-path "$here/../Cargo.toml" --example workload -- "$@"
}

# speed TAKES NAME CAPTURE COUNT LEN...: both programs, in turn.
speed() {
    takes=$1 name=$2 capture=$3 count=$4
    shift 4
    : >"$work/plain"
    : >"$work/wirereel"
    for _ in $(seq "$runs"); do
        received "$work/sendto" 10.9.0.2 1989 "$count" "$@" >>"$work/plain"
        # shellcheck disable=SC2086 # the program may have arguments
        received $WIREREEL replay -q "$capture" --to 10.9.0.2:1989 -t >>"$work/wirereel"
    done
    echo "$name, receiver $takes: received, bytes, seconds, a second"
    sed 's/^/  sendto    /' "$work/plain"
    sed 's/^/  wirereel  /' "$work/wirereel"
    plain=$(cut -d ' ' -f 4 "$work/plain" | median)
    ours=$(cut -d ' ' -f 4 "$work/wirereel" | median)
    echo "  medians: $plain and $ours a second; ratio $(echo "$plain $ours" | awk '{ printf "%.2f", $2 / $1 }')"
}

measure_speed() {
    workload datagrams 1000000 "$work/equal.pcap"
    workload mixed 300000 "$work/mixed.pcap"
    for takes in gro one; do
        speed "$takes" equal "$work/equal.pcap" 1000000 19
        # The lengths of `workload mixed`, in its order.
        speed "$takes" mixed "$work/mixed.pcap" 300000 10 38 12 504 19 25 160 14 1200 44 9 70
    done
}

arrivals() { tcpdump -r "$1" --time-stamp-precision=nano -tt -n "$2" 2>/dev/null | cut -d ' ' -f 1; }

# deviation FILTER PROGRAM...: runs it, and prints how far the datagrams are from their times.
deviation() {
    filter=$1
    shift
    ip netns exec "$far" tcpdump -i veth0 -w "$work/got.pcap" --time-stamp-precision=nano \
        -s 64 -B 65536 --immediate-mode -U "$filter" 2>"$work/tcpdump" &
    background=$!
    wait_for listening "$work/tcpdump"
    # It says so before its filter is in place.
    sleep 0.3
    "$@" >/dev/null 2>"$work/errors" || { cat "$work/errors" >&2; exit 1; }
    sleep 0.5
    kill -INT "$background"
    wait "$background" || true
    background=
    arrivals "$work/paced.pcap" udp >"$work/recorded"
    arrivals "$work/got.pcap" "$filter" >"$work/got"
    if [ "$(wc -l <"$work/recorded")" != "$(wc -l <"$work/got")" ]; then
        echo "$0: tcpdump lost datagrams; a run is left out" >&2
        return
    fi
    paste "$work/recorded" "$work/got" | offsets | sort -n >"$work/offsets"
    middle=$(share 0.5 "$work/offsets")
    awk -v middle="$middle" '{ it = $1 - middle; printf "%.3f\n", it < 0 ? -it : it }' "$work/offsets" |
        sort -n >"$work/distances"
    echo "$(share 0.5 "$work/distances") $(share 0.99 "$work/distances") $(wc -l <"$work/got")"
}

# Recorded and received times, in seconds, to the microseconds by which each came after its time.
offsets() {
    awk 'function micros(text, begin, parts) {
            split(text, parts, ".")
            return (parts[1] - begin) * 1000000 + parts[2] / 1000
        }
        NF < 2 { next }
        !seen++ { split($1, one, "."); split($2, other, ".") }
        { printf "%.3f\n", micros($2, other[1]) - micros($1, one[1]) }'
}

# share SHARE FILE: the value that this share of a sorted list does not exceed.
share() { awk -v share="$1" '{ all[NR] = $1 } END { print all[int(share * (NR - 1)) + 1] }' "$2"; }

measure_timing() {
    workload paced 4000 "$work/paced.pcap"
    ip netns exec "$far" "$work/receiver" one 1989 600 >/dev/null &
    receiver=$!
    : >"$work/plain"
    : >"$work/wirereel"
    for _ in $(seq "$runs"); do
        deviation "udp port 1989" ip netns exec "$near" \
            tcpreplay -q -i veth0 "$work/paced.pcap" >>"$work/plain"
        # shellcheck disable=SC2086 # the program may have arguments
        deviation "udp port 1989" ip netns exec "$near" \
            $WIREREEL replay -q "$work/paced.pcap" --to 10.9.0.2:1989 >>"$work/wirereel"
    done
    echo "timing: median and 99th percentile in microseconds, datagrams"
    sed 's/^/  tcpreplay  /' "$work/plain"
    sed 's/^/  wirereel   /' "$work/wirereel"
    for program in plain wirereel; do
        echo "  medians of $program: $(cut -d ' ' -f 1 "$work/$program" | median) and" \
            "$(cut -d ' ' -f 2 "$work/$program" | median)"
    done
}

case ${1:-} in
speed) set_up && measure_speed ;;
timing) set_up && measure_timing ;;
*) echo "usage: $0 speed|timing RUNS" >&2 && exit 2 ;;
esac

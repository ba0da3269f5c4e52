#!/bin/sh
# Measures generating and listening between two network namespaces, as docs/performance.md says.
#
#     benches/generate.sh speed|latency|receivers RUNS
#
# Datagrams of 64 bytes, each program in its turn. `speed`: how many a second leave at top speed, of
# wirereel generate, wirereel replay, mgen, iperf and socat. `latency`: loss and one-way latency at
# given rates, of each program's own sender and receiver. `receivers`: what mgen, socat and wirereel
# listen get of the same sender. Needs root, gcc, iproute2, mgen, iperf (version 2), socat. The program
# is taken from $WIREREEL, or built.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
runs=${2:-5}
. "$here/udp/hosts.sh"

in_near() { ip netns exec "$near" "$@"; }
in_far() { ip netns exec "$far" "$@"; }
to=10.9.0.2
mgen_peer=$here/../tests/peers/mgen/wirereel.toml

# generate ARGS...: numbered messages of wirereel, to standard output what it says.
# shellcheck disable=SC2086 # the program may have arguments
generate() {
    in_near $WIREREEL generate unicast --to "$to:1989" -H "$here/udp/numbered.h" --message numbered \
        --set seq=counter --set 'sent=now(ns)' "$@"
}

# end PID: tells a program in the background to end, and waits until it has.
end() {
    # A shell has programs in the background ignore SIGINT.
    kill -TERM "$1"
    wait "$1" || true
    background=
}

# share SHARE: the value that this share of the lines does not exceed.
share() { sort -n | awk -v share="$1" '{ all[NR] = $1 } END { print all[int(share * (NR - 1)) + 1] }'; }

# medians FILE NAME: of each column of the runs.
medians() {
    columns=$(awk 'NR == 1 { print NF }' "$1")
    printf '  %-20s' "$2"
    for column in $(seq "$columns"); do
        printf ' %s' "$(awk -v at="$column" '{ print $at }' "$1" | median)"
    done
    echo
}

# --- top speed ------------------------------------------------------------------------------------

# sender NAME: sends at top speed, as many as take a second or so.
# shellcheck disable=SC2086 # the program may have arguments
sender() {
    case $1 in
    generate) generate -q -t --count 1000000 ;;
    generate-fixed)
        in_near $WIREREEL generate unicast --to "$to:1989" -H "$here/udp/numbered.h" \
            --message numbered -q -t --count 1000000
        ;;
    replay) in_near $WIREREEL replay -q "$work/same.pcap" --to "$to:1989" -t ;;
    mgen) in_near mgen event "on 1 udp dst $to/1989 periodic [-1 64] count 300000" ;;
    iperf) in_near iperf -u -c "$to" -p 1989 -l 64 -b 10g -t 1 --no-udp-fin ;;
    socat) in_near socat -u -b64 "OPEN:$work/zeros" "UDP4-DATAGRAM:$to:1989" ;;
    esac >"$work/said" 2>&1 || { cat "$work/said" >&2; exit 1; }
}

SENDERS="generate generate-fixed replay mgen iperf socat"

measure_speed() {
    head -c 19200000 /dev/zero >"$work/zeros"
    generate -q --count 1000000 -w "$work/same.pcap" >/dev/null
    for takes in gro one; do
        for name in $SENDERS; do
            : >"$work/$name"
        done
        for _ in $(seq "$runs"); do
            for name in $SENDERS; do
                received_of sender "$name" >>"$work/$name"
            done
        done
        echo "receiver $takes: received, bytes, seconds, a second (medians of $runs)"
        for name in $SENDERS; do
            medians "$work/$name" "$name"
        done
    done
}

# --- each program's own pair -----------------------------------------------------------------------

# pair NAME RATE COUNT: received, lost, and the latency's median, 99th percentile and maximum in
# microseconds; of iperf its mean, `-` and its maximum.
# shellcheck disable=SC2086 # the program may have arguments
pair() {
    case $1 in
    wirereel)
        in_far $WIREREEL listen unicast --to "$to:1989" -H "$here/udp/numbered.h" --message numbered \
            --counter seq --sent-at sent -q -T json >"$work/heard" 2>/dev/null &
        background=$!
        wait_bound
        generate -q -p "$2" --count "$3" >/dev/null
        sleep 0.3
        end "$background"
        tail -n 1 "$work/heard" | python3 -c "
import json, sys
it = json.load(sys.stdin)['senders'][0]
print(it['received'], $3 - it['received'], *(it['latency_us'][key] for key in ('p50', 'p99', 'max')))"
        ;;
    mgen)
        in_far mgen port 1989 output "$work/heard" >/dev/null 2>&1 &
        background=$!
        wait_bound
        in_near mgen event "on 1 udp dst $to/1989 periodic [$2 64] count $3" >/dev/null 2>&1
        sleep 0.3
        end "$background"
        # Times of day, that of arrival and that of sending.
        awk '/ RECV / { split($1, at, ":"); sub("sent>", "", $8); split($8, from, ":")
            print ((at[1] - from[1]) * 3600 + (at[2] - from[2]) * 60 + at[3] - from[3]) * 1000000 }' \
            "$work/heard" >"$work/latencies"
        count=$(wc -l <"$work/latencies")
        echo "$count $(($3 - count)) $(share 0.5 <"$work/latencies") $(share 0.99 <"$work/latencies")" \
            "$(share 1 <"$work/latencies")"
        ;;
    iperf)
        in_far iperf -u -s -p 1989 -l 64 -e >"$work/heard" 2>&1 &
        background=$!
        wait_bound
        in_near iperf -u -c "$to" -p 1989 -l 64 -b "${2}pps" -t $(($3 / $2)) --trip-times -e >/dev/null 2>&1
        sleep 0.3
        end "$background"
        # ... 0/20003 (0%) 0.003/0.001/1.984/0.037 ms ...
        sed -n 's#.* \([0-9]*\)/\([0-9]*\) ([^)]*%) \([0-9.]*\)/[0-9.]*/\([0-9.]*\)/.*#\1 \2 \3 \4#p' \
            "$work/heard" | awk 'END { print $2 - $1, $1, $3 * 1000, "-", $4 * 1000 }'
        ;;
    esac
}

# Waits until somebody is bound to the port in the far namespace.
wait_bound() {
    for _ in $(seq 100); do
        ! in_far grep -q ":07C5 \|:1388 " /proc/net/udp /proc/net/udp6 || return 0
        sleep 0.05
    done
    echo "$0: nobody listens" >&2
    exit 1
}

measure_latency() {
    for rate in 1000 10000 50000 100000 200000; do
        for name in wirereel mgen iperf; do
            : >"$work/of-$name"
        done
        for _ in $(seq "$runs"); do
            for name in wirereel mgen iperf; do
                pair "$name" "$rate" $((rate * 2)) >>"$work/of-$name"
            done
        done
        echo "$rate a second: received, lost, latency p50 p99 max in microseconds (medians of $runs)"
        for name in wirereel mgen iperf; do
            medians "$work/of-$name" "$name"
        done
    done
}

# --- receivers of the same sender -------------------------------------------------------------------

# receive NAME: a receiver in the background, at mgen's port.
# shellcheck disable=SC2086 # the program may have arguments
receive() {
    case $1 in
    listen | listen-quiet)
        quiet=
        [ "$1" = listen ] || quiet=-q
        in_far $WIREREEL listen unicast --to "$to:5000" --profile "$mgen_peer" --message mgen_msg \
            -T json $quiet >"$work/heard" 2>/dev/null &
        ;;
    mgen) in_far mgen port 5000 output "$work/heard" >/dev/null 2>&1 & ;;
    socat) in_far socat -u UDP4-RECV:5000,rcvbuf=8388608 "OPEN:$work/heard,creat,trunc" & ;;
    esac
    background=$!
    wait_bound
}

# counted NAME: how many it got.
counted() {
    case $1 in
    listen*) tail -n 1 "$work/heard" | python3 -c "
import json, sys
print(json.load(sys.stdin)['senders'][0]['received'])" ;;
    mgen) grep -c ' RECV ' "$work/heard" ;;
    socat) echo $(($(wc -c <"$work/heard") / 64)) ;;
    esac
}

measure_receivers() {
    for rate in 50000 100000 300000; do
        count=$((rate * 2))
        for name in listen listen-quiet mgen socat; do
            : >"$work/of-$name"
        done
        for _ in $(seq "$runs"); do
            for name in listen listen-quiet mgen socat; do
                receive "$name"
                # shellcheck disable=SC2086 # the program may have arguments
                in_near $WIREREEL generate unicast --to "$to:5000" --profile "$mgen_peer" \
                    --message mgen_msg --set size=64 --set version=2 --set flags=8 --set flow=1 \
                    --set seq=counter --set 'sent_s=now(s)' --set dst_port=5000 --set dst_type=1 \
                    --set dst_len=4 --set 'payload=bytes(16..16)' -q -p "$rate" --count "$count" >/dev/null
                sleep 0.5
                end "$background"
                echo "$(counted "$name") $count" >>"$work/of-$name"
            done
        done
        echo "$rate a second: received, sent (medians of $runs)"
        for name in listen listen-quiet mgen socat; do
            medians "$work/of-$name" "$name"
        done
    done
}

case ${1:-} in
speed) set_up && measure_speed ;;
latency) set_up && measure_latency ;;
receivers) set_up && measure_receivers ;;
*) echo "usage: $0 speed|latency|receivers RUNS" >&2 && exit 2 ;;
esac

#!/bin/sh
# Measures generating between two network namespaces, as docs/performance.md says.
#
#     benches/generate.sh speed RUNS
#
# Datagrams of 64 bytes, each program in its turn: how many a second leave at top speed, of wirereel
# generate, wirereel replay, mgen, iperf and socat. Needs root, gcc, iproute2, mgen, iperf (version 2), socat. The program
# is taken from $WIREREEL, or built.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
runs=${2:-5}
. "$here/udp/hosts.sh"

in_near() { ip netns exec "$near" "$@"; }
to=10.9.0.2

# generate ARGS...: numbered messages of wirereel, to standard output what it says.
# shellcheck disable=SC2086 # the program may have arguments
generate() {
    in_near $WIREREEL generate unicast --to "$to:1989" -H "$here/udp/numbered.h" --message numbered \
        --set seq=counter --set 'sent=now(ns)' "$@"
}

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

case ${1:-} in
speed) set_up && measure_speed ;;
*) echo "usage: $0 speed RUNS" >&2 && exit 2 ;;
esac

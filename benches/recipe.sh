#!/bin/sh
# Measures what `generate -t` sends beside `replay -t`, over loopback, as docs/performance.md says.
#
#     benches/recipe.sh RUNS [gro|one]
#
# The same messages from a capture and by recipe, in turn: a counter in messages of 19, 200 and 1,400
# bytes; and messages most of whose bytes are drawn anew. Needs gcc. The program is taken from
# $WIREREEL, or built.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
runs=${1:-5}
takes=${2:-gro}
count=1000000
port=21989
work=$(mktemp -d)
background=

finish() {
    [ -z "$background" ] || kill "$background" 2>/dev/null || true
    rm -rf "$work"
}
trap finish EXIT

gcc -O2 -o "$work/receiver" "$here/udp/receiver.c"
if [ -z "${WIREREEL:-}" ]; then
    cargo build --release --manifest-path "$here/../Cargo.toml"
    WIREREEL=$here/../target/release/wirereel
fi
cat >"$work/proto.h" <<'EOF'
#include <stdint.h>
struct m19 { uint8_t name[11]; uint32_t seq; uint32_t chinese; } __attribute__((packed));
struct m200 { uint32_t seq; uint64_t at; uint8_t pad[188]; } __attribute__((packed));
struct m1400 { uint32_t seq; uint64_t at; uint8_t pad[1388]; } __attribute__((packed));
EOF

# generate MESSAGE OPTION...: sends messages of this kind.
generate() {
    message=$1
    shift
    # shellcheck disable=SC2086 # the program may have arguments
    $WIREREEL generate unicast --no-builtin --to "127.0.0.1:$port" -H "$work/proto.h" \
        --message "$message" -t --count "$count" "$@"
}

# received COMMAND...: how many a second the receiver counted.
received() {
    : >"$work/counted"
    "$work/receiver" "$takes" "$port" >"$work/counted" &
    background=$!
    until grep -q ready "$work/counted"; do sleep 0.05; done
    "$@" >"$work/said" 2>&1 || { cat "$work/said" >&2; exit 1; }
    wait "$background"
    background=
    tail -n 1 "$work/counted" | cut -d ' ' -f 1,4
}

median() { cut -d ' ' -f 2 "$1" | sort -n | awk '{ all[NR] = $1 } END { print all[int((NR + 1) / 2)] }'; }

for message in m19 m200 m1400; do
    capture=$work/$message.pcap
    (generate "$message" --set seq=counter --seed 1 -w "$capture") >/dev/null
done
for _ in $(seq "$runs"); do
    for message in m19 m200 m1400; do
        case $message in
            m19) drawn='name=text(3..10)' more='chinese=0..100' ;;
            m200) drawn='pad=bytes(188)' more='at=now(us)' ;;
            *) drawn='pad=bytes(1388)' more='at=now(us)' ;;
        esac
        # shellcheck disable=SC2086 # the program may have arguments
        received $WIREREEL replay -q "$work/$message.pcap" --to "127.0.0.1:$port" -t --expect none \
            >>"$work/$message.replay"
        received generate "$message" --set seq=counter >>"$work/$message.counter"
        received generate "$message" --set seq=counter --set "$drawn" --set "$more" \
            >>"$work/$message.drawn"
    done
done
echo "message, program: median a second, ratio to replay, fewest received (receiver $takes)"
for message in m19 m200 m1400; do
    base=$(median "$work/$message.replay")
    for program in replay counter drawn; do
        fewest=$(cut -d ' ' -f 1 "$work/$message.$program" | sort -n | head -n 1)
        echo "$message $program $(median "$work/$message.$program") $base $fewest" |
            awk '{ printf "  %-6s %-8s %9d  %.2f  %d\n", $1, $2, $3, $3 / $4, $5 }'
    done
done

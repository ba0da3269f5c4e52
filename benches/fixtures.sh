#!/bin/sh
# Measures `wirereel test` over many small cases, as docs/performance.md says.
#
#     benches/fixtures.sh [RUNS]
#
# 1,000 and 20,000 cases, made of bundled captures in a temporary folder: a quarter each of messages
# held to a whole expectation, of HTTP held to conditions, of findings, and of conversations. Prints
# seconds and the peak of memory of each run. Needs GNU time. The program is taken from $WIREREEL,
# or built.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
runs=${1:-5}
project=$(dirname "$here")
if [ -z "${WIREREEL:-}" ]; then
    cargo build --release --quiet --manifest-path "$project/Cargo.toml"
    WIREREEL=$project/target/release/wirereel
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM

# --- the cases ------------------------------------------------------------------------------------

# kind NAME CAPTURE: a case beside its capture; the rest of test.toml comes from standard input.
kind() {
    mkdir -p "$work/kinds/$1"
    cp "$project/captures/$2" "$work/kinds/$1/one.pcap"
    { echo 'capture = "one.pcap"'; cat; } >"$work/kinds/$1/test.toml"
}

kind messages ok_dgram_basic.pcap <<'TOML'
run = "decode"
header = "proto.h"
decode_as = "udp.port==1989,msg_st"
TOML
cp "$project/tests/peers/dgram-basic/proto.h" "$work/kinds/messages"
kind web ok_http_keepalive.pcap <<'TOML'
run = "decode"
[[expect]]
filter = "http.status == 200"
count = 2
TOML
kind findings bug_dgram_basic_notpacked.pcap <<'TOML'
run = "check"
TOML
kind talks ok_stream_basic.pcap <<'TOML'
run = "flows"
TOML
# shellcheck disable=SC2086 # the program may have arguments
$WIREREEL test -q "$work/kinds" --update

# A folder of 1,000 cases, and copies of it: links, since only the number is measured.
mkdir -p "$work/1000/group00"
for number in $(seq -w 0 249); do
    cp -al "$work/kinds" "$work/1000/group00/$number"
done
mkdir "$work/20000"
for group in $(seq -w 0 19); do
    cp -al "$work/1000/group00" "$work/20000/group$group"
done

# --- the runs -------------------------------------------------------------------------------------

echo "cases seconds KiB"
for cases in 1000 20000; do
    for run in $(seq "$runs"); do
        # shellcheck disable=SC2086 # the program may have arguments
        /usr/bin/time -f "$cases %e %M" -o "$work/figures" $WIREREEL test -q "$work/$cases" 2>"$work/said" ||
            { cat "$work/said" >&2; exit 1; }
        grep -q "^$cases passed, 0 failed, 0 skipped" "$work/said" || { cat "$work/said" >&2; exit 1; }
        cat "$work/figures"
    done
done

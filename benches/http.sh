#!/usr/bin/env bash
# Measures HTTP requests a second against nginx on loopback, as docs/performance.md says.
#
#     benches/http.sh ROUNDS [CONCURRENCY [SECONDS]]
#
# wrk and `wirereel replay --concurrency` in turn, so that both meet the same load of the machine:
# with a connection for each request, and with connections of 100 requests. Printed are the rates,
# their ratio in each round, the medians, and the processor time of a request. Needs nginx and wrk;
# no root. The program is taken from $WIREREEL, or built; where $EARLIER names another one, it has
# its turn too.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
rounds=${1:?usage: $0 ROUNDS [CONCURRENCY [SECONDS]]}
concurrency=${2:-32}
seconds=${3:-2}
# What `workload pages` records, too.
page_len=612
work=$(mktemp -d)
server=

finish() {
    [ -z "$server" ] || kill "$server" 2>/dev/null || true
    rm -rf "$work"
}
trap finish EXIT

workload() {
    cargo run --quiet --release --manifest-path "$here/../Cargo.toml" --example workload -- "$@"
}

set_up() {
    if [ -z "${WIREREEL:-}" ]; then
        cargo build --release --manifest-path "$here/../Cargo.toml"
        WIREREEL=$here/../target/release/wirereel
    fi
    workload pages 1 "$work/close.pcap"
    workload pages 100 "$work/keep.pcap"
    mkdir "$work/root"
    printf "%${page_len}s" '' | tr ' ' x >"$work/root/page.html"
    chmod -R a+rX "$work"
}

# Starts nginx on a port that nobody has.
start_server() {
    for port in $(shuf -i 20000-32000 -n 20); do
        cat >"$work/nginx.conf" <<CONF
worker_processes 2;
daemon off;
pid $work/nginx.pid;
error_log $work/error.log crit;
events { worker_connections 8192; }
http {
    types { text/html html; }
    access_log off;
    keepalive_requests 1000000000;
    client_body_temp_path $work; proxy_temp_path $work; fastcgi_temp_path $work;
    uwsgi_temp_path $work; scgi_temp_path $work;
    server { listen 127.0.0.1:$port backlog=4096; root $work/root; }
}
CONF
        nginx -c "$work/nginx.conf" -e "$work/error.log" 2>/dev/null &
        server=$!
        for _ in $(seq 50); do
            kill -0 "$server" 2>/dev/null || break
            if [ -s "$work/nginx.pid" ]; then return; fi
            sleep 0.1
        done
        wait "$server" 2>/dev/null || true
    done
    cat "$work/error.log" >&2
    exit 1
}

# timed PROGRAM...: runs it; its output is in $work/out, its processor seconds in $work/cpu.
timed() {
    TIMEFORMAT='%U %S'
    { time "$@" >"$work/out" 2>"$work/errors"; } 2>"$work/cpu" || {
        cat "$work/out" "$work/errors" >&2
        exit 1
    }
}

# Requests a second, and microseconds of the processor for each: user and system.
row() { awk -v count="$1" -v seconds="$2" '{
    printf "%.0f %.1f %.1f\n", count / seconds, $1 * 1e6 / count, $2 * 1e6 / count }' "$work/cpu"; }

# run_wrk [HEADER]
run_wrk() {
    timed wrk -t2 "-c$concurrency" "-d${seconds}s" ${1:+-H "$1"} "http://127.0.0.1:$port/page.html"
    if grep -q 'Non-2xx\|Socket errors' "$work/out"; then cat "$work/out" >&2; exit 1; fi
    row $(awk '/requests in/ { sub("s,", "", $4); print $1, $4 }' "$work/out")
}

number() { sed "s/.*\"$1\":\([0-9.]*\).*/\1/" "$work/out"; }

# run_wirereel PROGRAM CAPTURE
run_wirereel() {
    timed "$1" replay "$2" --to "127.0.0.1:$port" --concurrency "$concurrency" -t -l 0 \
        --timing reply --duration "${seconds}s" -T json
    if [ "$(number differed)$(number missing)" != 00 ] || ! grep -q '"skipped":\[\]' "$work/out"; then
        cat "$work/out" >&2
        exit 1
    fi
    row "$(number matched)" "$(number duration_s)"
}

median() { sort -n | awk '{ all[NR] = $1 } END { print all[int((NR + 1) / 2)] }'; }

# ratios PROGRAM: those of its rates to wrk's, one for each round.
ratios() { paste -d ' ' "$work/wrk" "$1" | awk '{ printf "%.2f\n", $4 / $1 }'; }

# measure NAME CAPTURE [HEADER]
measure() {
    : >"$work/wrk"; : >"$work/wirereel"; : >"$work/earlier"
    for _ in $(seq "$rounds"); do
        run_wrk "${3:-}" >>"$work/wrk"
        run_wirereel "$WIREREEL" "$2" >>"$work/wirereel"
        [ -z "${EARLIER:-}" ] || run_wirereel "$EARLIER" "$2" >>"$work/earlier"
    done
    echo "$1, $concurrency at once: requests a second; microseconds of a request, user and system"
    for program in wrk wirereel earlier; do
        [ -s "$work/$program" ] || continue
        sed "s/^/  $program  /" "$work/$program"
        echo "  $program: medians $(for field in 1 2 3; do
            cut -d ' ' -f $field "$work/$program" | median
        done | tr '\n' ' ')"
        [ $program = wrk ] || echo "  $program: ratios to wrk's $(ratios "$work/$program" | tr '\n' ' ')," \
            "median $(ratios "$work/$program" | median)"
    done
}

set_up
start_server
measure "a connection for each request" "$work/close.pcap" "Connection: close"
measure "100 requests on a connection" "$work/keep.pcap"

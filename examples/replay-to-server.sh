#!/bin/sh
# Plays a capture to a server that is started for it, and exits with 1 if that brings the server down:
# what `wirereel reduce` tries a capture by.
#
# Usage:  wirereel reduce capture.pcap -o small.pcap -- examples/replay-to-server.sh {} PORT SERVER [ARGUMENT...]
set -u
capture=$1 port=$2
shift 2

"$@" >/dev/null 2>&1 &
server=$!
trap 'kill -KILL "$server" 2>/dev/null' EXIT

# It listens once the kernel lists it so (proc_pid_net(5)); one that ends before is no crash.
listening=$(printf ':%04X 0+:0000 0A' "$port")
until grep -Eqs "$listening" /proc/net/tcp /proc/net/tcp6; do
    kill -0 "$server" 2>/dev/null || exit 2
    sleep 0.01
done

# What it answers does not count here, and how long it takes is bounded.
"${WIREREEL:-wirereel}" replay -q "$capture" --to "127.0.0.1:$port" --timing reply --expect none --timeout 500ms >/dev/null 2>&1

# What was sent last may still be on its way to it. Ended by this script, it exits with 143.
sleep 0.05
kill -TERM "$server" 2>/dev/null
wait "$server"
[ "$?" -eq 143 ] || exit 1

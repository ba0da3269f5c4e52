#!/bin/sh
# Plays a capture to a server that is started for it, and exits with 1 if that brings the server down:
# what `wirereel reduce` tries a capture by.
#
# Usage:  wirereel reduce capture.pcap -o small.pcap -- ./replay-to-server.sh {} PORT SERVER [ARGUMENT...]
#
# Run it by hand first: what keeps it from playing the capture is said there, and is no crash.
# WIREREEL is the program, where it is not on the path.
set -u
capture=$1 port=$2 wirereel=${WIREREEL:-wirereel}
shift 2
if ! command -v "$wirereel" >/dev/null; then
    echo "no program $wirereel: set WIREREEL" >&2
    exit 0
fi

# The kernel lists a port so that is listened at (proc_pid_net(5)).
listening=$(printf ':%04X 0+:0000 0A' "$port")
is_open() { grep -Eqs "$listening" /proc/net/tcp /proc/net/tcp6; }
if is_open; then
    echo "port $port is taken" >&2
    exit 0
fi

"$@" >/dev/null 2>&1 &
server=$!
trap 'kill -KILL "$server" 2>/dev/null' EXIT
until is_open; do
    kill -0 "$server" 2>/dev/null || { echo "$1 does not listen on port $port" >&2; exit 0; }
    sleep 0.01
done

# What it answers does not count here, and how long it takes is bounded.
"$wirereel" replay -q "$capture" --to "127.0.0.1:$port" --timing reply --expect none \
    --timeout 500ms >/dev/null 2>&1

# What was sent last may still be on its way to it. Ended by this script it exits with 143, or 0.
sleep 0.05
kill -TERM "$server" 2>/dev/null
wait "$server"
case $? in
0 | 143) exit 0 ;;
*) exit 1 ;;
esac

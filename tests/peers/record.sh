#!/bin/bash
# Records captures/ again: builds the peers, lets them talk between two network namespaces, and
# keeps what tcpdump saw. No packet leaves the namespaces.
#
# Usage, as root:  tests/peers/record.sh [FOLDER]     (captures/ without an argument)
# Needs: gcc, make, iproute2, ethtool, tcpdump, editcap (wireshark-common), gzip, zstd; for
# bug_portable_i386.pcap i686-linux-gnu-gcc, for bug_portable_s390x.pcap s390x-linux-gnu-gcc and
# qemu-s390x, for ok_portable_packed.pcap all three. What lacks one of them is skipped, and says so.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
. "$here/hosts.sh"
port=1989
make -s -C "$here" OUT="$work/bin"
export INTERFACE=veth0

# --- one recording -------------------------------------------------------------------------------

# start_capture FRAMES NAMESPACE [TCPDUMP OPTION...]: ends by itself after so many frames.
start_capture() {
    local frames=$1 namespace=$2
    shift 2
    forget "$work/tcpdump.log" "$work/capture"
    timeout 20 ip netns exec "$namespace" tcpdump -Z root -U --immediate-mode \
        -c "$frames" -w "$work/capture" "$@" 2>"$work/tcpdump.log" &
    capture_pid=$!
    wait_until "tcpdump listens" grep -qsi 'listening on' "$work/tcpdump.log"
}

has_frames() { [ "$(tcpdump -r "$work/capture" 2>/dev/null | wc -l)" -ge "$1" ]; }

# save_capture FILE: what was recorded becomes captures/FILE.
save_capture() {
    if ! wait "$capture_pid"; then
        echo "record.sh: $1: not all frames came" >&2
        cat "$work/tcpdump.log" >&2
        exit 1
    fi
    capture_pid=
    mv "$work/capture" "$captures/$1"
    chmod 644 "$captures/$1"
    echo "$1"
}

# start_receiver NAMESPACE PROGRAM COUNT
start_receiver() {
    forget "$work/receiver.log"
    timeout 20 ip netns exec "$1" "$work/bin/$2" "$port" "$3" >"$work/receiver.log" &
    receiver_pid=$!
    wait_until "$2 listens" grep -qs listening "$work/receiver.log"
}

# The receiver has had all that it counts; what it showed is printed for captures/README.md.
end_receiver() {
    wait "$receiver_pid"
    receiver_pid=
    sed '1d; s/^/    /' "$work/receiver.log"
}

# start_server PROGRAM COUNT [ARGUMENT]
start_server() {
    forget "$work/receiver.log"
    timeout 20 ip netns exec "$far" "$work/bin/$1" "$port" "$2" ${3+"$3"} >"$work/receiver.log" &
    receiver_pid=$!
    wait_until "$1 listens" grep -qs listening "$work/receiver.log"
}

# connections FILE CLIENT [ARGUMENT...]: what one run of a client and the running server say.
connections() {
    local file=$1 client=$2
    shift 2
    begin_connections veth0
    in_near "$work/bin/$client" 10.0.0.2 "$port" "$source_port" "$@" | sed 's/^/    /'
    if [ -n "$receiver_pid" ]; then
        end_receiver
    fi
    save_connections "$file" 10.0.0.2
}

# datagrams FILE RECEIVER SENDER [VALUE...]: one datagram for each NAME MATH CHINESE between the
# two hosts, or as many as `count` says. Other settings: `frames`, `to`, `namespace`, `options`.
datagrams() {
    local file=$1 receiver=$2 sender=$3
    shift 3
    local expected=${count:-$(($# / 3))}
    start_receiver "${namespace:-$far}" "$receiver" "$expected"
    if [ ${#options[@]} -eq 0 ]; then
        options=(-i veth0 udp)
    fi
    start_capture "${frames:-$expected}" "${namespace:-$far}" "${options[@]}"
    ip netns exec "${from:-$near}" "$work/bin/$sender" "${to:-10.0.0.2}" "$port" "$source_port" "$@"
    save_capture "$file"
    end_receiver
    options=() count='' frames='' to='' namespace='' from=''
}
options=() count='' frames='' to='' namespace='' from=''

repeat() { printf "%0.s$1" $(seq "$2"); }

# --- dgram-basic ---------------------------------------------------------------------------------

basic=dgram-basic
datagrams ok_dgram_basic.pcap $basic/receiver $basic/sender \
    Alan 83 86 Grace 100 0 '' 0 4294967295

from=$near namespace=$near to=127.0.0.1 options=(-i lo udp)
datagrams ok_dgram_basic_lo.pcap $basic/receiver $basic/sender Alan 83 86

to=fd00::2
datagrams ok_dgram_basic_ipv6.pcap $basic/receiver $basic/sender Alan 83 86

options=(-i veth0 --time-stamp-precision=nano udp)
datagrams ok_dgram_basic_nano.pcap $basic/receiver $basic/sender Alan 83 86

options=(-i any -y LINUX_SLL udp)
datagrams ok_dgram_basic_sll.pcap $basic/receiver $basic/sender Alan 83 86

options=(-i any -y LINUX_SLL2 udp)
datagrams ok_dgram_basic_sll2.pcap $basic/receiver $basic/sender Alan 83 86

start_capture 1 "$far" -i veth0 vlan
in_near "$work/bin/vlan/sender" veth0 "$port" "$source_port" 8100:10
save_capture ok_dgram_basic_vlan.pcap

start_capture 1 "$far" -i veth0 vlan
in_near "$work/bin/vlan/sender" veth0 "$port" "$source_port" 88a8:20 8100:30
save_capture ok_dgram_basic_qinq.pcap

start_capture 2 "$far" -i veth0 'udp or icmp'
in_near "$work/bin/$basic/sender" 10.0.0.2 "$port" "$source_port" Alan 83 86
save_capture ok_dgram_basic_noreceiver.pcap

gzip -9nc "$captures/ok_dgram_basic.pcap" >"$captures/ok_dgram_basic.pcap.gz"
zstd -19qfo "$captures/ok_dgram_basic.pcap.zst" "$captures/ok_dgram_basic.pcap"
editcap -F pcapng "$captures/ok_dgram_basic.pcap" "$captures/ok_dgram_basic.pcapng"

datagrams edge_dgram_basic_fullname.pcap $basic/receiver $basic/sender Christopher 83 86
datagrams edge_dgram_basic_gbk.pcap $basic/receiver $basic/sender $'\xd5\xc5\xc8\xfd' 83 86
datagrams edge_dgram_basic_short.pcap $basic/receiver $basic/sender-cut Alan 83 86
options=(-i veth0 -s 58 udp)
datagrams edge_dgram_basic_snapped.pcap $basic/receiver $basic/sender Alan 83 86

datagrams bug_dgram_basic_nohtonl.pcap $basic/receiver $basic/sender-nohtonl \
    Alan 100 60 Grace 83 86 Linus 70000 1
datagrams bug_dgram_basic_notpacked.pcap $basic/receiver $basic/sender-unpacked Alan 83 86 Grace 100 0
datagrams bug_dgram_basic_pack.pcap $basic/receiver $basic/sender-pack Alan 83 86 Grace 100 0
datagrams bug_dgram_basic_uncleared.pcap $basic/receiver $basic/sender-uncleared Alan 83 86 Grace 100 0
datagrams bug_dgram_basic_notpacked_uncleared.pcap $basic/receiver $basic/sender-unpacked-uncleared \
    Alan 83 86 Grace 100 0

# --- dgram-var -----------------------------------------------------------------------------------

var=dgram-var
datagrams ok_dgram_var.pcap $var/receiver $var/sender \
    Alan 83 86 Li 100 0 HelloWorld! 0 4294967295 张三 60 61 "$(repeat A 40)" 1 2
datagrams edge_dgram_var_maxname.pcap $var/receiver $var/sender-oversize \
    "$(repeat B 495)" 83 86 "$(repeat C 496)" 83 86
frames=3
datagrams edge_dgram_var_fragmented.pcap $var/receiver $var/sender-oversize "$(repeat 0123456789 300)" 83 86

datagrams bug_dgram_var_nohtonl.pcap $var/receiver $var/sender-nohtonl Alan 100 60 Grace 83 86
datagrams bug_dgram_var_notpacked.pcap $var/receiver $var/sender-unpacked Alan 83 86 Grace 100 0
datagrams bug_dgram_var_notpacked_uncleared.pcap $var/receiver $var/sender-unpacked-uncleared \
    Alan 83 86 Grace 100 0
datagrams bug_dgram_var_nonul.pcap $var/receiver $var/sender-nonul Alexander 83 86 Alan 100 0
datagrams bug_dgram_var_array.pcap $var/receiver $var/sender-array Alan 83 86

# --- dgram-bcast, dgram-mcast --------------------------------------------------------------------

start_receiver "$far" dgram-bcast/receiver 2
start_capture 2 "$far" -i veth0 udp
in_near "$work/bin/dgram-bcast/sender" 255.255.255.255 "$port" "$source_port" Alan 83 86
in_near "$work/bin/dgram-bcast/sender" 10.0.0.255 "$port" "$source_port" Grace 100 0
save_capture ok_dgram_bcast.pcap
end_receiver

# The receiver's report, then the datagrams.
start_capture 3 "$far" -i veth0 'udp or igmp'
start_receiver "$far" dgram-mcast/receiver 2
wait_until "the receiver's report is seen" has_frames 1
in_near "$work/bin/dgram-mcast/sender" 224.2.2.2 "$port" "$source_port" Alan 83 86 Grace 100 0
save_capture ok_dgram_mcast.pcap
end_receiver

# The sender's own report, after its datagram. It stays in the group until it is ended here.
start_capture 2 "$far" -i veth0 'udp or (igmp and src 10.0.0.1)'
ip netns exec "$near" "$work/bin/dgram-mcast/sender-joins" 224.2.2.2 "$port" "$source_port" Alan 83 86 &
sender_pid=$!
save_capture bug_dgram_mcast_join.pcap
kill "$sender_pid"
wait "$sender_pid" 2>/dev/null || true
sender_pid=

# --- variants in the wild ------------------------------------------------------------------------

for variant in name13 scores name64 three name0 order shapes; do
    count=1
    datagrams "ok_variant_$variant.pcap" variants/receiver "variants/$variant"
done
count=4
datagrams ok_variant_tagged.pcap variants/receiver variants/tagged

# --- portable: senders built for other machines --------------------------------------------------

# skips FILE MACHINE...: says why a file is not recorded, if a machine's sender cannot be run.
skips() {
    local file=$1 machine
    shift
    for machine in "$@"; do
        if [ ! -x "$work/bin/portable/sender-$machine" ]; then
            echo "$file: skipped, no compiler for $machine" >&2
            return 0
        fi
        if [ "$machine" = s390x ] && ! command -v qemu-s390x >/dev/null; then
            echo "$file: skipped, no qemu-s390x" >&2
            return 0
        fi
    done
    return 1
}

# send_portable SENDER MACHINE VALUE...
send_portable() {
    local program="$work/bin/portable/$1-$2" emulator=
    if [ "$2" = s390x ]; then
        emulator=qemu-s390x
    fi
    shift 2
    in_near $emulator "$program" 10.0.0.2 "$port" "$source_port" "$@"
}

# portable FILE SENDER MACHINE...: one datagram of each machine for each of the readings.
readings=(1 1700000000 2150 1 21.5 2 1700000060 -40 3 -3.25 3 1700000120 70000 0 0.125
    4 1700000180 -512 257 100.75 1 1700000240 2149 1 21.75 2 1700000300 -41 3 -3.5)
portable() {
    local file=$1 sender=$2
    shift 2
    if skips "$file" "$@"; then
        return
    fi
    local expected=$((${#readings[@]} / 5 * $#)) machine
    start_receiver "$far" variants/receiver "$expected"
    start_capture "$expected" "$far" -i veth0 udp
    for machine in "$@"; do
        send_portable "$sender" "$machine" "${readings[@]}"
    done
    save_capture "$file"
    end_receiver
}
for machine in x86_64 i386 s390x; do
    portable "bug_portable_$machine.pcap" sender "$machine"
done
portable ok_portable_packed.pcap sender-packed x86_64 i386 s390x

# --- stream --------------------------------------------------------------------------------------

stamp=1700000000
for kind in basic par pool_static pool_dynamic; do
    start_server "stream/server_$kind" 3 "$stamp"
    connections "ok_stream_$kind.pcap" stream/client 3
done

start_server stream/server_basic-label 1 "$stamp"
connections ok_stream_label.pcap stream/client-label 1

start_server stream/server_basic-noend 1 "$stamp"
connections bug_stream_noend.pcap stream/client 1

start_capture 2 "$far" -i veth0 tcp
in_near "$work/bin/stream/client" 10.0.0.2 "$port" "$source_port" 1 2>/dev/null || true
save_capture ok_stream_noserver.pcap

# --- webdl ---------------------------------------------------------------------------------------

port=80
start_server webdl/server 1 "$here/webdl/test.png"
connections ok_webdl.pcap webdl/client

start_server webdl/server 1 "$here/webdl/test.png"
connections bug_webdl_barelf.pcap webdl/client-barelf

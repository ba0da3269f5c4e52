#!/bin/bash
# Records the captures of real web traffic again: Debian's nginx, Apache, curl and Chromium, and
# webdl's clients, between two network namespaces.
#
# Usage, as root:  tests/peers/record_web.sh [FOLDER]     (captures/ without an argument)
# Needs: what record.sh needs, and nginx-light, apache2, curl, chromium. The services of these
# packages need not run: the servers here are started with their own configuration.
#
# nginx listens on 10.0.0.2:8080, Apache on 8081, Apache without HTTP/0.9 on 8082.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
. "$here/hosts.sh"
make -s -C "$here" OUT="$work/bin"
export INTERFACE=veth0 WORK=$work
source_port=41000

# --- the site ------------------------------------------------------------------------------------

# Both servers run as www-data and read it.
chmod 755 "$work"
mkdir -p "$work/site" "$work/nginx" "$work/apache"
cp "$here/web/index.html" "$here/webdl/test.png" "$work/site"
cp "$here/web/echo.cgi" "$work"
seq -f 'line %g' 1000 >"$work/site/lines.txt"
# Apache sends a page in chunks once 8000 bytes precede a directive.
{
    cat "$work/site/lines.txt"
    printf '<!--#echo var="DOCUMENT_NAME" -->\nthe end\n'
} >"$work/site/page.shtml"
# Last-Modified and ETag follow from it.
touch -d 2023-11-14T22:13:20Z "$work"/site/*

# --- the servers ---------------------------------------------------------------------------------

listens() { [ -n "$(ip netns exec "$far" ss -Htln "sport = :$1")" ]; }

# start_web_server PORT COMMAND...: in its own process group, all of which Apache ends with itself.
start_web_server() {
    local web_port=$1
    shift
    setsid ip netns exec "$far" "$@" &
    server_pids="$server_pids $!"
    wait_until "$1 listens" listens "$web_port"
}

start_web_server 8080 nginx -p "$work/nginx/" -c "$here/web/nginx.conf" -e stderr
start_web_server 8082 apache2 -DFOREGROUND -f "$here/web/apache.conf"
nginx=http://10.0.0.2:8080 apache=http://10.0.0.2:8081

# --- the clients ---------------------------------------------------------------------------------

# curl_says FILE ARGUMENT...: one run of curl, in one capture.
curl_says() {
    local file=$1
    shift
    begin_connections veth0
    in_near env -i PATH="$PATH" timeout 20 curl -qsS -A curl --noproxy '*' --local-port "$source_port" \
        -o /dev/null "$@"
    save_connections "$file" 10.0.0.2
}

# client_says FILE PORT CLIENT: one run of a client of ours, in one capture; web/client sends what
# stands on standard input.
client_says() {
    local file=$1 port=$2 client=$3
    begin_connections veth0
    in_near timeout 20 "$work/bin/$client" 10.0.0.2 "$port" "$source_port" | sed 's/^/    /'
    save_connections "$file" 10.0.0.2
}

curl_says ok_http_keepalive.pcap "$apache/index.html" -o /dev/null "$apache/test.png"
curl_says ok_http_chunked.pcap "$apache/page.shtml"
curl_says ok_http_gzip.pcap --compressed "$nginx/lines.txt"
curl_says ok_http_head.pcap -I "$nginx/test.png" --next -qsS -A curl -o /dev/null "$nginx/test.png"
curl_says ok_http_notmodified.pcap --etag-save "$work/etag" "$nginx/test.png" \
    --next -qsS -A curl --etag-compare "$work/etag" -o /dev/null "$nginx/test.png"
curl_says ok_http_continue.pcap -H 'Expect: 100-continue' -H 'Content-Type: text/plain' \
    --data-binary "@$work/site/lines.txt" "$apache/echo"
curl_says ok_http_10.pcap -0 "$nginx/page.shtml"

client_says ok_http_pipelined.pcap 8080 web/client < <(
    printf '%s\r\n' \
        'GET /index.html HTTP/1.1' 'Host: web' '' \
        'HEAD /test.png HTTP/1.1' 'Host: web' '' \
        'GET /missing HTTP/1.1' 'Host: web' '' \
        'GET /test.png HTTP/1.1' 'Host: web' 'Connection: close' ''
)

client_says ok_webdl_nginx.pcap 8080 webdl/client
client_says ok_webdl_apache.pcap 8081 webdl/client
client_says edge_webdl_apache_strict.pcap 8082 webdl/client
client_says bug_webdl_nginx_barelf.pcap 8080 webdl/client-barelf
client_says bug_webdl_apache_barelf.pcap 8081 webdl/client-barelf
bare_lf() { printf '%s\n' 'GET /index.html HTTP/1.1' 'Host: web' 'Connection: close' ''; }
client_says bug_http_nginx_barelf.pcap 8080 web/client < <(bare_lf)
client_says bug_http_apache_barelf.pcap 8081 web/client < <(bare_lf)

# A browser, on the loopback of Apache's host. It leaves once the page and its image are there.
begin_connections lo
ip netns exec "$far" env -i PATH="$PATH" HOME="$work" timeout 50 chromium --headless --no-sandbox \
    --disable-gpu --disable-quic --no-first-run --disable-background-networking \
    --disable-component-update --disable-sync --no-proxy-server --user-data-dir="$work/chromium" \
    --dump-dom http://127.0.0.1:8081/index.html 2>/dev/null >"$work/dom"
grep -q '<h1>Grades</h1>' "$work/dom"
save_connections ok_http_chromium.pcap 127.0.0.1 "$far"

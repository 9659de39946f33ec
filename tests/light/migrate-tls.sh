#!/bin/bash
# SPDX-License-Identifier: MIT
# xl migrate --to and migrate-receive --listen between two simulated hosts over TLS, with certificates
# of openssl: who is not who it must be is refused, and the guest runs on.
#   tests/light/migrate-tls.sh [BUILD]
# Exit status 3, skipped: there is no openssl.
set -euo pipefail
# shellcheck source=two-hosts.bash
. "$(dirname "$0")/two-hosts.bash"
[ -x "$(command -v openssl)" ] || {
    echo "openssl is missing"
    exit 3
}
make_guest

# authority NAME; certificate FILE AUTHORITY NAME
authority() {
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj "/CN=$1" -keyout "$1.key" -out "$1.pem" \
        -addext basicConstraints=critical,CA:true 2>/dev/null
}
certificate() {
    openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=$3" -keyout "$1.key" -out request 2>/dev/null
    openssl x509 -req -in request -CA "$2.pem" -CAkey "$2.key" -CAcreateserial -days 2 -out "$1.pem" \
        -extfile <(echo "subjectAltName=DNS:$3") 2>/dev/null
}
authority ours
authority theirs
certificate a ours host-a
certificate b ours localhost
certificate stranger theirs localhost
files() { echo "--cert=$1.pem --key=$1.key --ca=$2.pem"; }

# Files that are missing or of no use.
refuse 'give --cert, --key and --ca, or migrate.tls.cert' tls://localhost:1
refuse 'cannot use none.pem as certificate with a.key' tls://localhost:1 --cert=none.pem --key=a.key --ca=ours.pem
refuse 'cannot use a.pem as certificate with b.key' tls://localhost:1 --cert=a.pem --key=b.key --ca=ours.pem
refuse 'cannot use /dev/null as certificate of the authority' tls://localhost:1 --cert=a.pem --key=a.key --ca=/dev/null
# shellcheck disable=SC2046 # options
{
    listen tls://localhost:0 $(files b ours)
    goes 'over TLS' "tls://localhost:$port" $(files a ours)
    home
    goes 'over TLS, compressed' "tls://localhost:$port" --compress --debug $(files a ours) --peer=localhost
    home
    # Files of xl.conf.
    printf 'migrate.tls.cert = "a.pem"\nmigrate.tls.key = "a.key"\nmigrate.tls.ca = "ours.pem"\n' >xl.conf
    "$build/utils/xl/xl" -C xl.conf -H "$(where a)" migrate --to="tls://localhost:$port" web 2>err ||
        fail "xl.conf: $(cat err)"
    there '' 'web ' 'xl.conf'
    home
    # Another name, or another authority, at either end; and somebody without TLS.
    refuse 'has not proven that it is 127.0.0.1: .*name' "tls://127.0.0.1:$port" $(files a ours)
    refuse 'has not proven that it is other: .*name' "tls://localhost:$port" $(files a ours) --peer=other
    refuse 'has not proven that it is localhost: .*issuer' "tls://localhost:$port" $(files a theirs)
    refuse 'the other end refuses: ' "tls://localhost:$port" $(files stranger ours)
    await grep -q 'the other end has no certificate of our authority' said
    printf 'GET / HTTP/1.0\r\n\r\n' >"/dev/tcp/127.0.0.1/$port" || true
    await grep -q 'TLS has failed: ' said
    there 'web ' '' 'somebody without TLS'
    kill -INT "$receiver"
    ended 1 'TLS, called off'
    # The receiver wants one host only.
    listen tls://localhost:0 --once $(files b ours) --peer=host-z
    refuse 'the other end refuses: ' "tls://localhost:$port" $(files a ours)
    ended 1 'another name'
    grep -q 'has not proven that it is host-z' said || fail "another name: $(cat said)"
    # The line breaks.
    listen tls://localhost:0 --once $(files b ours)
    : >err # not what was said before
    "$build/utils/xl/xl" -H "$(where a)" migrate --to="tls://localhost:$port" $(files a ours) --bandwidth=4 web 2>err &
}
pid=$!
await grep -q 'Round 1' err
kill -9 $pid
wait $pid && fail 'a sender that was killed has succeeded'
ended 1 'TLS, sender killed'
runs a 'TLS, sender killed'
there 'web ' '' 'TLS, sender killed'

# Somebody in between turns a bit over, in the middle of the guest.
# shellcheck disable=SC2046 # words
listen tls://localhost:0 --once $(files b ours)
"$src/tests/light/bad-line.py" "$port" 200000 >line &
pids+=($!)
await test -s line
# shellcheck disable=SC2046
refuse '.' "tls://localhost:$(cat line)" $(files a ours)
ended 1 'a bit turned over'
grep -q 'cannot use what is in the stream: TLS has failed: ' said || fail "a bit turned over: $(cat said)"
exit "$failed"

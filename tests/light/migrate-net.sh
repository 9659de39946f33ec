#!/bin/bash
# SPDX-License-Identifier: MIT
# xl migrate --to and migrate-receive --listen between two simulated hosts over TCP, compressed or not;
# wherever the line breaks, exactly one guest can run.
#   tests/light/migrate-net.sh [BUILD]
set -euo pipefail
# shellcheck source=two-hosts.bash
. "$(dirname "$0")/two-hosts.bash"

make_guest

# Addresses.
refuse '"there" is not like tcp://HOST:PORT' there
refuse '"http://there" is not like tcp://HOST:PORT' http://there
refuse '"99999" of "tcp://there:99999" is no port' tcp://there:99999
refuse '"tcp://:1" has no host' tcp://:1
refuse '"tcp://\[::1" is not like' 'tcp://[::1'
refuse 'cannot find the host "no.such.host.invalid"' tcp://no.such.host.invalid:1
refuse 'cannot connect to 127.0.0.1, port 1: Connection refused' tcp://127.0.0.1:1
refuse 'with --to there is no -s, and -e' tcp://127.0.0.1:1 -p
refuse 'are for tls://, not for tcp://127.0.0.1:1' tcp://127.0.0.1:1 --ca=x

# There, once and several times; a stranger in between does not end it.
listen tcp://127.0.0.1:0 --once
goes 'over TCP' "tcp://127.0.0.1:$port"
ended 0 'over TCP'
home
listen tcp://localhost:0
goes 'compressed' "tcp://localhost:$port" --compress --debug
home
printf 'GET / HTTP/1.0\r\n\r\n' >"/dev/tcp/127.0.0.1/$port" || true
await grep -q 'cannot receive a domain' said
goes 'after a stranger' "tcp://localhost:$port"
kill -INT "$receiver"
ended 1 'called off'
grep -q 'it was cancelled' said || fail "called off: $(cat said)"
home

# The line breaks: both ends are killed in the middle, and the sender is called off.
listen tcp://127.0.0.1:0 --once
: >err # not what was said before
"$build/utils/xl/xl" -H "$(where a)" migrate --to="tcp://127.0.0.1:$port" --bandwidth=4 web 2>err &
pid=$!
await grep -q 'Round 1' err
await on b domid web--incoming
kill -9 "$receiver"
wait $pid && fail 'the receiver was killed, and the sender has succeeded'
runs a 'receiver killed'
on b destroy web--incoming
there 'web ' '' 'receiver killed'
for signal in KILL INT; do
    listen tcp://127.0.0.1:0 --once
    : >err
    "$build/utils/xl/xl" -H "$(where a)" migrate --to="tcp://127.0.0.1:$port" --bandwidth=4 web 2>err &
    pid=$!
    await grep -q 'Round 1' err
    kill -$signal $pid
    wait $pid && fail "sender with signal $signal has succeeded"
    ended 1 "signal $signal"
    runs a "signal $signal"
    there 'web ' '' "signal $signal"
done
echo "ok    broken lines"

exit "$failed"

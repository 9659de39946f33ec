#!/bin/bash
# SPDX-License-Identifier: MIT
# xl migrate and migrate-receive between two simulated hosts with our daemons: a guest goes there and
# back; whoever is killed, whenever, and whatever goes over the line, exactly one guest can run.
#   tests/light/migrate.sh [BUILD]
set -euo pipefail
# shellcheck source=two-hosts.bash
. "$(dirname "$0")/two-hosts.bash"
receive="$build/utils/xl/xl -H $(where b) migrate-receive -e"
# migrate PATTERN COMMAND [OPTION...]: fails, with this message.
refuse() {
    if on a migrate "${@:3}" -s '' web "$2" 2>err; then fail "$1: it has gone"; fi
    grep -q -E -e "$1" err || fail "\"$1\" is not in: $(cat err)"
    echo "ok    $1"
}

# There, and back.
make_guest
on a migrate -s '' web "$receive" 2>err || fail "migrate: $(cat err)"
grep -q '^Migration successful. ' err || fail "what it says: $(cat err)"
grep -q '^Round 1: ' err || fail "what it says: $(cat err)"
there '' 'web ' 'there'
look b restored || fail "it is not what it was: $(cat look)"
guest b
on b migrate -p -D --debug --bandwidth=200 --rounds=3 --downtime=50 -s '' web \
    "$build/utils/xl/xl -H $(where a) migrate-receive -e -p" 2>err || fail "back: $(cat err)"
there 'web ' '' 'back'
[ "$(on a list web | awk 'NR == 2 { print $5 }')" = --p--- ] || fail "it is not paused: $(on a list web)"
on a unpause web
look a restored || fail "it is not what it was: $(cat look)"
guest a
echo "ok    there and back"

# Compressed; to a file, too, which is what the plain one is.
on a migrate --compress --debug -s '' web "$receive" 2>err || fail "compressed: $(cat err)"
there '' 'web ' 'compressed'
look b restored || fail "it is not what it was: $(cat look)"
guest b
on b save -c web plain 2>err || fail "save: $(cat err)"
runs b 'saved'
on b save --compress web packed 2>err || fail "save --compress: $(cat err)"
there '' '' 'saved'
((4 * $(stat -c %s packed) < $(stat -c %s plain))) || fail "it is not compressed: $(ls -l packed plain)"
on a stream-check packed >checked || fail "stream-check: $(cat checked)"
grep -q "compressed to $(stat -c %s packed)\$" checked || fail "stream-check: $(cat checked)"
if [ -x "$(command -v zstd)" ]; then
    zstd -dqf packed -o unpacked || fail "zstd -d cannot read it"
    [ "$(stat -c %s unpacked)" = "$(stat -c %s plain)" ] || fail "another size: $(ls -l unpacked plain)"
fi
head -c -1 packed >short
if on a restore -e short 2>err; then fail "a file that is cut"; fi
grep -q 'it ends ' err || fail "a file that is cut: $(cat err)"
if on a stream-check short 2>err >/dev/null; then fail "a file that is cut is whole"; fi
(head -c 8000 packed && tail -c +8001 packed | tr '\000-\377' '\001-\377\000') >bent
if on a restore -e bent 2>err; then fail "a file that is bent"; fi
grep -q 'its frames of zstd are damaged' err || fail "a file that is bent: $(cat err)"
there '' '' 'damaged'
on a restore -e packed 2>err || fail "restore: $(cat err)"
look a restored || fail "it is not what it was: $(cat look)"
guest a
echo "ok    compressed"

# Who is the other end is said as Xen's xl says it.
printf '#!/bin/sh\necho "$@" >args\nexit 9\n' >ssh
chmod +x ssh
on a -vv migrate -s ./ssh -p -e --debug web there 2>err && fail "a command that does nothing"
[ "$(cat args)" = 'there xl -vv migrate-receive -e -d -p' ] || fail "other arguments: $(cat args)"
grep -q 'with status 9$' err || fail "no status: $(cat err)"
runs a 'no other end'

# What is not in the protocol.
refuse 'the other end has gone' 'true'
refuse 'the other end says "Welcome to host b" in place of its greeting' 'echo Welcome to host b'
refuse 'the other end says "xl migration receiver steady" in place' 'echo xl migration receiver steady'
refuse 'nobody reads any more|the other end has gone' "$receive <&- "
runs a 'no protocol'
there 'web ' '' 'no protocol'
# A line that is cut, or bends what goes over it.
for size in 1 200 2000 100000 3000000; do
    refuse 'the other end has gone|nobody reads any more' "head -c $size | $receive"
done
# The first so many bytes, each as soon as it comes: who sends waits for an answer.
bytes() { echo "dd bs=1 count=$1 status=none"; }
for size in 48 49 200 5000 9000; do
    refuse 'the other end has gone|nobody reads any more' "$(bytes $size) | $receive" --compress
    # It may have been suspended already, and puts back what it did for that.
    runs a "cut at $size"
done
there 'web ' '' 'a cut line'
refuse 'the other end has gone|nobody reads any more' \
    "($(bytes 200); $(bytes 5000) | tr '\000-\377' '\001-\377\000') | $receive" --compress
grep -q 'its frames of zstd are damaged' err || fail "the other end does not say why: $(cat err)"
runs a 'a bent frame'
refuse 'the other end seems not to know compression: .* says "sorry" in place' \
    "echo xl migration receiver ready, send binary domain data.; $(bytes 48) >wish; echo sorry; cat >/dev/null" --compress
[ "$(stat -c %s wish)" = 48 ] || fail "it asks with $(stat -c %s wish) bytes"
refuse 'the other end has gone|nobody reads any more' "tr '\\001' '\\002' | $receive"
refuse 'the other end says "xl migRation' "$receive | sed -u s,r,R,"
there 'web ' '' 'a bent line'
runs a 'a bent line'
# Somebody there has the name.
on b create -qpe web.cfg
refuse 'the other end has gone|nobody reads any more' "$receive"
grep -q 'has the name "web" already' err || fail "the other end does not say why: $(cat err)"
there 'web ' 'web ' 'a name that is taken'
on b destroy web
runs a 'a name that is taken'

# Either is killed at each of its phases: the other end must get all of what is there meanwhile. slow
# MESSAGE: lets it through a while after it has come.
kill_at() { # kill_at WHO PATTERN
    local pid
    : >receiver
    : >err
    "$build/utils/xl/xl" -H "$(where a)" migrate --bandwidth=8 -s '' web \
        "echo \$\$ >receiver; exec $receive" 2>err &
    pid=$!
    await grep -q "$2" err
    if [ "$1" = sender ]; then kill -9 $pid; else kill -9 "$(cat receiver)"; fi
    wait $pid 2>/dev/null && fail "it was killed, and succeeded"
    return 0
}
kill_at receiver 'Round 1'
runs a 'receiver killed'
there 'web ' 'web--incoming ' 'receiver killed'
on b destroy web--incoming
kill_at sender 'Round 1'
there 'web ' '' 'sender killed'
runs a 'sender killed'
echo "ok    killed in the middle"

# Ctrl-C. What the one before said must not be taken for this one.
: >err
"$build/utils/xl/xl" -H "$(where a)" migrate --bandwidth=1 -s '' web "$receive" 2>err &
pid=$!
await grep -q 'Round 1' err
kill -INT $pid
wait $pid && fail "it was not called off"
grep -q 'it was cancelled' err || fail "$(cat err)"
there 'web ' '' 'called off'
runs a 'called off'
echo "ok    called off"

# Killed when all was sent: the guest has been told to go on nowhere, and goes on at the source.
refuse 'the other end has gone' "$receive | dd bs=1 count=54 status=none"
there 'web ' '' 'no answer'
runs a 'no answer'
# ... and when the permission was given: nobody knows.
refuse 'it stays suspended here, as "web--migratedaway"' "$receive | dd bs=1 count=88 status=none"
there 'web--migratedaway ' 'web ' 'no report'
look b restored || fail "it does not run there: $(cat look)"
on a destroy web--migratedaway
on b destroy web
there '' '' 'destroyed'
exit $failed

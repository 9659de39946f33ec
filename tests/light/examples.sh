#!/bin/bash
# SPDX-License-Identifier: MIT
# The programs of examples/: built as somebody would who has only installed the libraries, and run on
# a simulated host with our daemons.
#   tests/light/examples.sh [BUILD]
set -euo pipefail
# shellcheck source=../../scripts/lib.sh
. "$(dirname "$0")/../../scripts/lib.sh"
build=$(realpath "${1:-$build}")
make -C "$build" -s tests/light/sim-store tests/light/sim-end
work=$(mktemp -d)
host=sim:examples-$$
pids=()
trap 'kill -CONT "${pids[@]}" 2>/dev/null; kill "${pids[@]}" 2>/dev/null; rm -rf "$work" "/dev/shm/xenolith-sim-$UID-examples-$$"' EXIT
cd "$work"
export XENSTORED_RUNDIR=$work XENOLITH_HOST="$host,store=$work/socket,state=$work/state"
failed=0
tries=$((200 * ${TEST_SCALE:-1}))

xl() { "$build/utils/xl/xl" -H "$XENOLITH_HOST" "$@"; }
store() { XENSTORED_PATH=$work/socket "$build/utils/xenstore/xenstore" "$@"; }
ends() { "$build/tests/light/sim-end" "$host" "$(xl domid web)" "$1"; }
fail() {
    echo "FAILED $*"
    failed=1
}
# await COMMAND...: until it succeeds.
await() {
    for ((i = 0; i < tries; i++)); do
        ! "$@" >/dev/null 2>&1 || return 0
        sleep 0.05
    done
    fail "in vain: $*"
    cat out err 2>/dev/null
    exit 1
}
# ended STATUS PID WHAT: the program ends by itself, with this status.
ended() {
    local status=0
    await gone "$2"
    wait "$2" || status=$?
    if [ "$status" = "$1" ]; then echo "ok    $3"; else fail "$3: status $status, $(cat out err)"; fi
}
gone() { ! kill -0 "$1"; }
# said FILE TEXT: the whole file.
said() { diff -u <(printf '%s' "$2") "$1" || fail "what it says"; }
running() { [ "$(xl list web | awk 'NR == 2 { print $5 }')" = r----- ]; }
has_lines() { [ "$(wc -l <"$1")" -ge "$2" ]; }
no_domains() { [ -z "$(xl list | sed 1,2d)" ]; }
nothing_left() { no_domains && [ -z "$(find state -name 'userdata*')" ]; }

# As a user of an installed library.
headers=$(sed -n 's/^\(install-[A-Za-z0-9_]*HEADERS\):.*/\1/p' "$build/Makefile")
# shellcheck disable=SC2086 # a list of targets
make -C "$build" -s install-libLTLIBRARIES install-pkgconfigDATA $headers DESTDIR="$work/root" >log 2>&1 ||
    { cat log; exit 1; }
prefix=$(sed -n 's/^prefix = //p' "$build/Makefile")
export PKG_CONFIG_SYSROOT_DIR=$work/root PKG_CONFIG_PATH=$work/root$prefix/lib/pkgconfig
for example in watch-guest supervisor attach-disk; do
    lines=$(wc -l <"$src/examples/$example.c")
    [ "$lines" -lt 100 ] || fail "$example.c has $lines lines"
    # shellcheck disable=SC2046 # a list of arguments
    if cc -std=gnu99 -O2 -Wall -Wextra -Werror -o $example "$src/examples/$example.c" \
        $(pkg-config --cflags --libs xenolith-light) -Wl,-rpath-link,"$work/root$prefix/lib"; then
        echo "ok    $example.c builds"
    else
        fail "$example.c does not build"
        exit 1
    fi
done
export LD_LIBRARY_PATH=$work/root$prefix/lib

"$build/tests/light/sim-store" -N --host "$host" &
pids+=($!)
await test -S "$work/socket"
"$build/daemons/xenconsoled/xenconsoled" -i --log=none --host="$host" --pid-file="$work/pid" 2>/dev/null &
pids+=($!)
await xl list
store write /local/domain/0/domid 0 /local/domain/0/name Domain-0
"$src/tests/light/make-kernel" kernel
printf 'name = "web"\nkernel = "%s/kernel"\nmemory = 8\n' "$work" >web.cfg

# watch-guest.
./watch-guest web.cfg >out 2>err &
pid=$!
await running
ends 3
ended 0 $pid "watch-guest ends with its guest"
said err ''
python3 - out <<'END' || fail "the events of watch-guest"
import json, sys
events = [json.loads(line) for line in open(sys.argv[1])]
assert events[0]["event"] == "domain-created", events[0]
assert events[-1]["event"] == "domain-shutdown" and events[-1]["reason"] == 3, events[-1]
assert events[-1]["name"] == "web", events[-1]
assert len({e["domid"] for e in events}) == 1, events
END
xl destroy web
await nothing_left
sed 's/memory/memroy/' web.cfg >wrong.cfg
./watch-guest wrong.cfg >out 2>err &
ended 1 $! "watch-guest refuses what is wrong"
grep -q 'wrong.cfg:3:1: warning: .*did you mean "memory"' err || fail "$(cat err)"
sed 's,/kernel,/none,' web.cfg >none.cfg
./watch-guest none.cfg >out 2>err &
ended 1 $! "watch-guest tells why nothing could be created"
said err "watch-guest: cannot create domain \"web\": cannot read $work/none: No such file or directory"$'\n'
await nothing_left

# supervisor: a crash, another one, and a proper end.
./supervisor web.cfg >out 2>err &
pid=$!
for reason in 3 1 0; do
    await running
    ends $reason
    n=$((${n:-0} + 2))
    await has_lines out $n
done
ended 0 $pid "supervisor starts its guest anew until that has shut down"
said err ''
same=$(sed 's/domain [0-9]*/domain N/' out)
[ "$same" = "$(printf 'web runs as domain N\nweb has ended, reason %s\n' 3 1 0)" ] || fail "$(cat out)"
await nothing_left
./supervisor web.cfg >out 2>err &
pid=$!
for n in 2 4 6 8; do
    await running
    ends 3
    await has_lines out $n
done
ended 1 $pid "supervisor gives up"
await nothing_left
./supervisor web.cfg >out 2>err &
pid=$!
await running
xl destroy web
ended 0 $pid "supervisor lets a guest go that was destroyed"
await nothing_left
./supervisor web.cfg >out 2>err &
pid=$!
await running
kill "$pid"
ended 1 $pid "supervisor can be stopped"
running || fail "the guest of a supervisor that was stopped"
xl destroy web
await nothing_left
# Without a console daemon creation waits for it.
kill -STOP "${pids[1]}"
./supervisor web.cfg >out 2>err &
pid=$!
await xl domid web
kill "$pid"
ended 1 $pid "supervisor takes back what is half made"
said err 'supervisor: cannot create domain "web": it was cancelled'$'\n'
kill -CONT "${pids[1]}"
await nothing_left

# attach-disk, and what a kernel does with the states of its side.
xl create -qpe web.cfg
id=$(xl domid web)
back=/local/domain/0/backend/vbd/$id/51728
serve() {
    while sleep 0.1; do
        case $(store read "$back/state" 2>/dev/null) in
            1) store write "$back/state" 2 ;;
            5) store write "$back/state" 6 ;;
        esac
    done
}
serve &
pids+=($!)
echo data >disk
mkfifo input
./attach-disk web "$work/disk,raw,xvdb,rw" <input >out 2>err &
pid=$!
exec 3>input
await has_lines out 1
said out "xvdb is $work/disk, served by vbd of domain 0"$'\n'
[ "$(store read "$back/physical-device")" = 7:0 ] || fail "the disk is not there"
exec 3>&-
ended 0 $pid "attach-disk takes its disk back"
said err ''
! store exists "$back" || fail "a disk is left"
./attach-disk web "$work/none,raw,xvdb,r" </dev/null >out 2>err &
ended 1 $! "attach-disk tells why there is no disk"
grep -q "^attach-disk: cannot attach a disk to domain $id$" err || fail "$(cat err)"
grep -q "^    because: .*/none: No such file or directory$" err || fail "$(cat err)"
xl destroy web
await nothing_left
exit "$failed"

#!/bin/bash
# SPDX-License-Identifier: MIT
# The store library and tools on our own store daemon, which runs here without Xen: both interfaces,
# transactions of several processes at once, and the tools beside Debian's, which must print the
# same on it.
#   tests/store/xenstored.sh [BUILD]
set -euo pipefail
# shellcheck source=../../scripts/lib.sh
. "$(dirname "$0")/../../scripts/lib.sh"
build=${1:-$build}
work=$(mktemp -d)
daemon=
trap 'stop_daemon; rm -rf "$work"' EXIT
our_lib=$build/libs/store/.libs
export XENSTORED_RUNDIR=$work/run
unset XENSTORED_PATH
failed=0

start_daemon() {
    mkdir -p "$XENSTORED_RUNDIR"
    "$build/daemons/xenstored/xenstored" -N --host "$work/host" >"$work/daemon.log" 2>&1 &
    daemon=$!
    until LD_LIBRARY_PATH=$our_lib "$build/utils/xenstore/.libs/xenstore" exists / 2>/dev/null; do
        kill -0 $daemon || { cat "$work/daemon.log"; exit 1; }
        sleep 0.05
    done
}
stop_daemon() {
    [ -z "$daemon" ] || kill "$daemon" 2>/dev/null || true
    wait "$daemon" 2>/dev/null || true
    daemon=
    rm -rf "$XENSTORED_RUNDIR"
}

# verdict WHAT STATUS
verdict() {
    if [ "$2" = 0 ]; then echo "ok    $1"; else echo "FAILED $1"; failed=1; fi
}

gcc -std=gnu11 -g -O1 -Wall -Werror -fsanitize=address,undefined -I"$src/libs/store/include" \
    -I"$build/include" -o "$work/client" "$src/tests/store/client.c" "$our_lib/libxenstore.so.4"
client() { LD_LIBRARY_PATH=$our_lib "$work/client" "$@"; }

start_daemon
status=0
client all || status=$?
verdict "both interfaces" $status
status=0 jobs=()
for _ in 1 2 3 4; do
    client count /counter 250 &
    jobs+=($!)
done
for job in "${jobs[@]}"; do wait "$job" || status=$?; done
total=$(LD_LIBRARY_PATH=$our_lib "$build/utils/xenstore/.libs/xenstore" read /counter)
[ "$total" = 1000 ] || { echo "the counter is $total, not 1000"; status=1; }
verdict "1000 transactions of four processes" $status
if [ -f /usr/include/xentoolcore.h ]; then
    status=0
    gcc -std=gnu11 -g -Wall -Werror -I"$src/libs/store/include" -I"$build/include" \
        -o "$work/restrict" "$src/tests/store/restrict.c" "$our_lib/libxenstore.so.4" -lxentoolcore
    LD_LIBRARY_PATH=$our_lib timeout 30 "$work/restrict" || status=$?
    client_exists() { LD_LIBRARY_PATH=$our_lib "$build/utils/xenstore/.libs/xenstore" exists "$1"; }
    client_exists /before || status=1
    ! client_exists /after || status=1
    verdict "libxentoolcore takes all handles away" $status
fi
stop_daemon

# The tools: ours and Debian's, each on a fresh daemon.
mkdir "$work/ours"
for c in "" -chmod -exists -list -ls -read -rm -watch -write; do
    ln -s "$build/utils/xenstore/.libs/xenstore" "$work/ours/xenstore$c"
done
run() { # PATH OUTPUT
    start_daemon
    PATH=$1:$PATH LD_LIBRARY_PATH=$our_lib LC_ALL=C bash "$src/tests/store/tools-script" 2>&1 |
        sed "s|$work/ours/||g; s|/usr/bin/||g" >"$2"
    stop_daemon
}
if [ -x /usr/bin/xenstore-ls ]; then
    run "$work/ours" "$work/out.ours"
    run /usr/bin "$work/out.debian"
    status=0
    grep -q 'couldn.t read path /nothing' "$work/out.ours" || status=1
    diff --text "$work/out.debian" "$work/out.ours" || status=$?
    verdict "the tools print what Debian's print" $status
else
    echo "not run: Debian's xenstore-utils is not installed"
fi
exit $failed

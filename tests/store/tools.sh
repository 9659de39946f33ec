#!/bin/bash
# SPDX-License-Identifier: MIT
# The xenstore tools beside Debian's: one script of commands, run with each combination of tools and
# library on a fresh store, must print the same, byte for byte, and leave the same store behind.
#   tests/store/tools.sh [BUILD]
# Without Debian's package xenstore-utils the expected output that it once gave is compared with.
set -euo pipefail
# shellcheck source=../../scripts/lib.sh
. "$(dirname "$0")/../../scripts/lib.sh"
build=${1:-$build}
work=$(mktemp -d)
daemon=
trap 'stop_daemon; rm -rf "$work"' EXIT
failed=0
commands="chmod exists list ls read rm watch write"
debian_lib=/usr/lib/x86_64-linux-gnu
our_lib=$build/libs/store/.libs

# start_daemon ARGS...
start_daemon() {
    rm -f "$work/socket"
    : >"$work/daemon.log" # before the background: the old one says ready
    "$src/tests/store/mini-store.py" "$work/socket" "$@" >"$work/daemon.log" &
    daemon=$!
    until grep -q ready "$work/daemon.log"; do sleep 0.05; done
}
stop_daemon() {
    [ -z "$daemon" ] || kill "$daemon"
    wait "$daemon" 2>/dev/null || true
    daemon=
}

mkdir "$work/ours" "$work/debian"
ln -s "$build/utils/xenstore/.libs/xenstore" "$work/ours/xenstore"
for c in $commands control; do ln -s xenstore "$work/ours/xenstore-$c"; done
have_debian=true
for c in "" $commands; do
    tool=xenstore${c:+-$c}
    if [ -x "/usr/bin/$tool" ]; then
        ln -s "/usr/bin/$tool" "$work/debian/$tool"
    else
        have_debian=false
    fi
done

# run TOOLS LIBRARY [control]: what the script prints with these.
run() {
    start_daemon --conflicts 2
    PATH=$work/$1:$PATH LD_LIBRARY_PATH=$2 XENSTORED_PATH=$work/socket LC_ALL=C \
        bash "$src/tests/store/tools-script" "${@:3}" >"$work/out" 2>&1 ||
        echo "exit status $?" >>"$work/out"
    # Names of programs as they were called, without where they are.
    sed "s|$work/[a-z]*/||g" "$work/out"
    stop_daemon
}

# compare WHAT EXPECTED RUN-ARGS...
compare() {
    run "${@:3}" >"$work/got"
    if diff --text "$src/tests/store/$2.expected" "$work/got" >"$work/diff"; then
        echo "ok    $1"
    else
        echo "FAILED $1"
        cat "$work/diff"
        failed=1
    fi
}

compare "our tools, our library" tools ours "$our_lib"
compare "our xenstore-control" control ours "$our_lib" control
if [ -f $debian_lib/libxenstore.so.4 ]; then
    compare "our tools, Debian's library" tools ours $debian_lib
    compare "our xenstore-control, Debian's library" control ours $debian_lib control
fi
# Debian's xenstore-control is in another package, with much more; it was compared with by hand.
if $have_debian; then
    compare "Debian's tools, our library" tools debian "$our_lib"
    compare "Debian's tools and library" tools debian $debian_lib
else
    echo "not run: Debian's xenstore-utils is not installed"
fi
exit $failed

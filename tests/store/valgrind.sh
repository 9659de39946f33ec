#!/bin/bash
# SPDX-License-Identifier: MIT
# The store library, the xenstore tools and the console daemon under valgrind: no byte is used before
# it is written, and nothing is left behind at the end.
#   tests/store/valgrind.sh [BUILD]
set -euo pipefail
# shellcheck source=../../scripts/lib.sh
. "$(dirname "$0")/../../scripts/lib.sh"
build=${1:-$build}
command -v valgrind >/dev/null || { echo "skip: valgrind is not installed"; exit 3; }
work=$(mktemp -d)
daemon=
trap '[ -z "$daemon" ] || kill "$daemon"; rm -rf "$work"' EXIT
export XENSTORED_RUNDIR=$work LD_LIBRARY_PATH=$build/libs/store/.libs:$build/libs/ctrl/.libs
unset XENSTORED_PATH
check=(valgrind -q --error-exitcode=99 --leak-check=full --show-leak-kinds=all)
failed=0

"$build/daemons/xenstored/xenstored" -N --host "$work/host" >"$work/daemon.log" 2>&1 &
daemon=$!
until [ -S "$work/socket" ]; do sleep 0.05; done
gcc -std=gnu11 -g -O1 -Wall -Werror -I"$src/libs/store/include" -I"$build/include" \
    -o "$work/client" "$src/tests/store/client.c" "$build/libs/store/.libs/libxenstore.so.4"

# clean WHAT COMMAND...: any status but valgrind's is fine here, other tests look at those.
clean() {
    local status=0
    "${@:2}" >"$work/out" 2>&1 || status=$?
    if [ "$status" = 99 ]; then
        echo "FAILED $1"
        head -n 30 "$work/out"
        failed=1
    else
        echo "ok    $1"
    fi
}
tool() { clean "xenstore $*" timeout -s INT "$limit" "${check[@]}" "$build/utils/xenstore/.libs/xenstore" "$@"; }

limit=60
clean "both interfaces of the library" "${check[@]}" "$work/client" all
tool write /a/b/c one /a/d two
tool ls -fp /
tool read -p /a/b/c /a/d
tool read /none
tool list /a
tool chmod -r /a n0 r1 b2
tool exists /a /none
tool control help
tool control nothing
tool watch -n 2 /a /a/d
tool rm -t /a/b/c
tool nothing

# The test starts and ends it several times.
export XENCONSOLED="env LD_LIBRARY_PATH=$LD_LIBRARY_PATH ${check[*]} $build/daemons/xenconsoled/.libs/xenconsoled"
unset LD_LIBRARY_PATH XENSTORED_RUNDIR
status=0
TEST_SCALE=$((${TEST_SCALE:-1} * 5)) CK_DEFAULT_TIMEOUT=100 "$build/tests/unit/test-xenconsoled" \
    >"$work/out" 2>&1 || status=$?
if [ $status = 0 ]; then echo "ok    xenconsoled"; else
    echo "FAILED xenconsoled"
    cat "$work/out"
    failed=1
fi
exit $failed

#!/bin/bash
# SPDX-License-Identifier: MIT
# Started as a service script does it, in the background: it prints its process id with -P, is ready
# when the command ends, and holds on to nothing that the caller reads or writes.
# timeout: 60
#   tests/xenstored/background.sh [BUILD]
set -euo pipefail
# shellcheck source=../../scripts/lib.sh
. "$(dirname "$0")/../../scripts/lib.sh"
build=${1:-$build}
work=$(mktemp -d)
export XENSTORED_RUNDIR=$work
unset XENSTORED_PATH
xenstored=$build/daemons/xenstored/xenstored
scale=${TEST_SCALE:-1}
trap 'stop || true; rm -rf "$work"' EXIT

fail() { echo "FAILED $*"; exit 1; }

# stop: the daemon removes its file when it ends.
stop() {
    local i
    [ -e "$work/pid" ] || return 0
    kill "$(cat "$work/pid")" 2>/dev/null || return 0
    for ((i = 0; i < 200 * scale; i++)); do
        [ -e "$work/pid" ] || return 0
        sleep 0.05
    done
    echo "FAILED no end after SIGTERM"
    return 1
}

# begin OPTIONS...: the output of one start, which has to come to an end.
begin() {
    # shellcheck disable=SC2016 # for the inner shell
    timeout $((10 * scale)) bash -c 'out=$("$@" 2>&1); status=$?; echo "$out"; exit $status' - \
        "$xenstored" --host "$work/host" -F "$work/pid" "$@"
}

out=$(begin -P) || fail "start with -P: status $?, '$out'"
pid=$(cat "$work/pid")
[ "$out" = "$pid" ] || fail "-P printed '$out' instead of $pid"
[ -S "$work/socket" ] || fail "not ready at its end"
for fd in 0 1 2; do
    to=$(readlink "/proc/$pid/fd/$fd")
    [ "$to" = /dev/null ] || fail "descriptor $fd is still $to"
done
stop

out=$(begin) || fail "start: status $?, '$out'"
[ -z "$out" ] || fail "without -P it printed '$out'"
kill -0 "$(cat "$work/pid")" || fail "not running"
# A second one is refused, and says why.
if second=$(begin); then fail "a second one started"; fi
[[ $second = *"cannot start"* ]] || fail "the second one said '$second'"
echo "started in the background twice"

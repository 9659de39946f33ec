# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# light.bash - for tests of xl on a simulated host that has a store. Sourced, with the build folder
# (or nothing) as its argument; the exit status is $failed.

# shellcheck source=../../scripts/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/../../scripts/lib.sh"
build=$(realpath "${1:-$build}")
xl=$build/utils/xl/xl
work=$(mktemp -d)
# shellcheck disable=SC2034 # for those who source this
host=light-${work##*.} store_pid='' failed=0
cd "$work" || exit 1

end_host() {
    [ -z "$store_pid" ] || kill "$store_pid" 2>/dev/null || true
    "$build/tests/light/sim-guest" "$host" remove 2>/dev/null || true
    rm -rf "$work"
}
trap end_host EXIT

# start_host [OPTIONS]: a simulated host with our store daemon; $where is how to open it.
start_host() {
    local i
    export XENSTORED_RUNDIR=$work
    "$build/tests/light/sim-store" -N --host "sim:$host${1:+,$1}" &
    store_pid=$!
    where=sim:$host,store=$work/socket
    for ((i = 0; i < 500 * ${TEST_SCALE:-1}; i++)); do
        ! "$xl" -H "$where" list >/dev/null 2>&1 || return 0
        sleep 0.02
    done
    echo "FAILED the store daemon does not start"
    exit 1
}

guest() { "$build/tests/light/sim-guest" "sim:$host" "$@"; }
store() { XENSTORED_PATH=$work/socket "$build/utils/xenstore/xenstore" "$@"; }

# run STATUS OUTPUT ERRORS XL-ARGS...: all three must be so.
run() {
    local status=0
    "$xl" -H "$where" "${@:4}" >out 2>err || status=$?
    if [ "$status" = "$1" ] && diff -u <(printf '%s' "$2") out && diff -u <(printf '%s' "$3") err; then
        echo "ok    xl ${*:4}"
    else
        echo "FAILED xl ${*:4}: status $status"
        failed=1
    fi
}

# same WHAT GOT WANTED
same() {
    if [ "$2" = "$3" ]; then echo "ok    $1"; else
        echo "FAILED $1: \"$2\", not \"$3\""
        failed=1
    fi
}

# fails PATTERN XL-ARGS...: status 1, no output, and an error that fits.
fails() {
    local status=0
    "$xl" -H "$where" "${@:2}" >out 2>err || status=$?
    if [ "$status" = 1 ] && [ ! -s out ] && grep -q -E -e "$1" err; then echo "ok    no xl ${*:2}"; else
        echo "FAILED no xl ${*:2}: status $status, $(cat out err)"
        failed=1
    fi
}

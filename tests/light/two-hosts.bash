# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# two-hosts.bash - for tests of migration: two simulated hosts, a and b, with our daemons, and what
# makes guests of them and looks at these. Sourced, with the build folder (or nothing) as its
# argument; the exit status is $failed.

# shellcheck source=../../scripts/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/../../scripts/lib.sh"
build=$(realpath "${1:-$build}")
make -C "$build" -s tests/light/sim-store tests/light/sim-pv
work=$(mktemp -d)
pids=()
cleanup() {
    kill "${pids[@]}" 2>/dev/null || true
    rm -rf "$work" "/dev/shm/xenolith-sim-$UID-migrate-"[ab]-$$
}
trap cleanup EXIT
cd "$work" || exit 1
failed=0
tries=$((400 * ${TEST_SCALE:-1}))
fail() {
    echo "FAILED $*"
    # shellcheck disable=SC2034 # for those who source this
    failed=1
}
# await COMMAND...: until it succeeds.
await() {
    for ((i = 0; i < tries; i++)); do
        ! "$@" >/dev/null 2>&1 || return 0
        sleep 0.05
    done
    fail "in vain: $*"
    exit 1
}

where() { echo "sim:migrate-$1-$$,store=$work/$1/socket,state=$work/$1/state"; }
on() { "$build/utils/xl/xl" -H "$(where "$1")" "${@:2}"; }
for host in a b; do
    mkdir $host
    XENSTORED_RUNDIR=$work/$host "$build/tests/light/sim-store" -N --host "sim:migrate-$host-$$" &
    pids+=($!)
    await test -S $host/socket
    XENSTORED_RUNDIR=$work/$host XENSTORED_PATH=$work/$host/socket "$build/daemons/xenconsoled/xenconsoled" \
        -i --log=none --host="sim:migrate-$host-$$" --pid-file="$work/$host/pid" 2>/dev/null &
    pids+=($!)
done
"$build/tests/light/sim-pv" kernel kernel
printf 'name = "web"\nkernel = "%s/kernel"\nmemory = 8\nvcpus = 2\n' "$work" >web.cfg

# A guest of host $1, which boots.
guest() {
    rm -f up
    "$build/tests/light/sim-pv" "$(where "$1")" "$(on "$1" domid web)" >up &
    pids+=($!)
    await grep -qs up up
}
# make_guest: on host a.
make_guest() {
    on a create -qe web.cfg
    guest a
}
look() { "$build/tests/light/sim-pv" "$(where "$1")" "$(on "$1" domid web)" "$2" >look 2>&1; }
runs() { look "$1" runs || fail "$2: it does not run on host $1: $(cat look)"; }
names() { on "$1" list | awk 'NR > 2 { printf "%s ", $1 }'; }
# there A B WHEN: the names of domains on both hosts.
there() {
    for ((i = 0; i < tries / 4; i++)); do
        [ "$(names a)" != "$1" ] || [ "$(names b)" != "$2" ] || return 0
        sleep 0.05
    done
    fail "$3: on a \"$(names a)\", not \"$1\"; on b \"$(names b)\", not \"$2\""
}

# Over sockets, from host a to host b.

# listen ADDRESS [OPTION...]: a receiver on host b; its port is $port, what it says in the file said.
# shellcheck disable=SC2034 # port: for those who source this
listen() {
    : >said
    "$build/utils/xl/xl" -H "$(where b)" migrate-receive -e --listen="$1" "${@:2}" 2>said &
    receiver=$!
    pids+=("$receiver")
    await grep -q '^Listening at port' said
    port=$(sed -n 's/^Listening at port //p' said)
}
# ended STATUS WHAT: so the receiver ends.
ended() {
    local status=0
    wait "$receiver" || status=$?
    [ "$status" = "$1" ] || fail "$2: the receiver ended with status $status: $(cat said)"
}
# refuse PATTERN ADDRESS [OPTION...]: it does not go, with this message, and runs on.
refuse() {
    if on a migrate --to="$2" "${@:3}" web 2>err; then fail "$1: it has gone"; fi
    grep -q -E -e "$1" err || fail "\"$1\" is not in: $(cat err)"
    runs a "$1"
    there 'web ' '' "$1"
    echo "ok    $1"
}
# home: back to host a, by the way of Xen's xl.
home() {
    guest b
    on b migrate -s '' web "$build/utils/xl/xl -H $(where a) migrate-receive -e" 2>err || fail "home: $(cat err)"
    look a restored || fail "it is not what it was: $(cat look)"
    guest a
}
# goes WHAT ADDRESS [OPTION...]: it goes there, and is what it was.
goes() {
    on a migrate --to="$2" "${@:3}" web 2>err || fail "$1: $(cat err), $(cat said)"
    there '' 'web ' "$1"
    look b restored || fail "$1: it is not what it was: $(cat look)"
    echo "ok    $1"
}

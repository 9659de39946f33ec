# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# lib.bash - for the boot tests: one boot, then checks of its console log. Sourced by each test.
#
# A test's exit status: 0 passed, 1 failed, 2 could not run, 3 skipped.

# shellcheck source=../../scripts/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/../../scripts/lib.sh"

# For the test's own files. The runner chooses where the console is kept; by hand, it is there too.
scratch=$(mktemp -d)
# Whatever a test has started in the background ends with it.
trap 'jobs -p | xargs -r kill 2>/dev/null || true; rm -rf "$scratch"' EXIT
CONSOLE_LOG=${CONSOLE_LOG:-$scratch/console}

failures=0
fail() {
    echo "FAILED: $*"
    failures=$((failures + 1))
}
finish() { [ "$failures" = 0 ]; exit; }

skip() {
    echo "skipped: $*"
    exit 3
}

# console [GREP OPTION]... REGEX: searches the log. No pipe: with pipefail, a grep that ends early
# (-q, -m) would fail, or not, as fast as tr happens to be.
console() { grep -a -E "$@" < <(tr -d '\r' <"$CONSOLE_LOG"); }

# boot_it [OPTION]...: one boot with scripts/boot; without success the test ends here. When QEMU
# itself dies of a signal (seen once, QEMU 7.2 with 8 CPUs, cause not known), and only then, again.
boot_it() {
    local status=0
    "$src/scripts/boot" --log "$CONSOLE_LOG" "$@" || status=$?
    if [ "$status" = 125 ]; then
        say "QEMU itself crashed; one more try"
        status=0
        "$src/scripts/boot" --log "$CONSOLE_LOG" "$@" || status=$?
    fi
    [ "$status" = 0 ] || { echo "FAILED: scripts/boot $*: status $status"; exit 1; }
}

# open_monitor: QEMU's monitor for a boot started with the arguments in $monitor_args, in the
# background; then: monitor COMMAND...
open_monitor() {
    : >"$CONSOLE_LOG"
    mkfifo "$scratch/monitor.in" "$scratch/monitor.out"
    # Both ends stay open: neither QEMU nor this script waits for the other.
    exec 7<>"$scratch/monitor.in" 8<>"$scratch/monitor.out"
    cat <&8 >"$scratch/monitor.log" &
    # shellcheck disable=SC2034 # for the tests
    monitor_args=(-chardev "pipe,id=testmon,path=$scratch/monitor" -mon "chardev=testmon")
}
monitor() { echo "$*" >&7; }

# await REGEX SECONDS: until the console shows it; false if it does not.
await() {
    local i
    for ((i = 0; i < $2 * 4; i++)); do
        console -q -e "$1" && return
        sleep 0.25
    done
    fail "no line of '$1' in $2 s"
    return 1
}

# need_memory MIB: a guest that large must fit in this computer.
need_memory() {
    local free
    free=$(awk '/MemAvailable/ { print int($2 / 1024) }' /proc/meminfo)
    [ "$free" -ge "$1" ] || skip "needs $1 MiB of free memory, this computer has $free"
}

check_once() { [ "$(console -c "$1")" = 1 ] || fail "not exactly one line of '$1' on the console"; }
check_some() { console -q "$1" || fail "no line of '$1' on the console"; }
check_none() { ! console -m 3 "$1" || fail "a line of '$1' on the console"; }

# check_fact NAME REGEX: a line "FACT NAME=VALUE" of the scenario, with a fitting value.
check_fact() {
    local value
    value=$(grep -a -m 1 -F "FACT $1=" < <(tr -d '\r' <"$CONSOLE_LOG")) || value="(no such line)"
    value=${value#"FACT $1="}
    grep -q -x -E -e "$2" <<<"$value" || fail "$1 is '$value', wanted '$2'"
}

# check_units: systemd on a disk came up, and nothing failed.
check_units() {
    check_fact system-state running
    check_fact failed-units ''
    check_fact multi-user active
}

# busy_warnings: what the kernel says when its timers are late, if this computer let QEMU wait for more
# than a second; both clocks must have gone on alike, to 1/1000.
busy_warnings() {
    local ms
    ms=$(sed -n 's/^HOST-BUSY ms=//p' "$CONSOLE_LOG" | tail -n 1)
    [ "${ms:-0}" -gt 1000 ] || return 0
    printf '%s\n' 'clocksource: Long readout interval, skipping watchdog check: cs_nsec: ([0-9]+)[0-9]{6} wd_nsec: \1[0-9]{6}'
}

# check_quiet [FILE]: a good boot has no trouble in the hypervisor, and the kernel warns of nothing
# but what is expected of every boot, and of those with FILE.
check_quiet() {
    local line expected="$src/tests/boot/expected-warnings.txt"
    busy_warnings >"$scratch/busy"
    check_none 'Panic on CPU|BUG at|\(XEN\).*(WARN|Warning)|Fatal trap|Lock order|Kernel panic'
    while read -r line; do
        fail "the kernel warns: $line"
    done < <(kernel_warnings "$CONSOLE_LOG" | grep -v -x -E -f "$expected" -f "${1:-$expected}" -f "$scratch/busy")
}

# kernel_warnings LOG: messages of level warning and worse, without level and time.
kernel_warnings() {
    tr -d '\r' <"$1" | sed -n 's/^KERNEL-WARNS <[0-4]>\(\[ *[0-9.]*\] \)\{0,1\}//p'
}

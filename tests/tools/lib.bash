# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# lib.bash - for the scenarios that run inside the Dom0 with Debian's tools. Sourced by each.
#
# A scenario says what it needs of the machine in its head comment, for tests/tools/run-one:
#   # timeout: S   # smp: N   # mem: MIB   # dom0-mem: SIZE   # data: SIZE   # append: HYPERVISOR ARGS
#   # stack: xenolith (our daemons and libxenstore)   # guest-disk: yes (a Debian on /dev/vdb)
#   # python: yes (the package xenolith, examples and Python's library as an archive on /dev/vdb)
# and which warnings of the kernel are expected there and nowhere else, one REGEX each:
#   # kernel warns: REGEX

export PATH=$PATH:/usr/lib/xen-4.17/bin
logs=/var/log/xen/console
failures=0
# DOM0_ARGS=trace tests/tools/run-one NAME: each command on the console, with the second it came.
if grep -qw trace /proc/cmdline; then
    PS4='+ $SECONDS '
    set -x
fi

fail() {
    echo "FAILED: $*"
    failures=$((failures + 1))
}
finish() { [ "$failures" = 0 ]; exit; }

# step TEXT: what comes now, for whoever reads the log.
step() { echo "--- $(cut -d' ' -f1 /proc/uptime) $*"; }

# try COMMAND...: must succeed.
try() {
    "$@" >/tmp/try.log 2>&1 && return
    fail "$* failed with $?: $(head -n 6 /tmp/try.log | tr '\n' '|')"
    return 1
}

# refuse COMMAND...: must fail.
refuse() {
    ! "$@" >/tmp/try.log 2>&1 || fail "$* succeeded"
}

# shows REGEX COMMAND...: must succeed and print such a line.
shows() {
    local regex=$1 output
    shift
    output=$("$@" 2>&1) || fail "$*: exit status $?"
    grep -q -E -e "$regex" <<<"$output" || fail "$* shows no '$regex' but: $(head -n 5 <<<"$output" | tr '\n' '|')"
}

# equal WHAT GOT WANTED
equal() { [ "$2" = "$3" ] || fail "$1 is '$2', wanted '$3'"; }

# pause SECONDS: without a process, of which each costs the guests as much as it takes.
exec {nothing}<> <(:)
pause() { read -r -t "$1" -u "$nothing" _ || true; }

# wait_for SECONDS COMMAND...: until it succeeds; false when it does not in that time, which $TEST_SCALE
# of tests/tools/run-one multiplies.
wait_for() {
    local limit=$((EPOCHSECONDS + $1 * scale)) naps=(0.2 0.3 0.5)
    shift
    until "$@" >/dev/null 2>&1; do
        [ "$EPOCHSECONDS" -lt "$limit" ] || return 1
        pause "${naps[0]:-1}"
        naps=("${naps[@]:1}")
    done
}

# await SECONDS COMMAND...: must succeed in that time.
await() {
    wait_for "$@" && return
    shift
    fail "waited in vain for: $*"
    return 1
}

# pv_config NAME MIB VCPUS [LINE]...: the configuration of a guest from /guest, as a file; prints it.
pv_config() {
    local file=/tmp/$1.cfg
    {
        echo "name = \"$1\""
        printf '%s\n' "$@" | grep -q '^type' || echo 'type = "pv"'
        printf '%s\n' "$@" | grep -q '^kernel' || echo 'kernel = "/guest/vmlinux"'
        echo 'ramdisk = "/guest/initrd.gz"'
        echo "memory = $2"
        echo "vcpus = $3"
        shift 3
        printf '%s\n' "$@"
        printf '%s\n' "$@" | grep -q '^extra' || echo 'extra = "console=hvc0"'
    } >"$file"
    echo "$file"
}

said() { grep -q -a -E -e "$2" "$logs/guest-$1.log"; }
# await_guest NAME REGEX [SECONDS]: until the guest's console shows it.
await_guest() {
    await "${3:-180}" said "$1" "$2" || { tail -n 15 "$logs/guest-$1.log"; return 1; }
}

# domid_of NAME: from the store, in a fraction of the time of xl domid.
domid_of() {
    local id
    for id in $(xenstore-list /local/domain); do
        [ "$(xenstore-read "/local/domain/$id/name" 2>/dev/null)" != "$1" ] || { echo "$id"; return; }
    done
    return 1
}
gone() { ! domid_of "$1" >/dev/null; }
domain_path() { echo "/local/domain/$(domid_of "$1")"; }
state_of() { xl list "$1" | awk 'NR == 2 { print $5 }'; }

# type_in NAME TEXT: types a line into the guest's console.
type_in() { printf '%s\r' "$2" >"$(xenstore-read "$(domain_path "$1")/console/tty")"; }

# guest_run NAME COMMAND [SECONDS]: runs a command in the guest's shell (after login), prints its
# output, returns its exit status. The marks are assembled there, so that the echo is not taken
# for them.
guest_run() {
    local n=${EPOCHREALTIME/./} log=$logs/guest-$1.log status
    type_in "$1" "echo \"BEG\"IN-$n; $2; echo \"EN\"D-$n \$?"
    await "${3:-60}" grep -a -q "^END-$n " "$log" || return 1
    tr -d '\r' <"$log" | sed -n "/BEGIN-$n/,/^END-$n/{/BEGIN-$n/d;/^END-$n/d;p}"
    status=$(grep -a "^END-$n " "$log" | tail -n 1)
    return "$(tr -d -c 0-9 <<<"${status#* }")"
}

# login NAME: until the guest's console has a shell. On a busy computer login throws away what is typed
# too early: again, then.
login() {
    local n=${EPOCHREALTIME/./}
    await_guest "$1" 'login:' || return 1
    for _ in 1 2 3 4 5 6; do
        sleep 1
        type_in "$1" root
        sleep "$scale"
        type_in "$1" "echo \"LOGGED\"IN-$n"
        ! wait_for 10 said "$1" "LOGGEDIN-$n" || return 0
    done
    fail "$1: no shell after login"
    return 1
}

# argument NAME DEFAULT: NAME=VALUE of the kernel's command line.
argument() {
    local value
    value=$(sed -n "s/.*\b$1=\([0-9]*\).*/\1/p" /proc/cmdline)
    echo "${value:-$2}"
}

scale=$(argument scale 1)

# counts: what the hypervisor says of its memory that must come back: frames, domains' pages, heap
counts() {
    xl info | grep -E '^free_memory|^outstanding'
    xl dmesg -c >/dev/null
    xl debug-keys m
    xl dmesg | sed 's/^(XEN) //'
}
# remember_counts; later, within 30 seconds and with nothing more in use: counts_are_back
remember_counts() { counts >/tmp/counts.before; }
settled() { counts >/tmp/counts.now && cmp -s /tmp/counts.before /tmp/counts.now; }
counts_are_back() { await 30 settled || diff /tmp/counts.before /tmp/counts.now; }

# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# load.bash - a guest that checks its own memory all the time, for what moves guests. After lib.bash.

# clock_window NAME: how many seconds the guest's clock is ahead of Dom0's (behind: negative); the
# least and the most, because it may take long to ask.
clock_window() {
    local before after theirs
    before=$(date +%s)
    guest_run "$1" 'date +%s' >/tmp/guest-date
    after=$(date +%s) theirs=$(tail -n 1 /tmp/guest-date)
    echo "$((theirs - after)) $((theirs - before))"
}

# The guest's clock is as far from Dom0's as when the load began: $clock_least to $clock_most. (On a host
# that starves its guests Linux loses seconds while it boots, until it has chosen its clock source.)
check_clock() {
    local least most
    read -r least most < <(clock_window "$1")
    [ "$least" -le $((clock_most + 5)) ] && [ "$most" -ge $((clock_least - 5)) ] ||
        fail "$1: its clock is $least to $most s off Dom0's, and was $clock_least to $clock_most s"
}

# In the guest: one process checks 24 MiB again and again, another writes all the time.
start_load() {
    guest_run "$1" 'dd if=/dev/urandom of=/tmp/data bs=1M count=24 2>/dev/null; md5sum /tmp/data >/tmp/sum' 60
    type_in "$1" '(n=0; while md5sum -c /tmp/sum >/dev/null; do n=$((n + 1)); echo $n >/tmp/checks; done; echo "MEM""ORY WRONG") &'
    type_in "$1" '(while :; do dd if=/dev/zero of=/tmp/dirty bs=64k count=128; done 2>/dev/null) &'
    sleep 1
    read -r clock_least clock_most < <(clock_window "$1")
}

# check_progress NAME: it answers, its processes go on, its memory is right.
check_progress() {
    local before
    before=$(guest_run "$1" 'cat /tmp/checks' | tail -n 1)
    guest_run "$1" "sleep $((4 * scale))" 40 || fail "$1 does not answer"
    guest_run "$1" "[ \$(cat /tmp/checks) -gt ${before:-999999} ]" || fail "$1: its load stands still"
    ! said "$1" 'MEMORY WRONG' || fail "$1: memory is wrong"
}

# It goes on from where it was: the same boot, the same processes, nothing wrong.
check_load() {
    check_progress "$1"
    equal "boots of $1" "$(grep -a -c GUEST-UP "$logs/guest-$1.log")" 1
    check_clock "$1"
}

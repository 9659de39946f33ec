# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# load.bash - a guest that checks its own memory all the time, for what moves guests. After lib.bash.

# In the guest: one process checks 24 MiB again and again, another writes all the time.
start_load() {
    guest_run "$1" 'dd if=/dev/urandom of=/tmp/data bs=1M count=24 2>/dev/null; md5sum /tmp/data >/tmp/sum' 60
    type_in "$1" '(n=0; while md5sum -c /tmp/sum >/dev/null; do n=$((n + 1)); echo $n >/tmp/checks; done; echo "MEM""ORY WRONG") &'
    type_in "$1" '(while :; do dd if=/dev/zero of=/tmp/dirty bs=64k count=128; done 2>/dev/null) &'
    sleep 1
}

# It goes on from where it was: the same boot, the same processes, nothing wrong.
check_load() {
    local before
    before=$(guest_run "$1" 'cat /tmp/checks' | tail -n 1)
    guest_run "$1" 'sleep 4' 40 || fail "$1 does not answer"
    guest_run "$1" "[ \$(cat /tmp/checks) -gt ${before:-999999} ]" || fail "$1: its load stands still"
    said "$1" 'MEMORY WRONG' && fail "$1: memory is wrong"
    equal "boots of $1" "$(grep -a -c GUEST-UP "$logs/guest-$1.log")" 1
    # It may take long to ask; the answer lies between.
    local earliest latest theirs
    earliest=$(($(date +%s) - 5))
    guest_run "$1" 'date +%s' >/tmp/guest-date
    latest=$(($(date +%s) + 5)) theirs=$(tail -n 1 /tmp/guest-date)
    [ "$theirs" -ge "$earliest" ] && [ "$theirs" -le "$latest" ] ||
        fail "$1: its clock says $theirs, which is not between $earliest and $latest"
}

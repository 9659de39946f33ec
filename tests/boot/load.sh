#!/bin/bash
# SPDX-License-Identifier: MIT
# Shows that Dom0 computes right under minutes of load on all CPUs (stress-ng, verified), that its
# clock stays with the host's meanwhile, and that the hypervisor's memory is afterwards what it was.
# $LOAD_SECONDS: how long, default 300.
# alone: keeps both cores busy
# timeout: 800
set -euo pipefail
# shellcheck source=lib.bash
. "$(dirname "$0")/lib.bash"
seconds=${LOAD_SECONDS:-300}

boot_it --disk virtio --net virtio --smp 4 --scenario load --dom0-args "load-seconds=$seconds" \
    --timeout $((seconds + 480))
check_units
check_fact stress 0
check_some '^stress-ng: info: .* successful run completed in'
check_none '^stress-ng: (error|fail)'

# check_clock CPU: start and end, each "OURS THEIRS ROUND-TRIP", give the drift in 1/1000 ppm. When
# the round trips leave more doubt than the limit, the measurement says nothing.
check_clock() {
    local start=() end=() ours theirs doubt drift limit=50000
    read -r -a start < <(console -o "^FACT clock\.start\.$1=.*" | cut -d= -f2) || true
    read -r -a end < <(console -o "^FACT clock\.end\.$1=.*" | cut -d= -f2) || true
    if [ "${#start[@]}-${#end[@]}" != 3-3 ]; then
        fail "CPU $1 has no clock"
        return
    fi
    ours=$((end[0] - start[0])) theirs=$((end[1] - start[1]))
    doubt=$(((start[2] + end[2]) * 500 / (theirs / 1000000)))
    drift=$(((ours - theirs) * 1000 / (theirs / 1000000)))
    echo "clock of CPU $1: $drift thousandths of a ppm in $((theirs / 1000000000)) s, doubt $doubt"
    [ "$doubt" -lt "$limit" ] || fail "the clock of CPU $1 could not be measured"
    [ "${drift#-}" -lt "$limit" ] || fail "the clock of CPU $1 drifts"
}
for cpu in 0 1 2 3; do check_clock "$cpu"; done

# memory LABEL: what debug key 'm' said after the mark.
memory() { console -A 12 "^MEMORY $1" | grep -a -E '^\(XEN\) (Memory:|  )'; }
if [ -z "${XENOLITH_HV:-}" ]; then
    memory before >"$scratch/before"
    memory after >"$scratch/after"
    grep -q 'small objects' "$scratch/before" || fail "debug key m said nothing"
    diff "$scratch/before" "$scratch/after" || fail "the hypervisor's memory is not as before"
fi
check_quiet
finish

#!/bin/bash
# SPDX-License-Identifier: MIT
# Shows that typing works: a shell on Dom0's console, the switch of input to the hypervisor and its
# debug keys, and back.
# timeout: 300
set -euo pipefail
# shellcheck source=lib.bash
. "$(dirname "$0")/lib.bash"

mkfifo "$scratch/keys"
"$src/scripts/boot" --interactive <"$scratch/keys" >"$CONSOLE_LOG" 2>&1 &
boot_pid=$!
exec 3>"$scratch/keys"

# Ctrl-A x: QEMU ends, whatever happened.
leave() {
    trap '' PIPE
    printf '\001x' >&3 2>/dev/null || true
    exec 3>&-
    wait "$boot_pid" || true
}

# want REGEX SECONDS: as await, but the end without it.
want() {
    await "$@" && return
    leave
    finish
}

# QEMU passes one Ctrl-A on for each two.
switch_input() { printf '\001\001\001\001\001\001' >&3; }

want "A root shell of BusyBox" 240
# shellcheck disable=SC2016 # Dom0's shell computes
printf 'echo sum=$((40 + 2))\r' >&3
want '^sum=42' 20
switch_input
want 'Serial input to Xen' 20
printf 'h' >&3
want '\(XEN\).*reboot' 20
# Each key that only shows something, and a line that it is there for.
while read -r key line; do
    printf '%s' "$key" >&3
    want "\\(XEN\\) +$line" 20
done <<'EOF'
a Timers at [0-9]+ ns:
a   CPU 1: ([0-9]+ timers, the next in -?[0-9]+ us|no timers)
d (rip: e033:|CPU 1: idle)
i vector [0-9a-f]+ gsi 4 cpu [0-9] edge count [1-9][0-9]* -> hypervisor
m Memory: [0-9]+ pages .*free [1-9][0-9]*
m   d0: 131072 pages .512 MiB.
q   d0: refs [0-9]+, .* pages 131072 of .*, control, hardware
q     v1: CPU [01]
r Scheduler fair, [12] queues:
r     CPU 1: (idle|busy)
t   CPU 1: [0-9]+ ns, TSC [0-9]+
EOF
switch_input
want 'Serial input to DOM0' 20
printf 'poweroff\r' >&3
want 'reboot: Power down' 30
leave
finish

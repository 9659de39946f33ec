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

# await REGEX SECONDS
await() {
    local i
    for ((i = 0; i < $2 * 2; i++)); do
        console -q "$1" && return
        sleep 0.5
    done
    echo "FAILED: no line of '$1' in $2 s"
    leave
    exit 1
}

# QEMU passes one Ctrl-A on for each two.
switch_input() { printf '\001\001\001\001\001\001' >&3; }

await "A root shell of BusyBox" 240
# shellcheck disable=SC2016 # Dom0's shell computes
printf 'echo sum=$((40 + 2))\r' >&3
await '^sum=42' 20
switch_input
await 'Serial input to Xen' 20
printf 'h' >&3
await '\(XEN\).*reboot' 20
switch_input
await 'Serial input to DOM0' 20
printf 'poweroff\r' >&3
await 'reboot: Power down' 30
leave
finish

#!/bin/bash
# SPDX-License-Identifier: MIT
# Shows that NMIs do no harm to what they interrupt, in guests and in the hypervisor, and that a
# machine check that comes later is reported with the registers of its bank: QEMU makes both.
# alone: keeps both cores busy
# timeout: 240
set -euo pipefail
# shellcheck source=lib.bash
. "$(dirname "$0")/lib.bash"

open_monitor
boot_it --smp 2 --append "nmi=ignore noreboot" --scenario stress --after shell --timeout 200 \
    --expect 'XEN\) Halted' -- "${monitor_args[@]}" &
boot=$!
await '^DOM0-UP' 150 || finish
for _ in $(seq 300); do
    console -q '^DOM0-DONE' && break
    monitor nmi
    sleep 0.05
done
await '^DOM0-DONE 0' 60 || finish
check_fact workers-failed 0
check_fact sums 1
check_none 'Panic on CPU'

# CPU, bank, status, global status, address, misc
monitor "mce 1 4 0xbe00000000000151 0x5 0x12345678 0x8c"
wait "$boot" || fail "no end by the machine check"
check_once 'XEN\) Machine check on CPU 1, 10 banks, global status 5'
check_once 'bank 4: status be00000000000151: cache, not corrected, CPU state damaged \(code 0151\)'
check_once 'bank 4: address 0000000012345678'
check_once 'bank 4: misc 000000000000008c'
check_once 'XEN\) Machine check: the hardware found an error'
finish

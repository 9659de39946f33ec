#!/bin/bash
# SPDX-License-Identifier: MIT
# Shows what the hypervisor reports when it faults, and that its protections are on: the option
# crash=KIND of debug builds provokes one fault a boot, before any kernel for Dom0 is needed.
# timeout: 300
set -euo pipefail
# shellcheck source=lib.bash
. "$(dirname "$0")/lib.bash"

# crash KINDS MORE-OPTIONS: a boot that ends with the last of the kinds.
crash() {
    say "crash=$1 $2"
    boot_it --no-modules --mem 512 --smp 2 --cpu max --quiet --timeout 60 \
        --append "noreboot crash=$1 $2" --expect Halted
    check_once 'XEN\) Panic on CPU'
    check_once 'Call trace:'
}

# report CPU MESSAGE: registers of our own code, and one panic with advice.
report() {
    local r
    check_once "XEN\\) ----\[ CPU $1, hypervisor"
    for r in rip rax r15 cr2 fs; do check_once "XEN\\) $r: "; done
    check_once "XEN\\) Panic on CPU $1:"
    check_once "XEN\\) $2"
}

check_callers() {
    [ "$(console -c '^\(XEN\)    \[ffff82')" -ge 4 ] || fail "fewer than four callers in the trace"
}

crash panic ""
check_once 'XEN\) Crash on purpose. Leave out the option'
check_callers

# Without its protections, and with NMIs ignored, the hypervisor gets over all but the last.
crash nonsense,nmi@1,read-user@1,run-user@1,bug "nmi=ignore no-smap no-smep"
check_once "Option crash: no kind 'nonsense'"
for kind in nmi read-user run-user; do check_once "XEN\\) Survived $kind"; done
check_once 'User memory can be read'
check_once 'User memory can be executed'
# The file as it is in the tree, whatever the folder of the build.
check_once 'XEN\) BUG at xen/arch/x86/cpu/crash.c:[0-9]+: BUG. .*please report it'

crash page-fault ""
report 0 'Fatal page fault in the hypervisor at address ffff87fffffffff8, error code 0002\..*please'
check_once 'code at rip: c7 00 01 00 00 00'
check_callers

crash double-fault@1 ""
report 1 'Fatal trap 8 \(double fault\)'
# The boot CPU's stack is part of the image, the others' come from the heap.
crash stack-overflow ""
report 0 'Stack overflow: more than the 12 KiB'
crash stack-overflow@1 ""
report 1 'Stack overflow: more than the 12 KiB'
crash nmi@1 nmi=fatal
report 1 'NMI on CPU 1: no device names a reason'
crash machine-check@1 ""
report 1 'Machine check: .*Check memory modules'
check_once 'Machine check on CPU 1, [0-9]+ banks'
check_once 'no bank holds an error'

crash write-text ""
report 0 'Fatal page fault .* error code 0003'
crash run-data ""
report 0 'Fatal page fault .* error code 0011'
crash read-user@1 "" # SMAP
report 1 'Fatal page fault .* at address ffff800000000000, error code 0001'
crash run-user@1 "" # SMEP
report 1 'Fatal page fault .* error code 0011'
finish

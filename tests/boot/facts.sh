#!/bin/bash
# SPDX-License-Identifier: MIT
# Shows that Dom0's user space finds what it expects: /sys/hypervisor, /proc/xen, devices, clock.
# timeout: 200
set -euo pipefail
# shellcheck source=lib.bash
. "$(dirname "$0")/lib.bash"

boot_it --scenario facts --smp 2
check_fact /sys/hypervisor/type xen
check_fact /sys/hypervisor/guest_type PV
check_fact /sys/hypervisor/uuid 00000000-0000-0000-0000-000000000000
check_fact /sys/hypervisor/version/major 4
check_fact /sys/hypervisor/version/minor 17
# Another hypervisor than ours may be under test.
[ -n "${XENOLITH_HV:-}" ] || check_fact /sys/hypervisor/version/extra -xenolith
check_fact /sys/hypervisor/compilation/compiler '.*gcc.*|.*clang.*'
check_fact /sys/hypervisor/properties/capabilities '.*xen-3\.0-x86_64.*'
check_fact /sys/hypervisor/properties/virtual_start ffff800000000000
check_fact /sys/hypervisor/properties/pagesize 1000
check_fact /sys/hypervisor/properties/features '[0-9a-f]{8}'
check_fact /proc/xen/capabilities control_d
check_fact /sys/devices/system/clocksource/clocksource0/current_clocksource xen
check_fact interrupts.xen-percpu '[1-9][0-9]*'
check_fact interrupts.xen-dyn '[1-9][0-9]*'
check_fact cpus 2
for d in evtchn gntdev gntalloc privcmd; do check_fact "dev.$d" yes; done
check_fact slept '[34]'
check_fact year "$(date +%Y)"
finish

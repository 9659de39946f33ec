#!/bin/bash
# SPDX-License-Identifier: MIT
# Shows that a release build (--disable-debug) boots Dom0, with the programmable interval timer as
# platform clock on a machine without HPET, and that it has no option for faults on purpose.
# alone: keeps both cores busy
# timeout: 500
set -euo pipefail
# shellcheck source=lib.bash
. "$(dirname "$0")/lib.bash"

[ -z "${XENOLITH_HV:-}" ] || skip "a given hypervisor is under test"
CONFIGURE_ARGS=--disable-debug XENOLITH_BUILD=$build/release \
    "$src/scripts/build" xen/xenolith >"$scratch/build.log" 2>&1 ||
    { tail "$scratch/build.log"; fail "the release build"; finish; }
export XENOLITH_HV=$build/release/xen/xenolith
boot_it --machine pc,hpet=off --smp 2 --append "clocksource=pit crash=bug" --scenario up
check_once "Option 'crash=bug': unknown option"
check_once 'XEN\) Xen version .* debug=n '
check_once 'XEN\) time: TSC .* against pit'
check_some 'DOM0-UP .* xen=yes cpus=2 '
check_none 'BUG at'
finish

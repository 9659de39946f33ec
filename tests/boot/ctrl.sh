#!/bin/bash
# SPDX-License-Identifier: MIT
# libs/ctrl on the real thing: its conformance suite in Dom0. XENOLITH_HV names another hypervisor to
# ask instead; the answers of Debian's are the measure.
# timeout: 200
set -euo pipefail
# shellcheck source=lib.bash
. "$(dirname "$0")/lib.bash"

[ -x "$build/tests/ctrl/conformance" ] || "$src/scripts/build" tests/ctrl/conformance
boot_it --smp 2 --scenario ctrl
console '^(PASS|FAIL) '
check_none '^FAIL '
check_some '^CONFORMANCE passed=[0-9]+ failed=0$'
finish

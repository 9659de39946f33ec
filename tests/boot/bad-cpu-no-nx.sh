#!/bin/bash
# SPDX-License-Identifier: MIT
# Shows that a CPU without NX is refused with a message that names it.
# timeout: 60
set -euo pipefail
# shellcheck source=lib.bash
. "$(dirname "$0")/lib.bash"

boot_it --cpu qemu64,-nx --timeout 50 --expect 'cannot start.* NX '
check_once 'cannot start'
finish

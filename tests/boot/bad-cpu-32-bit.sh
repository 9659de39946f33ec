#!/bin/bash
# SPDX-License-Identifier: MIT
# Shows that a CPU without 64-bit mode is refused with a message that says so.
# timeout: 60
set -euo pipefail
# shellcheck source=lib.bash
. "$(dirname "$0")/lib.bash"

boot_it --cpu qemu32 --timeout 50 --expect 'cannot start.*64-bit'
check_once 'cannot start'
finish

#!/bin/bash
# SPDX-License-Identifier: MIT
# Shows that reboot in Dom0 restarts the machine, and that it comes up a second time.
# timeout: 320
set -euo pipefail
# shellcheck source=lib.bash
. "$(dirname "$0")/lib.bash"

boot_it --scenario up --after reboot --allow-reset --expect DOM0-UP --count 2 --timeout 300
check_none 'Panic on CPU'
finish

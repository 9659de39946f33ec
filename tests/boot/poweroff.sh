#!/bin/bash
# SPDX-License-Identifier: MIT
# Shows that poweroff in Dom0 switches the machine off: QEMU ends, and nothing started again.
# timeout: 200
set -euo pipefail
# shellcheck source=lib.bash
. "$(dirname "$0")/lib.bash"

boot_it --scenario up --after poweroff --allow-reset
check_once DOM0-UP
check_none 'Panic on CPU'
finish

#!/bin/bash
# SPDX-License-Identifier: MIT
# Shows that a wrong option is reported once, and that the boot goes on.
# timeout: 200
set -euo pipefail
# shellcheck source=lib.bash
. "$(dirname "$0")/lib.bash"

boot_it --append frobnicate=1 --scenario up
check_once "frobnicate.*unknown option"
finish

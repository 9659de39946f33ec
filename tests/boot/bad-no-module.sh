#!/bin/bash
# SPDX-License-Identifier: MIT
# Shows that a boot loader that brings no Dom0 kernel is told so.
# timeout: 60
set -euo pipefail
# shellcheck source=lib.bash
. "$(dirname "$0")/lib.bash"

boot_it --no-modules --mem 512 --timeout 50 --expect 'No kernel for Domain 0'
check_once 'Panic on CPU'
check_none 'Fatal trap|BUG at'
finish

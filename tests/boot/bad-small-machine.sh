#!/bin/bash
# SPDX-License-Identifier: MIT
# Shows that a machine of 64 MB, too small for this Dom0, ends in one message about memory.
# timeout: 60
set -euo pipefail
# shellcheck source=lib.bash
. "$(dirname "$0")/lib.bash"

boot_it --mem 64 --dom0-mem all --timeout 50 --expect 'Panic on CPU'
check_some '[Mm]emory|MiB'
check_once 'Panic on CPU'
check_none 'Fatal trap|BUG at'
finish

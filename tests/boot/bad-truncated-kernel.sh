#!/bin/bash
# SPDX-License-Identifier: MIT
# Shows that half of a good Dom0 kernel is refused with a message.
# timeout: 90
set -euo pipefail
# shellcheck source=lib.bash
. "$(dirname "$0")/lib.bash"

half=$scratch/half
head -c 4000000 "$("$src/scripts/dom0-image")/vmlinuz" >"$half"
boot_it --dom0-kernel "$half" --no-initrd --timeout 80 --expect 'Panic on CPU'
check_some '[Kk]ernel'
check_none 'Fatal trap|BUG at'
finish

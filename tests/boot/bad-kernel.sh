#!/bin/bash
# SPDX-License-Identifier: MIT
# Shows that a Dom0 kernel file of garbage is refused with a message about that file.
# timeout: 60
set -euo pipefail
# shellcheck source=lib.bash
. "$(dirname "$0")/lib.bash"

garbage=$scratch/garbage
for _ in $(seq 40000); do echo "not a kernel at all"; done >"$garbage"
boot_it --dom0-kernel "$garbage" --no-initrd --timeout 50 --expect 'Panic on CPU'
check_some '[Kk]ernel.*(ELF|elf|bzImage|format|image)|(ELF|bzImage|[Ii]mage).*[Kk]ernel'
check_once 'Panic on CPU'
check_none 'Fatal trap|BUG at'
finish

#!/bin/bash
# SPDX-License-Identifier: MIT
# Shows that Dom0 boots from a kernel that is a plain ELF image packed with zstd, not a bzImage.
# timeout: 200
set -euo pipefail
# shellcheck source=lib.bash
. "$(dirname "$0")/lib.bash"

unpack=$build/tests/unit/unpack-kernel
[ -x "$unpack" ] || make -C "$build" -s tests/unit/unpack-kernel
"$unpack" "$("$src/scripts/dom0-image")/vmlinuz" | zstd -q -1 >"$scratch/vmlinux.zst"
boot_it --dom0-kernel "$scratch/vmlinux.zst" --scenario up
check_once 'Dom0 kernel: zstd'
finish

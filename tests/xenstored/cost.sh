#!/bin/bash
# SPDX-License-Identifier: MIT
# What requests cost in instructions of the daemon stays below fixed bounds and, where Debian's daemons
# can be had, below theirs. Instructions are the same on each computer.
# timeout: 120
#   tests/xenstored/cost.sh [BUILD]
set -euo pipefail
# shellcheck source=../../scripts/lib.sh
. "$(dirname "$0")/../../scripts/lib.sh"
build=${1:-$build}
command -v callgrind_control >/dev/null || { echo "skip: valgrind is not installed"; exit 3; }
options=(--limits)
if programs=$(reference_daemons); then options+=(--debian "$programs" --preload "$(fake_xen)"); fi
"$src/tests/xenstored/bench.py" "$build/daemons/xenstored/xenstored" "${options[@]}"

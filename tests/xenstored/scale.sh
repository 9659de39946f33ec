#!/bin/bash
# SPDX-License-Identifier: MIT
# 10, 100 and 1000 guests with 100 nodes and 10 watches each: bytes for each, by the daemon's own
# account, and instructions for each operation stay flat.
# timeout: 180
#   tests/xenstored/scale.sh [BUILD]
set -euo pipefail
# shellcheck source=../../scripts/lib.sh
. "$(dirname "$0")/../../scripts/lib.sh"
build=${1:-$build}
command -v callgrind_control >/dev/null || { echo "skip: valgrind is not installed"; exit 3; }
[ "$(ulimit -Hn)" -ge 4096 ] || { echo "skip: too few file descriptors for 1000 guests"; exit 3; }
"$src/tests/xenstored/scale.py" "$build/daemons/xenstored/xenstored"

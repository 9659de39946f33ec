#!/bin/bash
# SPDX-License-Identifier: MIT
# The protocol suite under valgrind: no byte is used before it is written, and nothing leaks.
# timeout: 300
#   tests/xenstored/valgrind.sh [BUILD]
set -euo pipefail
# shellcheck source=../../scripts/lib.sh
. "$(dirname "$0")/../../scripts/lib.sh"
build=${1:-$build}
command -v valgrind >/dev/null || { echo "skip: valgrind is not installed"; exit 3; }
export TEST_SCALE=10
"$src/tests/xenstored/protocol-suite" --daemon "$build/daemons/xenstored/xenstored" \
    --wrapper "valgrind -q --error-exitcode=9 --leak-check=full --show-leak-kinds=all"

#!/bin/bash
# SPDX-License-Identifier: MIT
# The toolstack of docs/library-guide.md, in C and in Python, on the simulated host: both do the same.
#   tests/python/fleet.sh [BUILD]
set -euo pipefail
# shellcheck source=python.bash
. "$(dirname "$0")/python.bash"
export TMPDIR=$work
make -C "$build" -s examples/fleet
failed=0
for program in "$build/examples/fleet" "$python $src/examples/python/fleet.py"; do
    # shellcheck disable=SC2086 # a command and its argument
    "$python" "$src/tests/python/fleet.py" $program || failed=1
done
exit "$failed"

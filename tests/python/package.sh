#!/bin/bash
# SPDX-License-Identifier: MIT
# What the package does, on the simulated host: package_test.py.
#   tests/python/package.sh [BUILD]
set -euo pipefail
# shellcheck source=python.bash
. "$(dirname "$0")/python.bash"
export TMPDIR=$work
"$python" -W error -X dev -W ignore::DeprecationWarning "$src/tests/python/package_test.py" &
pid=$!
wait "$pid"
left=$(compgen -G "/dev/shm/xenolith-sim-$UID-python-$pid-*" || true)
[ -z "$left" ] || { echo "FAILED: left behind: $left"; exit 1; }
[ -z "$(ls "$work")" ] || { echo "FAILED: left in the temporary folder: $(ls "$work")"; exit 1; }

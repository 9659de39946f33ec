#!/bin/bash
# SPDX-License-Identifier: MIT
# The examples, on the simulated host: what they print.
#   tests/python/examples.sh [BUILD]
set -euo pipefail
# shellcheck source=python.bash
. "$(dirname "$0")/python.bash"
export TMPDIR=$work
example=$src/examples/python/ten_guests.py
[ "$(wc -l <"$example")" -le 40 ] || { echo "FAILED: $example is longer than 40 lines"; exit 1; }
"$python" -W error "$src/tests/python/examples.py" "$example"
[ -z "$(ls "$work")" ] || { echo "FAILED: left in the temporary folder: $(ls "$work")"; exit 1; }

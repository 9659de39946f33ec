#!/bin/bash
# SPDX-License-Identifier: MIT
# Domains created and destroyed from Python leave no byte, reference or descriptor behind. The number
# of rounds is $ROUNDS (200); 10000 take some minutes.
#   tests/python/rounds.sh [BUILD]
set -euo pipefail
# shellcheck source=python.bash
. "$(dirname "$0")/python.bash"
export TMPDIR=$work
"$python" "$src/tests/python/rounds.py" "${ROUNDS:-200}"

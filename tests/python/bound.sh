#!/bin/bash
# SPDX-License-Identifier: MIT
# Every function of the public headers has a binding, but for those that bindings/python/*-unbound.i
# lists; and no number that is a plain result is taken for an error.
#   tests/python/bound.sh [BUILD]
set -euo pipefail
# shellcheck source=python.bash
. "$(dirname "$0")/python.bash"
"$python" "$src/tests/python/bound.py" "$src"

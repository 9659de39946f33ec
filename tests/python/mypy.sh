#!/bin/bash
# SPDX-License-Identifier: MIT
# The package's types: mypy, strict, on the package and on the examples.
#   tests/python/mypy.sh [BUILD]
set -euo pipefail
# shellcheck source=python.bash
. "$(dirname "$0")/python.bash"
command -v mypy >/dev/null || { echo "skipped: no mypy"; exit 3; }
# mypy goes by the sources, with stubs for what SWIG makes; nothing is imported.
cd "$src/bindings/python"
MYPYPATH=$src/bindings/python mypy --strict --cache-dir "$work/cache" --python-version 3.11 \
    -p xenolith
MYPYPATH=$src/bindings/python mypy --strict --cache-dir "$work/cache" --python-version 3.11 \
    "$src"/examples/python/*.py
# A mistake is found.
printf 'from xenolith import Host\nHost("").create("web")\n' >"$work/wrong.py"
if MYPYPATH=$src/bindings/python mypy --strict --cache-dir "$work/cache" "$work/wrong.py"; then
    echo "FAILED: a wrong argument is not noticed"
    exit 1
fi

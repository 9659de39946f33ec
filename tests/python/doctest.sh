#!/bin/bash
# SPDX-License-Identifier: MIT
# The examples in the package's own documentation, and in docs/python.md.
#   tests/python/doctest.sh [BUILD]
set -euo pipefail
# shellcheck source=python.bash
. "$(dirname "$0")/python.bash"
"$python" - "$src/docs/python.md" <<'END'
import doctest, importlib, os, pkgutil, sys
import xenolith, xenolith.raw

failed = tried = 0
names = ["xenolith", "xenolith.raw"]
names += [f"xenolith.{m.name}" for m in pkgutil.iter_modules(xenolith.__path__) if m.name != "raw"]
for name in names:
    result = doctest.testmod(importlib.import_module(name))
    print(name, result)
    failed, tried = failed + result.failed, tried + result.attempted
if os.path.exists(sys.argv[1]):
    result = doctest.testfile(sys.argv[1], module_relative=False)
    print(sys.argv[1], result)
    failed, tried = failed + result.failed, tried + result.attempted
sys.exit(failed > 0 or tried < 40)
END

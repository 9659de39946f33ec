#!/bin/bash
# SPDX-License-Identifier: MIT
# The examples, on the simulated host: what they print.
#   tests/python/examples.sh [BUILD]
set -euo pipefail
# shellcheck source=python.bash
. "$(dirname "$0")/python.bash"
export TMPDIR=$work
example=$src/examples/python/ten-guests.py
[ "$(wc -l <"$example")" -le 40 ] || { echo "FAILED: $example is longer than 40 lines"; exit 1; }
"$python" "$example" sim: >"$work/out"
diff -u - "$work/out" <<'END' || { echo "FAILED: what ten-guests.py prints"; exit 1; }
name      id  state    memory  disks
guest-0    1  ready    12 MiB  xvda xvdb
guest-1    2  ready    12 MiB  xvda xvdb
guest-2    3  ready    12 MiB  xvda xvdb
guest-3    4  ready    12 MiB  xvda xvdb
guest-4    5  ready    12 MiB  xvda xvdb
guest-5    6  ready    12 MiB  xvda xvdb
guest-6    7  ready    12 MiB  xvda xvdb
guest-7    8  ready    12 MiB  xvda xvdb
guest-8    9  ready    12 MiB  xvda xvdb
guest-9   10  ready    12 MiB  xvda xvdb
END

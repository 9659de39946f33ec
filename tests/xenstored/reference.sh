#!/bin/bash
# SPDX-License-Identifier: MIT
# The protocol suite on Debian's C xenstored and oxenstored, here and now, on this computer without
# Xen: every difference to our daemon is one that differences.py knows and explains.
# timeout: 200
#   tests/xenstored/reference.sh [BUILD]
set -euo pipefail
# shellcheck source=../../scripts/lib.sh
. "$(dirname "$0")/../../scripts/lib.sh"
build=${1:-$build}
suite=$src/tests/xenstored/protocol-suite
programs=$(reference_daemons) || { echo "skip: no package xen-utils-4.17"; exit 3; }
preload=$(fake_xen)
"$suite" --daemon "$programs/xenstored" --name cxenstored --preload "$preload"
"$suite" --daemon "$programs/oxenstored" --name oxenstored --preload "$preload"

#!/bin/bash
# SPDX-License-Identifier: MIT
# The protocol suite on the daemon with address and undefined sanitizers, and once more on the plain
# one, that is quick enough to show races.
# timeout: 120
#   tests/xenstored/protocol.sh [BUILD]
set -euo pipefail
# shellcheck source=../../scripts/lib.sh
. "$(dirname "$0")/../../scripts/lib.sh"
build=${1:-$build}
export ASAN_OPTIONS=quarantine_size_mb=8
"$src/tests/xenstored/protocol-suite" --daemon "$build/tests/xenstored/xenstored-sanitized"
"$src/tests/xenstored/protocol-suite" --daemon "$build/daemons/xenstored/xenstored"

#!/bin/bash
# SPDX-License-Identifier: MIT
# Live updates while sockets and guests count in transactions: nothing is lost, and a program that
# cannot take over is refused.
# timeout: 120
#   tests/xenstored/live-update.sh [BUILD]
set -euo pipefail
# shellcheck source=../../scripts/lib.sh
. "$(dirname "$0")/../../scripts/lib.sh"
build=${1:-$build}
export ASAN_OPTIONS=quarantine_size_mb=8
"$src/tests/xenstored/stress.py" live-update "$build/daemons/xenstored/xenstored"
"$src/tests/xenstored/stress.py" live-update "$build/tests/xenstored/xenstored-sanitized"

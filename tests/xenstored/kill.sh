#!/bin/bash
# SPDX-License-Identifier: MIT
# kill -9 under load. The tree is in memory and is lost, as with Debian's daemons; clients learn of it
# at once, the next daemon starts over what is left and says so, and guests go on once introduced.
# timeout: 60
#   tests/xenstored/kill.sh [BUILD]
set -euo pipefail
# shellcheck source=../../scripts/lib.sh
. "$(dirname "$0")/../../scripts/lib.sh"
build=${1:-$build}
"$src/tests/xenstored/stress.py" kill "$build/daemons/xenstored/xenstored"

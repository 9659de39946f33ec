#!/bin/bash
# SPDX-License-Identifier: MIT
# The library as others see it: headers that strict C and C++ take, every function of the headers
# exported and nothing else.
#   tests/light/abi.sh [BUILD]
set -euo pipefail
# shellcheck source=../abi.bash
. "$(dirname "$0")/../abi.bash"
check_headers "$src/libs/light/include"
check_names light XLIGHT
exit "$failed"

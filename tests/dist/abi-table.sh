#!/bin/bash
# SPDX-License-Identifier: MIT
# What docs/abi.md says of each hypercall and operation is what headers and dispatchers say.
set -euo pipefail
dir=$(dirname "$0")
exec "$dir/abi-table.py" "$dir/../.."

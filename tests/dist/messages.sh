#!/bin/bash
# SPDX-License-Identifier: MIT
# The messages that documents explain are messages of the sources.
set -euo pipefail
dir=$(dirname "$0")
exec "$dir/messages.py" "$dir/../.."

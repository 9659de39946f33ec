#!/bin/bash
# SPDX-License-Identifier: MIT
# `make distcheck`: the release archive builds, installs and tests itself, from a read-only source,
# in a folder of its own. Minutes: part of ./check --soak.
set -euo pipefail
# shellcheck source=../../scripts/lib.sh
. "$(dirname "$0")/../../scripts/lib.sh"

tmp=$(mktemp -d)
trap 'chmod -R u+w "$tmp"; rm -rf "$tmp"' EXIT
cd "$tmp"
"$src/configure" --quiet
make -j"$(nproc)" distcheck

#!/bin/bash
# SPDX-License-Identifier: MIT
# The store library's threads under the thread sanitizer.
#   tests/store/tsan.sh [BUILD]
set -euo pipefail
# shellcheck source=../../scripts/lib.sh
. "$(dirname "$0")/../../scripts/lib.sh"
build=${1:-$build}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$src"
# shellcheck disable=SC2046 # a list of flags
gcc -std=gnu11 -fsanitize=thread -g -O1 -pthread -Ilibs/store/include -I"$build/include" \
    -Ilibs/store/src -Itests/shim -o "$work/test" tests/unit/test-store-threads.c \
    tests/store/fake-server.c libs/store/src/*.c $(pkg-config --cflags --libs check)
TSAN_OPTIONS=halt_on_error=1 "$work/test"

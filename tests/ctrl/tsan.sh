#!/bin/bash
# SPDX-License-Identifier: MIT
# The simulated host, a handle for each thread, under the thread sanitizer.
#   tests/ctrl/tsan.sh [BUILD]
set -euo pipefail
# shellcheck source=../../scripts/lib.sh
. "$(dirname "$0")/../../scripts/lib.sh"
build=${1:-$build}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$src"
# shellcheck disable=SC2046 # a list of flags
gcc -std=gnu11 -D_GNU_SOURCE -fsanitize=thread -g -O1 -pthread -Ilibs/ctrl/include \
    -I"$build/include" -Itests/shim -o "$work/test" tests/unit/test-ctrl-threads.c \
    libs/ctrl/src/*.c libs/ctrl/src/sim/*.c $(pkg-config --cflags --libs check)
TSAN_OPTIONS=halt_on_error=1 "$work/test"

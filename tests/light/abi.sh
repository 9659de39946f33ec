#!/bin/bash
# SPDX-License-Identifier: MIT
# The library as others see it: headers that strict C and C++ take, every function of the headers
# exported and nothing else.
#   tests/light/abi.sh [BUILD]
set -euo pipefail
# shellcheck source=../../scripts/lib.sh
. "$(dirname "$0")/../../scripts/lib.sh"
build=${1:-$build}
lib=$build/libs/light/.libs/libxenolith-light.so.0
headers=$src/libs/light/include
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0

# check WHAT COMMAND...: one line for each.
check() {
    local what=$1
    shift
    if "$@" >"$work/log" 2>&1; then
        echo "ok    $what"
    else
        echo "FAILED $what"
        sed 's/^/      /' "$work/log"
        failed=1
    fi
}

strict=(-pedantic -Wall -Wextra -Werror -I"$headers" -fsyntax-only)
for h in "$headers"/xenolith/*.h; do
    # Each on its own: a header includes what it needs.
    echo "#include <xenolith/${h##*/}>" >"$work/one.c"
    check "${h##*/} as C99" gcc -std=c99 "${strict[@]}" "$work/one.c"
    if command -v g++ >/dev/null; then
        check "${h##*/} as C++11" g++ -std=c++11 -x c++ "${strict[@]}" "$work/one.c"
    fi
done

# Names in the headers, in the library, and in its map.
cat "$headers"/xenolith/*.h | tr '\n' ' ' | sed 's:/\*[^*]*\*\+\([^/*][^*]*\*\+\)*/::g' |
    grep -oE 'XLIGHT_(API|CHECK) [^;(]*\(' | grep -oE 'xlight_[a-z0-9_]+\(' | tr -d '(' |
    sort -u >"$work/headers"
nm -D --defined-only "$lib" | awk '$2 == "T" { print $3 }' | sed 's/@.*//' | sort -u >"$work/exported"
grep -oE 'xlight_[a-z0-9_]+;' "$src/libs/light/libxenolith-light.map" | tr -d ';' | sort -u >"$work/map"
check "headers and exports agree" diff "$work/headers" "$work/exported"
check "headers and map agree" diff "$work/headers" "$work/map"
check "SONAME" grep -q 'libxenolith-light.so.0' <(objdump -p "$lib" | grep SONAME)
exit "$failed"

# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# abi.bash - for tests of a library as others see it. Sourced, with the build folder (or nothing) as
# its argument, by the abi.sh of each library; their exit status is $failed.

# shellcheck source=../scripts/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/../scripts/lib.sh"
build=${1:-$build}
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

# check_headers FOLDER [GCC ARGS]: strict C99 and C++11 take each of <xenolith/*.h>, on its own.
check_headers() {
    local h headers=$1 strict
    shift
    strict=(-pedantic -Wall -Wextra -Werror -I"$headers" "$@" -fsyntax-only)
    for h in "$headers"/xenolith/*.h; do
        echo "#include <xenolith/${h##*/}>" >"$work/one.c"
        check "${h##*/} as C99" gcc -std=c99 "${strict[@]}" "$work/one.c"
        if command -v g++ >/dev/null; then
            check "${h##*/} as C++11" g++ -std=c++11 -x c++ "${strict[@]}" "$work/one.c"
        fi
    done
}

# check_names NAME PREFIX: libs/NAME exports what its headers mark with PREFIX_API and PREFIX_CHECK,
# its symbol map says the same, and the SONAME is libxenolith-NAME.so.0.
check_names() {
    local folder=$src/libs/$1 lib=$build/libs/$1/.libs/libxenolith-$1.so.0 prefix=${2,,}
    cat "$folder"/include/xenolith/*.h | tr '\n' ' ' | sed 's:/\*[^*]*\*\+\([^/*][^*]*\*\+\)*/::g' |
        grep -oE "$2_(API|CHECK) [^;(]*\(" | grep -oE "${prefix}_[a-z0-9_]+\(" | tr -d '(' |
        sort -u >"$work/headers"
    nm -D --defined-only "$lib" | awk '$2 == "T" { print $3 }' | sed 's/@.*//' | sort -u >"$work/exported"
    grep -oE "${prefix}_[a-z0-9_]+;" "$folder/libxenolith-$1.map" | tr -d ';' | sort -u >"$work/map"
    check "headers and exports agree" diff "$work/headers" "$work/exported"
    check "headers and map agree" diff "$work/headers" "$work/map"
    check "SONAME" grep -q "libxenolith-$1.so.0" <(objdump -p "$lib" | grep SONAME)
}

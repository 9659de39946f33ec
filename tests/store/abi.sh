#!/bin/bash
# SPDX-License-Identifier: MIT
# libxenstore.so.4 beside Debian's: the same symbols under the same versions, and nothing less than
# its own; headers that strict C and C++ take, and that programs written for Debian's compile with.
#   tests/store/abi.sh [BUILD]
set -euo pipefail
# shellcheck source=../abi.bash
. "$(dirname "$0")/../abi.bash"
ours=$build/libs/store/.libs/libxenstore.so.4
theirs=/usr/lib/x86_64-linux-gnu/libxenstore.so.4

# symbols LIBRARY [VERSION]: what it exports, one "T name@@VERSION" each.
symbols() { nm -D --defined-only --with-symbol-versions "$1" | cut -d ' ' -f 2- | grep "${2:-}" | sort; }

[ -f "$theirs" ] || { echo "skip: Debian's libxenstore4 is not installed"; exit 3; }
symbols "$theirs" >"$work/theirs"
symbols "$ours" VERS_4.0 >"$work/ours"
check "symbols and versions are Debian's" diff "$work/theirs" "$work/ours"
symbols "$ours" | grep -v -e @@VERS_4.0 -e ' VERS_4.0' -e '[ @]XENOLITH_[0-9.]*$' >"$work/others" || true
check "nothing else is exported" diff /dev/null "$work/others"
check "the name is libxenstore.so.4" grep -q 'SONAME.*\[libxenstore\.so\.4\]' <(readelf -d "$ours")
check "needs nothing but libc" test "$(readelf -d "$ours" | grep -c NEEDED)" = 1

includes=(-I"$src/libs/store/include" -I"$build/include")
for std in c99 c11 gnu17; do
    for header in "$src"/libs/store/include/*.h "$src"/libs/store/include/xenolith/*.h; do
        [ -f "$header" ] || continue
        check "$(basename "$header") as $std" gcc -std=$std -Wall -Wextra -Wpedantic -Wundef \
            -Wstrict-prototypes -Werror -fsyntax-only "${includes[@]}" -x c - <<<"#include \"$header\""
    done
done
for cxx in g++ clang++; do
    command -v $cxx >/dev/null || continue
    for header in "$src"/libs/store/include/*.h "$src"/libs/store/include/xenolith/*.h; do
        [ -f "$header" ] || continue
        check "$(basename "$header") with $cxx" $cxx -std=c++11 -Wall -Wextra -Werror -fsyntax-only \
            "${includes[@]}" -x c++ - <<<"#include \"$header\""
    done
done

# One program, compiled with each header, linked to each library, run with each.
compile() { # NAME LIBRARY FLAGS...
    local name=$1 library=$2
    shift 2
    gcc -std=gnu11 -Wall -Werror -o "$work/$name" "$@" "$src/tests/store/abi-program.c" "$library"
}
check "a program compiles with Debian's header" compile debian "$theirs" -I/usr/include
check "the program compiles with ours" compile xenolith "$ours" "${includes[@]}"
for program in debian xenolith; do
    for library in "$theirs" "$ours"; do
        LD_LIBRARY_PATH=$(dirname "$library") "$work/$program" >"$work/$program.out" 2>&1 ||
            echo "exit status $?" >>"$work/$program.out"
        check "program by $program's header with $library" \
            diff "$src/tests/store/abi-program.expected" "$work/$program.out"
    done
done
exit $failed

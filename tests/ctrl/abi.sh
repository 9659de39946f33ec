#!/bin/bash
# SPDX-License-Identifier: MIT
# The library as others see it: headers that strict C and C++ take, every function of the headers
# exported and nothing else, its own names only, and Linux's ioctl structures in their places.
#   tests/ctrl/abi.sh [BUILD]
set -euo pipefail
# shellcheck source=../../scripts/lib.sh
. "$(dirname "$0")/../../scripts/lib.sh"
build=${1:-$build}
lib=$build/libs/ctrl/.libs/libxenolith-ctrl.so.0
headers=$src/libs/ctrl/include
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

strict=(-pedantic -Wall -Wextra -Werror -I"$headers" -I"$build/include" -fsyntax-only)
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
    grep -oE 'XCTL_(API|CHECK) [^;(]*\(' | grep -oE 'xctl_[a-z0-9_]+' | sort -u >"$work/headers"
nm -D --defined-only "$lib" | awk '$2 == "T" { print $3 }' | sed 's/@.*//' | sort -u >"$work/exported"
grep -oE 'xctl_[a-z0-9_]+;' "$src/libs/ctrl/libxenolith-ctrl.map" | tr -d ';' | sort -u >"$work/map"
check "headers and exports agree" diff "$work/headers" "$work/exported"
check "headers and map agree" diff "$work/headers" "$work/map"
check "SONAME" grep -q 'libxenolith-ctrl.so.0' <(objdump -p "$lib" | grep SONAME)

cat >"$work/layout.c" <<'END'
#include <stddef.h>
#include "linux-abi.h"
#define AT(type, field, at) _Static_assert(offsetof(struct type, field) == (at), #type "." #field)
#define SIZE(type, size)    _Static_assert(sizeof(struct type) == (size), #type)
SIZE(privcmd_hypercall, 48);
SIZE(privcmd_mmapbatch, 24);
SIZE(privcmd_mmapbatch_v2, 32);
AT(privcmd_mmapbatch_v2, err, 24);
SIZE(privcmd_dm_op, 16);
SIZE(privcmd_dm_buf, 16);
SIZE(privcmd_resource, 32);
AT(privcmd_resource, num, 16);
SIZE(gntdev_map, 16);
AT(gntdev_map, index, 8);
SIZE(gntdev_unmap, 16);
SIZE(gntdev_notify, 16);
SIZE(gntdev_copy_segment, 24);
AT(gntdev_copy_segment, status, 20);
SIZE(gntalloc_alloc, 16);
AT(gntalloc_alloc, index, 8);
/* The size of an argument is part of each number. */
_Static_assert((PRIVCMD_HYPERCALL >> 16 & 0x3fff) == sizeof(struct privcmd_hypercall), "");
_Static_assert((PRIVCMD_MMAPBATCH_V2 >> 16 & 0x3fff) == sizeof(struct privcmd_mmapbatch_v2), "");
_Static_assert((PRIVCMD_MMAP_RESOURCE >> 16 & 0x3fff) == sizeof(struct privcmd_resource), "");
_Static_assert((GNTDEV_UNMAP >> 16 & 0x3fff) == sizeof(struct gntdev_unmap), "");
END
check "ioctl structures" gcc -std=gnu11 -Werror -I"$src/libs/ctrl/src" -fsyntax-only "$work/layout.c"
exit "$failed"

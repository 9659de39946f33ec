#!/bin/bash
# SPDX-License-Identifier: MIT
# The library as others see it: headers that strict C and C++ take, every function of the headers
# exported and nothing else, its own names only, and Linux's ioctl structures in their places.
#   tests/ctrl/abi.sh [BUILD]
set -euo pipefail
# shellcheck source=../abi.bash
. "$(dirname "$0")/../abi.bash"
check_headers "$src/libs/ctrl/include" -I"$build/include"
check_names ctrl XCTL

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

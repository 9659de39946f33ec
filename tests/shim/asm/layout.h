/* SPDX-License-Identifier: MIT */
/* layout.h (host tests) - frame table and direct map are ordinary memory of the test program. */
#ifndef SHIM_LAYOUT_H
#define SHIM_LAYOUT_H

#include_next <asm/layout.h>

extern unsigned long shim_frametable, shim_directmap;

#undef FRAMETABLE_START
#define FRAMETABLE_START shim_frametable
#undef DIRECTMAP_START
#define DIRECTMAP_START shim_directmap

#endif /* SHIM_LAYOUT_H */

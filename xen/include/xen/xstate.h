/* SPDX-License-Identifier: MIT */
/* xstate.h - components of the extended processor state, as XCR0 numbers them (Intel SDM vol. 1,
 * chapter 13). Numbers only. */
#ifndef XEN_XSTATE_H
#define XEN_XSTATE_H

#define XSTATE_X87    (1ULL << 0)
#define XSTATE_SSE    (1ULL << 1)
#define XSTATE_AVX    (1ULL << 2)
#define XSTATE_AVX512 (7ULL << 5) /* mask registers, upper halves, upper sixteen: all or none */
#define XSTATE_LEGACY (XSTATE_X87 | XSTATE_SSE)
/* What guests may use. */
#define XSTATE_GUEST (XSTATE_LEGACY | XSTATE_AVX | XSTATE_AVX512)

#define XSAVE_LEGACY_BYTES 512
#define XSAVE_HEADER_BYTES 64
#define XSAVE_MIN_BYTES    (XSAVE_LEGACY_BYTES + XSAVE_HEADER_BYTES)

#endif /* XEN_XSTATE_H */

/* SPDX-License-Identifier: MIT */
/*
 * types.h - integer names and the distinct types of frame numbers.
 *
 *   mfn   machine frame number: host memory
 *   gfn   guest frame number: what a guest calls a frame (equals mfn for PV)
 *   pfn   guest pseudo-physical frame number
 *   maddr machine byte address
 *
 * mfn_t and gfn_t are structs, so that the compiler refuses to mix them: _mfn() boxes,
 * mfn_x() unboxes, and grep finds both. The cost is nil.
 */
#ifndef XEN_TYPES_H
#define XEN_TYPES_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stddef.h>
#include <xen/compiler.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int8_t s8;
typedef int16_t s16;
typedef int32_t s32;
typedef int64_t s64;

typedef u64 maddr_t;
typedef s64 s_time_t; /* nanoseconds since the hypervisor started */

typedef struct {
    unsigned long n;
} mfn_t;
typedef struct {
    unsigned long n;
} gfn_t;

static inline mfn_t _mfn(unsigned long n)
{
    return (mfn_t){n};
}
static inline unsigned long mfn_x(mfn_t m)
{
    return m.n;
}
static inline gfn_t _gfn(unsigned long n)
{
    return (gfn_t){n};
}
static inline unsigned long gfn_x(gfn_t g)
{
    return g.n;
}
static inline bool mfn_eq(mfn_t a, mfn_t b)
{
    return a.n == b.n;
}
static inline mfn_t mfn_add(mfn_t m, unsigned long i)
{
    return _mfn(m.n + i);
}
#define INVALID_MFN _mfn(~0UL)
#define INVALID_GFN _gfn(~0UL)

#endif /* XEN_TYPES_H */

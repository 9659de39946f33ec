/* SPDX-License-Identifier: MIT */
/*
 * compiler.h - the compiler features the hypervisor relies on, each named once.
 */
#ifndef XEN_COMPILER_H
#define XEN_COMPILER_H

/*
 * One image, no dynamic linking: every symbol is reached directly, never through a table. Not in
 * host tests, where memcpy and others come from the C library.
 */
#if !__STDC_HOSTED__
#pragma GCC visibility push(hidden)
#endif

#define __packed        __attribute__((packed))
#define __aligned(n)    __attribute__((aligned(n)))
#define __noreturn      __attribute__((noreturn))
#define __must_check    __attribute__((warn_unused_result))
#define __section(name) __attribute__((section(name)))
#define __used          __attribute__((used))
#define __maybe_unused  __attribute__((unused))
#define __printf(f, a)  __attribute__((format(printf, f, a)))
#define noinline        __attribute__((noinline))
#define always_inline   inline __attribute__((always_inline))

#define likely(x)   __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)

#define barrier()         __asm__ volatile("" ::: "memory")
#define READ_ONCE(x)      (*(const volatile __typeof__(x) *)&(x))
#define WRITE_ONCE(x, v)  (*(volatile __typeof__(x) *)&(x) = (v))
#define ARRAY_SIZE(a)     (sizeof(a) / sizeof((a)[0]))
#define BUILD_BUG_ON(c)   _Static_assert(!(c), "BUILD_BUG_ON: " #c)
/* <stddef.h> has it too; the compilers spell it alike but not identically. */
#ifndef offsetof
#define offsetof(t, m) __builtin_offsetof(t, m)
#endif
#define container_of(p, type, member)                                                              \
    ((type *)((char *)(p) - __builtin_offsetof(type, member)))

#define MIN(a, b) ((a) < (b) ? (a) : (b))
#define MAX(a, b) ((a) > (b) ? (a) : (b))
#define ROUNDUP(x, a)   (((x) + (a) - 1) & ~((__typeof__(x))(a) - 1))
#define ROUNDDOWN(x, a) ((x) & ~((__typeof__(x))(a) - 1))
#define DIV_ROUND_UP(x, a) (((x) + (a) - 1) / (a))

/* Code and data used only while booting; the memory is reclaimed afterwards. */
#define __init      __section(".init.text") noinline
#define __initdata  __section(".init.data")
/* Data written during boot only; mapped read-only once boot is over. */
#define __ro_after_init __section(".data.ro_after_init")
#define __read_mostly   __section(".data.read_mostly")

#endif /* XEN_COMPILER_H */

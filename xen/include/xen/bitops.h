/* SPDX-License-Identifier: MIT */
/*
 * bitops.h - single bits and bitmaps of unsigned long words.
 *
 * set_bit, clear_bit, change_bit and the test_and_ forms are atomic and full barriers; the __ forms
 * are plain. Bit numbers count from bit 0 of word 0.
 */
#ifndef XEN_BITOPS_H
#define XEN_BITOPS_H

#include <xen/types.h>

#define BITS_PER_LONG      64
#define BITS_TO_LONGS(n)   DIV_ROUND_UP(n, BITS_PER_LONG)
#define BIT(n)             (1UL << (n))
#define GENMASK(hi, lo)    ((~0UL >> (63 - (hi))) & (~0UL << (lo)))
#define BITMAP(name, bits) unsigned long name[BITS_TO_LONGS(bits)]

static inline unsigned long *bit_word(volatile void *map, unsigned long nr)
{
    return (unsigned long *)map + nr / BITS_PER_LONG;
}

static inline bool test_bit(unsigned long nr, const volatile void *map)
{
    return (((const volatile unsigned long *)map)[nr / BITS_PER_LONG] >> (nr % BITS_PER_LONG)) & 1;
}
static inline void set_bit(unsigned long nr, volatile void *map)
{
    __atomic_fetch_or(bit_word(map, nr), BIT(nr % BITS_PER_LONG), __ATOMIC_SEQ_CST);
}
static inline void clear_bit(unsigned long nr, volatile void *map)
{
    __atomic_fetch_and(bit_word(map, nr), ~BIT(nr % BITS_PER_LONG), __ATOMIC_SEQ_CST);
}
static inline bool test_and_set_bit(unsigned long nr, volatile void *map)
{
    bool old;

    __asm__ volatile("lock btsq %2,%0"
                     : "+m"(*bit_word(map, nr)), "=@ccc"(old)
                     : "r"(nr % BITS_PER_LONG)
                     : "memory");
    return old;
}
static inline bool test_and_clear_bit(unsigned long nr, volatile void *map)
{
    bool old;

    __asm__ volatile("lock btrq %2,%0"
                     : "+m"(*bit_word(map, nr)), "=@ccc"(old)
                     : "r"(nr % BITS_PER_LONG)
                     : "memory");
    return old;
}
static inline void __set_bit(unsigned long nr, void *map)
{
    *bit_word(map, nr) |= BIT(nr % BITS_PER_LONG);
}
static inline void __clear_bit(unsigned long nr, void *map)
{
    *bit_word(map, nr) &= ~BIT(nr % BITS_PER_LONG);
}
static inline bool __test_and_set_bit(unsigned long nr, void *map)
{
    bool old = test_bit(nr, map);

    __set_bit(nr, map);
    return old;
}

/* Index of the lowest / highest set bit; x must not be 0. */
static inline unsigned int lowest_bit(unsigned long x)
{
    return (unsigned int)__builtin_ctzl(x);
}
static inline unsigned int highest_bit(unsigned long x)
{
    return 63 - (unsigned int)__builtin_clzl(x);
}
static inline unsigned int hweight64(u64 x)
{
    unsigned int n = 0;

    for (; x; x &= x - 1)
        n++;
    return n;
}

/* First set / clear bit at or after start; `bits` when there is none. */
unsigned long find_next_bit(const unsigned long *map, unsigned long bits, unsigned long start);
unsigned long find_next_zero_bit(const unsigned long *map, unsigned long bits, unsigned long start);
#define find_first_bit(map, bits)      find_next_bit(map, bits, 0)
#define find_first_zero_bit(map, bits) find_next_zero_bit(map, bits, 0)
unsigned long bitmap_weight(const unsigned long *map, unsigned long bits);

#endif /* XEN_BITOPS_H */

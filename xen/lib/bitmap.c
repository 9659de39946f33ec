/* SPDX-License-Identifier: MIT */
/* bitmap.c - searching and counting in bitmaps of 64-bit words. No state, no locks. */
#include <xen/lib.h>
#include <xen/bitops.h>

/* `flip` all ones turns the search for a set bit into one for a clear bit. */
static unsigned long find_next(const unsigned long *map, unsigned long bits, unsigned long start,
                               unsigned long flip)
{
    unsigned long i, word;

    if (start >= bits)
        return bits;

    i = start / BITS_PER_LONG;
    word = (map[i] ^ flip) & (~0UL << (start % BITS_PER_LONG));
    while (!word) {
        if (++i >= BITS_TO_LONGS(bits))
            return bits;
        word = map[i] ^ flip;
    }
    /* Bits past the end of the map in its last word may have any value. */
    return MIN(i * BITS_PER_LONG + lowest_bit(word), bits);
}

unsigned long find_next_bit(const unsigned long *map, unsigned long bits, unsigned long start)
{
    return find_next(map, bits, start, 0);
}

unsigned long find_next_zero_bit(const unsigned long *map, unsigned long bits, unsigned long start)
{
    return find_next(map, bits, start, ~0UL);
}

unsigned long bitmap_weight(const unsigned long *map, unsigned long bits)
{
    unsigned long n = 0;

    for (unsigned long i = 0; i < bits / BITS_PER_LONG; i++)
        n += hweight64(map[i]);
    if (bits % BITS_PER_LONG)
        n += hweight64(map[bits / BITS_PER_LONG] & (BIT(bits % BITS_PER_LONG) - 1));
    return n;
}

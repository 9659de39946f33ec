/* SPDX-License-Identifier: MIT */
/* bitmap.c - bitmaps in the memory of a tool; see <xen/ctl-bitmap.h>. */
#include <xen/bitops.h>
#include <xen/ctl-bitmap.h>
#include <xen/guest-access.h>
#include <xen/lib.h>

#define MAX_BITS 256 /* CPUs or nodes */

int ctl_bitmap_read(const struct xenctl_bitmap *from, unsigned long *to, unsigned int nr_bits)
{
    unsigned long map[BITS_TO_LONGS(MAX_BITS)] = {0};
    unsigned int bits = MIN(from->nr_bits, nr_bits);

    BUG_ON(nr_bits > MAX_BITS);
    if (copy_from_guest(map, from->bitmap, DIV_ROUND_UP(bits, 8u)))
        return -EFAULT;
    if (bits % BITS_PER_LONG)
        map[bits / BITS_PER_LONG] &= (1UL << bits % BITS_PER_LONG) - 1;
    memcpy(to, map, BITS_TO_LONGS(nr_bits) * sizeof(long));
    return 0;
}

int ctl_bitmap_write(const struct xenctl_bitmap *to, const unsigned long *from,
                     unsigned int nr_bits)
{
    unsigned long map[BITS_TO_LONGS(MAX_BITS)] = {0};
    unsigned int have = DIV_ROUND_UP(MIN(to->nr_bits, nr_bits), 8u);
    unsigned int want = DIV_ROUND_UP(to->nr_bits, 8u);

    BUG_ON(nr_bits > MAX_BITS);
    memcpy(map, from, BITS_TO_LONGS(nr_bits) * sizeof(long));
    if (nr_bits % BITS_PER_LONG)
        map[nr_bits / BITS_PER_LONG] &= (1UL << nr_bits % BITS_PER_LONG) - 1;
    if (copy_to_guest(to->bitmap, map, have))
        return -EFAULT;
    if (want > have && clear_guest(to->bitmap + have, want - have))
        return -EFAULT;
    return 0;
}

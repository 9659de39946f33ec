/* SPDX-License-Identifier: MIT */
/*
 * math.h - the arithmetic of grant tables, free of locks and of guests: pin counts, the access
 * check of an entry's first word, ranges in a page, table sizes.
 */
#ifndef GNTTAB_MATH_H
#define GNTTAB_MATH_H

#include <xen/types.h>
#include <public/grant_table.h>

#define V1_PER_FRAME     (4096U / sizeof(struct grant_entry_v1))
#define V2_PER_FRAME     (4096U / sizeof(union grant_entry_v2))
#define STATUS_PER_FRAME (4096U / sizeof(grant_status_t))

/* Uses of a granted frame: four counts of 16 bits in one number; 0 means unused. */
#define PIN_HOST_READ  (1ULL << 0)
#define PIN_HOST_WRITE (1ULL << 16)
#define PIN_DEV_READ   (1ULL << 32)
#define PIN_DEV_WRITE  (1ULL << 48)
#define PIN_COUNT_MASK 0xffffULL
#define PIN_WRITE_MASK (PIN_HOST_WRITE * PIN_COUNT_MASK | PIN_DEV_WRITE * PIN_COUNT_MASK)

/* The use that one half (GNTMAP_host_map or _device_map) of a mapping is. */
static inline u64 gnttab_pin_of(u32 half, u32 flags)
{
    bool ro = flags & GNTMAP_readonly;

    if (half == GNTMAP_host_map)
        return ro ? PIN_HOST_READ : PIN_HOST_WRITE;
    return ro ? PIN_DEV_READ : PIN_DEV_WRITE;
}

/* Whether the uses in inc (at most one of each kind) can be added. */
static inline bool gnttab_pin_fits(u64 pin, u64 inc)
{
    for (unsigned int i = 0; i < 64; i += 16)
        if ((inc >> i & PIN_COUNT_MASK) && (pin >> i & PIN_COUNT_MASK) == PIN_COUNT_MASK)
            return false;
    return true;
}

/* How many frames of status words go with nr frames of version 2 entries. */
static inline unsigned int gnttab_status_frames(unsigned int nr)
{
    return (unsigned int)((nr * V2_PER_FRAME + STATUS_PER_FRAME - 1) / STATUS_PER_FRAME);
}

/* The first word of an entry in either version: flags below, domain id above. */
static inline u32 gnttab_head(u16 flags, domid_t domid)
{
    return (u32)domid << 16 | flags;
}

static inline bool gnttab_is_transitive(u32 head)
{
    return (head & GTF_type_mask) == GTF_transitive;
}

/* Whether an entry with this first word lets `user` in, for writing or only reading. GNTST_*. */
static inline int gnttab_check_head(u32 head, domid_t user, bool write)
{
    u16 flags = (u16)head;

    if ((flags & GTF_type_mask) != GTF_permit_access || head >> 16 != user)
        return GNTST_general_error;
    return write && (flags & GTF_readonly) ? GNTST_general_error : GNTST_okay;
}

/* Bytes [off, off + len) lie in [start, start + size) of a page; size 0 stands for nothing. */
static inline bool gnttab_range_inside(unsigned int off, unsigned int len, unsigned int start,
                                       unsigned int size)
{
    return off >= start && off + len <= start + size;
}

#endif /* GNTTAB_MATH_H */

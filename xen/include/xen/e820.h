/* SPDX-License-Identifier: MIT */
/*
 * e820.h - physical memory maps: sorted, disjoint, with every byte of one type.
 *
 * Pure code. A map is valid when it is sorted, no entry is empty, none overlap, and neighbours that
 * touch differ in type; e820_set() makes a valid map of what firmware says, the others keep it
 * valid.
 */
#ifndef XEN_E820_H
#define XEN_E820_H

#include <xen/types.h>

#define E820_MAX_ENTRIES 256

#define E820_RAM      1U
#define E820_RESERVED 2U
#define E820_ACPI     3U /* tables: memory may be reused once they were read */
#define E820_NVS      4U
#define E820_UNUSABLE 5U

struct e820_entry {
    u64 addr, size;
    u32 type; /* E820_*, or a firmware's own, which is nearly as good as reserved */
};

struct e820_map {
    unsigned int nr;
    struct e820_entry entry[E820_MAX_ENTRIES];
    struct e820_entry work[E820_MAX_ENTRIES]; /* scratch space of e820_set and e820_add */
};

/*
 * Makes *map from nr entries in any order, overlapping as they like. Where they overlap, the more
 * restrictive type wins: RAM, ACPI, NVS, unknown types, reserved, unusable. Empty entries are
 * dropped; entries past the end of the address space are cut. 0, or -E2BIG: *map unchanged.
 * raw must not point into *map.
 */
int e820_set(struct e820_map *map, const struct e820_entry *raw, unsigned int nr) __must_check;
/* Adds [start, end) by the same rule: reserving never makes anything less restricted. 0, -EINVAL
 * (start >= end), -E2BIG: map unchanged. */
int e820_add(struct e820_map *map, u64 start, u64 end, u32 type) __must_check;
/* Drops the parts of RAM entries at and above limit (mem= and the like). */
void e820_clip_ram(struct e820_map *map, u64 limit);
/* Type at an address, 0: none. */
u32 e820_type_at(const struct e820_map *map, u64 addr);
/* Whether all of [start, end) has the type. */
bool e820_all(const struct e820_map *map, u64 start, u64 end, u32 type);
/* End of the highest entry of a type, 0: none. */
u64 e820_end_of(const struct e820_map *map, u32 type);
const char *e820_type_name(u32 type);

#endif /* XEN_E820_H */

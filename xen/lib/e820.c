/* SPDX-License-Identifier: MIT */
/*
 * e820.c - sorts and merges physical memory maps; see e820.h. No state but the map, no locks.
 *
 * A map is rebuilt by a sweep over the address space: at each position, the most restrictive entry
 * that covers it decides, up to the next place where any entry begins or ends. That is quadratic in
 * the number of entries, which are few, and needs neither a sort nor memory of its own.
 */
#include <xen/e820.h>
#include <xen/lib.h>

/* Entries to sweep over: an array and perhaps one more. */
struct sources {
    const struct e820_entry *entry;
    unsigned int nr;
    struct e820_entry extra;
};

static const struct e820_entry *source(const struct sources *src, unsigned int i)
{
    return i < src->nr ? &src->entry[i] : &src->extra;
}

static unsigned int restriction(u32 type)
{
    switch (type) {
    case 0:
        return 0;
    case E820_RAM:
        return 1;
    case E820_ACPI:
        return 2;
    case E820_NVS:
        return 3;
    case E820_RESERVED:
        return 5;
    case E820_UNUSABLE:
        return 6;
    default:
        return 4;
    }
}

static u64 end_of(const struct e820_entry *e)
{
    u64 end;

    return __builtin_add_overflow(e->addr, e->size, &end) ? ~0ULL : end;
}

/* Type at pos, and where that may change next (~0: nowhere). */
static u32 look_at(const struct sources *src, u64 pos, u64 *ret_next)
{
    u64 next = ~0ULL;
    u32 type = 0;

    for (unsigned int i = 0; i <= src->nr; i++) {
        const struct e820_entry *e = source(src, i);
        u64 end = end_of(e);

        if (e->addr > pos && end > e->addr)
            next = MIN(next, e->addr);
        if (e->addr <= pos && end > pos) {
            next = MIN(next, end);
            if (restriction(e->type) > restriction(type))
                type = e->type;
        }
    }
    *ret_next = next;
    return type;
}

static int rebuild(struct e820_map *map, const struct sources *src)
{
    struct e820_entry *out = map->work;
    unsigned int n = 0;
    u64 pos = 0, next;

    for (; pos != ~0ULL; pos = next) {
        u32 type = look_at(src, pos, &next);

        if (!type)
            continue;
        if (n && out[n - 1].type == type && end_of(&out[n - 1]) == pos) {
            out[n - 1].size += next - pos;
            continue;
        }
        if (n == E820_MAX_ENTRIES)
            return -E2BIG;
        out[n++] = (struct e820_entry){.addr = pos, .size = next - pos, .type = type};
    }
    memcpy(map->entry, out, n * sizeof(*out));
    map->nr = n;
    return 0;
}

int e820_set(struct e820_map *map, const struct e820_entry *raw, unsigned int nr)
{
    struct sources src = {.entry = raw, .nr = nr};

    return rebuild(map, &src);
}

int e820_add(struct e820_map *map, u64 start, u64 end, u32 type)
{
    struct sources src = {
        .entry = map->entry,
        .nr = map->nr,
        .extra = {.addr = start, .size = end - start, .type = type},
    };

    return start < end ? rebuild(map, &src) : -EINVAL;
}

void e820_clip_ram(struct e820_map *map, u64 limit)
{
    unsigned int n = 0;

    for (unsigned int i = 0; i < map->nr; i++) {
        struct e820_entry e = map->entry[i];

        if (e.type == E820_RAM && e.addr >= limit)
            continue;
        if (e.type == E820_RAM && end_of(&e) > limit)
            e.size = limit - e.addr;
        map->entry[n++] = e;
    }
    map->nr = n;
}

u32 e820_type_at(const struct e820_map *map, u64 addr)
{
    for (unsigned int i = 0; i < map->nr; i++)
        if (addr >= map->entry[i].addr && addr < end_of(&map->entry[i]))
            return map->entry[i].type;
    return 0;
}

bool e820_all(const struct e820_map *map, u64 start, u64 end, u32 type)
{
    for (unsigned int i = 0; i < map->nr; i++) {
        const struct e820_entry *e = &map->entry[i];

        /* Neighbours of one type are always one entry. */
        if (start >= e->addr && start < end_of(e))
            return e->type == type && end <= end_of(e);
    }
    return false;
}

u64 e820_end_of(const struct e820_map *map, u32 type)
{
    for (unsigned int i = map->nr; i-- > 0;)
        if (map->entry[i].type == type)
            return end_of(&map->entry[i]);
    return 0;
}

const char *e820_type_name(u32 type)
{
    switch (type) {
    case E820_RAM:
        return "usable";
    case E820_RESERVED:
        return "reserved";
    case E820_ACPI:
        return "ACPI tables";
    case E820_NVS:
        return "ACPI NVS";
    case E820_UNUSABLE:
        return "unusable";
    default:
        return "other";
    }
}

/* SPDX-License-Identifier: MIT */
/*
 * restore-pages.c - memory of a guest comes out of the stream.
 *
 * A page gets memory when it is first heard of: as itself, or in a page table. What kind of page it
 * is, is only written down; the hypervisor learns it at the end, from the guest's registers, and
 * looks into every page table then. So nothing here can give the guest what is not its own.
 */
#include "move.h"
#include <inttypes.h>
#include <sys/mman.h>

static int no_memory(struct move_in *s)
{
    return xlight__fail(s->k.h, -ENOMEM, s->k.domid, "no memory for lists of its pages");
}

static int grow(struct move_in *s, uint64_t nr)
{
    uint64_t lists = (nr + STREAM_PER_FRAME - 1) / STREAM_PER_FRAME;
    xen_pfn_t *p2m = realloc(s->p2m, nr * sizeof(*p2m));
    uint8_t *types = p2m ? realloc(s->types, nr) : NULL;
    uint64_t *pfns = types ? realloc(s->list_pfns, lists * sizeof(*pfns)) : NULL;
    uint64_t *where = pfns && s->lazy ? realloc(s->where, nr * sizeof(*where)) : NULL;

    s->p2m = p2m ? p2m : s->p2m;
    s->types = types ? types : s->types;
    s->list_pfns = pfns ? pfns : s->list_pfns;
    s->where = where ? where : s->where;
    if (!pfns || (s->lazy && !where))
        return no_memory(s);
    if (where)
        memset(where + s->nr, 0, (nr - s->nr) * sizeof(*where));
    for (uint64_t i = s->nr; i < nr; i++)
        s->p2m[i] = MOVE_NO_FRAME;
    memset(s->types + s->nr, STREAM_NONE, nr - s->nr);
    s->nr = nr;
    return 0;
}

int move_take_frames(struct move_in *s, const struct stream_frames *r)
{
    uint64_t first = r->first / STREAM_PER_FRAME, nr = r->last / STREAM_PER_FRAME - first + 1;
    int rc = 0;

    if (r->last >= s->most)
        return xlight__fail(s->k.h, -E2BIG, s->k.domid,
                            "it reaches page %" PRIu32 ", but by its configuration it can have "
                            "%" PRIu64 " only",
                            r->last, s->most);
    if (r->last >= s->nr)
        rc = grow(s, r->last + 1ULL);
    if (!rc)
        memcpy(s->list_pfns + first, r->pfns, nr * sizeof(r->pfns[0]));
    return rc;
}

int move_populate(struct move_in *s, const uint64_t *pfns, unsigned int nr)
{
    xen_pfn_t frames[STREAM_BATCH];
    uint64_t want[STREAM_BATCH];
    unsigned int n = 0;
    int rc;

    for (unsigned int i = 0; i < nr; i++) {
        if (s->p2m[pfns[i]] != MOVE_NO_FRAME)
            continue;
        s->p2m[pfns[i]] = 0;
        want[n] = frames[n] = pfns[i];
        n++;
    }
    rc = n ? xctl_memory_populate_exact(s->k.h->ctrl, s->k.domid, 0, 0, frames, n) : 0;
    for (unsigned int i = 0; i < n; i++)
        s->p2m[want[i]] = rc ? MOVE_NO_FRAME : frames[i];
    return rc ? xlight__fail_ctrl(s->k.h, rc, s->k.domid, "cannot give it memory") : 0;
}

/* The pages that a table leads to. */
static int populate_table(struct move_in *s, const uint64_t *table)
{
    uint64_t pfns[STREAM_PAGE / sizeof(*table)];
    unsigned int nr = 0;

    for (unsigned int i = 0; i < STREAM_PAGE / sizeof(*table); i++) {
        uint64_t pfn = (table[i] & MOVE_FRAME_MASK) >> XCTL_PAGE_SHIFT;

        if (!(table[i] & MOVE_PRESENT))
            continue;
        if (pfn >= s->nr)
            return xlight__fail(s->k.h, -EBADMSG, s->k.domid,
                                "a page table leads to page 0x%" PRIx64 ", which it does not have",
                                pfn);
        pfns[nr++] = pfn;
    }
    return move_populate(s, pfns, nr);
}

/* Pages become frames. */
static int localise(struct move_in *s, const uint64_t *from, uint64_t *to)
{
    uint64_t table[STREAM_PAGE / sizeof(*from)];
    int rc = populate_table(s, from);

    for (unsigned int i = 0; !rc && i < STREAM_PAGE / sizeof(*from); i++) {
        table[i] = from[i];
        if (table[i] & MOVE_PRESENT)
            table[i] = (table[i] & ~MOVE_FRAME_MASK) |
                       s->p2m[(table[i] & MOVE_FRAME_MASK) >> XCTL_PAGE_SHIFT] << XCTL_PAGE_SHIFT;
    }
    if (!rc)
        memcpy(to, table, sizeof(table));
    return rc;
}

static unsigned int type_of(uint64_t entry)
{
    return (unsigned int)(entry >> STREAM_TYPE_SHIFT);
}

int move_write_pages(struct move_in *s, const uint64_t *entries, const xen_pfn_t *frames,
                     unsigned int nr, const uint8_t *data)
{
    xctl_handle *h = s->k.h->ctrl;
    void *map = NULL;
    int rc = xctl_foreign_map(h, s->k.domid, PROT_READ | PROT_WRITE, frames, nr, NULL, &map);

    if (rc)
        return xlight__fail_ctrl(s->k.h, rc, s->k.domid, "cannot write its memory");
    for (unsigned int i = 0; !rc && i < nr; i++) {
        uint8_t *to = (uint8_t *)map + (size_t)i * STREAM_PAGE;
        const uint8_t *from = data + (size_t)i * STREAM_PAGE;

        if (type_of(entries[i]) & 7)
            rc = localise(s, (const void *)from, (void *)to);
        else
            memcpy(to, from, STREAM_PAGE);
    }
    if (xctl_foreign_unmap(h, map, nr) && !rc)
        rc = xlight__fail_ctrl(s->k.h, -EIO, s->k.domid, "cannot let go of its memory");
    return rc;
}

static void differs(struct move_in *s, uint64_t pfn)
{
    if (!s->differ++ || pfn < s->first_differ)
        s->first_differ = pfn;
}

/* Pages with content that have come again, and where that is. */
struct again {
    uint64_t entries[STREAM_BATCH];
    xen_pfn_t frames[STREAM_BATCH];
    const uint8_t *from[STREAM_BATCH];
    unsigned int nr;
};

static int compare_pages(struct move_in *s, const struct again *a)
{
    uint64_t table[STREAM_PAGE / sizeof(uint64_t)];
    xctl_handle *h = s->k.h->ctrl;
    void *map = NULL;
    int rc = xctl_foreign_map(h, s->k.domid, PROT_READ, a->frames, a->nr, NULL, &map);

    if (rc)
        return xlight__fail_ctrl(s->k.h, rc, s->k.domid, "cannot read its memory");
    for (unsigned int i = 0; !rc && i < a->nr; i++) {
        const uint8_t *from = a->from[i];

        if (type_of(a->entries[i]) & 7) {
            rc = localise(s, (const void *)from, table);
            from = (const void *)table;
        }
        if (!rc && memcmp((const uint8_t *)map + (size_t)i * STREAM_PAGE, from, STREAM_PAGE))
            differs(s, a->entries[i] & STREAM_PFN_MASK);
    }
    if (xctl_foreign_unmap(h, map, a->nr) && !rc)
        rc = xlight__fail_ctrl(s->k.h, -EIO, s->k.domid, "cannot let go of its memory");
    return rc;
}

/* As take(), for pages that have come already. */
static int compare(struct move_in *s, const uint64_t *entries, unsigned int nr, const uint8_t *data)
{
    unsigned int content = 0;
    struct again a = {.nr = 0};
    int rc;

    for (unsigned int i = 0; i < nr; i++) {
        unsigned int type = type_of(entries[i]);
        uint64_t pfn = entries[i] & STREAM_PFN_MASK;
        bool has = xlight__page_has_data(type), same = s->types[pfn] == type;

        if (!same)
            differs(s, pfn);
        if (has && same && s->p2m[pfn] != MOVE_NO_FRAME) {
            a.entries[a.nr] = entries[i];
            a.frames[a.nr] = s->p2m[pfn];
            a.from[a.nr++] = data + (size_t)content * STREAM_PAGE;
        }
        content += has;
    }
    rc = a.nr ? compare_pages(s, &a) : 0;
    return rc ? rc : (int)content;
}

int move_check_pages(struct move_in *s)
{
    if (!s->differ)
        return 0;
    return xlight__fail(s->k.h, -EBADMSG, s->k.domid,
                        "%" PRIu64 " pages were not the same when they came again, page 0x%" PRIx64
                        " is the first of them",
                        s->differ, s->first_differ);
}

/* Up to STREAM_BATCH entries; returns how many of them had content, or an error. */
static int take(struct move_in *s, const uint64_t *entries, unsigned int nr, const uint8_t *data)
{
    uint64_t pfns[STREAM_BATCH], with[STREAM_BATCH];
    xen_pfn_t frames[STREAM_BATCH];
    unsigned int wanted = 0, content = 0;
    int rc;

    for (unsigned int i = 0; i < nr; i++) {
        unsigned int type = type_of(entries[i]);
        uint64_t pfn = entries[i] & STREAM_PFN_MASK;

        s->types[pfn] = (uint8_t)type;
        if (type != STREAM_NONE && type != STREAM_BROKEN)
            pfns[wanted++] = pfn;
        if (xlight__page_has_data(type))
            with[content++] = entries[i];
    }
    rc = move_populate(s, pfns, wanted);
    for (unsigned int i = 0; i < content; i++)
        frames[i] = s->p2m[with[i] & STREAM_PFN_MASK];
    if (!rc && content)
        rc = move_write_pages(s, with, frames, content, data);
    return rc ? rc : (int)content;
}

int move_take_pages(struct move_in *s, const struct stream_pages *r)
{
    const uint8_t *data = (const uint8_t *)&r->pfns[r->count];

    for (uint32_t i = 0; i < r->count; i += STREAM_BATCH) {
        unsigned int nr = r->count - i < STREAM_BATCH ? r->count - i : STREAM_BATCH;
        int rc =
            s->in.seen.verify ? compare(s, &r->pfns[i], nr, data) : take(s, &r->pfns[i], nr, data);

        if (rc < 0)
            return rc;
        data += (size_t)rc * STREAM_PAGE;
        s->transfer.pages += (unsigned int)rc;
    }
    return 0;
}

/* SPDX-License-Identifier: MIT */
/*
 * frames.c - machine memory: who owns which page, and where guests see it.
 *
 * A frame is free, or used by one domain. Maps hold references; a frame that its owner gives back
 * meanwhile is kept, as gone, until the last of them ends.
 */
#include "sim.h"

/* A frame's old content must not reach its next owner. */
static void scrub(struct sim_host *s, uint64_t mfn)
{
    struct sim_frame *f = &sim_frames(s)[mfn];

    if (f->flags & SIM_F_WRITE)
        memset(sim_page(s, mfn), 0, XCTL_PAGE_SIZE);
}

/* Looks for a free, aligned run from the rover on, once around. */
static bool find_run(struct sim_host *s, unsigned int order, uint64_t *ret_mfn)
{
    uint64_t step = 1UL << order, blocks = s->nr_frames >> order;
    uint64_t first = s->rover >> order;

    for (uint64_t i = 0; i < blocks; i++) {
        uint64_t mfn = (first + i) % blocks * step, n = 0;

        while (n < step && !sim_frames(s)[mfn + n].flags)
            n++;
        if (n == step) {
            *ret_mfn = mfn;
            s->rover = mfn + step;
            return true;
        }
    }
    return false;
}

int sim_frames_take(struct sim_host *s, struct sim_domain *d, unsigned int order, uint64_t *ret_mfn)
{
    uint64_t nr = 1UL << order, mfn, claimed = MIN_OF(d->claim, nr);

    if (order > SIM_MAX_ORDER || d->tot_pages + nr > d->max_pages)
        return -ENOMEM;
    /* What others have claimed is not there for this one. */
    if (s->free_frames < nr || s->free_frames - nr < s->outstanding - claimed)
        return -ENOMEM;
    if (!find_run(s, order, &mfn))
        return -ENOMEM;
    for (uint64_t i = 0; i < nr; i++)
        sim_frames(s)[mfn + i] =
            (struct sim_frame){.gfn = SIM_NO_GFN, .owner = d->domid, .flags = SIM_F_USED};
    s->free_frames -= nr;
    d->claim -= claimed;
    s->outstanding -= claimed;
    d->tot_pages += nr;
    d->nr_frames += nr;
    *ret_mfn = mfn;
    return 0;
}

uint64_t sim_frame_take_xen(struct sim_host *s, struct sim_domain *d)
{
    uint64_t mfn;

    if (s->free_frames <= s->outstanding || !find_run(s, 0, &mfn))
        return 0;
    sim_frames(s)[mfn] = (struct sim_frame){
        .gfn = SIM_NO_GFN, .owner = d->domid, .flags = SIM_F_USED | SIM_F_XEN | SIM_F_WRITE};
    s->free_frames--;
    d->nr_frames++;
    return mfn + 1;
}

/* The frame is free now. */
static void release(struct sim_host *s, uint64_t mfn)
{
    struct sim_frame *f = &sim_frames(s)[mfn];
    struct sim_domain *d = sim_domain(s, f->owner);

    scrub(s, mfn);
    if (d)
        d->nr_frames--;
    *f = (struct sim_frame){0};
    s->free_frames++;
}

void sim_frame_give(struct sim_host *s, uint64_t mfn)
{
    struct sim_frame *f = &sim_frames(s)[mfn];
    struct sim_domain *d = sim_domain(s, f->owner);

    if (d && f->gfn != SIM_NO_GFN)
        sim_p2m_clear(s, d, f->gfn);
    if (d && !(f->flags & (SIM_F_XEN | SIM_F_GONE)))
        d->tot_pages--;
    if (d && f->flags & SIM_F_UNFILLED)
        d->unfilled--;
    f->flags &= (uint8_t)~SIM_F_UNFILLED;
    f->flags |= SIM_F_GONE;
    f->gfn = SIM_NO_GFN;
    if (!f->refs)
        release(s, mfn);
}

void sim_frame_unref(struct sim_host *s, uint64_t mfn)
{
    struct sim_frame *f = &sim_frames(s)[mfn];

    if (!--f->refs && (f->flags & SIM_F_GONE))
        release(s, mfn);
}

void sim_dirty(struct sim_frame *f)
{
    f->flags |= SIM_F_DIRTY | SIM_F_WRITE;
}

uint64_t *sim_p2m_entry(struct sim_host *s, struct sim_domain *d, uint64_t gfn, bool make)
{
    sim_off *slot = &d->p2m;

    if (gfn >> SIM_GFN_BITS)
        return NULL;
    for (int level = 2;; level--) {
        uint64_t *table;

        if (!*slot) {
            table = make ? sim_alloc(s, XCTL_PAGE_SIZE) : NULL;
            if (!table)
                return NULL;
            *slot = sim_offset(s, table);
        }
        table = sim_at(s, *slot);
        slot = &table[gfn >> (9 * level) & 511];
        if (!level)
            return slot;
    }
}

int sim_p2m_set(struct sim_host *s, struct sim_domain *d, uint64_t gfn, uint64_t mfn)
{
    uint64_t *e = sim_p2m_entry(s, d, gfn, true);

    if (!e)
        return gfn >> SIM_GFN_BITS ? -EINVAL : -ENOMEM;
    *e = mfn + 1;
    sim_frames(s)[mfn].gfn = gfn;
    d->max_gfn = MAX_OF(d->max_gfn, gfn);
    return 0;
}

void sim_p2m_clear(struct sim_host *s, struct sim_domain *d, uint64_t gfn)
{
    uint64_t *e = sim_p2m_entry(s, d, gfn, false);

    if (!e || !*e)
        return;
    if (*e == SIM_POD)
        d->pod_entries--;
    else
        sim_frames(s)[*e - 1].gfn = SIM_NO_GFN;
    *e = 0;
}

static void free_table(struct sim_host *s, struct sim_domain *d, sim_off *slot, int level)
{
    uint64_t *table = sim_at(s, *slot);

    for (int i = 0; i < 512; i++) {
        if (!table[i])
            continue;
        if (level)
            free_table(s, d, &table[i], level - 1);
        else if (table[i] != SIM_POD)
            sim_frame_give(s, table[i] - 1);
    }
    *slot = 0;
    sim_free(s, table, XCTL_PAGE_SIZE);
}

void sim_p2m_free(struct sim_host *s, struct sim_domain *d)
{
    if (d->p2m)
        free_table(s, d, &d->p2m, 2);
}

/* A page of the pool for a frame that is used for the first time. */
static int populate_on_demand(struct sim_host *s, struct sim_domain *d, uint64_t gfn,
                              uint64_t *entry)
{
    uint64_t mfn;
    int rc;

    if (!d->pod_cache)
        return -ENOMEM;
    /* The pool is a number: its pages count as taken and are found only now. */
    d->pod_cache--;
    d->tot_pages--;
    s->free_frames++;
    rc = sim_frames_take(s, d, 0, &mfn);
    if (rc) {
        d->pod_cache++;
        d->tot_pages++;
        s->free_frames--;
        return rc;
    }
    d->pod_entries--;
    *entry = mfn + 1;
    sim_frames(s)[mfn].gfn = gfn;
    return 0;
}

int sim_translate(struct sim_host *s, struct sim_domain *d, uint64_t frame, uint64_t *ret_mfn)
{
    uint64_t mfn = frame;

    if (d->hvm) {
        uint64_t *e = sim_p2m_entry(s, d, frame, false);

        if (!e || !*e || d->life != SIM_ALIVE)
            return -EINVAL;
        if (*e == SIM_POD) {
            int rc = populate_on_demand(s, d, frame, e);

            if (rc)
                return rc;
        }
        mfn = *e - 1;
    }
    if (mfn >= s->nr_frames || sim_frames(s)[mfn].owner != d->domid ||
        (sim_frames(s)[mfn].flags & (SIM_F_USED | SIM_F_GONE)) != SIM_F_USED)
        return -EINVAL;
    *ret_mfn = mfn;
    return 0;
}

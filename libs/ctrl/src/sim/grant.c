/* SPDX-License-Identifier: MIT */
/*
 * grant.c - grant tables of the simulated host, version 1.
 *
 * Tables are pages that the guest writes; the reading and writing bits in them are set here while
 * a grant is in use. Grant allocation keeps its references busy through those bits' owner, the
 * map on the list.
 */
#include "sim.h"
#include <sys/mman.h>

/* Where the frames of grant allocations appear in a translated guest. */
#define ALLOC_GFN (1UL << 26)

int sim_gnt_grow(struct sim_host *s, struct sim_domain *d, uint32_t frames)
{
    if (frames > d->max_gnt)
        return -EINVAL;
    while (d->nr_gnt < frames) {
        uint64_t mfn = sim_frame_take_xen(s, d);

        if (!mfn)
            return -ENOMEM;
        d->gnt[d->nr_gnt++] = mfn - 1;
    }
    return 0;
}

void sim_gnt_fini(struct sim_host *s, struct sim_domain *d)
{
    while (d->nr_gnt)
        sim_frame_give(s, d->gnt[--d->nr_gnt]);
}

static struct grant_entry_v1 *entry(struct sim_host *s, struct sim_domain *d, uint32_t ref)
{
    if (ref / SIM_GNT_ENTRIES >= d->nr_gnt)
        return NULL;
    return (struct grant_entry_v1 *)sim_page(s, d->gnt[ref / SIM_GNT_ENTRIES]) +
           ref % SIM_GNT_ENTRIES;
}

static struct sim_pin *pin_of(struct sim_host *s, struct sim_domain *d, uint32_t ref)
{
    return (struct sim_pin *)sim_at(s, d->pins) + ref;
}

static void set_flags(struct grant_entry_v1 *e, uint16_t flags, bool on)
{
    if (on)
        __atomic_or_fetch(&e->flags, flags, __ATOMIC_SEQ_CST);
    else
        __atomic_and_fetch(&e->flags, (uint16_t)~flags, __ATOMIC_SEQ_CST);
}

/* What a grant gives to mapper: the frame. GNTST_*. */
static int look_up(struct sim *sim, const struct xctl_grant *g, bool write,
                   struct sim_domain **ret_d, uint64_t *ret_mfn)
{
    struct sim_domain *d =
        g->domid < DOMID_FIRST_RESERVED ? sim_domain(sim->host, (domid_t)g->domid) : NULL;
    struct grant_entry_v1 *e;
    uint16_t flags;

    if (!d || d->life != SIM_ALIVE)
        return GNTST_bad_domain;
    e = entry(sim->host, d, g->ref);
    if (!e)
        return GNTST_bad_gntref;
    flags = __atomic_load_n(&e->flags, __ATOMIC_ACQUIRE);
    if ((flags & GTF_type_mask) != GTF_permit_access || e->domid != sim->domid ||
        ((flags & GTF_readonly) && write))
        return GNTST_general_error;
    if (sim_translate(sim->host, d, e->frame, ret_mfn))
        return GNTST_bad_page;
    *ret_d = d;
    return GNTST_okay;
}

static void pin(struct sim_host *s, struct sim_domain *d, uint32_t ref, bool write)
{
    struct sim_pin *p = pin_of(s, d, ref);

    if (write)
        p->writers++;
    else
        p->readers++;
    set_flags(entry(s, d, ref), (uint16_t)(GTF_reading | (write ? GTF_writing : 0)), true);
}

void sim_gnt_unpin(struct sim_host *s, const struct sim_map_page *page)
{
    struct sim_domain *d = sim_domain(s, page->granter);
    struct grant_entry_v1 *e;
    struct sim_pin *p;

    /* A dead domain has no table any more; its pins go with it. */
    if (!d || d->life != SIM_ALIVE)
        return;
    p = pin_of(s, d, page->ref);
    e = entry(s, d, page->ref);
    if (page->writable)
        p->writers--;
    else
        p->readers--;
    if (!p->writers)
        set_flags(e, GTF_writing, false);
    if (!p->writers && !p->readers)
        set_flags(e, GTF_reading, false);
}

int sim_be_gnt_map(xctl_handle *h, const struct xctl_grant *grants, unsigned int nr, int prot,
                   const struct xctl_grant_notify *notify, void **ret_addr)
{
    struct sim *sim = sim_of(h);
    struct sim_host *s = sim->host;
    bool write = prot & PROT_WRITE;
    struct sim_map *m;
    void *addr = NULL;
    int rc = sim_enter(sim, XCTL_SIM_GRANT, GNTTABOP_map_grant_ref, -1);

    if (rc)
        return rc;
    m = sim_map_new(sim, SIM_MAP_GRANT, nr);
    if (!m)
        rc = -ENOMEM;
    for (unsigned int i = 0; !rc && i < nr; i++) {
        struct sim_map_page *p = &m->pages[i];
        struct sim_domain *d;

        if (look_up(sim, &grants[i], write, &d, &p->mfn)) {
            rc = -EINVAL;
            break;
        }
        *p = (struct sim_map_page){p->mfn, grants[i].ref, d->domid, 1, write};
        sim_frames(s)[p->mfn].refs++;
        if (write)
            sim_dirty(&sim_frames(s)[p->mfn]);
        pin(s, d, p->ref, write);
    }
    if (!rc)
        rc = sim_map_show(sim, m, prot, &addr);
    if (rc && m) {
        sim_map_undo(sim, m);
    } else if (!rc) {
        if (notify)
            m->notify = *notify;
        m->addr = (uintptr_t)addr;
        sim_map_link(s, m);
        *ret_addr = addr;
    }
    sim_unlock(s);
    return rc;
}

int sim_be_gnt_unmap(xctl_handle *h, void *addr, unsigned int nr)
{
    struct sim *sim = sim_of(h);
    struct sim_map *m;

    sim_lock(sim->host);
    m = sim_map_find(sim, SIM_MAP_GRANT, addr, nr);
    if (m) {
        munmap(addr, (size_t)nr << XCTL_PAGE_SHIFT);
        sim_map_undo(sim, m);
    }
    sim_unlock(sim->host);
    return m ? 0 : -EINVAL;
}

/* A reference that nobody uses, above those that the toolstack seeds. */
static int free_ref(struct sim_host *s, struct sim_domain *d, uint32_t from, uint32_t *ret_ref)
{
    for (uint32_t ref = MAX_OF(from, GNTTAB_NR_RESERVED_ENTRIES);; ref++) {
        struct grant_entry_v1 *e;

        if (ref / SIM_GNT_ENTRIES >= d->nr_gnt && sim_gnt_grow(s, d, d->nr_gnt + 1))
            return -ENOSPC;
        e = entry(s, d, ref);
        if (!e->flags) {
            *ret_ref = ref;
            return 0;
        }
    }
}

void sim_gnt_take_back(struct sim_host *s, struct sim_map *m)
{
    struct sim_domain *d = sim_domain(s, m->domid);

    if (!d)
        return;
    for (uint32_t i = 0; i < m->nr; i++) {
        if (!m->pages[i].used)
            continue;
        if (d->life == SIM_ALIVE)
            __atomic_store_n(&entry(s, d, m->pages[i].ref)->flags, 0, __ATOMIC_RELEASE);
        if (!(sim_frames(s)[m->pages[i].mfn].flags & SIM_F_GONE))
            sim_frame_give(s, m->pages[i].mfn);
    }
}

int sim_be_gnt_alloc(xctl_handle *h, domid_t domid, unsigned int nr, int writable,
                     const struct xctl_grant_notify *notify, uint32_t *ret_refs, void **ret_addr)
{
    struct sim *sim = sim_of(h);
    struct sim_host *s = sim->host;
    struct sim_domain *d;
    struct sim_map *m = NULL;
    void *addr = NULL;
    uint32_t ref = 0;
    int rc = sim_enter(sim, XCTL_SIM_GRANT, XCTL_SIM_ANY_CMD, -1);

    if (rc)
        return rc;
    d = sim_domain(s, sim->domid);
    if (!d || d->life != SIM_ALIVE)
        rc = -ESRCH;
    if (!rc)
        m = sim_map_new(sim, SIM_MAP_OWN, nr);
    if (!rc && !m)
        rc = -ENOMEM;
    for (unsigned int i = 0; !rc && i < nr; i++) {
        struct sim_map_page *p = &m->pages[i];
        struct grant_entry_v1 *e;

        rc = free_ref(s, d, ref, &ref);
        if (!rc)
            rc = sim_frames_take(s, d, 0, &p->mfn);
        if (rc)
            break;
        p->used = 1;
        p->ref = ref;
        sim_frames(s)[p->mfn].refs++;
        sim_frames(s)[p->mfn].flags |= SIM_F_OWN;
        sim_dirty(&sim_frames(s)[p->mfn]);
        if (d->hvm)
            rc = sim_p2m_set(s, d, ALLOC_GFN + p->mfn, p->mfn);
        if (rc)
            break;
        e = entry(s, d, ref);
        e->domid = domid;
        e->frame = (uint32_t)(d->hvm ? ALLOC_GFN + p->mfn : p->mfn);
        __atomic_store_n(&e->flags, (uint16_t)(GTF_permit_access | (writable ? 0 : GTF_readonly)),
                         __ATOMIC_RELEASE);
    }
    if (!rc)
        rc = sim_map_show(sim, m, PROT_READ | PROT_WRITE, &addr);
    if (!rc) {
        for (unsigned int i = 0; i < nr; i++)
            ret_refs[i] = m->pages[i].ref;
        if (notify)
            m->notify = *notify;
        m->addr = (uintptr_t)addr;
        sim_map_link(s, m);
        *ret_addr = addr;
    } else if (m) {
        sim_gnt_take_back(s, m);
        sim_map_undo(sim, m);
    }
    sim_unlock(s);
    return rc;
}

int sim_be_gnt_free(xctl_handle *h, void *addr, unsigned int nr)
{
    struct sim *sim = sim_of(h);
    struct sim_map *m;

    sim_lock(sim->host);
    m = sim_map_find(sim, SIM_MAP_OWN, addr, nr);
    if (m) {
        munmap(addr, (size_t)nr << XCTL_PAGE_SHIFT);
        sim_gnt_take_back(sim->host, m);
        sim_map_undo(sim, m);
    }
    sim_unlock(sim->host);
    return m ? 0 : -EINVAL;
}

/* One side of a copy: our memory, or a page with its offset. GNTST_*. */
static int copy_side(struct sim *sim, const struct xctl_grant_copy_end *e, uint32_t len, bool write,
                     char **ret_p)
{
    struct sim_domain *d;
    uint64_t mfn;
    int st;

    *ret_p = e->addr;
    if (!e->is_grant)
        return GNTST_okay;
    if (e->offset + len > XCTL_PAGE_SIZE)
        return GNTST_bad_copy_arg;
    st = look_up(sim, &e->grant, write, &d, &mfn);
    if (st)
        return st;
    if (write)
        sim_dirty(&sim_frames(sim->host)[mfn]);
    *ret_p = (char *)sim_page(sim->host, mfn) + e->offset;
    return GNTST_okay;
}

int sim_be_gnt_copy(xctl_handle *h, struct xctl_grant_copy *copies, unsigned int nr)
{
    struct sim *sim = sim_of(h);
    int rc = sim_enter(sim, XCTL_SIM_GRANT, GNTTABOP_copy, -1);

    if (rc)
        return rc;
    for (unsigned int i = 0; i < nr; i++) {
        char *from = NULL, *to = NULL;
        int st = copy_side(sim, &copies[i].source, copies[i].len, false, &from);

        if (!st)
            st = copy_side(sim, &copies[i].dest, copies[i].len, true, &to);
        if (!st)
            memmove(to, from, copies[i].len);
        copies[i].status = (int16_t)st;
    }
    sim_unlock(sim->host);
    return 0;
}

static int16_t table_target(struct sim *sim, domid_t domid, struct sim_domain **ret_d)
{
    int rc = sim_target(sim, domid, ret_d);

    return rc == -ESRCH ? GNTST_bad_domain : rc ? GNTST_permission_denied : GNTST_okay;
}

static void setup_table(struct sim *sim, struct gnttab_setup_table *t)
{
    xen_pfn_t *list = (xen_pfn_t *)(uintptr_t)t->frame_list;
    struct sim_domain *d;

    t->status = table_target(sim, t->dom, &d);
    if (t->status)
        return;
    if (t->nr_frames > d->max_gnt || sim_gnt_grow(sim->host, d, t->nr_frames)) {
        t->status = GNTST_general_error;
        return;
    }
    for (uint32_t i = 0; i < t->nr_frames; i++)
        list[i] = d->hvm ? sim_frames(sim->host)[d->gnt[i]].gfn : d->gnt[i];
}

int sim_gnttab_op(struct sim *sim, unsigned int cmd, void *arg, unsigned int count)
{
    struct gnttab_query_size *q = arg;
    struct gnttab_get_version *v = arg;
    struct sim_domain *d;
    int rc;

    if (count != 1)
        return -ENOSYS;
    switch (cmd) {
    case GNTTABOP_setup_table:
        setup_table(sim, arg);
        return 0;
    case GNTTABOP_query_size:
        q->status = table_target(sim, q->dom, &d);
        if (!q->status) {
            q->nr_frames = d->nr_gnt;
            q->max_nr_frames = d->max_gnt;
        }
        return 0;
    case GNTTABOP_get_version:
        rc = sim_target(sim, v->dom, &d);
        if (!rc)
            v->version = 1;
        return rc;
    default:
        return -ENOSYS;
    }
}

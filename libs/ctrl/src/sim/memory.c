/* SPDX-License-Identifier: MIT */
/* memory.c - memory_op and the domctls about memory of the simulated host. */
#include "sim.h"

/* One extent at a guest frame. 0, or an errno that ends the call. */
static int populate_one(struct sim_host *s, struct sim_domain *d, unsigned int order, uint64_t gfn,
                        uint64_t *ret_mfn)
{
    uint64_t mfn, nr = 1UL << order;
    int rc;

    if (gfn + nr > 1UL << SIM_GFN_BITS || (gfn & (nr - 1) && d->hvm))
        return -EINVAL;
    /* Tables first: after that nothing can go wrong. */
    for (uint64_t i = 0; i < nr; i += 512)
        if (!sim_p2m_entry(s, d, gfn + i, true) || !sim_p2m_entry(s, d, gfn + nr - 1, true))
            return -ENOMEM;
    rc = sim_frames_take(s, d, order, &mfn);
    if (rc)
        return rc;
    for (uint64_t i = 0; i < nr; i++) {
        uint64_t *e = sim_p2m_entry(s, d, gfn + i, true);

        if (*e && *e != SIM_POD && d->hvm && !(sim_frames(s)[*e - 1].flags & SIM_F_XEN))
            sim_frame_give(s, *e - 1);
        else if (*e)
            sim_p2m_clear(s, d, gfn + i);
        sim_p2m_set(s, d, gfn + i, mfn + i);
    }
    *ret_mfn = mfn;
    return 0;
}

static int pod_one(struct sim_host *s, struct sim_domain *d, unsigned int order, uint64_t gfn)
{
    for (uint64_t i = 0; i < 1UL << order; i++) {
        uint64_t *e = sim_p2m_entry(s, d, gfn + i, true);

        if (!e)
            return -ENOMEM;
        if (*e)
            return -EINVAL;
        *e = SIM_POD;
        d->pod_entries++;
        d->max_gfn = MAX_OF(d->max_gfn, gfn + i);
    }
    return 0;
}

static int64_t reservation(struct sim *sim, unsigned int cmd, struct xen_memory_reservation *r)
{
    xen_pfn_t *list = (xen_pfn_t *)(uintptr_t)r->extent_start;
    struct sim_host *s = sim->host;
    struct sim_domain *d;
    uint64_t done = 0;
    int rc = sim_target(sim, r->domid, &d);

    if (rc)
        return rc == -ESRCH ? 0 : rc; /* nothing done, as 4.17 says it */
    if (cmd != XENMEM_increase_reservation && !list && r->nr_extents)
        return -EFAULT;
    if (r->extent_order > SIM_MAX_ORDER || d->life != SIM_ALIVE)
        return 0;
    for (; done < r->nr_extents; done++) {
        uint64_t mfn, frame = list ? list[done] : 0;

        if (cmd == XENMEM_populate_physmap && (r->mem_flags & XENMEMF_populate_on_demand) &&
            d->hvm) {
            if (pod_one(s, d, r->extent_order, frame))
                break;
        } else if (cmd == XENMEM_populate_physmap) {
            if (populate_one(s, d, r->extent_order, frame, &mfn))
                break;
            if (!d->hvm)
                list[done] = mfn;
        } else if (cmd == XENMEM_increase_reservation) {
            if (sim_frames_take(s, d, r->extent_order, &mfn))
                break;
            if (list)
                list[done] = mfn;
        } else {
            bool bad = false;

            for (uint64_t i = 0; !bad && i < 1UL << r->extent_order; i++) {
                uint64_t *e = d->hvm ? sim_p2m_entry(s, d, frame + i, false) : NULL;

                if (e && *e == SIM_POD) {
                    sim_p2m_clear(s, d, frame + i);
                    continue;
                }
                bad =
                    sim_translate(s, d, frame + i, &mfn) || (sim_frames(s)[mfn].flags & SIM_F_XEN);
                if (!bad)
                    sim_frame_give(s, mfn);
            }
            if (bad)
                break;
        }
    }
    return (int64_t)done;
}

static int claim(struct sim *sim, const struct xen_memory_reservation *r)
{
    struct sim_host *s = sim->host;
    struct sim_domain *d = sim_domain(s, r->domid);
    uint64_t want;

    if (!sim_domain(s, sim->domid)->privileged)
        return -EPERM;
    if (!d)
        return -ESRCH;
    if (r->extent_start || r->extent_order || r->mem_flags)
        return -EINVAL;
    if (!r->nr_extents) {
        s->outstanding -= d->claim;
        d->claim = 0;
        return 0;
    }
    if (d->claim || r->nr_extents > d->max_pages)
        return -EINVAL;
    if (r->nr_extents <= d->tot_pages)
        return 0;
    want = r->nr_extents - d->tot_pages;
    if (want > s->free_frames - s->outstanding)
        return -ENOMEM;
    d->claim = want;
    s->outstanding += want;
    return 0;
}

/* The page that is to appear in a guest's address space. */
static int physmap_source(struct sim *sim, struct sim_domain *d, domid_t foreign,
                          unsigned int space, uint64_t idx, uint64_t *ret_mfn)
{
    struct sim_host *s = sim->host;
    struct sim_domain *from;
    int rc;

    switch (space) {
    case XENMAPSPACE_shared_info:
        *ret_mfn = d->shared_info;
        return idx ? -EINVAL : 0;
    case XENMAPSPACE_grant_table:
        if (idx >= d->max_gnt)
            return -EINVAL;
        rc = sim_gnt_grow(s, d, (uint32_t)idx + 1);
        *ret_mfn = rc ? 0 : d->gnt[idx];
        return rc;
    case XENMAPSPACE_gmfn:
        return sim_translate(s, d, idx, ret_mfn);
    case XENMAPSPACE_gmfn_foreign:
        rc = sim_target(sim, foreign, &from);
        return rc ? rc : sim_translate(s, from, idx, ret_mfn);
    default:
        return -ENOSYS;
    }
}

static int add_to_physmap(struct sim *sim, struct sim_domain *d, domid_t foreign,
                          unsigned int space, uint64_t idx, uint64_t gpfn)
{
    struct sim_host *s = sim->host;
    uint64_t mfn, *e;
    int rc;

    if (!d->hvm)
        return -EINVAL;
    rc = physmap_source(sim, d, foreign, space, idx, &mfn);
    if (rc)
        return rc;
    /* Pages of others keep their owner; the books here have no place for that. */
    if (sim_frames(s)[mfn].owner != d->domid)
        return -EOPNOTSUPP;
    e = sim_p2m_entry(s, d, gpfn, true);
    if (!e)
        return gpfn >> SIM_GFN_BITS ? -EINVAL : -ENOMEM;
    if (*e == mfn + 1)
        return 0;
    if (sim_frames(s)[mfn].gfn != SIM_NO_GFN)
        sim_p2m_clear(s, d, sim_frames(s)[mfn].gfn);
    if (*e && *e != SIM_POD && !(sim_frames(s)[*e - 1].flags & SIM_F_XEN))
        sim_frame_give(s, *e - 1);
    else
        sim_p2m_clear(s, d, gpfn);
    return sim_p2m_set(s, d, gpfn, mfn);
}

static int physmap_batch(struct sim *sim, struct xen_add_to_physmap_batch *b)
{
    const xen_ulong_t *idxs = (const xen_ulong_t *)(uintptr_t)b->idxs;
    const xen_pfn_t *gpfns = (const xen_pfn_t *)(uintptr_t)b->gpfns;
    int *errs = (int *)(uintptr_t)b->errs;
    struct sim_domain *d;
    int rc = sim_target(sim, b->domid, &d);

    for (unsigned int i = 0; !rc && i < b->size; i++)
        errs[i] = add_to_physmap(sim, d, b->u.foreign_domid, b->space, idxs[i], gpfns[i]);
    return rc;
}

static int remove_from_physmap(struct sim *sim, const struct xen_remove_from_physmap *r)
{
    struct sim_domain *d;
    uint64_t mfn;
    int rc = sim_target(sim, r->domid, &d);

    if (rc)
        return rc;
    if (!d->hvm || sim_translate(sim->host, d, r->gpfn, &mfn))
        return -ENOENT;
    sim_p2m_clear(sim->host, d, r->gpfn);
    return 0;
}

static int set_map(struct sim *sim, const struct xen_foreign_memory_map *m)
{
    struct sim_domain *d;
    int rc = sim_target(sim, m->domid, &d);

    if (rc)
        return rc;
    if (m->map.nr_entries > XCTL_E820_MAX)
        return -EINVAL;
    d->nr_e820 = m->map.nr_entries;
    memcpy(d->e820, (const void *)(uintptr_t)m->map.buffer, d->nr_e820 * sizeof(d->e820[0]));
    return 0;
}

static int get_map(struct xen_memory_map *m, const struct xctl_e820_entry *map, unsigned int nr)
{
    unsigned int room = m->nr_entries;

    m->nr_entries = nr;
    if (!m->buffer)
        return 0;
    if (room < nr)
        return -EINVAL;
    memcpy((void *)(uintptr_t)m->buffer, map, nr * sizeof(*map));
    return 0;
}

static int host_map(struct sim_host *s, struct xen_memory_map *m)
{
    const struct xctl_e820_entry map[] = {
        {0, 0x9fc00, 1},
        {0x9fc00, 0x60400, 2},
        {0x100000, (s->nr_frames << XCTL_PAGE_SHIFT) - 0x100000, 1},
    };

    return get_map(m, map, ARRAY_SIZE(map));
}

/*
 * Sets the pool to what the target leaves beside the pages that are there. While the domain is
 * empty that is all of the target; later no more than there are entries to fill, and the pool does
 * not matter once there are none.
 */
static int set_pod_pool(struct sim_host *s, struct sim_domain *d, uint64_t target)
{
    uint64_t real = d->tot_pages - d->pod_cache, pool = target > real ? target - real : 0;
    uint64_t more, claimed;

    if (d->ran || (real && !d->pod_entries))
        return 0;
    if (real && pool > d->pod_entries)
        pool = d->pod_entries;
    more = pool > d->pod_cache ? pool - d->pod_cache : 0;
    claimed = MIN_OF(d->claim, more);
    if (more > s->free_frames - (s->outstanding - claimed))
        return -ENOMEM;
    d->claim -= claimed;
    s->outstanding -= claimed;
    s->free_frames += d->pod_cache;
    s->free_frames -= pool;
    d->tot_pages = real + pool;
    d->pod_cache = pool;
    return 0;
}

static int pod_target(struct sim *sim, struct xen_pod_target *t, bool set)
{
    struct sim_host *s = sim->host;
    struct sim_domain *d;
    int rc = sim_target(sim, t->domid, &d);

    if (rc)
        return rc;
    if (!d->hvm)
        return -EINVAL;
    if (set && t->target_pages > d->max_pages)
        return -EINVAL;
    if (set) {
        rc = set_pod_pool(s, d, t->target_pages);
        if (rc)
            return rc;
    }
    t->tot_pages = d->tot_pages;
    t->pod_cache_pages = d->pod_cache;
    t->pod_entries = d->pod_entries;
    return 0;
}

static int64_t by_domain(struct sim *sim, unsigned int cmd, domid_t domid)
{
    struct sim_domain *d;
    int rc = sim_target(sim, domid, &d);
    const struct shared_info *si;

    if (rc)
        return rc;
    switch (cmd) {
    case XENMEM_current_reservation:
        return (int64_t)d->tot_pages;
    case XENMEM_maximum_reservation:
        return (int64_t)d->max_pages;
    default:
        if (d->hvm)
            return (int64_t)d->max_gfn;
        si = sim_page(sim->host, d->shared_info);
        return si->arch.max_pfn ? (int64_t)si->arch.max_pfn - 1 : 0;
    }
}

static int get_vnuma(struct sim *sim, struct xen_vnuma_topology_info *t)
{
    struct sim_domain *d;
    struct sim_vnuma *v;
    int rc = sim_target(sim, t->domid, &d);
    size_t nodes;
    char *p;

    if (rc)
        return rc;
    v = sim_at(sim->host, d->vnuma);
    if (!v)
        return -EOPNOTSUPP;
    rc = t->nr_vnodes < v->nr_vnodes || t->nr_vcpus < v->nr_vcpus ||
                 t->nr_vmemranges < v->nr_vmemranges
             ? -ENOBUFS
             : 0;
    t->nr_vnodes = v->nr_vnodes;
    t->nr_vcpus = v->nr_vcpus;
    t->nr_vmemranges = v->nr_vmemranges;
    if (rc)
        return rc;
    nodes = v->nr_vnodes;
    p = (char *)(v + 1);
    memcpy((void *)(uintptr_t)t->vdistance.h, p, nodes * nodes * 4);
    p += (nodes * nodes * 4 + 7) & ~7UL;
    memcpy((void *)(uintptr_t)t->vcpu_to_vnode.h, p, v->nr_vcpus * 4UL);
    p += (v->nr_vcpus * 4UL + 7) & ~7UL;
    p += (nodes * 4 + 7) & ~7UL;
    memcpy((void *)(uintptr_t)t->vmemrange.h, p, v->nr_vmemranges * sizeof(struct xen_vmemrange));
    return 0;
}

static int set_vnuma(struct sim_host *s, struct sim_domain *d, const struct xen_domctl_vnuma *n)
{
    size_t nodes = n->nr_vnodes, dist = (nodes * nodes * 4 + 7) & ~7UL;
    size_t vcpus = (n->nr_vcpus * 4UL + 7) & ~7UL, pnodes = (nodes * 4 + 7) & ~7UL;
    size_t ranges = n->nr_vmemranges * sizeof(struct xen_vmemrange);
    struct sim_vnuma *v;
    char *p;

    if (n->pad || !nodes || nodes > 64 || n->nr_vcpus != d->max_vcpus || n->nr_vmemranges < nodes ||
        n->nr_vmemranges > 256)
        return -EINVAL;
    v = sim_alloc(s, sizeof(*v) + dist + vcpus + pnodes + ranges);
    if (!v)
        return -ENOMEM;
    v->nr_vnodes = n->nr_vnodes;
    v->nr_vcpus = n->nr_vcpus;
    v->nr_vmemranges = n->nr_vmemranges;
    v->size = sizeof(*v) + dist + vcpus + pnodes + ranges;
    p = (char *)(v + 1);
    memcpy(p, (const void *)(uintptr_t)n->vdistance, nodes * nodes * 4);
    memcpy(p + dist, (const void *)(uintptr_t)n->vcpu_to_vnode, n->nr_vcpus * 4UL);
    memcpy(p + dist + vcpus, (const void *)(uintptr_t)n->vnode_to_pnode, nodes * 4);
    memcpy(p + dist + vcpus + pnodes, (const void *)(uintptr_t)n->vmemrange, ranges);
    if (d->vnuma)
        sim_free(s, sim_at(s, d->vnuma), ((struct sim_vnuma *)sim_at(s, d->vnuma))->size);
    d->vnuma = sim_offset(s, v);
    return 0;
}

int64_t sim_memory_op(struct sim *sim, unsigned int cmd, void *arg)
{
    struct sim_domain *d;
    struct xen_add_to_physmap *a = arg;
    int rc;

    switch (cmd) {
    case XENMEM_increase_reservation:
    case XENMEM_decrease_reservation:
    case XENMEM_populate_physmap:
        return reservation(sim, cmd, arg);
    case XENMEM_maximum_ram_page:
        return (int64_t)sim->host->nr_frames - 1;
    case XENMEM_current_reservation:
    case XENMEM_maximum_reservation:
    case XENMEM_maximum_gpfn:
        return by_domain(sim, cmd, ((struct xen_memory_domain *)arg)->domid);
    case XENMEM_claim_pages:
        return claim(sim, arg);
    case XENMEM_add_to_physmap:
        rc = sim_target(sim, a->domid, &d);
        if (!rc && a->space == XENMAPSPACE_gmfn_foreign)
            rc = -EINVAL;
        return rc ? rc : add_to_physmap(sim, d, 0, a->space, a->idx, a->gpfn);
    case XENMEM_add_to_physmap_batch:
        return physmap_batch(sim, arg);
    case XENMEM_remove_from_physmap:
        return remove_from_physmap(sim, arg);
    case XENMEM_set_memory_map:
        return set_map(sim, arg);
    case XENMEM_memory_map:
        d = sim_domain(sim->host, sim->domid);
        return d->nr_e820 ? get_map(arg, d->e820, d->nr_e820) : -ENOSYS;
    case XENMEM_machine_memory_map:
        if (!sim_domain(sim->host, sim->domid)->privileged)
            return -EPERM;
        return host_map(sim->host, arg);
    case XENMEM_set_pod_target:
    case XENMEM_get_pod_target:
        return pod_target(sim, arg, cmd == XENMEM_set_pod_target);
    case XENMEM_get_vnumainfo:
        return get_vnuma(sim, arg);
    default:
        return -ENOSYS;
    }
}

/* Kinds of pages: what the saver writes along with each. */
static int frame_types(struct sim_host *s, struct sim_domain *d,
                       const struct xen_domctl_getpageframeinfo3 *p)
{
    xen_pfn_t *list = (xen_pfn_t *)(uintptr_t)p->array;

    if (p->num > 1024)
        return -E2BIG;
    for (uint64_t i = 0; i < p->num; i++) {
        uint64_t mfn, type = XEN_DOMCTL_PFINFO_XTAB;

        if (!sim_translate(s, d, list[i] & 0xfffffff, &mfn)) {
            uint8_t t = sim_frames(s)[mfn].type;

            type = (uint64_t)(t & 7) << XEN_DOMCTL_PFINFO_LTAB_SHIFT;
            if (t & SIM_PINNED)
                type |= XEN_DOMCTL_PFINFO_LPINTAB;
        }
        list[i] = type | (d->hvm ? list[i] & 0xfffffff : 0);
    }
    return 0;
}

/* Fetches the log, and starts it again if clean. */
static int read_log(struct sim_host *s, struct sim_domain *d, struct xen_domctl_shadow_op *o,
                    bool clean)
{
    uint8_t *bits = (uint8_t *)(uintptr_t)o->dirty_bitmap;

    if (!d->logdirty || (o->mode & ~(uint32_t)XEN_DOMCTL_SHADOW_LOGDIRTY_FINAL))
        return -EINVAL;
    o->stats = (struct xen_domctl_shadow_op_stats){.fault_count = (uint32_t)d->dirty_faults};
    if (bits)
        memset(bits, 0, (o->pages + 7) / 8);
    for (uint64_t gfn = 0; gfn <= d->max_gfn; gfn++) {
        uint64_t *e = sim_p2m_entry(s, d, gfn, false);
        struct sim_frame *f = e && *e && *e != SIM_POD ? &sim_frames(s)[*e - 1] : NULL;

        if (!f || !(f->flags & SIM_F_DIRTY))
            continue;
        o->stats.dirty_count++;
        if (bits && gfn < o->pages)
            bits[gfn / 8] |= (uint8_t)(1U << gfn % 8);
        if (clean)
            f->flags &= (uint8_t)~SIM_F_DIRTY;
    }
    if (clean)
        d->dirty_faults = 0;
    return 0;
}

static void start_log(struct sim_host *s, struct sim_domain *d)
{
    for (uint64_t gfn = 0; gfn <= d->max_gfn; gfn++) {
        uint64_t *e = sim_p2m_entry(s, d, gfn, false);

        if (e && *e && *e != SIM_POD)
            sim_frames(s)[*e - 1].flags &= (uint8_t)~SIM_F_DIRTY;
    }
    d->logdirty = 1;
    d->dirty_faults = 0;
}

static int shadow_op(struct sim *sim, struct sim_domain *d, struct xen_domctl_shadow_op *o)
{
    if (d->domid == sim->domid || !d->nr_vcpus)
        return d->life == SIM_DEAD ? 0 : -EINVAL;
    if (d->filling)
        return -EBUSY;
    switch (o->op) {
    case XEN_DOMCTL_SHADOW_OP_OFF:
        d->logdirty = 0;
        return 0;
    case XEN_DOMCTL_SHADOW_OP_ENABLE:
        if (!(o->mode & XEN_DOMCTL_SHADOW_ENABLE_LOG_DIRTY))
            return -EINVAL;
        /* fall through */
    case XEN_DOMCTL_SHADOW_OP_ENABLE_LOGDIRTY:
        if (d->logdirty)
            return -EINVAL;
        start_log(sim->host, d);
        return 0;
    case XEN_DOMCTL_SHADOW_OP_CLEAN:
    case XEN_DOMCTL_SHADOW_OP_PEEK:
        return read_log(sim->host, d, o, o->op == XEN_DOMCTL_SHADOW_OP_CLEAN);
    case XEN_DOMCTL_SHADOW_OP_GET_ALLOCATION:
        if (!d->hvm)
            return -EINVAL;
        o->mb = (uint32_t)(d->paging_pool >> 20);
        return 0;
    case XEN_DOMCTL_SHADOW_OP_SET_ALLOCATION:
        if (!d->hvm)
            return -EINVAL;
        d->paging_pool = (uint64_t)o->mb << 20;
        return 0;
    default:
        return -EINVAL;
    }
}

static int address_size(struct sim_domain *d, struct xen_domctl_address_size *a, bool set)
{
    if (d->hvm)
        return -EOPNOTSUPP;
    if (!set)
        a->size = d->address_size;
    else if (a->size != 64)
        return -EINVAL;
    return 0;
}

static int node_affinity(struct sim_host *s, struct sim_domain *d, struct xenctl_bitmap *b,
                         bool set)
{
    uint8_t *p = (uint8_t *)(uintptr_t)b->bitmap;
    uint64_t nodes = 0;

    for (uint32_t i = 0; !set && p && i < b->nr_bits; i++)
        p[i / 8] =
            (uint8_t)((p[i / 8] & ~(1U << i % 8)) | (i < 64 ? d->nodes >> i & 1U : 0U) << i % 8);
    for (uint32_t i = 0; set && p && i < MIN_OF(b->nr_bits, s->nr_nodes); i++)
        nodes |= (uint64_t)(p[i / 8] >> i % 8 & 1) << i;
    if (set && !nodes)
        return -EINVAL;
    if (set)
        d->nodes = nodes;
    return 0;
}

int sim_domctl_memory(struct sim *sim, struct sim_domain *d, struct xen_domctl *op)
{
    struct sim_host *s = sim->host;
    uint64_t mfn;

    switch (op->cmd) {
    case XEN_DOMCTL_max_mem:
        d->max_pages = op->u.max_mem.max_memkb >> 2;
        return 0;
    case XEN_DOMCTL_set_address_size:
    case XEN_DOMCTL_get_address_size:
        return address_size(d, &op->u.address_size, op->cmd == XEN_DOMCTL_set_address_size);
    case XEN_DOMCTL_hypercall_init:
        if (sim_translate(s, d, op->u.hypercall_init.gmfn, &mfn))
            return -EACCES;
        sim_dirty(&sim_frames(s)[mfn]);
        memset(sim_page(s, mfn), 0xcc, XCTL_PAGE_SIZE);
        return 0;
    case XEN_DOMCTL_getpageframeinfo3:
        return frame_types(s, d, &op->u.getpageframeinfo3);
    case XEN_DOMCTL_shadow_op:
        return shadow_op(sim, d, &op->u.shadow_op);
    case XEN_DOMCTL_setnodeaffinity:
    case XEN_DOMCTL_getnodeaffinity:
        return node_affinity(s, d, &op->u.nodeaffinity.nodemap,
                             op->cmd == XEN_DOMCTL_setnodeaffinity);
    case XEN_DOMCTL_setvnumainfo:
        return set_vnuma(s, d, &op->u.vnuma);
    case XEN_DOMCTL_get_paging_mempool_size:
    case XEN_DOMCTL_set_paging_mempool_size:
        if (!d->hvm)
            return -EOPNOTSUPP;
        if (op->cmd == XEN_DOMCTL_get_paging_mempool_size)
            op->u.paging_mempool.size = d->paging_pool;
        else if (op->u.paging_mempool.size % XCTL_PAGE_SIZE)
            return -EINVAL;
        else
            d->paging_pool = op->u.paging_mempool.size;
        return 0;
    default:
        return -ENOSYS;
    }
}

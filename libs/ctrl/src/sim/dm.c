/* SPDX-License-Identifier: MIT */
/* dm.c - calls of device models to the simulated host. */
#include "sim.h"

static int create_server(struct sim *sim, struct sim_domain *d,
                         struct xen_dm_op_create_ioreq_server *c)
{
    if (c->handle_bufioreq > HVM_IOREQSRV_BUFIOREQ_ATOMIC || c->pad[0] | c->pad[1] | c->pad[2])
        return -EINVAL;
    for (ioservid_t i = 0; i < SIM_IOREQ; i++) {
        uint32_t port = 0;
        int rc;

        if (d->servers[i].used)
            continue;
        rc = sim_port_alloc(sim->host, d, sim->domid, &port);
        if (rc)
            return rc;
        d->servers[i] = (struct sim_server){.used = 1, .port = port};
        c->id = i;
        return 0;
    }
    return -ENOSPC;
}

static struct sim_server *server(struct sim_domain *d, ioservid_t id)
{
    return id < SIM_IOREQ && d->servers[id].used ? &d->servers[id] : NULL;
}

static int destroy_server(struct sim *sim, struct sim_domain *d, ioservid_t id)
{
    struct sim_server *v = server(d, id);

    if (!v)
        return -ENOENT;
    sim_port_close(sim, d, v->port);
    for (size_t i = 0; i < ARRAY_SIZE(v->frames); i++)
        if (v->frames[i])
            sim_frame_give(sim->host, v->frames[i] - 1);
    for (size_t i = 0; i < SIM_RANGES; i++)
        if (d->ranges[i].used && d->ranges[i].id == id)
            d->ranges[i].used = 0;
    *v = (struct sim_server){0};
    return 0;
}

static int range(struct sim_domain *d, const struct xen_dm_op_ioreq_server_range *r, bool add)
{
    struct sim_range *hole = NULL;

    if (!server(d, r->id))
        return -ENOENT;
    if (r->start > r->end || r->type > XEN_DMOP_IO_RANGE_PCI)
        return -EINVAL;
    for (size_t i = 0; i < SIM_RANGES; i++) {
        struct sim_range *x = &d->ranges[i];

        if (!x->used) {
            hole = hole ? hole : x;
            continue;
        }
        if (x->id != r->id || x->type != r->type)
            continue;
        if (!add && x->start == r->start && x->end == r->end) {
            x->used = 0;
            return 0;
        }
        if (add && x->start <= r->end && r->start <= x->end)
            return -EEXIST;
    }
    if (!add)
        return -ENOENT;
    if (!hole)
        return -ENOSPC;
    *hole = (struct sim_range){1, (uint8_t)r->type, r->id, r->start, r->end};
    return 0;
}

static int modified(struct sim *sim, struct sim_domain *d, const struct xctl_dm_buf *bufs,
                    unsigned int nr, struct xen_dm_op_modified_memory *m)
{
    const struct xen_dm_op_modified_memory_extent *e = nr > 1 ? bufs[1].data : NULL;

    if (!e || bufs[1].size < m->nr_extents * sizeof(*e))
        return -EFAULT;
    for (uint32_t i = 0; i < m->nr_extents; i++) {
        for (uint32_t k = 0; k < e[i].nr; k++) {
            uint64_t mfn;

            if (!sim_translate(sim->host, d, e[i].first_pfn + k, &mfn))
                sim_dirty(&sim_frames(sim->host)[mfn]);
        }
    }
    return 0;
}

static int track_vram(struct sim *sim, struct sim_domain *d, const struct xctl_dm_buf *bufs,
                      unsigned int nr, const struct xen_dm_op_track_dirty_vram *t)
{
    uint8_t *bits = nr > 1 ? bufs[1].data : NULL;

    if (!t->nr)
        return 0;
    if (!bits || bufs[1].size < (t->nr + 7) / 8)
        return -EFAULT;
    memset(bits, 0, (t->nr + 7) / 8);
    for (uint32_t i = 0; i < t->nr; i++) {
        struct sim_frame *f;
        uint64_t mfn;

        if (sim_translate(sim->host, d, t->first_pfn + i, &mfn))
            continue;
        f = &sim_frames(sim->host)[mfn];
        if (f->flags & SIM_F_DIRTY)
            bits[i / 8] |= (uint8_t)(1U << i % 8);
        f->flags &= (uint8_t)~SIM_F_DIRTY;
    }
    return 0;
}

static int with_domain(struct sim *sim, struct sim_domain *d, struct xen_dm_op *op,
                       const struct xctl_dm_buf *bufs, unsigned int nr)
{
    struct sim_server *v;

    switch (op->op) {
    case XEN_DMOP_create_ioreq_server:
        return create_server(sim, d, &op->u.create_ioreq_server);
    case XEN_DMOP_get_ioreq_server_info:
        v = server(d, op->u.get_ioreq_server_info.id);
        if (v)
            op->u.get_ioreq_server_info.bufioreq_port = v->port;
        return v ? 0 : -ENOENT;
    case XEN_DMOP_map_io_range_to_ioreq_server:
    case XEN_DMOP_unmap_io_range_from_ioreq_server:
        return range(d, &op->u.map_io_range_to_ioreq_server,
                     op->op == XEN_DMOP_map_io_range_to_ioreq_server);
    case XEN_DMOP_set_ioreq_server_state:
        v = server(d, op->u.set_ioreq_server_state.id);
        if (v)
            v->enabled = op->u.set_ioreq_server_state.enabled ? 1 : 0;
        return v ? 0 : -ENOENT;
    case XEN_DMOP_destroy_ioreq_server:
        return destroy_server(sim, d, op->u.destroy_ioreq_server.id);
    case XEN_DMOP_track_dirty_vram:
        return track_vram(sim, d, bufs, nr, &op->u.track_dirty_vram);
    case XEN_DMOP_set_pci_intx_level:
        return op->u.set_pci_intx_level.device < 32 && op->u.set_pci_intx_level.intx < 4 ? 0
                                                                                         : -EINVAL;
    case XEN_DMOP_set_isa_irq_level:
        return op->u.set_isa_irq_level.isa_irq < 16 ? 0 : -EINVAL;
    case XEN_DMOP_set_pci_link_route:
        return op->u.set_pci_link_route.link < 4 && op->u.set_pci_link_route.isa_irq < 16 ? 0
                                                                                          : -EINVAL;
    case XEN_DMOP_inject_msi:
        return 0;
    case XEN_DMOP_inject_event:
        return sim_vcpu(sim->host, d, op->u.inject_event.vcpuid) ? 0 : -EINVAL;
    case XEN_DMOP_modified_memory:
        return modified(sim, d, bufs, nr, &op->u.modified_memory);
    case XEN_DMOP_remote_shutdown:
        if (op->u.remote_shutdown.reason > SHUTDOWN_MAX)
            return -EINVAL;
        sim_domain_stop(sim, d, op->u.remote_shutdown.reason);
        return 0;
    case XEN_DMOP_nr_vcpus:
        op->u.nr_vcpus.vcpus = d->max_vcpus;
        return 0;
    default:
        return -EOPNOTSUPP;
    }
}

int sim_be_dm_op(xctl_handle *h, domid_t domid, const struct xctl_dm_buf *bufs, unsigned int nr)
{
    struct sim *sim = sim_of(h);
    struct xen_dm_op op = {0};
    struct sim_domain *d;
    int rc;

    if (!nr || bufs[0].size < sizeof(op.op))
        return -EFAULT;
    memcpy(&op, bufs[0].data, MIN_OF(bufs[0].size, sizeof(op)));
    rc = sim_enter(sim, XCTL_SIM_DM_OP, (int)op.op, __HYPERVISOR_dm_op);
    if (rc)
        return rc;
    if (sim->restricted && sim->restricted_to != domid)
        rc = -EPERM;
    if (!rc)
        rc = sim_target(sim, domid, &d);
    if (!rc && !d->hvm)
        rc = -EINVAL;
    if (!rc)
        rc = with_domain(sim, d, &op, bufs, nr);
    if (rc >= 0)
        memcpy(bufs[0].data, &op, MIN_OF(bufs[0].size, sizeof(op)));
    sim_unlock(sim->host);
    return rc;
}

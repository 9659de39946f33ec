/* SPDX-License-Identifier: MIT */
/*
 * fill.c - pages of the simulated host whose content has yet to come. No guest runs here: who plays
 * one maps its pages, is told -ENOENT, and with that has said which page it waits for.
 */
#include "sim.h"
#include <xenolith/public/xenolith.h>

bool sim_unfilled(struct sim *sim, struct sim_domain *d, uint64_t mfn)
{
    if (!(sim_frames(sim->host)[mfn].flags & SIM_F_UNFILLED))
        return false;
    for (unsigned int i = 0; i < SIM_WANTED; i++) {
        if (d->wanted[i] && d->wanted[i] != mfn + 1)
            continue;
        d->wanted[i] = mfn + 1;
        break;
    }
    if (d->fill_port)
        sim_port_send(sim, d, d->fill_port);
    return true;
}

static int mark(struct sim_host *s, struct sim_domain *d, struct xen_domctl_fill_op *o, uint64_t nr)
{
    const uint64_t *list = (const uint64_t *)(uintptr_t)o->frames;

    if (d->ran)
        return -EINVAL;
    for (; o->nr < nr; o->nr++) {
        struct sim_frame *f;
        uint64_t mfn;

        if (sim_translate(s, d, list[o->nr], &mfn))
            return -EINVAL;
        f = &sim_frames(s)[mfn];
        if (f->flags & SIM_F_XEN)
            return -EINVAL;
        if (f->refs || f->type)
            return -EBUSY;
        d->unfilled += !(f->flags & SIM_F_UNFILLED);
        f->flags |= SIM_F_UNFILLED;
    }
    return 0;
}

static int fill(struct sim_host *s, struct sim_domain *d, struct xen_domctl_fill_op *o, uint64_t nr)
{
    const uint64_t *list = (const uint64_t *)(uintptr_t)o->frames;
    const char *from = (const char *)(uintptr_t)o->pages;

    for (; o->nr < nr; o->nr++) {
        struct sim_frame *f;
        uint64_t mfn;

        if (sim_translate(s, d, list[o->nr], &mfn))
            continue;
        f = &sim_frames(s)[mfn];
        if (!(f->flags & SIM_F_UNFILLED))
            continue;
        memcpy(sim_page(s, mfn), from + o->nr * XCTL_PAGE_SIZE, XCTL_PAGE_SIZE);
        sim_dirty(f);
        f->flags &= (uint8_t)~SIM_F_UNFILLED;
        d->unfilled--;
    }
    return 0;
}

static int wanted(struct sim_host *s, struct sim_domain *d, struct xen_domctl_fill_op *o,
                  uint64_t most)
{
    uint64_t *list = (uint64_t *)(uintptr_t)o->frames;

    for (unsigned int i = 0; i < SIM_WANTED; i++) {
        uint64_t mfn = d->wanted[i] - 1;

        if (!d->wanted[i] || o->nr == most)
            continue;
        if (sim_frames(s)[mfn].owner == d->domid && (sim_frames(s)[mfn].flags & SIM_F_UNFILLED))
            list[o->nr++] = mfn;
        d->wanted[i] = 0;
    }
    return 0;
}

static int run(struct sim_host *s, struct sim_domain *d, struct xen_domctl_fill_op *o)
{
    uint64_t nr = o->nr;

    if (o->op == XEN_DOMCTL_FILL_START) {
        if (!d->nr_vcpus)
            return -EINVAL;
        if (d->ran || d->filling || d->logdirty)
            return -EBUSY;
        d->filling = 1;
        d->fill_port = o->port;
        return 0;
    }
    if (!d->filling || nr > XEN_DOMCTL_FILL_MOST)
        return -EINVAL;
    if (o->op == XEN_DOMCTL_FILL_END) {
        d->filling = d->unfilled != 0;
        return d->unfilled ? -EBUSY : 0;
    }
    o->nr = 0;
    switch (o->op) {
    case XEN_DOMCTL_FILL_MARK:
        return mark(s, d, o, nr);
    case XEN_DOMCTL_FILL_FILL:
        return fill(s, d, o, nr);
    case XEN_DOMCTL_FILL_WANTED:
        return wanted(s, d, o, nr);
    default:
        return -EINVAL;
    }
}

int sim_domctl_fill(struct sim *sim, struct sim_domain *d, struct xen_domctl *op)
{
    struct xen_domctl_fill_op *o = (void *)&op->u;
    int rc;

    if (op->cmd != XEN_DOMCTL_fill_op)
        return -ENOSYS;
    if (d->domid == sim->domid || d->hvm)
        return -EINVAL;
    rc = run(sim->host, d, o);
    o->unfilled = d->unfilled;
    return rc;
}

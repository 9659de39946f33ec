/* SPDX-License-Identifier: MIT */
/*
 * fifo-setup.c - how a domain gets into the FIFO form and out of it.
 *
 * The first control block of any vCPU switches the domain; what is pending in the 2-level form is
 * remembered per port (saved_pending) until a page of event words covers the port. Every guest page
 * used is held as a writable page. Locks: the domain's, throughout.
 */
#include <xen/fill.h>
#include "fifo.h"

/* Takes a frame of the guest for good: 0 or -EINVAL. */
static int take_frame(struct domain *d, u64 gfn, struct page_info **ret_page)
{
    struct page_info *pg = get_page_from_gfn(d, gfn);

    if (!pg)
        return -EINVAL;
    if (!page_filled(pg) || get_page_type(pg, PGT_WRITABLE)) {
        put_page(pg);
        return -EINVAL;
    }
    *ret_page = pg;
    return 0;
}

static void add_control_block(struct vcpu *v, struct evtchn_fifo_vcpu *fv, struct page_info *pg,
                              u32 offset)
{
    fv->page = pg;
    fv->block = (struct evtchn_fifo_control_block *)((char *)page_to_virt(pg) + offset);
    for (unsigned int i = 0; i < NR_PRIORITIES; i++)
        spin_lock_init(&fv->queue[i].lock, LOCK_RANK_EVTCHN_QUEUE);
    __atomic_store_n(&v->evtchn->fifo, fv, __ATOMIC_RELEASE);
}

/* The 2-level form ends; see also two_level_set_pending(). */
static void switch_to_fifo(struct domain *d, struct evtchn_fifo_domain *fd)
{
    struct evtchn_domain *ed = d->evtchn;

    WRITE_ONCE(ed->fifo, fd);
    smp_wmb();
    WRITE_ONCE(ed->ops, &evtchn_fifo_ops);
    smp_mb();
    for (u32 port = 1; port < MIN(ed->nr_ports, PORTS_2L); port++)
        if (test_and_clear_bit(port, d->shared_info->evtchn_pending))
            evtchn_fifo_ops.set_pending(d, evtchn_lookup(d, port));
}

/* Events for v that came before it had a control block. */
static void queue_waiting(struct domain *d, const struct vcpu *v)
{
    smp_mb();
    for (u32 port = 1; port < d->evtchn->nr_ports; port++) {
        struct evtchn *chn = evtchn_lookup(d, port);

        if (chn->state != ECS_FREE && chn->notify_vcpu == v->vcpu_id)
            evtchn_fifo_relink(d, chn);
    }
}

int evtchn_fifo_init_control(struct domain *d, unsigned int vcpu_id, u64 gfn, u32 offset)
{
    struct vcpu *v = domain_vcpu(d, vcpu_id);
    struct evtchn_fifo_domain *fd = NULL;
    struct evtchn_fifo_vcpu *fv = NULL;
    struct page_info *pg;
    int rc;

    if (!v || !v->evtchn)
        return -ENOENT;
    if (offset > PAGE_SIZE - sizeof(struct evtchn_fifo_control_block) || (offset & 7))
        return -EINVAL;

    spin_lock(&d->evtchn->lock);
    rc = -EINVAL;
    if (v->evtchn->fifo || d->evtchn->closed)
        goto out;
    rc = -ENOMEM;
    fv = xzalloc(struct evtchn_fifo_vcpu);
    if (!fv)
        goto out;
    if (!d->evtchn->fifo) {
        fd = xzalloc(struct evtchn_fifo_domain);
        if (!fd)
            goto out;
    }
    rc = take_frame(d, gfn, &pg);
    if (rc)
        goto out;

    add_control_block(v, fv, pg, offset);
    if (fd)
        switch_to_fifo(d, fd);
    queue_waiting(d, v);
    fv = NULL;
    fd = NULL;
out:
    spin_unlock(&d->evtchn->lock);
    xfree(fd);
    xfree(fv);
    return rc;
}

static void restore_saved(struct domain *d, u32 first)
{
    smp_mb();
    for (u32 port = first; port < first + WORDS_PER_PAGE; port++) {
        struct evtchn *chn = evtchn_lookup(d, port);

        if (chn && xchg(&chn->saved_pending, 0))
            evtchn_fifo_ops.set_pending(d, chn);
    }
}

int evtchn_fifo_expand_array(struct domain *d, u64 gfn)
{
    struct evtchn_fifo_domain *fd;
    struct page_info *pg;
    u32 first;
    int rc;

    spin_lock(&d->evtchn->lock);
    fd = d->evtchn->fifo;
    rc = -EOPNOTSUPP;
    if (!fd)
        goto out;
    rc = -ENOSPC;
    first = fd->nr_words;
    if (first >= PORTS_FIFO)
        goto out;
    rc = take_frame(d, gfn, &pg);
    if (rc)
        goto out;
    fd->words[first / WORDS_PER_PAGE] = page_to_virt(pg);
    __atomic_store_n(&fd->nr_words, first + (u32)WORDS_PER_PAGE, __ATOMIC_RELEASE);
    restore_saved(d, first);
out:
    spin_unlock(&d->evtchn->lock);
    return rc;
}

static void forget_queues(struct domain *d)
{
    for (u32 port = 1; port < d->evtchn->nr_ports; port++) {
        struct evtchn *chn = evtchn_lookup(d, port);

        chn->last_queue = FIFO_QUEUE_NONE;
        chn->saved_pending = 0;
    }
}

void evtchn_fifo_destroy(struct domain *d)
{
    struct evtchn_domain *ed = d->evtchn;
    struct evtchn_fifo_domain *fd = ed->fifo;
    struct vcpu *v;

    if (!fd)
        return;
    WRITE_ONCE(ed->ops, &evtchn_2l_ops);
    WRITE_ONCE(ed->fifo, NULL);
    forget_queues(d);
    for_each_vcpu (d, v) {
        struct evtchn_fifo_vcpu *fv = v->evtchn ? v->evtchn->fifo : NULL;

        if (!fv)
            continue;
        WRITE_ONCE(v->evtchn->fifo, NULL);
        put_page_and_type(fv->page);
        xfree(fv);
    }
    for (u32 i = 0; i < fd->nr_words / WORDS_PER_PAGE; i++)
        put_page_and_type(virt_to_page(fd->words[i]));
    xfree(fd);
}

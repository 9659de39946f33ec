/* SPDX-License-Identifier: MIT */
/*
 * teardown.c - taking a domain apart, step by step, with a pause wherever other work waits.
 *
 * The order matters: first nothing new can come in (paused for good, no event channels), then what
 * the domain holds of others goes, then its own memory and what we shared with it. A page that
 * somebody else still maps stays, and keeps the structure alive until it is let go.
 */
#include <xen/domain.h>
#include <xen/event.h>
#include <xen/grant-table.h>
#include <xen/hypercall.h>
#include <xen/lib.h>
#include <xen/logdirty.h>
#include <xen/mm.h>
#include <xen/sched.h>
#include <asm/mm.h>
#include <asm/pv.h>

enum {
    KILL_START,
    KILL_EVENTS,
    KILL_GRANTS,
    KILL_VCPUS,
    KILL_LOGDIRTY,
    KILL_TYPES,
    KILL_MEMORY,
    KILL_DONE
};

static void mark_dying(struct domain *d)
{
    /* Never undone: no vCPU of it runs again. */
    domain_pause(d);
    spin_lock(&d->lock);
    spin_lock(&d->page_lock);
    d->is_dying = true;
    spin_unlock(&d->page_lock);
    spin_unlock(&d->lock);
    domain_watchdogs_destroy(d); /* one that expires later would find vCPUs being freed */
    if (domain_claim_pages(d, 0))
        BUG(); /* giving back cannot fail */
}

static int release_vcpus(struct domain *d)
{
    struct vcpu *v;
    int rc;

    for_each_vcpu (d, v) {
        vcpu_timers_destroy(v);
        rc = pv_vcpu_reset(v, true);
        if (rc)
            return rc;
        vcpu_info_drop(v);
    }
    return 0;
}

static bool type_is_held(const struct page_info *pg)
{
    return READ_ONCE(pg->type_info) & (PGT_PINNED | PGT_PARTIAL);
}

/* The caller has a reference. What the page's tables leave to do is parked. */
static void release_type(struct page_info *pg)
{
    if (__atomic_fetch_and(&pg->type_info, ~PGT_PINNED, __ATOMIC_SEQ_CST) & PGT_PINNED)
        (void)put_page_and_type_preempt(pg);
    else /* a pinned one was complete */
        (void)pt_release_partial(pg);
}

/* Page tables let go of what they map, so that nearly all pages are the domain's alone then. */
static int release_types(struct domain *d)
{
    struct page_info *pg;

    for (;;) {
        /* Before anything new: with a table parked, the next one would be released in one go. */
        if (pt_drain(current))
            return -ERESTART;
        if (!READ_ONCE(d->page_list))
            return 0;
        pg = domain_set_aside(d, type_is_held);
        if (pg) {
            release_type(pg);
            put_page(pg);
        }
        if (hypercall_preempt_check())
            return -ERESTART;
    }
}

/* A page that others use, too, or the domain no more. */
static void release_page(struct page_info *pg)
{
    release_type(pg);
    if (__atomic_fetch_and(&pg->count_info, ~PGC_ALLOCATED, __ATOMIC_SEQ_CST) & PGC_ALLOCATED)
        put_page(pg);
    put_page(pg);
}

static int release_memory(struct domain *d)
{
    struct page_info *pg;
    bool has_ref;

    for (;;) {
        if (pt_drain(current))
            return -ERESTART;
        if (!domain_free_unused(d)) {
            pg = domain_take_back(d, &has_ref);
            if (!pg)
                return 0;
            if (has_ref)
                release_page(pg);
        }
        if (READ_ONCE(d->dying_list) && hypercall_preempt_check())
            return -ERESTART;
    }
}

int domain_kill(struct domain *d)
{
    int rc = 0;

    ASSERT(d != current->domain);
    switch (d->kill_stage) {
    case KILL_START:
        mark_dying(d);
        d->kill_stage = KILL_EVENTS;
        /* fallthrough */
    case KILL_EVENTS:
        rc = evtchn_domain_close(d);
        if (rc)
            return rc;
        d->kill_stage = KILL_GRANTS;
        /* fallthrough */
    case KILL_GRANTS:
        rc = gnttab_release_mappings(d);
        if (rc)
            return rc;
        d->kill_stage = KILL_VCPUS;
        /* fallthrough */
    case KILL_VCPUS:
        rc = release_vcpus(d);
        if (rc)
            return rc;
        d->kill_stage = KILL_LOGDIRTY;
        /* fallthrough */
    case KILL_LOGDIRTY:
        rc = logdirty_teardown(d);
        if (rc)
            return rc;
        d->kill_stage = KILL_TYPES;
        /* fallthrough */
    case KILL_TYPES:
        rc = release_types(d);
        if (rc)
            return rc;
        d->kill_stage = KILL_MEMORY;
        /* fallthrough */
    case KILL_MEMORY:
        rc = release_memory(d);
        if (rc)
            return rc;
        unshare_xen_pages(d);
        d->kill_stage = KILL_DONE;
        WRITE_ONCE(d->is_dead, true);
        send_global_virq(VIRQ_DOM_EXC);
        put_domain(d); /* what domain_create took */
        break;
    }
    return 0;
}

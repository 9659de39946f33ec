/* SPDX-License-Identifier: MIT */
/*
 * logdirty.c - log-dirty of a PV domain: switching it on and off, marks, and what the page-table
 * code reports. See private.h for how it works.
 */
#include <xen/errno.h>
#include <xen/hypercall.h>
#include <asm/pv.h>
#include "private.h"

#define STEP 64 /* pages between two looks at whether to go on later */

unsigned int logdirty_domains;

bool logdirty_enabled(const struct logdirty *ld)
{
    return READ_ONCE(ld->enabled);
}

/* --- marks --- */

bool logdirty_pfn_of(const struct domain *d, unsigned long mfn, unsigned long *ret_pfn)
{
    if (!mfn_valid(_mfn(mfn)) || page_owner(mfn_to_page(_mfn(mfn))) != d)
        return false;
    /* What the guest says its number is; hypervisor pages have none. */
    *ret_pfn = m2p_get(_mfn(mfn));
    return *ret_pfn < DIRTY_MAP_BITS;
}

bool logdirty_mark_locked(struct domain *d, struct logdirty *ld, unsigned long mfn)
{
    unsigned long pfn;

    return logdirty_pfn_of(d, mfn, &pfn) && dirty_map_add(&ld->map, pfn);
}

void logdirty_mark_pfn(struct domain *d, unsigned long pfn)
{
    struct logdirty *ld = READ_ONCE(d->arch.logdirty);

    if (!ld || !READ_ONCE(ld->enabled))
        return;
    spin_lock(&ld->lock);
    if (ld->enabled)
        (void)dirty_map_add(&ld->map, pfn);
    spin_unlock(&ld->lock);
}

void logdirty_mark_page(struct page_info *pg)
{
    struct domain *d = page_owner(pg);

    if (d)
        logdirty_mark_pfn(d, m2p_get(page_to_mfn(pg)));
}

/* --- shadows --- */

/* Guest slots only: ours must stay, a CPU may be running on it. */
static void wipe_l4(struct shadow *s)
{
    for (unsigned int i = 0; i < 512; i++)
        if (!is_hv_slot(i))
            WRITE_ONCE(s->table[i], 0);
}

/* CPUs that may know the page of a shadow that is free. */
static void who_knows(const struct domain *d, const struct shadow *s, cpumask_t *ret_mask)
{
    cpumask_clear(ret_mask);
    if (s->fresh)
        return;
    *ret_mask = d->dirty_cpus;
    tlb_filter(ret_mask, s->stamp);
}

/* Makes the first free shadow fit for use, preferably without disturbing anyone. */
static void prepare_free(struct domain *d, struct logdirty *ld)
{
    struct shadow_pool *p = &ld->pool;
    cpumask_t mask;

    if (list_empty(&p->free) && shadow_pool_grow(p))
        shadow_pool_drop_all(p, tlb_clock(), wipe_l4);
    BUG_ON(list_empty(&p->free)); /* the reserve was too small */
    who_knows(d, list_first_entry(&p->free, struct shadow, list), &mask);
    if (!cpumask_empty(&mask) && shadow_pool_grow(p))
        flush_tlb_mask(&mask, 0, FLUSH_TLB);
}

struct shadow *logdirty_shadow_locked(struct domain *d, struct logdirty *ld, unsigned long mfn,
                                      unsigned int level)
{
    struct shadow *s = shadow_pool_find(&ld->pool, mfn);

    if (s)
        return s;
    prepare_free(d, ld);
    s = shadow_pool_take(&ld->pool, mfn, level);
    if (level == 4)
        pv_init_l4_slots(d, s->table);
    return s;
}

void logdirty_zap_entry(struct domain *d, struct page_info *table, unsigned int index)
{
    struct logdirty *ld = d->arch.logdirty;
    struct shadow *s;

    if (!READ_ONCE(ld->enabled))
        return;
    spin_lock(&ld->lock);
    if (ld->enabled) {
        s = shadow_pool_find(&ld->pool, mfn_x(page_to_mfn(table)));
        if (s)
            WRITE_ONCE(s->table[index], 0);
        (void)logdirty_mark_locked(d, ld, mfn_x(page_to_mfn(table)));
    }
    spin_unlock(&ld->lock);
}

void logdirty_drop_table(struct domain *d, struct page_info *table)
{
    struct logdirty *ld = d->arch.logdirty;
    struct shadow *s;

    if (!READ_ONCE(ld->enabled))
        return;
    spin_lock(&ld->lock);
    if (ld->enabled) {
        s = shadow_pool_find(&ld->pool, mfn_x(page_to_mfn(table)));
        if (s) {
            BUG_ON(s->users);
            shadow_pool_drop(&ld->pool, s, tlb_clock());
        }
        /* What it is has to reach the other side too. */
        (void)logdirty_mark_locked(d, ld, mfn_x(page_to_mfn(table)));
    }
    spin_unlock(&ld->lock);
}

unsigned long logdirty_base_get(struct domain *d, mfn_t l4)
{
    struct logdirty *ld = d->arch.logdirty;
    struct shadow *s;

    if (mfn_eq(l4, INVALID_MFN))
        return 0;
    if (!logdirty_on(d))
        return mfn_to_maddr(l4);
    spin_lock(&ld->lock);
    s = logdirty_shadow_locked(d, ld, mfn_x(l4), 4);
    s->users++;
    spin_unlock(&ld->lock);
    return virt_to_maddr(s->table);
}

void logdirty_base_put(struct domain *d, mfn_t l4)
{
    struct logdirty *ld = d->arch.logdirty;
    struct shadow *s;

    if (mfn_eq(l4, INVALID_MFN) || !logdirty_on(d))
        return;
    spin_lock(&ld->lock);
    s = shadow_pool_find(&ld->pool, mfn_x(l4));
    BUG_ON(!s || !s->users);
    s->users--;
    spin_unlock(&ld->lock);
}

bool logdirty_protect(struct logdirty *ld)
{
    struct shadow *s;

    for (unsigned int i = 0; i < STEP; i++) {
        spin_lock(&ld->lock);
        if (list_empty(&ld->pool.writable)) {
            spin_unlock(&ld->lock);
            return true;
        }
        s = list_first_entry(&ld->pool.writable, struct shadow, list);
        for (unsigned int k = 0; k < 512; k++)
            s->table[k] &= ~PTE_RW;
        list_del(&s->list);
        list_add_tail(&s->list, &ld->pool.tables);
        spin_unlock(&ld->lock);
    }
    return false;
}

/* --- on and off --- */

/* Sizes follow what a guest of that size uses; a strange one runs with less. */
static unsigned long max_shadows(const struct domain *d)
{
    return logdirty_reserve(d) + 128UL * d->max_vcpus + d->tot_pages / 64;
}

static unsigned long max_map_nodes(const struct domain *d)
{
    return 1024 + d->tot_pages / 4096;
}

static struct logdirty *logdirty_new(void)
{
    struct logdirty *ld = xzalloc(struct logdirty);

    if (ld)
        spin_lock_init(&ld->lock, LOCK_RANK_LOGDIRTY);
    return ld;
}

static int fill_reserve(struct domain *d, struct logdirty *ld)
{
    int rc = 0;

    for (unsigned int n = 1; !rc && ld->pool.nr < logdirty_reserve(d); n++) {
        rc = shadow_pool_grow(&ld->pool);
        if (!rc && n % STEP == 0 && hypercall_preempt_check())
            return -ERESTART;
    }
    return rc;
}

int logdirty_prepare(struct domain *d)
{
    struct logdirty *ld = d->arch.logdirty;
    int rc = 0;

    if (!ld) {
        ld = logdirty_new();
        if (!ld)
            return -ENOMEM;
        WRITE_ONCE(d->arch.logdirty, ld);
    }
    if (!ld->pool.bucket)
        rc = shadow_pool_init(&ld->pool, max_shadows(d));
    if (!rc && !ld->buffer) {
        ld->buffer = alloc_xenheap_page();
        rc = ld->buffer ? 0 : -ENOMEM;
    }
    ld->map.max_nodes = max_map_nodes(d);
    ld->faults = 0;
    if (!rc)
        rc = fill_reserve(d, ld);
    while (rc && rc != -ERESTART && !logdirty_release(ld))
        ;
    return rc;
}

/* The vCPUs' tables change with log-dirty; no vCPU of d runs. */
static void use_bases(struct domain *d)
{
    const struct logdirty *ld = d->arch.logdirty;
    struct vcpu *v;

    for_each_vcpu (d, v) {
        v->arch.kernel_cr3 = v->arch.user_cr3 = 0;
        pv_load_bases(v);
        pv_update_fast_path(v);
        hypercalls_when_filled(v, ld->filling && ld->enabled);
    }
}

void logdirty_start(struct domain *d)
{
    struct logdirty *ld = d->arch.logdirty;

    domain_pause(d);
    WRITE_ONCE(logdirty_domains, logdirty_domains + 1);
    spin_lock(&ld->lock);
    ld->enabled = true;
    spin_unlock(&ld->lock);
    /* Whoever stored an entry and then found log-dirty off did so before the shadows exist. */
    smp_mb();
    use_bases(d);
    domain_unpause(d);
}

void logdirty_stop(struct domain *d)
{
    struct logdirty *ld = d->arch.logdirty;

    domain_pause(d);
    spin_lock(&ld->lock);
    ld->enabled = false;
    spin_unlock(&ld->lock);
    use_bases(d);
    domain_unpause(d);
    WRITE_ONCE(logdirty_domains, logdirty_domains - 1);
}

bool logdirty_release(struct logdirty *ld)
{
    bool done;

    spin_lock(&ld->lock);
    done = dirty_map_free(&ld->map, STEP) && shadow_pool_free(&ld->pool, STEP);
    spin_unlock(&ld->lock);
    if (done) {
        free_xenheap_page(ld->buffer);
        ld->buffer = NULL;
    }
    return done;
}

int logdirty_teardown(struct domain *d)
{
    struct logdirty *ld = d->arch.logdirty;

    if (!ld)
        return 0;
    if (ld->enabled)
        logdirty_stop(d);
    while (!logdirty_release(ld))
        if (hypercall_preempt_check())
            return -ERESTART;
    return 0;
}

void logdirty_free(struct domain *d)
{
    xfree(d->arch.logdirty);
    d->arch.logdirty = NULL;
}

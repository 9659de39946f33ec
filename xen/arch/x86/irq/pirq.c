/* SPDX-License-Identifier: MIT */
/*
 * pirq.c - the physical interrupts of a domain: pirq number -> line -> event-channel port.
 *
 * A pirq is free, mapped (the table names a line), or bound (the line's owner is the domain). GSIs
 * keep their number as pirq; messages get numbers above the GSIs. Mapping does not own a line, only
 * binding does, and a line has one owner.
 *
 * Locks: pirq_lock serialises mapping and unmapping of all domains (a slow path). A table slot
 * changes with the descriptor's lock held as well, so that binding, which may only take that one,
 * can verify what it found.
 */
#include <xen/fill.h>
#include <xen/irq.h>
#include <xen/lib.h>
#include <xen/mm.h>
#include <xen/sched.h>
#include "private.h"

struct pirq_table {
    unsigned int nr;            /* constant */
    unsigned long *eoi_map;     /* pirq_lock; set once. Guest page: bit set: needs PHYSDEVOP_eoi */
    struct page_info *eoi_page; /* pirq_lock */
    struct irq_desc *desc[];    /* pirq_lock and desc->lock to write */
};

DEFINE_SPINLOCK(pirq_lock, LOCK_RANK_PIRQ);

/* Bits of the guest's page are written with single atomic operations and never read back. */
static void publish_eoi(const struct pirq_table *t, unsigned int pirq, bool needs_eoi)
{
    unsigned long *map = READ_ONCE(t->eoi_map);

    if (!map)
        return;
    if (needs_eoi)
        set_bit(pirq, map);
    else
        clear_bit(pirq, map);
}

unsigned int pirq_max(const struct domain *d)
{
    return d->pirqs ? d->pirqs->nr : 0;
}

bool pirq_is_mapped(const struct domain *d, unsigned int pirq)
{
    return READ_ONCE(d->pirqs->desc[pirq]) != NULL;
}

int pirq_domain_init(struct domain *d, unsigned int nr)
{
    struct pirq_table *t;

    /* The EOI map is one page of bits. */
    if (nr > PAGE_SIZE * 8)
        return -EINVAL;
    t = xzalloc_bytes(sizeof(*t) + nr * sizeof(t->desc[0]), __alignof__(*t));
    if (!t)
        return -ENOMEM;
    t->nr = nr;
    d->pirqs = t;
    return 0;
}

/* --- mapping; pirq_lock held --- */

static void set_slot(struct pirq_table *t, unsigned int pirq, struct irq_desc *desc)
{
    unsigned long flags;

    spin_lock_irqsave(&desc->lock, flags);
    WRITE_ONCE(t->desc[pirq], desc);
    publish_eoi(t, pirq, desc->level);
    spin_unlock_irqrestore(&desc->lock, flags);
}

int pirq_map_gsi(struct domain *d, unsigned int gsi, int want, int *ret_pirq)
{
    struct pirq_table *t = d->pirqs;
    struct irq_desc *desc = irq_gsi_desc(gsi);

    ASSERT(spin_is_locked(&pirq_lock));
    if (!t || !desc || gsi >= t->nr || (want >= 0 && (unsigned int)want != gsi))
        return -EINVAL;
    if (!t->desc[gsi])
        set_slot(t, gsi, desc);
    *ret_pirq = (int)gsi;
    return 0;
}

static bool slots_free(const struct pirq_table *t, unsigned int first, unsigned int nr)
{
    if (first < nr_gsis() || first >= t->nr || nr > t->nr - first)
        return false;
    for (unsigned int i = 0; i < nr; i++)
        if (t->desc[first + i])
            return false;
    return true;
}

/* From the top down, as message pirqs always were numbered: low ones stay free for hot-added GSIs.
 */
static int choose_slots(const struct pirq_table *t, unsigned int nr)
{
    for (unsigned int first = t->nr; first-- > nr_gsis();)
        if (slots_free(t, first, nr))
            return (int)first;
    return -ENOSPC;
}

int pirq_map_msi(struct domain *d, u8 first_vector, unsigned int nr, int want, int *ret_pirq)
{
    struct pirq_table *t = d->pirqs;
    int first = want;

    ASSERT(spin_is_locked(&pirq_lock));
    if (!t)
        return -EINVAL;
    if (want < 0)
        first = choose_slots(t, nr);
    else if (!slots_free(t, (unsigned int)want, nr))
        return -EEXIST;
    if (first < 0)
        return first;
    for (unsigned int i = 0; i < nr; i++)
        set_slot(t, (unsigned int)first + i, &msi_descs[first_vector + i]);
    *ret_pirq = first;
    return 0;
}

/* Ends the ownership if it is this domain's pirq that holds the line. */
static void release_locked(struct irq_desc *desc, const struct domain *d, unsigned int pirq)
{
    ASSERT(spin_is_locked(&desc->lock));
    if (desc->owner != d || desc->pirq != pirq)
        return;
    irq_mask_locked(desc);
    desc->owner = NULL;
    desc->port = 0;
    desc->awaits_eoi = false;
}

static void clear_slot(struct domain *d, unsigned int pirq)
{
    struct pirq_table *t = d->pirqs;
    struct irq_desc *desc = t->desc[pirq];
    unsigned long flags;

    spin_lock_irqsave(&desc->lock, flags);
    release_locked(desc, d, pirq);
    WRITE_ONCE(t->desc[pirq], NULL);
    publish_eoi(t, pirq, false);
    spin_unlock_irqrestore(&desc->lock, flags);
    irq_synchronize(desc);
}

/* A block of MSI vectors goes as a whole, by its first pirq. */
int pirq_unmap(struct domain *d, unsigned int pirq)
{
    struct pirq_table *t = d->pirqs;
    struct irq_desc *desc;
    unsigned int nr = 1;

    ASSERT(spin_is_locked(&pirq_lock));
    if (!t || pirq >= t->nr || !t->desc[pirq])
        return -EINVAL;
    desc = t->desc[pirq];
    if (desc->kind == IRQ_KIND_MSI) {
        if (desc->msi.entry)
            return -EINVAL;
        nr = desc->msi.nr;
    }
    for (unsigned int i = 0; i < nr && pirq + i < t->nr; i++)
        if (t->desc[pirq + i] && (!i || t->desc[pirq + i] == desc + i))
            clear_slot(d, pirq + i);
    if (desc->kind != IRQ_KIND_GSI)
        msi_teardown(desc);
    return 0;
}

void pirq_domain_free(struct domain *d)
{
    struct pirq_table *t = d->pirqs;
    struct page_info *page;

    if (!t)
        return;
    spin_lock(&pirq_lock);
    for (unsigned int pirq = 0; pirq < t->nr; pirq++)
        if (t->desc[pirq] && pirq_unmap(d, pirq))
            BUG();
    page = t->eoi_page;
    t->eoi_page = NULL;
    t->eoi_map = NULL;
    d->pirqs = NULL;
    spin_unlock(&pirq_lock);
    if (page)
        put_page_and_type(page);
    xfree(t);
}

/* --- binding; callers may hold event-channel locks --- */

/* Locks the line of a pirq; NULL: not mapped (any more). */
static struct irq_desc *lock_pirq(const struct domain *d, unsigned int pirq, unsigned long *flags)
{
    const struct pirq_table *t = d->pirqs;

    while (t && pirq < t->nr) {
        struct irq_desc *desc = READ_ONCE(t->desc[pirq]);

        if (!desc)
            break;
        spin_lock_irqsave(&desc->lock, *flags);
        if (READ_ONCE(t->desc[pirq]) == desc)
            return desc;
        spin_unlock_irqrestore(&desc->lock, *flags);
    }
    return NULL;
}

static int may_own(const struct irq_desc *desc, const struct domain *d, unsigned int pirq)
{
    if (desc->handler)
        return -EBUSY;
    if (desc->owner)
        return desc->owner == d && desc->pirq == pirq ? -EEXIST : -EBUSY;
    return 0;
}

/* share needs no care here: who shares a line is up to the one domain that owns it. */
int pirq_bind_port(struct domain *d, unsigned int pirq, u32 port, bool share)
{
    unsigned long flags;
    struct irq_desc *desc = lock_pirq(d, pirq, &flags);
    int rc;

    (void)share;
    if (!desc)
        return -EINVAL;
    rc = may_own(desc, d, pirq);
    if (!rc && desc->kind == IRQ_KIND_GSI)
        rc = irq_setup_gsi_locked(desc);
    if (!rc) {
        desc->owner = d;
        desc->pirq = pirq;
        desc->port = port;
        desc->awaits_eoi = false;
        irq_unmask_locked(desc);
    }
    spin_unlock_irqrestore(&desc->lock, flags);
    return rc;
}

void pirq_unbind_port(struct domain *d, unsigned int pirq)
{
    unsigned long flags;
    struct irq_desc *desc = lock_pirq(d, pirq, &flags);

    if (!desc)
        return;
    release_locked(desc, d, pirq);
    spin_unlock_irqrestore(&desc->lock, flags);
}

void pirq_set_affinity(struct domain *d, unsigned int pirq, unsigned int cpu)
{
    unsigned long flags;
    struct irq_desc *desc = lock_pirq(d, pirq, &flags);

    if (!desc)
        return;
    cpu = irq_target_cpu(cpu);
    if (desc->owner == d && desc->pirq == pirq && desc->cpu != cpu) {
        desc->cpu = cpu;
        if (desc->kind == IRQ_KIND_GSI)
            ioapic_set_dest(desc->gsi, (u8)cpu_apicid[cpu]);
        else
            msi_retarget_locked(desc);
    }
    spin_unlock_irqrestore(&desc->lock, flags);
}

/* --- what PHYSDEVOP asks --- */

int pirq_eoi(struct domain *d, unsigned int pirq)
{
    unsigned long flags;
    struct irq_desc *desc = lock_pirq(d, pirq, &flags);

    if (!desc)
        return -EINVAL;
    if (desc->owner == d && desc->pirq == pirq && desc->awaits_eoi) {
        desc->awaits_eoi = false;
        irq_unmask_locked(desc);
    }
    spin_unlock_irqrestore(&desc->lock, flags);
    return 0;
}

int pirq_status(struct domain *d, unsigned int pirq, bool *ret_level)
{
    unsigned long flags;
    struct irq_desc *desc;

    if (pirq >= pirq_max(d))
        return -EINVAL;
    desc = lock_pirq(d, pirq, &flags);
    *ret_level = false;
    if (desc) {
        *ret_level = desc->level;
        spin_unlock_irqrestore(&desc->lock, flags);
    }
    return 0;
}

/* The first caller decides about trigger and polarity; -EEXIST tells later ones that it was done.
 */
int pirq_setup_gsi(struct domain *d, unsigned int gsi, bool level, bool low)
{
    struct irq_desc *desc = irq_gsi_desc(gsi);
    unsigned long flags;
    int rc = 0;

    if (!desc)
        return -EINVAL;
    spin_lock_irqsave(&desc->lock, flags);
    if (desc->handler || desc->configured) /* a line of ours counts as set up, too */
        rc = -EEXIST;
    else if (desc->owner)
        rc = desc->level == level && desc->active_low == low ? -EEXIST : -EBUSY;
    if (!rc) {
        bool old_level = desc->level, old_low = desc->active_low;

        desc->level = level;
        desc->active_low = low;
        rc = irq_setup_gsi_locked(desc);
        desc->configured = !rc;
        if (rc) {
            desc->level = old_level;
            desc->active_low = old_low;
        } else if (d->pirqs && gsi < d->pirqs->nr && d->pirqs->desc[gsi] == desc) {
            publish_eoi(d->pirqs, gsi, level);
        }
    }
    spin_unlock_irqrestore(&desc->lock, flags);
    return rc;
}

int pirq_set_eoi_map(struct domain *d, unsigned long gmfn)
{
    struct pirq_table *t = d->pirqs;
    struct page_info *page;
    int rc;

    if (!t)
        return -EINVAL;
    page = get_page_from_gfn(d, gmfn);
    if (!page)
        return -EINVAL;
    rc = page_filled(page) ? get_page_and_type(page, d, PGT_WRITABLE) : -EINVAL;
    put_page(page);
    if (rc) /* whatever it is used for: -EBUSY means that there is a page already */
        return -EINVAL;

    spin_lock(&pirq_lock);
    if (t->eoi_map) {
        rc = -EBUSY;
    } else {
        t->eoi_page = page;
        WRITE_ONCE(t->eoi_map, page_to_virt(page));
        for (unsigned int pirq = 0; pirq < t->nr; pirq++)
            if (t->desc[pirq])
                set_slot(t, pirq, t->desc[pirq]);
    }
    spin_unlock(&pirq_lock);
    if (rc)
        put_page_and_type(page);
    return rc;
}

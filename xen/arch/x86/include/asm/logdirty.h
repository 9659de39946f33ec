/* SPDX-License-Identifier: MIT */
/*
 * logdirty.h (x86) - log-dirty for PV domains: what the page-table and trap code calls.
 *
 * While it is on, the domain's vCPUs run on shadows of their page tables, which
 * arch/x86/mm/logdirty fills on faults. The guest's own tables stay what they are, and all the code
 * that validates and changes them goes on working on them; it only has to say what it did:
 *
 *   - after an entry was changed, and before the references of the old entry are dropped:
 *     logdirty_entry_changed()
 *   - before a table is taken apart: logdirty_table_gone()
 *   - which L4 a vCPU uses: logdirty_base_get() and _put()
 *
 * All of this needs interrupts on. Off or never on costs one load and a branch.
 */
#ifndef ASM_LOGDIRTY_H
#define ASM_LOGDIRTY_H

#include <xen/logdirty.h>
#include <xen/mm.h>
#include <xen/sched.h>

struct logdirty;

/* Whether d's vCPUs run on shadows. Constant while one of them, or its caller, runs. */
bool logdirty_enabled(const struct logdirty *ld);
static inline bool logdirty_on(const struct domain *d)
{
    const struct logdirty *ld = READ_ONCE(d->arch.logdirty);

    return unlikely(ld != NULL) && logdirty_enabled(ld);
}

void logdirty_zap_entry(struct domain *d, struct page_info *table, unsigned int index);
void logdirty_drop_table(struct domain *d, struct page_info *table);

/* Entry `index` of a validated table of d has a new value. */
static inline void logdirty_entry_changed(struct domain *d, struct page_info *table,
                                          unsigned int index)
{
    if (unlikely(READ_ONCE(d->arch.logdirty) != NULL))
        logdirty_zap_entry(d, table, index);
}

/* Nothing refers to the table any more, and it will be no table soon. May be called twice. */
static inline void logdirty_table_gone(struct domain *d, struct page_info *table)
{
    if (unlikely(READ_ONCE(d->arch.logdirty) != NULL))
        logdirty_drop_table(d, table);
}

/*
 * What to load into CR3 for a typed L4 of d, until base_put; INVALID_MFN gives 0. Never fails: the
 * memory for it was set aside. Callers: a vCPU for itself, or while it does not run.
 */
unsigned long logdirty_base_get(struct domain *d, mfn_t l4);
void logdirty_base_put(struct domain *d, mfn_t l4);

enum logdirty_result {
    LOGDIRTY_REFUSED,  /* the guest's tables do not allow it */
    LOGDIRTY_DONE,     /* the shadows lacked it, and have it now: repeat the access */
    LOGDIRTY_UNFILLED, /* the page's content has yet to come: v waits for it on its way out */
    LOGDIRTY_GRANTS,   /* a write to the domain's grant table, for pv_grant_write() */
    LOGDIRTY_AGAIN,    /* never returned: something changed meanwhile, walk again */
};
/* A page fault at a guest address in v's present address space; v is current, and its domain has
 * log-dirty on. */
enum logdirty_result logdirty_fault(struct vcpu *v, unsigned long va, u32 error);
/* Makes a range (at most a page long) ready for writing with interrupts off, where faults cannot
 * be served. False: the guest's tables do not allow it, or v->arch.waits_fill. */
bool logdirty_touch(struct vcpu *v, unsigned long va, unsigned long len);
/* Whether a guest range can be read without waiting for the content of its pages; what is not
 * mapped does not count. False: v->arch.waits_fill. */
bool logdirty_filled(struct vcpu *v, unsigned long va, unsigned long len);

#endif /* ASM_LOGDIRTY_H */

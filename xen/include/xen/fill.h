/* SPDX-License-Identifier: MIT */
/*
 * fill.h - pages of a domain whose content has yet to come: see <public/xenolith.h>.
 *
 * Such a frame is marked (PGC_UNFILLED). The domain runs on shadows of its page tables, which do
 * not map it: what its vCPUs do, and what the hypervisor does through their addresses, faults.
 * Whoever uses a frame by its number, for its content, asks page_filled() before.
 *
 * A vCPU that needed one waits before it goes back to its guest: its hypercall or instruction is
 * made again then. Never in the midst of one, for locks may be held.
 */
#ifndef XEN_FILL_H
#define XEN_FILL_H

#include <xen/mm.h>

static inline bool page_unfilled(const struct page_info *pg)
{
    return unlikely(READ_ONCE(pg->count_info) & PGC_UNFILLED);
}

/* v, which is current, needs this frame; 0: all that have no content. */
void fill_note(struct vcpu *v, unsigned long mfn);
bool fill_note_page(const struct page_info *pg); /* if it is the current domain's; false */

/* False: it has no content. The current vCPU waits for it, if its domain owns the frame. */
static inline bool page_filled(const struct page_info *pg)
{
    return likely(!page_unfilled(pg)) || fill_note_page(pg);
}

/* On the way to the guest, with interrupts on, if v->arch.waits_fill: v, which is current, waits
 * for what was noted, if that has not come yet. The scheduler is to be asked next. */
void fill_wait(struct vcpu *v);

#endif /* XEN_FILL_H */

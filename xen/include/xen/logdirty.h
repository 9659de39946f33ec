/* SPDX-License-Identifier: MIT */
/*
 * logdirty.h - which pages of a guest were written to: for whoever writes to guest memory, or puts
 * other memory in its place, without the guest's own page tables.
 *
 * Call after the write: the tools may copy a page as soon as its mark has been taken back. Any
 * context with interrupts on in which a lock of rank LOGDIRTY may be taken. While no domain's
 * writes are logged, each call is one load and a branch.
 */
#ifndef XEN_LOGDIRTY_H
#define XEN_LOGDIRTY_H

#include <xen/compiler.h>
#include <xen/types.h>

struct domain;
struct page_info;

extern unsigned int logdirty_domains; /* how many have it on; changes under domctl_lock */

void logdirty_mark_page(struct page_info *pg);
void logdirty_mark_pfn(struct domain *d, unsigned long pfn);

/* The contents of pg changed; its owner may be anyone. The caller has a reference. */
static inline void page_dirtied(struct page_info *pg)
{
    if (unlikely(logdirty_domains))
        logdirty_mark_page(pg);
}

/* Another frame, or none, is d's page number pfn now. Any value of pfn is fine. */
static inline void pfn_dirtied(struct domain *d, unsigned long pfn)
{
    if (unlikely(logdirty_domains))
        logdirty_mark_pfn(d, pfn);
}

/* End of a domain, after its vCPUs were reset: -ERESTART while work is left, then 0. */
int logdirty_teardown(struct domain *d) __must_check;
/* The structure itself; d has no references left. */
void logdirty_free(struct domain *d);

#endif /* XEN_LOGDIRTY_H */

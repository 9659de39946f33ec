/* SPDX-License-Identifier: MIT */
/*
 * private.h (logdirty) - log-dirty for PV domains: the parts and how they hold together.
 *
 *   logdirty.c     a domain's state; marks; what the page-table code reports
 *   fault.c        filling shadows
 *   shadow-op.c    the tools' operations
 *   shadow-pool.c  the shadow pages and their hash
 *   dirty-map.c    the set of dirty pages
 *   fill-op.c      shadows that do not map pages whose content has yet to come: <xen/fill.h>
 *
 * Every guest table that is in use has one shadow, found by the guest table's frame. Shadows of
 * upper levels point to shadows; those of level 1 map what the guest's table maps, and are writable
 * only where the page is in the dirty map. Everything is filled on faults, one entry at a time:
 *
 *   - a present shadow entry implies that the guest's entry is present, says the same, and holds
 *     its references. Whoever changes a guest entry zaps the shadow entry, under ld->lock, before
 *     the old references go. So while ld->lock is held, whatever the guest's tables lead to from
 *     a vCPU's L4 is a validated table, and whatever the shadows map is still referenced.
 *   - a writable shadow entry of a page of the domain implies that the page is in the dirty map
 *     and that A and D are set in the guest's entry: the CPU sets them in the shadow only.
 *
 * A shadow that falls out of use may still be known to CPUs (they cache upper entries too): before
 * its page serves again, those that may have run the domain since then flush.
 *
 * When no page is left, all shadows but the vCPUs' L4s go, and those are emptied. So three times
 * the number of vCPUs (two L4s each, and one more while it changes) and a few more are set aside
 * when log-dirty starts; with these the domain runs on, if slowly.
 */
#ifndef LOGDIRTY_PRIVATE_H
#define LOGDIRTY_PRIVATE_H

#include <xen/lib.h>
#include <xen/sched.h>
#include <xen/spinlock.h>
#include <asm/logdirty.h>
#include <asm/mm.h>
#include <asm/page.h>
#include "dirty-map.h"
#include "shadow-pool.h"

/* Shadows that must exist before vCPUs may run on them: see above. */
static inline unsigned long logdirty_reserve(const struct domain *d)
{
    return 3UL * d->max_vcpus + 8;
}

/* An operation that takes several steps; more in shadow-op.c. domctl_lock guards it. */
struct logdirty_op {
    bool active;
    bool everything; /* the dirty map was lost: all pages count as dirty */
    u8 stage;
    domid_t caller;
    u32 op, mode; /* as the caller gave them, and the next two as well */
    u64 bitmap, pages;
    u64 pos;                      /* pages done */
    u32 fault_count, dirty_count; /* to report */
};

/* Legend: L lock; D domctl_lock; I constant while enabled. */
struct logdirty {
    spinlock_t lock;
    bool filling;            /* D it is on because of pages that are not filled */
    u32 fill_port;           /* D told when a vCPU waits for one; 0: none */
    bool enabled;            /* L and D; read without by those that it does not change under */
    struct shadow_pool pool; /* L */
    struct dirty_map map;    /* L */
    u32 faults;              /* L write faults that marked a page, since the last CLEAN */
    struct logdirty_op op;   /* D */
    u8 *buffer;              /* D a leaf of the bitmap on its way to the caller */
};

/* The frame is a page of ld's domain that the tools would ask for: *ret_pfn. */
bool logdirty_pfn_of(const struct domain *d, unsigned long mfn, unsigned long *ret_pfn);
/* A shadow in use for a guest table, made if absent; lock held. May drop all others. */
struct shadow *logdirty_shadow_locked(struct domain *d, struct logdirty *ld, unsigned long mfn,
                                      unsigned int level);
/* Marks a page of the domain by frame; lock held. True: it was clean. */
bool logdirty_mark_locked(struct domain *d, struct logdirty *ld, unsigned long mfn);

/*
 * Switching on: prepare (in steps: -ERESTART; -ENOMEM), then start. Off: stop, then release (in
 * steps: false while work is left). d is not the caller's; domctl_lock is held.
 */
int logdirty_prepare(struct domain *d) __must_check;
void logdirty_start(struct domain *d);
void logdirty_stop(struct domain *d);
bool logdirty_release(struct logdirty *ld);
/* Makes shadow entries read-only, in steps: false while work is left. d is paused. */
bool logdirty_protect(struct logdirty *ld);

#endif /* LOGDIRTY_PRIVATE_H */

/* SPDX-License-Identifier: MIT */
/*
 * lock-order.h - the one list of lock ranks.
 *
 * A CPU may take a lock only if its rank is higher than every rank it holds. Two locks of one rank
 * may be held together only with spin_lock_nested(), in ascending order of address (two domains,
 * two vCPUs). A debug build checks this on every acquisition and stops at the first breach.
 */
#ifndef XEN_LOCK_ORDER_H
#define XEN_LOCK_ORDER_H

enum lock_rank {
    LOCK_RANK_NONE = 0,     /* not checked: console and panic paths only */
    LOCK_RANK_DOMCTL,       /* one management operation at a time */
    LOCK_RANK_DOMLIST,      /* list of all domains */
    LOCK_RANK_DOMAIN,       /* domain->lock: life cycle, vCPU set-up */
    LOCK_RANK_PIRQ,         /* a domain's pirq table; IRQ descriptors' owners */
    LOCK_RANK_GNT_TABLE,    /* a domain's grant table size and version */
    LOCK_RANK_GNT_ENTRY,    /* one active grant entry */
    LOCK_RANK_GNT_MAPTRACK, /* a vCPU's free list of map handles */
    LOCK_RANK_EVTCHN,       /* a domain's event-channel table */
    LOCK_RANK_EVTCHN_PORT,  /* one event channel; two ends of a pair */
    LOCK_RANK_EVTCHN_QUEUE, /* one FIFO event queue */
    LOCK_RANK_IRQ_DESC,     /* one IRQ line */
    LOCK_RANK_VECTOR,       /* allocation of interrupt vectors */
    LOCK_RANK_IOAPIC,       /* IO-APIC registers */
    LOCK_RANK_MSI,          /* mask registers of message interrupts */
    LOCK_RANK_PAGE_ALLOC,   /* a domain's page list and counts */
    LOCK_RANK_SCHED_GLOBAL, /* cpupools, global scheduler settings */
    LOCK_RANK_SCHED_RQ,     /* one run queue */
    LOCK_RANK_TIMER,        /* one CPU's timer heap */
    LOCK_RANK_LOGDIRTY,     /* a domain's shadow tables and dirty map */
    LOCK_RANK_SLAB,         /* small-object allocator */
    LOCK_RANK_HEAP,         /* one node's buddy allocator */
    LOCK_RANK_MAPPING,      /* hypervisor page tables: ioremap area */
    LOCK_RANK_RANGESET,     /* one rangeset */
    LOCK_RANK_SMP_CALL,     /* cross-CPU function calls */
    LOCK_RANK_TLB,          /* TLB flush broadcast */
    LOCK_RANK_TIME,         /* platform clock, wallclock */
    LOCK_RANK_LEAF,         /* takes nothing below it */
    LOCK_RANK_CONSOLE,      /* console ring and UART */
};

#endif /* XEN_LOCK_ORDER_H */

/* SPDX-License-Identifier: MIT */
/*
 * private.h - event channels: the structures and the calls between the files of this folder.
 *
 * A port is an index into its domain's table of struct evtchn. Entries live in buckets that are
 * added as ports are needed and stay until the domain is freed, so a lookup takes no lock.
 *
 * States of a port:
 *
 *   FREE -> RESERVED -> UNBOUND <-> INTERDOMAIN      (the peer's close makes a port UNBOUND again)
 *                    -> PIRQ | VIRQ | IPI
 *   any  -> (RESERVED while a pirq is being released) -> FREE
 *
 * Locks, outermost first:
 *   evtchn_domain.lock  every change of a port's state; two domains in ascending order of address
 *   evtchn.lock         the same changes again, so that a sender needs this one only
 *   fifo_queue.lock     one FIFO queue
 *
 * The last two are taken in interrupt context, hence always with interrupts off. A sender of an
 * interdomain port holds the lock of its own end: both ends are locked when the pair is taken
 * apart, so the far end cannot go away meanwhile.
 */
#ifndef EVTCHN_PRIVATE_H
#define EVTCHN_PRIVATE_H

#include <xen/lib.h>
#include <xen/bitops.h>
#include <xen/event.h>
#include <xen/mm.h>
#include <xen/sched.h>
#include <xen/spinlock.h>
#include <public/event_channel.h>

#define BUCKET_PORTS     64 /* ports in a bucket */
#define GROUP_BUCKETS    64 /* buckets in a group */
#define PORTS_2L         4096U
#define PORTS_FIFO       131072U
#define NR_GROUPS        (PORTS_FIFO / (BUCKET_PORTS * GROUP_BUCKETS))
#define PRIORITY_DEFAULT EVTCHN_FIFO_PRIORITY_DEFAULT
#define NR_PRIORITIES    EVTCHN_FIFO_MAX_QUEUES
/* evtchn.last_queue: never linked. */
#define FIFO_QUEUE_NONE ~0U

enum evtchn_state {
    ECS_FREE,
    ECS_RESERVED,
    ECS_UNBOUND,
    ECS_INTERDOMAIN,
    ECS_PIRQ,
    ECS_VIRQ,
    ECS_IPI,
};

/* Legend: I constant once the bucket exists; B both locks to write, either to read; A atomic. */
struct evtchn {
    spinlock_t lock;
    u32 port;         /* I */
    u8 state;         /* B enum evtchn_state */
    u8 priority;      /* A FIFO: the queue it goes to next */
    u16 notify_vcpu;  /* A */
    u8 saved_pending; /* A FIFO: pending, but its event word does not exist yet */
    bool binding;     /* B a bind_pirq is not complete: must not be closed */
    u32 last_queue;   /* A FIFO: vCPU << 4 | priority of the queue it was last linked on */
    union {           /* B by state */
        struct {
            domid_t remote;
        } unbound;
        struct {
            struct domain *dom;
            u32 port;
        } inter;
        u32 pirq;
        u32 virq;
    } u;
};

struct evtchn_group {
    struct evtchn *bucket[GROUP_BUCKETS];
};

/* How pending events of a domain are presented to it. Callers hold the lock that keeps the port. */
struct evtchn_ops {
    u32 nr_ports;
    void (*set_pending)(struct domain *d, struct evtchn *chn);
    void (*clear_pending)(struct domain *d, struct evtchn *chn);
    void (*unmask)(struct domain *d, struct evtchn *chn);
    bool (*is_pending)(const struct domain *d, const struct evtchn *chn);
    bool (*is_masked)(const struct domain *d, const struct evtchn *chn);
    /* The guest still has the port on a list: it must not be given out again yet. */
    bool (*is_busy)(const struct domain *d, const struct evtchn *chn);
    int (*set_priority)(struct domain *d, struct evtchn *chn, unsigned int priority);
};

extern const struct evtchn_ops evtchn_2l_ops;
extern const struct evtchn_ops evtchn_fifo_ops;

struct evtchn_fifo_domain;
struct evtchn_fifo_vcpu;

/* Legend: I constant; L lock; A atomic (written under L). */
struct evtchn_domain {
    spinlock_t lock;
    const struct evtchn_ops *ops;          /* A */
    struct evtchn_group *group[NR_GROUPS]; /* A */
    u32 max_port;                          /* I highest port allowed */
    u32 nr_ports;                          /* A ports that have a struct evtchn */
    u32 free_hint;                         /* L no port below is free */
    u32 nr_used;                           /* L ports that are not FREE */
    bool closed;                           /* L nothing may be bound any more */
    struct evtchn_fifo_domain *fifo;       /* A */
};

struct evtchn_vcpu {
    u32 virq_port[NR_VIRQS];       /* A; global virqs: in vCPU 0 */
    struct evtchn_fifo_vcpu *fifo; /* A */
};

/* --- port.c --- */
struct evtchn *evtchn_lookup(const struct domain *d, u32 port); /* NULL: no such port */
/* Finds a free port and makes it RESERVED. -ENOSPC, -ENOMEM, or -EINVAL for a closed table. */
int evtchn_reserve(struct domain *d, struct evtchn **ret_chn) __must_check;
/* Puts a reserved port (or any other, locked) back. The domain's lock is held. */
void evtchn_release(struct domain *d, struct evtchn *chn);
/* Both tables' locks, in order; d1 == d2 is fine. */
void evtchn_lock_two(struct domain *d1, struct domain *d2);
void evtchn_unlock_two(struct domain *d1, struct domain *d2);
int evtchn_close_port(struct domain *d, u32 port);
void evtchn_free_table(struct evtchn_domain *ed);
/* Marks chn pending and wakes pollers. The caller keeps the port from being closed. */
void evtchn_raise(struct domain *d, struct evtchn *chn);

/* --- virq.c --- */
bool virq_is_global(unsigned int virq);
int evtchn_bind_virq(struct domain *d, unsigned int virq, unsigned int vcpu_id,
                     u32 *ret_port) __must_check;
void evtchn_drop_virq_handlers(struct domain *d);

/* --- fifo.c, fifo-setup.c --- */
void evtchn_fifo_relink(struct domain *d, struct evtchn *chn);
int evtchn_fifo_init_control(struct domain *d, unsigned int vcpu_id, u64 gfn,
                             u32 offset) __must_check;
int evtchn_fifo_expand_array(struct domain *d, u64 gfn) __must_check;
/* Back to the 2-level form. Every port is closed, the domain's lock held. */
void evtchn_fifo_destroy(struct domain *d);

/* --- domain.c --- */
/* Closes all ports and goes back to the 2-level form: 0, or -ERESTART with some progress made. */
int evtchn_reset(struct domain *d, bool preemptible);

#endif /* EVTCHN_PRIVATE_H */

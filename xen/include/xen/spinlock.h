/* SPDX-License-Identifier: MIT */
/*
 * spinlock.h - spin locks and reader-writer locks with a rank (see lock-order.h).
 *
 * The _irqsave form is for locks that an interrupt handler may take too: all takers must then use
 * it (or know that interrupts are off). Debug builds record the holder and check the order.
 */
#ifndef XEN_SPINLOCK_H
#define XEN_SPINLOCK_H

#include <xen/types.h>
#include <xen/atomic.h>
#include <xen/lock-order.h>
#include <asm/system.h>

typedef struct spinlock {
    u8 locked;
    u8 next_ticket, now_serving; /* who has to wait takes a ticket */
    u8 unused;
    u16 rank;
    s16 holder; /* CPU number, -1 when free */
} spinlock_t;

#define SPINLOCK_INIT(r)          \
    {                             \
        .rank = (r), .holder = -1 \
    }
#define DEFINE_SPINLOCK(name, r) spinlock_t name = SPINLOCK_INIT(r)

static inline void spin_lock_init(spinlock_t *l, enum lock_rank rank)
{
    *l = (spinlock_t)SPINLOCK_INIT((u16)rank);
}

void spin_lock(spinlock_t *l);
/* Second lock of a rank that is held already; callers order them by address. */
void spin_lock_nested(spinlock_t *l);
bool spin_trylock(spinlock_t *l);
void spin_unlock(spinlock_t *l);
bool spin_is_locked(const spinlock_t *l);
/* For panic: makes the lock free whatever its state was. */
void spin_lock_break(spinlock_t *l);
/* This machine's CPUs may stop for a while at any instruction, as those of a virtual machine do: a
 * lock goes to whoever runs, not to the one whose turn it is. */
void spin_locks_unfair(void);

#define spin_lock_irqsave(l, flags) \
    do {                            \
        (flags) = local_irq_save(); \
        spin_lock(l);               \
    } while (0)
#define spin_unlock_irqrestore(l, flags) \
    do {                                 \
        spin_unlock(l);                  \
        local_irq_restore(flags);        \
    } while (0)

/*
 * Around an interrupt handler: the ranks of locks that the interrupted code holds do not bind it,
 * because locks taken in interrupts are taken with interrupts off everywhere.
 */
unsigned int lock_check_enter_irq(void);
void lock_check_exit_irq(unsigned int old);

/* Writers exclude everyone. Not for interrupt context. cnt: readers, or -1 for a writer. */
typedef struct {
    int cnt;
    u16 rank;
    s16 holder;
} rwlock_t;

#define RWLOCK_INIT(r)                      \
    {                                       \
        .cnt = 0, .rank = (r), .holder = -1 \
    }

static inline void rwlock_init(rwlock_t *l, enum lock_rank rank)
{
    *l = (rwlock_t)RWLOCK_INIT((u16)rank);
}
void read_lock(rwlock_t *l);
void read_unlock(rwlock_t *l);
void write_lock(rwlock_t *l);
void write_unlock(rwlock_t *l);

#endif /* XEN_SPINLOCK_H */

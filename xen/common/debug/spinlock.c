/* SPDX-License-Identifier: MIT */
/*
 * spinlock.c - spin locks, reader-writer locks, and the check of the lock order.
 *
 * A free spin lock goes to the first who asks. Those who wait do so in the order of their arrival;
 * only the first of them tries for the lock, against newcomers. Where CPUs are threads of an
 * emulator or another hypervisor, order is harmful: the one whose turn it is may not run for
 * milliseconds, and meanwhile nobody gets the lock. There all of the waiting try.
 * Reader-writer locks prefer readers.
 *
 * Debug builds keep a stack of held locks for each CPU. Taking a lock whose rank is not above all
 * held ones, or one that the CPU has already, stops the machine with both places. A trylock cannot
 * deadlock, so only the later locks are checked against it. An interrupt or NMI may come anywhere
 * in here: what it takes it releases before it returns, so the stack it leaves is the one it found;
 * entries are reserved before they are filled in and a NULL lock marks those to skip.
 */
#include <xen/lib.h>
#include <xen/percpu.h>
#include <xen/spinlock.h>
#include "private.h"

#ifdef XENOLITH_DEBUG

#define MAX_HELD 24

struct held_lock {
    const void *lock; /* NULL: entry not valid (yet) */
    const void *where;
    u16 rank;
};
struct held_stack {
    unsigned int depth;
    unsigned int base; /* locks below it belong to the context that an interrupt broke into */
    struct held_lock e[MAX_HELD];
};

/* Not per-CPU data proper: locks are taken before that is set up. */
static struct held_stack held_stacks[NR_CPUS];
static bool checks_off;

void lock_check_stop(void)
{
    WRITE_ONCE(checks_off, true);
}

static struct held_stack *own_stack(void)
{
    return &held_stacks[smp_processor_id()];
}

static void __noreturn order_breach(const void *lock, u16 rank, const void *where,
                                    const struct held_lock *h)
{
    lock_check_stop();
    panic("Lock order: CPU %u takes lock %p (rank %u) at %p while it holds lock %p (rank %u), "
          "taken at %p",
          smp_processor_id(), lock, rank, where, h->lock, h->rank, h->where);
}

static void check_order(const void *lock, u16 rank, const void *where, bool nested)
{
    const struct held_stack *s = own_stack();

    if (checks_off)
        return;
    for (unsigned int i = 0; i < s->depth; i++) {
        const struct held_lock *h = &s->e[i];

        if (!h->lock)
            continue;
        if (h->lock == lock)
            order_breach(lock, rank, where, h);
        if (i < s->base || rank == LOCK_RANK_NONE || h->rank < rank)
            continue;
        if (!(nested && h->rank == rank && h->lock < lock))
            order_breach(lock, rank, where, h);
    }
}

static void push_held(const void *lock, u16 rank, const void *where)
{
    struct held_stack *s = own_stack();
    unsigned int i = s->depth;

    if (checks_off)
        return;
    if (i == MAX_HELD) {
        lock_check_stop();
        panic("CPU %u holds %u locks, the last one is %p", smp_processor_id(), i, lock);
    }
    s->depth = i + 1;
    barrier();
    s->e[i].rank = rank;
    s->e[i].where = where;
    barrier();
    s->e[i].lock = lock;
    barrier();
}

static void pop_held(const void *lock, const void *where)
{
    struct held_stack *s = own_stack();
    unsigned int i = s->depth;

    if (checks_off)
        return;
    while (i && s->e[i - 1].lock != lock)
        i--;
    if (!i) {
        lock_check_stop();
        panic("CPU %u releases lock %p at %p, which it does not hold", smp_processor_id(), lock,
              where);
    }
    for (; i < s->depth; i++)
        s->e[i - 1] = s->e[i];
    s->e[s->depth - 1].lock = NULL;
    barrier();
    s->depth--;
    barrier();
}

unsigned int lock_check_enter_irq(void)
{
    struct held_stack *s = own_stack();
    unsigned int old = s->base;

    s->base = s->depth;
    return old;
}

void lock_check_exit_irq(unsigned int old)
{
    own_stack()->base = old;
}

#define set_holder(l) ((l)->holder = (s16)smp_processor_id())

#else /* !XENOLITH_DEBUG */

unsigned int lock_check_enter_irq(void)
{
    return 0;
}
void lock_check_exit_irq(unsigned int old __maybe_unused)
{
}

void lock_check_stop(void)
{
}
static inline void check_order(const void *lock __maybe_unused, u16 rank __maybe_unused,
                               const void *where __maybe_unused, bool nested __maybe_unused)
{
}
static inline void push_held(const void *lock __maybe_unused, u16 rank __maybe_unused,
                             const void *where __maybe_unused)
{
}
static inline void pop_held(const void *lock __maybe_unused, const void *where __maybe_unused)
{
}
#define set_holder(l) ((void)(l))

#endif

/* --- spin locks --- */

static bool unfair __read_mostly;

void spin_locks_unfair(void)
{
    unfair = true;
}

static bool try_lock(spinlock_t *l)
{
    return !__atomic_exchange_n(&l->locked, 1, __ATOMIC_ACQUIRE);
}

static void spin(spinlock_t *l)
{
    do {
        while (READ_ONCE(l->locked))
            cpu_relax();
    } while (!try_lock(l));
}

static noinline void wait_for_lock(spinlock_t *l)
{
    u8 ticket;

    BUILD_BUG_ON(NR_CPUS > 255); /* each CPU waits for one lock at most, so tickets are unique */
    if (unfair) {
        spin(l);
        return;
    }
    ticket = __atomic_fetch_add(&l->next_ticket, (u8)1, __ATOMIC_RELAXED);
    while (__atomic_load_n(&l->now_serving, __ATOMIC_ACQUIRE) != ticket)
        cpu_relax();
    spin(l);
    __atomic_store_n(&l->now_serving, (u8)(ticket + 1), __ATOMIC_RELEASE);
}

static always_inline void take(spinlock_t *l)
{
    if (unlikely(!try_lock(l)))
        wait_for_lock(l);
}

void spin_lock(spinlock_t *l)
{
    check_order(l, l->rank, __builtin_return_address(0), false);
    take(l);
    set_holder(l);
    push_held(l, l->rank, __builtin_return_address(0));
}

void spin_lock_nested(spinlock_t *l)
{
    check_order(l, l->rank, __builtin_return_address(0), true);
    take(l);
    set_holder(l);
    push_held(l, l->rank, __builtin_return_address(0));
}

bool spin_trylock(spinlock_t *l)
{
    if (READ_ONCE(l->locked) || !try_lock(l))
        return false;
    set_holder(l);
    push_held(l, l->rank, __builtin_return_address(0));
    return true;
}

void spin_unlock(spinlock_t *l)
{
    pop_held(l, __builtin_return_address(0));
    l->holder = -1;
    __atomic_store_n(&l->locked, 0, __ATOMIC_RELEASE);
}

bool spin_is_locked(const spinlock_t *l)
{
    return READ_ONCE(l->locked);
}

/* CPUs that wait keep tickets that are never called: they stay out of the way. */
void spin_lock_break(spinlock_t *l)
{
    l->holder = -1;
    l->now_serving = READ_ONCE(l->next_ticket);
    __atomic_store_n(&l->locked, 0, __ATOMIC_RELEASE);
}

/* --- reader-writer locks --- */

void read_lock(rwlock_t *l)
{
    check_order(l, l->rank, __builtin_return_address(0), false);
    for (;;) {
        int readers = READ_ONCE(l->cnt);

        if (readers >= 0 && cmpxchg(&l->cnt, readers, readers + 1) == readers)
            break;
        cpu_relax();
    }
    push_held(l, l->rank, __builtin_return_address(0));
}

void read_unlock(rwlock_t *l)
{
    pop_held(l, __builtin_return_address(0));
    __atomic_fetch_sub(&l->cnt, 1, __ATOMIC_RELEASE);
}

void write_lock(rwlock_t *l)
{
    check_order(l, l->rank, __builtin_return_address(0), false);
    while (READ_ONCE(l->cnt) != 0 || cmpxchg(&l->cnt, 0, -1) != 0)
        cpu_relax();
    set_holder(l);
    push_held(l, l->rank, __builtin_return_address(0));
}

void write_unlock(rwlock_t *l)
{
    pop_held(l, __builtin_return_address(0));
    l->holder = -1;
    __atomic_store_n(&l->cnt, 0, __ATOMIC_RELEASE);
}

/* SPDX-License-Identifier: MIT */
/*
 * test-spinlock.c - common/debug/spinlock.c with threads as CPUs: mutual exclusion, order of the
 * waiting, trylock, break. Without the lock order check, which needs per-CPU data.
 */
#include <pthread.h>
#include <sched.h>
#include "test-main.h"

#undef XENOLITH_DEBUG
#include "../../xen/common/debug/spinlock.c"

#define THREADS 4
#define ROUNDS  5000

static DEFINE_SPINLOCK(lock, LOCK_RANK_LEAF);
static unsigned long counter;
static unsigned int order[THREADS], nr_order;

static void *count_up(void *unused)
{
    for (unsigned int i = 0; i < ROUNDS; i++) {
        unsigned long seen;

        spin_lock(&lock);
        seen = *(volatile unsigned long *)&counter;
        if (i % 64 == 0)
            sched_yield(); /* the holder loses its CPU */
        *(volatile unsigned long *)&counter = seen + 1;
        spin_unlock(&lock);
    }
    return unused;
}

static void run_threads(void)
{
    pthread_t t[THREADS];

    counter = 0;
    for (unsigned int i = 0; i < THREADS; i++)
        ck_assert_int_eq(pthread_create(&t[i], NULL, count_up, NULL), 0);
    for (unsigned int i = 0; i < THREADS; i++)
        pthread_join(t[i], NULL);
    ck_assert_uint_eq(counter, THREADS * ROUNDS);
    ck_assert(!spin_is_locked(&lock));
}

START_TEST(excludes_in_order)
{
    unfair = false;
    run_threads();
    ck_assert_uint_eq(lock.next_ticket, lock.now_serving);
}
END_TEST

START_TEST(excludes_without_order)
{
    u8 tickets = lock.next_ticket;

    spin_locks_unfair();
    run_threads();
    ck_assert_uint_eq(lock.next_ticket, tickets);
    unfair = false;
}
END_TEST

static void *take_and_note(void *id)
{
    spin_lock(&lock);
    order[nr_order++] = (unsigned int)(unsigned long)id;
    spin_unlock(&lock);
    return NULL;
}

START_TEST(first_come_first_served)
{
    pthread_t t[THREADS];
    u8 first = lock.next_ticket;

    spin_lock(&lock);
    for (unsigned long i = 0; i < THREADS; i++) {
        ck_assert_int_eq(pthread_create(&t[i], NULL, take_and_note, (void *)i), 0);
        while (READ_ONCE(lock.next_ticket) != (u8)(first + i + 1))
            sched_yield();
    }
    spin_unlock(&lock);
    for (unsigned int i = 0; i < THREADS; i++)
        pthread_join(t[i], NULL);
    for (unsigned int i = 0; i < THREADS; i++)
        ck_assert_uint_eq(order[i], i);
}
END_TEST

START_TEST(trylock_and_break)
{
    ck_assert(spin_trylock(&lock));
    ck_assert(!spin_trylock(&lock));
    ck_assert(spin_is_locked(&lock));
    spin_lock_break(&lock);
    ck_assert(!spin_is_locked(&lock));
    ck_assert(spin_trylock(&lock));
    spin_unlock(&lock);
    ck_assert(!spin_is_locked(&lock));
}
END_TEST

TEST_MAIN("spinlock", excludes_in_order, excludes_without_order, first_come_first_served,
          trylock_and_break)

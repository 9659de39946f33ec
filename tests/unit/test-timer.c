/* SPDX-License-Identifier: MIT */
/* test-timer.c - the timer heap: order, removal from the middle, running full, growing. */
#include <check.h>
#include <stdlib.h>
#include "../../xen/common/sched/heap.h"

#define MAX_TIMERS 300

static struct timer timers[MAX_TIMERS];
static struct timer *slots[MAX_TIMERS + 1];
static struct timer_heap heap;

static void setup(void)
{
    for (int i = 0; i < MAX_TIMERS; i++)
        timers[i] = (struct timer){.expires = 0};
    heap_init(&heap, slots, MAX_TIMERS);
}

static void add(int i, s_time_t expires)
{
    timers[i].expires = expires;
    ck_assert(heap_insert(&heap, &timers[i]));
}

static void check_shape(void)
{
    for (u32 i = 1; i <= heap.count; i++) {
        ck_assert_uint_eq(heap.slot[i]->heap_index, i);
        if (i > 1)
            ck_assert_int_le(heap.slot[i / 2]->expires, heap.slot[i]->expires);
    }
}

START_TEST(empty_heap_has_no_top)
{
    ck_assert_ptr_null(heap_top(&heap));
}
END_TEST

START_TEST(timers_come_out_in_order)
{
    s_time_t last = -1;

    srand(1);
    for (int i = 0; i < MAX_TIMERS; i++)
        add(i, rand() % 1000);
    check_shape();
    for (int i = 0; i < MAX_TIMERS; i++) {
        struct timer *t = heap_top(&heap);

        ck_assert_int_ge(t->expires, last);
        last = t->expires;
        heap_remove(&heap, t);
        ck_assert_uint_eq(t->heap_index, 0);
    }
    ck_assert_ptr_null(heap_top(&heap));
}
END_TEST

START_TEST(removal_from_the_middle_keeps_the_order)
{
    srand(2);
    for (int i = 0; i < MAX_TIMERS; i++)
        add(i, rand() % 10000);
    for (int i = 0; i < MAX_TIMERS; i += 3) {
        heap_remove(&heap, &timers[i]);
        check_shape();
    }
    ck_assert_uint_eq(heap.count, MAX_TIMERS - MAX_TIMERS / 3);
}
END_TEST

/* The filler of the hole comes from another branch and must rise: needs the upward case. */
START_TEST(removal_lets_the_last_one_rise)
{
    static const s_time_t when[] = {1, 100, 2, 110, 120, 3, 4};

    for (int i = 0; i < 7; i++)
        add(i, when[i]);
    heap_remove(&heap, &timers[3]);
    check_shape();
    ck_assert_int_eq(heap_top(&heap)->expires, 1);
}
END_TEST

START_TEST(full_heap_refuses_and_grows)
{
    static struct timer *few[4], *many[9];

    heap_init(&heap, few, 3);
    for (int i = 0; i < 3; i++)
        add(i, 10 - i);
    ck_assert(!heap_insert(&heap, &timers[3]));
    ck_assert_uint_eq(timers[3].heap_index, 0);
    ck_assert_ptr_eq(heap_grow(&heap, many, 8), few);
    add(3, 1);
    check_shape();
    ck_assert_ptr_eq(heap_top(&heap), &timers[3]);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("timer");
    TCase *tc = tcase_create("heap");
    SRunner *sr = srunner_create(s);
    int failed;

    tcase_add_checked_fixture(tc, setup, NULL);
    tcase_add_test(tc, empty_heap_has_no_top);
    tcase_add_test(tc, timers_come_out_in_order);
    tcase_add_test(tc, removal_from_the_middle_keeps_the_order);
    tcase_add_test(tc, removal_lets_the_last_one_rise);
    tcase_add_test(tc, full_heap_refuses_and_grows);
    suite_add_tcase(s, tc);
    srunner_run_all(sr, CK_ENV);
    failed = srunner_ntests_failed(sr);
    srunner_free(sr);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

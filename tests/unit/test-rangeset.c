/* SPDX-License-Identifier: MIT */
/* test-rangeset.c - range sets against a bitmap; every allocation fails once. */
#include "test-main.h"
#include <string.h>
#include <xen/lib.h>
#include <xen/rangeset.h>
#include "shim.h"

#define SPAN 96UL

struct seen {
    bool has[SPAN];
    unsigned long prev_last;
    unsigned int ranges;
};

static int note_range(unsigned long first, unsigned long last, void *ctx)
{
    struct seen *s = ctx;

    ck_assert_uint_le(first, last);
    if (s->ranges++)
        ck_assert_uint_gt(first, s->prev_last + 1);
    s->prev_last = last;
    for (unsigned long i = first; i <= last && i < SPAN; i++)
        s->has[i] = true;
    return 0;
}

static unsigned int check_same(struct rangeset *r, const bool *model)
{
    struct seen s = {0};

    ck_assert_int_eq(rangeset_walk(r, note_range, &s), 0);
    ck_assert_int_eq(memcmp(s.has, model, SPAN), 0);
    ck_assert_int_eq(rangeset_is_empty(r), s.ranges == 0);
    return s.ranges;
}

static void random_ops(unsigned int steps, unsigned int max_ranges, bool fail)
{
    struct rangeset *r = rangeset_new("test", max_ranges);
    bool model[SPAN] = {0};

    for (unsigned int i = 0; i < steps; i++) {
        unsigned long a = shim_random() % SPAN, b = a + shim_random() % 12;
        bool add = shim_random() & 1, all = true, any = false;
        int rc;

        b = MIN(b, SPAN - 1);
        shim_alloc_fail_at = fail && i % 3 == 0 ? 1 : 0;
        rc = add ? rangeset_add(r, a, b) : rangeset_remove(r, a, b);
        if (rc)
            ck_assert(rc == (fail ? -ENOMEM : -E2BIG) || (max_ranges && rc == -E2BIG));
        else
            memset(model + a, add, b - a + 1);
        for (unsigned long k = a; k <= b; k++) {
            all &= model[k];
            any |= model[k];
        }
        ck_assert_int_eq(rangeset_contains(r, a, b), all);
        ck_assert_int_eq(rangeset_overlaps(r, a, b), any);
        if (max_ranges)
            ck_assert_uint_le(check_same(r, model), max_ranges);
        else
            check_same(r, model);
    }
    shim_alloc_fail_at = 0;
    rangeset_free(r);
    ck_assert_uint_eq(shim_allocs_live, 0);
    ck_assert_uint_eq(shim_locks_held, 0);
}

START_TEST(test_random)
{
    random_ops(5000, 0, false);
    random_ops(2000, 3, false);
}
END_TEST

START_TEST(test_no_memory)
{
    random_ops(3000, 0, true);
    random_ops(2000, 4, true);
    shim_alloc_fail_at = 1;
    ck_assert_ptr_null(rangeset_new("test", 0));
    rangeset_free(NULL);
}
END_TEST

/* One fixed story, with the n-th allocation failing, for each n until none fails. */
START_TEST(test_every_failure)
{
    static const struct {
        bool add;
        unsigned long a, b;
    } op[] = {{1, 10, 20}, {1, 30, 40}, {0, 15, 16}, {1, 18, 33}, {0, 0, 90}, {1, 1, 1}};
    bool failed = true;

    for (unsigned long n = 2; failed; n++) {
        bool model[SPAN] = {0};
        struct rangeset *r;

        shim_alloc_fail_at = n;
        r = rangeset_new("test", 0);
        ck_assert_ptr_nonnull(r);
        for (unsigned int i = 0; i < ARRAY_SIZE(op); i++) {
            int rc = op[i].add ? rangeset_add(r, op[i].a, op[i].b)
                               : rangeset_remove(r, op[i].a, op[i].b);

            if (!rc)
                memset(model + op[i].a, op[i].add, op[i].b - op[i].a + 1);
            check_same(r, model);
        }
        failed = shim_alloc_fail_at == 0;
        shim_alloc_fail_at = 0;
        rangeset_free(r);
        ck_assert_uint_eq(shim_allocs_live, 0);
    }
}
END_TEST

static int stop_at_second(unsigned long first, unsigned long last, void *ctx)
{
    (void)first, (void)last;
    return ++*(int *)ctx == 2 ? 77 : 0;
}

START_TEST(test_edges)
{
    struct rangeset *r = rangeset_new("a name that is much longer than the field", 0);
    int calls = 0;

    ck_assert_int_eq(rangeset_add(r, 5, 4), -EINVAL);
    ck_assert_int_eq(rangeset_remove(r, 5, 4), -EINVAL);
    ck_assert_int_eq(rangeset_add(r, ~0UL - 1, ~0UL), 0);
    ck_assert_int_eq(rangeset_add(r, 0, 0), 0);
    ck_assert(rangeset_contains(r, ~0UL, ~0UL) && rangeset_contains(r, 0, 0));
    ck_assert(!rangeset_contains(r, 0, ~0UL) && rangeset_overlaps(r, 0, ~0UL));
    ck_assert(!rangeset_contains(r, 1, 0) && !rangeset_overlaps(r, 1, 0));
    ck_assert_int_eq(rangeset_add(r, 3, 3), 0);
    ck_assert_int_eq(rangeset_walk(r, stop_at_second, &calls), 77);
    ck_assert_int_eq(rangeset_add(r, 0, ~0UL), 0);
    ck_assert_int_eq(rangeset_remove(r, 1, ~0UL - 1), 0);
    ck_assert(rangeset_contains(r, 0, 0) && rangeset_contains(r, ~0UL, ~0UL));
    ck_assert(!rangeset_overlaps(r, 1, ~0UL - 1));
    ck_assert_int_eq(rangeset_remove(r, 0, ~0UL), 0);
    ck_assert(rangeset_is_empty(r));
    rangeset_free(r);
}
END_TEST

TEST_MAIN("rangeset", test_random, test_no_memory, test_every_failure, test_edges)

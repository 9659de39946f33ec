/* SPDX-License-Identifier: MIT */
/* test-shadow-pool.c - shadow pages: found by frame, dropped, reused oldest first, limits. */
#include "test-main.h"
#include <stdlib.h>
#include <string.h>
#include <xen/errno.h>
#include <xen/lib.h>
#include <xen/mm.h>
#include "../../xen/arch/x86/mm/logdirty/shadow-pool.h"
#include "shim.h"

static unsigned long pages_live, fail_at, wiped;
static const char zero[PAGE_SIZE];

void *alloc_xenheap_pages(unsigned int order, unsigned int memflags)
{
    void *p = NULL;

    (void)memflags;
    if (fail_at && !--fail_at)
        return NULL;
    ck_assert_int_eq(posix_memalign(&p, PAGE_SIZE, PAGE_SIZE << order), 0);
    pages_live += 1UL << order;
    return memset(p, 0, PAGE_SIZE << order);
}

void free_xenheap_pages(void *va, unsigned int order)
{
    if (va)
        pages_live -= 1UL << order;
    free(va);
}

static void start(struct shadow_pool *p, unsigned long max, unsigned int nr)
{
    ck_assert_int_eq(shadow_pool_init(p, max), 0);
    while (nr--)
        ck_assert_int_eq(shadow_pool_grow(p), 0);
}

static void end(struct shadow_pool *p)
{
    while (!shadow_pool_free(p, 2))
        ;
    ck_assert(shadow_pool_free(p, 1));
    ck_assert_uint_eq(p->nr, 0);
    ck_assert_uint_eq(pages_live, 0);
    ck_assert_uint_eq(shim_allocs_live, 0);
}

static struct shadow *take(struct shadow_pool *p, unsigned long mfn, unsigned int level)
{
    struct shadow *s = shadow_pool_take(p, mfn, level);

    ck_assert_ptr_nonnull(s);
    ck_assert_uint_eq(s->mfn, mfn);
    ck_assert_uint_eq(s->level, level);
    ck_assert_uint_eq(s->users, 0);
    ck_assert_int_eq(memcmp(s->table, zero, PAGE_SIZE), 0);
    s->table[mfn % 512] = 1;
    return s;
}

/* Takes and drops at random; each frame is found exactly while it is in use. */
START_TEST(test_find)
{
    struct shadow_pool p;
    struct shadow *of[600] = {NULL};
    unsigned int used = 0;

    start(&p, 300, 300);
    for (unsigned int n = 0; n < 20000; n++) {
        unsigned long mfn = shim_random() % ARRAY_SIZE(of);

        ck_assert_ptr_eq(shadow_pool_find(&p, mfn), of[mfn]);
        if (of[mfn]) {
            shadow_pool_drop(&p, of[mfn], n);
            of[mfn] = NULL;
            used--;
        } else if (used < 300) {
            of[mfn] = take(&p, mfn, 1);
            used++;
        } else {
            ck_assert_ptr_null(shadow_pool_take(&p, mfn, 1));
        }
    }
    end(&p);
}
END_TEST

START_TEST(test_oldest_first)
{
    struct shadow_pool p;
    struct shadow *a, *b, *c;

    start(&p, 10, 3);
    a = take(&p, 1, 4);
    b = take(&p, 2, 3);
    c = take(&p, 3, 2);
    ck_assert(a->fresh && b->fresh && c->fresh);
    shadow_pool_drop(&p, b, 10);
    shadow_pool_drop(&p, a, 11);
    ck_assert_ptr_eq(take(&p, 4, 1), b);
    ck_assert(!b->fresh);
    ck_assert_uint_eq(b->stamp, 10);
    /* One that nobody knows goes before all. */
    ck_assert_int_eq(shadow_pool_grow(&p), 0);
    ck_assert(take(&p, 5, 1)->fresh);
    ck_assert_ptr_eq(take(&p, 6, 1), a);
    end(&p);
}
END_TEST

static void wipe(struct shadow *s)
{
    ck_assert_uint_ne(s->users, 0);
    wiped++;
}

START_TEST(test_drop_all)
{
    struct shadow_pool p;
    struct shadow *used, *writable;

    start(&p, 10, 5);
    used = take(&p, 1, 4);
    used->users = 2;
    take(&p, 2, 3);
    writable = take(&p, 3, 1);
    list_del(&writable->list);
    list_add_tail(&writable->list, &p.writable);
    shadow_pool_drop_all(&p, 99, wipe);
    ck_assert_uint_eq(p.generation, 1);
    ck_assert_uint_eq(wiped, 1);
    ck_assert_ptr_eq(shadow_pool_find(&p, 1), used);
    ck_assert_ptr_null(shadow_pool_find(&p, 2));
    ck_assert_ptr_null(shadow_pool_find(&p, 3));
    ck_assert(list_empty(&p.writable));
    ck_assert_uint_eq(writable->stamp, 99);
    for (unsigned long mfn = 10; mfn < 14; mfn++)
        take(&p, mfn, 1);
    ck_assert_ptr_null(shadow_pool_take(&p, 14, 1));
    end(&p);
}
END_TEST

START_TEST(test_limits)
{
    struct shadow_pool p;

    start(&p, 2, 2);
    ck_assert_int_eq(shadow_pool_grow(&p), -ENOMEM);
    end(&p);
    fail_at = 1;
    ck_assert_int_eq(shadow_pool_init(&p, 2), -ENOMEM);
    ck_assert(shadow_pool_free(&p, 1));
    start(&p, 2, 0);
    fail_at = 1;
    ck_assert_int_eq(shadow_pool_grow(&p), -ENOMEM);
    shim_alloc_fail_at = 1;
    ck_assert_int_eq(shadow_pool_grow(&p), -ENOMEM);
    ck_assert_uint_eq(p.nr, 0);
    ck_assert_uint_eq(shim_allocs_live, 0);
    end(&p);
    /* More buckets for more shadows, up to a limit. */
    start(&p, 1UL << 40, 1);
    ck_assert_uint_eq(p.nr_buckets, 512UL << p.bucket_order);
    ck_assert_uint_eq(p.bucket_order, 4);
    end(&p);
}
END_TEST

TEST_MAIN("shadow-pool", test_find, test_oldest_first, test_drop_all, test_limits)

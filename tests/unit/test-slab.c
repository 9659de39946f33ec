/* SPDX-License-Identifier: MIT */
/* test-slab.c - small objects against a model; debug checks; all memory comes back. */
#include "test-main.h"
#include <string.h>
#include <xen/lib.h>
#include <xen/mm.h>
#include "shim.h"

#define FRAMES 2048UL

static void setup_once(void)
{
    static bool done;

    if (done)
        return;
    done = true;
    shim_memory_init(FRAMES);
    memset((void *)shim_directmap, 0xa5, FRAMES * PAGE_SIZE);
    heap_add_range(_mfn(1), _mfn(FRAMES), 0);
}

struct object {
    u8 *p;
    size_t size;
    u8 fill;
};

static bool holds(const u8 *p, size_t n, u8 val)
{
    while (n && *p == val)
        p++, n--;
    return !n;
}

START_TEST(test_random)
{
    static struct object objs[400];
    unsigned int n = 0;
    unsigned long before;

    setup_once();
    before = heap_free_pages();
    for (unsigned int step = 0; step < 20000; step++) {
        if (n < ARRAY_SIZE(objs) && (shim_random() & 1)) {
            size_t size = shim_random() % (step % 16 ? 300 : 20000);
            size_t align = 1UL << shim_random() % (step % 8 ? 7 : 13);
            struct object *o = &objs[n];

            o->p = xzalloc_bytes(size, align);
            if (!o->p)
                continue;
            ck_assert_uint_eq((unsigned long)o->p % MAX(align, 16UL), 0);
            ck_assert(holds(o->p, size, 0));
            o->size = size;
            o->fill = (u8)shim_random();
            memset(o->p, o->fill, size);
            n++;
        } else if (n) {
            unsigned int i = shim_random() % n;

            ck_assert(holds(objs[i].p, objs[i].size, objs[i].fill));
            xfree(objs[i].p);
            objs[i] = objs[--n];
        }
    }
    ck_assert_uint_gt(slab_bytes_in_use(), 0);
    while (n)
        xfree(objs[--n].p);
    ck_assert_uint_eq(slab_bytes_in_use(), 0);
    ck_assert_uint_eq(heap_free_pages(), before);
    ck_assert(shim_irqs_on);
}
END_TEST

START_TEST(test_large_returns_tail)
{
    unsigned long before;
    void *p;

    setup_once();
    before = heap_free_pages();
    p = xzalloc_bytes(5 * PAGE_SIZE - 100, 4096);
    ck_assert_uint_eq(heap_free_pages(), before - 5);
    ck_assert_uint_eq(slab_bytes_in_use(), 5 * PAGE_SIZE);
    xfree(p);
    ck_assert_uint_eq(heap_free_pages(), before);
}
END_TEST

/* Found by fuzz-heap: the frame behind an empty object was free. */
START_TEST(test_nothing_aligned_to_a_page)
{
    unsigned long before;
    void *p;

    setup_once();
    before = heap_free_pages();
    p = xzalloc_bytes(0, PAGE_SIZE);
    ck_assert_ptr_nonnull(p);
    ck_assert_uint_eq(heap_free_pages(), before - 1);
    ck_assert_uint_eq(virt_to_page(p)->count_info, PGC_XEN_HEAP);
    xfree(p);
    ck_assert_uint_eq(heap_free_pages(), before);
}
END_TEST

START_TEST(test_refuses)
{
    setup_once();
    ck_assert_ptr_null(xzalloc_bytes(16, 8192));
    ck_assert_ptr_null(xzalloc_bytes(16, 24));
    ck_assert_ptr_null(xzalloc_bytes(~0UL, 8));
    ck_assert_ptr_null(xzalloc_bytes(~0UL - 4096, 8));
    ck_assert_ptr_null(xzalloc_bytes_n(1UL << 33, 1UL << 33, 8));
    ck_assert_ptr_null(xzalloc_bytes(FRAMES * PAGE_SIZE * 2, 8));
    xfree(NULL);
}
END_TEST

START_TEST(test_exhaustion)
{
    static void *p[FRAMES * 2];
    unsigned int n = 0;
    unsigned long before;

    setup_once();
    before = heap_free_pages();
    while ((p[n] = xzalloc_bytes(2000, 16)) != NULL)
        n++;
    ck_assert_uint_eq(n, before * 2);
    while (n)
        xfree(p[--n]);
    ck_assert_uint_eq(heap_free_pages(), before);
}
END_TEST

/* Each misuse stops the host; the slab lock stays taken then, so each takes a class of its own. */
START_TEST(test_debug_checks)
{
    u8 *p, *keep;

    setup_once();
    keep = xzalloc_bytes(40, 1);
    p = xzalloc_bytes(40, 1);
    xfree(p);
    ck_assert(SHIM_BUGS(xfree(p)));
    ck_assert_ptr_nonnull(strstr(shim_last_message, "freed twice"));
    ck_assert(SHIM_BUGS(xfree(keep + 4)));

    p = xzalloc_bytes(100, 1);
    p[100] = 1;
    ck_assert(SHIM_BUGS(xfree(p)));
    ck_assert_ptr_nonnull(strstr(shim_last_message, "beyond its end"));

    keep = xzalloc_bytes(200, 1);
    p = xzalloc_bytes(200, 1);
    xfree(p);
    p[20] = 1;
    ck_assert(SHIM_BUGS(keep = xzalloc_bytes(200, 1)));
    ck_assert_ptr_nonnull(strstr(shim_last_message, "after it was freed"));

    p = xzalloc_bytes(PAGE_SIZE * 2, 1);
    ck_assert(SHIM_BUGS(xfree(p + PAGE_SIZE)));
    xfree(p);
    ck_assert(SHIM_BUGS(xfree(p)));
}
END_TEST

TEST_MAIN("slab", test_random, test_large_returns_tail, test_nothing_aligned_to_a_page,
          test_refuses, test_exhaustion, test_debug_checks)

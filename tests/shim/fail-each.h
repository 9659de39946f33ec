/* SPDX-License-Identifier: MIT */
/*
 * fail-each.h - for tests in which each allocation fails once: the nth one, for each n until there
 * are fewer. That a call succeeds is no end: what failed may be one that it can do without.
 */
#ifndef TESTS_FAIL_EACH_H
#define TESTS_FAIL_EACH_H

#include <stdbool.h>

extern int fail_alloc_in; /* see fail-alloc.h */
static int fail_each_left;

static inline void fail_each_begin(int n)
{
    fail_each_left = -1;
    fail_alloc_in = n;
}

/* No more fail from now on. True: one did, so there may be others. */
static inline bool fail_each_end(void)
{
    /* Two threads at once may count below 0. */
    if (fail_each_left < 0)
        fail_each_left = fail_alloc_in > 0 ? fail_alloc_in : 0;
    fail_alloc_in = 0;
    return !fail_each_left;
}

#endif /* TESTS_FAIL_EACH_H */

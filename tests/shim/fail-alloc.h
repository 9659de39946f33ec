/* SPDX-License-Identifier: MIT */
/*
 * fail-alloc.h - makes the n-th allocation fail. Included before everything (-include) in library
 * sources under test; the test has FAIL_ALLOC_DEFINE once and sets fail_alloc_in.
 */
#ifndef TESTS_FAIL_ALLOC_H
#define TESTS_FAIL_ALLOC_H

#include <stdlib.h>
#include <string.h>

/* Allocations until one fails, that one included; 0: none does. Counts down in all threads. */
extern int fail_alloc_in;
#define FAIL_ALLOC_DEFINE int fail_alloc_in;

static inline int fail_alloc_now(void)
{
    int left = __atomic_load_n(&fail_alloc_in, __ATOMIC_RELAXED);

    return left > 0 && __atomic_sub_fetch(&fail_alloc_in, 1, __ATOMIC_RELAXED) == 0;
}

#define malloc(n)     (fail_alloc_now() ? NULL : malloc(n))
#define calloc(n, m)  (fail_alloc_now() ? NULL : calloc(n, m))
#define realloc(p, n) (fail_alloc_now() ? NULL : realloc(p, n))
#undef strdup
#undef strndup
#define strdup(s)     (fail_alloc_now() ? NULL : strdup(s))
#define strndup(s, n) (fail_alloc_now() ? NULL : strndup(s, n))

#endif /* TESTS_FAIL_ALLOC_H */

/* SPDX-License-Identifier: MIT */
/* test-main.h - main() of a unit test: TEST_MAIN("name", test_a, test_b). */
#ifndef TESTS_TEST_MAIN_H
#define TESTS_TEST_MAIN_H

#include <check.h>
#include <stdlib.h>

/*
 * The step of a loop over very many cases: only every nth, so that all unit tests take a minute or
 * two; with TEST_WHOLE, which ./check --soak sets, all. A loop over bits needs an odd n to meet
 * each bit of bytes. What is special is to be met in any case.
 */
static inline unsigned int test_every(unsigned int n)
{
    return getenv("TEST_WHOLE") ? 1 : n;
}

/* Runs the tests of one file in this process (no fork), so that sanitizers see everything. */
static inline int run_tests(const char *name, const TTest *const *tests, unsigned int nr)
{
    Suite *s = suite_create(name);
    TCase *tc = tcase_create(name);
    SRunner *sr = srunner_create(s);
    int failed;

    suite_add_tcase(s, tc);
    for (unsigned int i = 0; i < nr; i++)
        tcase_add_test(tc, tests[i]);
    srunner_set_fork_status(sr, CK_NOFORK);
    srunner_run_all(sr, CK_NORMAL);
    failed = srunner_ntests_failed(sr);
    srunner_free(sr);
    return failed ? 1 : 0;
}

#define TEST_MAIN(name, ...)                                             \
    int main(void)                                                       \
    {                                                                    \
        const TTest *const tests[] = {__VA_ARGS__};                      \
        return run_tests(name, tests, sizeof(tests) / sizeof(tests[0])); \
    }

#endif /* TESTS_TEST_MAIN_H */

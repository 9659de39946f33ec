/* SPDX-License-Identifier: MIT */
/*
 * failures.h - for tests in which each thing fails once: calls of the hypervisor, requests to the
 * store, allocations. The handle is that of life-host.h.
 */
#ifndef TESTS_LIGHT_FAILURES_H
#define TESTS_LIGHT_FAILURES_H

/*
 * What fails: the nth one from arm on, for each n or, where there are very many, for every
 * each-th n.
 * disarm says how many are left until then; 0: it has failed.
 */
struct failure {
    const char *what;
    unsigned int each;
    void (*arm)(unsigned int n);
    unsigned int (*disarm)(void);
};

/* The step to the next n in tests that take long: a larger one without TEST_WHOLE. */
unsigned int failures_step(const struct failure *f);

#define NR_FAILURES 3U
extern const struct failure failures[NR_FAILURES];

#endif /* TESTS_LIGHT_FAILURES_H */

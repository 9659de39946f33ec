/* SPDX-License-Identifier: MIT */
/* failures.c - see failures.h. */
#include "light/failures.h"
#include "libs/ctrl/src/sim/sim.h"
#include "light/life-host.h"
#include <xenolith/ctrl-sim.h>

extern int fail_alloc_in; /* see fail-alloc.h */

static void arm_call(unsigned int n)
{
    ck_assert_int_eq(xctl_sim_fail(h->ctrl, XCTL_SIM_ANY, XCTL_SIM_ANY_CMD, n, EIO), 0);
}

/* The host counts down; what is left is nobody else's business. */
static unsigned int disarm_call(void)
{
    const struct sim_fault *f = &sim_of(h->ctrl)->host->faults[0];
    unsigned int left = f->used ? f->left : 0;

    ck_assert_int_eq(xctl_sim_fail_clear(h->ctrl, NULL), 0);
    return left;
}

static void arm_request(unsigned int n)
{
    sim_store_fail_in = n;
}

static unsigned int disarm_request(void)
{
    unsigned int left = sim_store_fail_in;

    sim_store_fail_in = 0;
    return left;
}

static void arm_allocation(unsigned int n)
{
    fail_alloc_in = (int)n;
}

static unsigned int disarm_allocation(void)
{
    int left = fail_alloc_in;

    fail_alloc_in = 0;
    return left > 0 ? (unsigned int)left : 0;
}

unsigned int failures_step(const struct failure *f)
{
    return f->each * test_every(5);
}

const struct failure failures[NR_FAILURES] = {
    {"call", 1, arm_call, disarm_call},
    {"request", 1, arm_request, disarm_request},
    {"allocation", 23, arm_allocation, disarm_allocation},
};

/* SPDX-License-Identifier: MIT */
/* sched.c - the share of the CPUs that a new domain gets, where its configuration says so. */
#include "life.h"
#include <xenolith/light-sched.h>

static void set(uint32_t *value, int given)
{
    if (given >= 0)
        *value = (uint32_t)given;
}

int life_set_scheduling(xlight_op *op, void *state)
{
    struct life_create *k = state;
    const struct xlight_config *c = k->c;
    struct xlight_sched s;
    int rc;

    (void)op;
    if (c->cpu_weight < 0 && c->cap < 0 && c->period < 0 && c->budget < 0 && c->extratime < 0)
        return 0;
    rc = xlight_sched_get(k->h, k->domid, &s);
    if (rc)
        return rc;
    if (c->scheduler && c->scheduler != s.scheduler)
        return xlight__fail(k->h, -EINVAL, k->domid,
                            "the domain's pool has another scheduler than the configuration");
    set(&s.weight, c->cpu_weight);
    set(&s.cap, c->cap);
    set(&s.period_us, c->period);
    set(&s.budget_us, c->budget);
    if (c->extratime >= 0)
        s.extratime = c->extratime;
    return xlight_sched_set(k->h, &s);
}

/* SPDX-License-Identifier: MIT */
/* sched.c - the share of the CPUs that a new domain gets, where its configuration says so. */
#include "life.h"

#define GIVEN(value, old) ((value) < 0 ? (old) : (value))

static int set_credit(struct life_create *k)
{
    const struct xlight_config *c = k->c;
    struct xen_domctl_sched_credit p;
    int rc = xctl_sched_credit_get(k->h->ctrl, k->domid, &p);

    if (rc)
        return rc;
    p.weight = (uint16_t)GIVEN(c->cpu_weight, p.weight);
    p.cap = (uint16_t)GIVEN(c->cap, p.cap);
    return xctl_sched_credit_set(k->h->ctrl, k->domid, &p);
}

static int set_credit2(struct life_create *k)
{
    const struct xlight_config *c = k->c;
    struct xen_domctl_sched_credit2 p;
    int rc = xctl_sched_credit2_get(k->h->ctrl, k->domid, &p);

    if (rc)
        return rc;
    p.weight = (uint16_t)GIVEN(c->cpu_weight, p.weight);
    p.cap = (uint16_t)GIVEN(c->cap, p.cap);
    return xctl_sched_credit2_set(k->h->ctrl, k->domid, &p);
}

static int set_rtds(struct life_create *k)
{
    const struct xlight_config *c = k->c;
    struct xen_domctl_sched_rtds p;
    int rc = xctl_sched_rtds_get(k->h->ctrl, k->domid, &p);

    if (rc)
        return rc;
    p.period = (uint32_t)GIVEN(c->period, (int)p.period);
    p.budget = (uint32_t)GIVEN(c->budget, (int)p.budget);
    if (c->extratime >= 0)
        p.flags = c->extratime ? XEN_DOMCTL_SCHEDRT_extra : 0;
    return xctl_sched_rtds_set(k->h->ctrl, k->domid, &p);
}

/* The scheduler of the domain's pool. */
static int find_scheduler(struct life_create *k, unsigned int *ret_id)
{
    struct xen_domctl_getdomaininfo info;
    struct xctl_cpupool_info pool;
    int rc = xctl_domain_info(k->h->ctrl, k->domid, &info);

    if (!rc)
        rc = xctl_cpupool_info(k->h->ctrl, info.cpupool, &pool, NULL, 0);
    if (!rc)
        *ret_id = pool.sched_id;
    return rc;
}

int life_set_scheduling(xlight_op *op, void *state)
{
    struct life_create *k = state;
    const struct xlight_config *c = k->c;
    unsigned int id = 0;
    int rc;

    (void)op;
    if (c->cpu_weight < 0 && c->cap < 0 && c->period < 0 && c->budget < 0 && c->extratime < 0)
        return 0;
    rc = find_scheduler(k, &id);
    if (!rc && c->scheduler && (unsigned int)c->scheduler != id)
        return xlight__fail(k->h, -EINVAL, k->domid,
                            "the domain's pool has another scheduler than the configuration");
    if (!rc && id == XEN_SCHEDULER_CREDIT)
        rc = set_credit(k);
    else if (!rc && id == XEN_SCHEDULER_CREDIT2)
        rc = set_credit2(k);
    else if (!rc && id == XEN_SCHEDULER_RTDS)
        rc = set_rtds(k);
    return rc ? xlight__fail_ctrl(k->h, rc, k->domid, "cannot set the domain's share of the CPUs")
              : 0;
}

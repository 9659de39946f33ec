/* SPDX-License-Identifier: MIT */
/* sched.c - parameters of schedulers: of domains, of vCPUs, of pools. */
#include "query.h"

/* The scheduler of a pool. */
static int pool_scheduler(xlight_handle *h, uint32_t id, int *ret_scheduler)
{
    struct xctl_cpupool_info info;
    int rc = xctl_cpupool_info(h->ctrl, id, &info, NULL, 0);

    if (rc && rc != -ENOENT)
        return xlight__fail_ctrl(h, rc, XLIGHT_NO_DOMAIN, "cannot see pool %u", id);
    if (rc || info.id != id)
        return xlight__fail(h, -ENOENT, XLIGHT_NO_DOMAIN, "there is no pool %u", id);
    *ret_scheduler = (int)info.sched_id;
    return 0;
}

int xlight_sched_get(xlight_handle *h, uint32_t domid, struct xlight_sched *ret_sched)
{
    struct xlight_sched s = {.domid = domid};
    struct xen_domctl_getdomaininfo info;
    struct xen_domctl_sched_credit c;
    struct xen_domctl_sched_credit2 c2;
    struct xen_domctl_sched_rtds r;
    int rc = xlight__domctl_info(h, domid, &info);

    rc = rc ? rc : pool_scheduler(h, info.cpupool, &s.scheduler);
    if (rc)
        return rc;
    if (s.scheduler == XLIGHT_CREDIT && !(rc = xctl_sched_credit_get(h->ctrl, info.domain, &c))) {
        s.weight = c.weight;
        s.cap = c.cap;
    } else if (s.scheduler == XLIGHT_CREDIT2 &&
               !(rc = xctl_sched_credit2_get(h->ctrl, info.domain, &c2))) {
        s.weight = c2.weight;
        s.cap = c2.cap;
    } else if (s.scheduler == XLIGHT_RTDS &&
               !(rc = xctl_sched_rtds_get(h->ctrl, info.domain, &r))) {
        s.period_us = r.period;
        s.budget_us = r.budget;
        s.extratime = r.flags & XEN_DOMCTL_SCHEDRT_extra;
    }
    if (rc)
        return xlight__fail_ctrl(h, rc, domid, "cannot see how domain %u is scheduled", domid);
    *ret_sched = s;
    return 0;
}

static int check_shares(xlight_handle *h, const struct xlight_sched *s, unsigned int vcpus)
{
    if (s->weight < 1 || s->weight > 65535)
        return xlight__fail(h, -ERANGE, s->domid, "weights are from 1 to 65535, not %u", s->weight);
    if (s->cap > vcpus * 100 || s->cap > UINT16_MAX)
        return xlight__fail(h, -ERANGE, s->domid, "caps of %u vCPUs are from 0 to %u, not %u",
                            vcpus, vcpus * 100, s->cap);
    return 0;
}

static int check_times(xlight_handle *h, uint32_t domid, uint32_t period, uint32_t budget)
{
    if (!period || !budget || budget > period)
        return xlight__fail(h, -ERANGE, domid,
                            "a budget of %u in a period of %u: it must be from 1 to the period",
                            budget, period);
    return 0;
}

static int put(xlight_handle *h, const struct xlight_sched *s)
{
    struct xen_domctl_sched_credit c = {(uint16_t)s->weight, (uint16_t)s->cap};
    struct xen_domctl_sched_credit2 c2 = {(uint16_t)s->weight, (uint16_t)s->cap};
    struct xen_domctl_sched_rtds r = {s->period_us, s->budget_us,
                                      s->extratime ? XEN_DOMCTL_SCHEDRT_extra : 0};
    domid_t domid = (domid_t)s->domid;

    if (s->scheduler == XLIGHT_CREDIT)
        return xctl_sched_credit_set(h->ctrl, domid, &c);
    return s->scheduler == XLIGHT_CREDIT2 ? xctl_sched_credit2_set(h->ctrl, domid, &c2)
                                          : xctl_sched_rtds_set(h->ctrl, domid, &r);
}

int xlight_sched_set(xlight_handle *h, const struct xlight_sched *s)
{
    struct xen_domctl_getdomaininfo info;
    int rc = xlight__domctl_info(h, s->domid, &info), scheduler;

    rc = rc ? rc : pool_scheduler(h, info.cpupool, &scheduler);
    if (rc)
        return rc;
    if (scheduler != s->scheduler)
        return xlight__fail(h, -EINVAL, s->domid, "domain %u is scheduled by %s, not by %s",
                            s->domid, xlight_scheduler_name(scheduler),
                            xlight_scheduler_name(s->scheduler));
    if (scheduler == XLIGHT_RTDS)
        rc = check_times(h, s->domid, s->period_us, s->budget_us);
    else if (scheduler == XLIGHT_CREDIT || scheduler == XLIGHT_CREDIT2)
        rc = check_shares(h, s, info.max_vcpu_id + 1);
    else
        rc = xlight__fail(h, -EOPNOTSUPP, s->domid, "the scheduler %s has no parameters",
                          xlight_scheduler_name(scheduler));
    if (rc)
        return rc;
    rc = put(h, s);
    return rc ? xlight__fail_ctrl(h, rc, s->domid, "cannot change how domain %u is scheduled",
                                  s->domid)
              : 0;
}

/* -EOPNOTSUPP when vCPUs have no parameters of their own. */
static int need_rtds(xlight_handle *h, uint32_t domid, struct xen_domctl_getdomaininfo *ret_info)
{
    int rc = xlight__domctl_info(h, domid, ret_info), scheduler;

    rc = rc ? rc : pool_scheduler(h, ret_info->cpupool, &scheduler);
    return rc || scheduler == XLIGHT_RTDS
               ? rc
               : xlight__fail(h, -EOPNOTSUPP, domid,
                              "domain %u is scheduled by %s, which has no parameters of vCPUs",
                              domid, xlight_scheduler_name(scheduler));
}

int xlight_sched_vcpus_get(xlight_handle *h, uint32_t domid, struct xlight_sched_vcpu **ret_list,
                           unsigned int *ret_nr)
{
    struct xen_domctl_schedparam_vcpu *vcpus = NULL;
    struct xlight_sched_vcpu *list = NULL;
    struct xen_domctl_getdomaininfo info;
    unsigned int nr = 0;
    int rc = need_rtds(h, domid, &info);

    if (rc)
        return rc;
    if (info.max_vcpu_id != XEN_INVALID_MAX_VCPU_ID)
        nr = info.max_vcpu_id + 1;
    vcpus = calloc(nr + 1, sizeof(*vcpus));
    list = calloc(nr + 1, sizeof(*list));
    if (!vcpus || !list)
        rc = xlight__no_memory(h, domid);
    for (unsigned int i = 0; !rc && i < nr; i++)
        vcpus[i].vcpuid = i;
    if (!rc && (rc = xctl_sched_vcpus_get(h->ctrl, info.domain, XEN_SCHEDULER_RTDS, vcpus, nr)))
        xlight__fail_ctrl(h, rc, domid, "cannot see how the vCPUs of domain %u are scheduled",
                          domid);
    for (unsigned int i = 0; !rc && i < nr; i++)
        list[i] =
            (struct xlight_sched_vcpu){domid, i, vcpus[i].u.rtds.period, vcpus[i].u.rtds.budget,
                                       (vcpus[i].u.rtds.flags & XEN_DOMCTL_SCHEDRT_extra) != 0};
    free(vcpus);
    if (rc) {
        free(list);
        return rc;
    }
    *ret_list = list;
    *ret_nr = nr;
    return 0;
}

int xlight_sched_vcpus_set(xlight_handle *h, const struct xlight_sched_vcpu *list, unsigned int nr)
{
    struct xen_domctl_schedparam_vcpu *vcpus;
    struct xen_domctl_getdomaininfo info;
    int rc = nr ? need_rtds(h, list[0].domid, &info) : 0;

    if (rc || !nr)
        return rc;
    for (unsigned int i = 0; !rc && i < nr; i++) {
        rc = check_times(h, list[i].domid, list[i].period_us, list[i].budget_us);
        if (!rc && (list[i].domid != list[0].domid || list[i].vcpu > info.max_vcpu_id))
            rc = xlight__fail(h, -ERANGE, list[0].domid, "domain %u has no vCPU %u", list[i].domid,
                              list[i].vcpu);
    }
    if (rc)
        return rc;
    vcpus = calloc(nr, sizeof(*vcpus));
    if (!vcpus)
        return xlight__no_memory(h, list[0].domid);
    for (unsigned int i = 0; i < nr; i++) {
        vcpus[i].vcpuid = list[i].vcpu;
        vcpus[i].u.rtds = (struct xen_domctl_sched_rtds){
            list[i].period_us, list[i].budget_us, list[i].extratime ? XEN_DOMCTL_SCHEDRT_extra : 0};
    }
    rc = xctl_sched_vcpus_set(h->ctrl, info.domain, XEN_SCHEDULER_RTDS, vcpus, nr);
    free(vcpus);
    return rc ? xlight__fail_ctrl(h, rc, list[0].domid,
                                  "cannot change how vCPUs of domain %u are scheduled",
                                  list[0].domid)
              : 0;
}

int xlight_sched_pool_get(xlight_handle *h, uint32_t id, struct xlight_sched_pool *ret_pool)
{
    struct xlight_sched_pool p = {.id = id};
    struct xen_sysctl_credit_schedule c;
    struct xen_sysctl_credit2_schedule c2;
    int rc = pool_scheduler(h, id, &p.scheduler);

    if (rc)
        return rc;
    if (p.scheduler == XLIGHT_CREDIT && !(rc = xctl_sched_credit_host_get(h->ctrl, id, &c))) {
        p.slice_ms = c.tslice_ms;
        p.ratelimit_us = c.ratelimit_us;
        p.migration_delay_us = c.vcpu_migr_delay_us;
    } else if (p.scheduler == XLIGHT_CREDIT2 &&
               !(rc = xctl_sched_credit2_host_get(h->ctrl, id, &c2))) {
        p.ratelimit_us = c2.ratelimit_us;
    } else if (!rc) {
        return xlight__fail(h, -EOPNOTSUPP, XLIGHT_NO_DOMAIN,
                            "pool %u is scheduled by %s, which has no parameters", id,
                            xlight_scheduler_name(p.scheduler));
    }
    if (rc)
        return xlight__fail_ctrl(h, rc, XLIGHT_NO_DOMAIN, "cannot see how pool %u is scheduled",
                                 id);
    *ret_pool = p;
    return 0;
}

int xlight_sched_pool_set(xlight_handle *h, const struct xlight_sched_pool *p)
{
    struct xen_sysctl_credit_schedule c = {p->slice_ms, p->ratelimit_us, p->migration_delay_us};
    struct xen_sysctl_credit2_schedule c2 = {p->ratelimit_us};
    int rc;

    if (p->scheduler == XLIGHT_CREDIT)
        rc = xctl_sched_credit_host_set(h->ctrl, p->id, &c);
    else if (p->scheduler == XLIGHT_CREDIT2)
        rc = xctl_sched_credit2_host_set(h->ctrl, p->id, &c2);
    else
        return xlight__fail(h, -EOPNOTSUPP, XLIGHT_NO_DOMAIN, "the scheduler %s has no parameters",
                            xlight_scheduler_name(p->scheduler));
    return rc ? xlight__fail_ctrl(h, rc, XLIGHT_NO_DOMAIN, "cannot change how pool %u is scheduled",
                                  p->id)
              : 0;
}

int xlight_vcpu_pin(xlight_handle *h, uint32_t domid, uint32_t vcpu, const struct xlight_bits *hard,
                    const struct xlight_bits *soft, bool force)
{
    int (*set)(xctl_handle *, domid_t, unsigned int, uint8_t *, uint8_t *, unsigned int) =
        force ? xctl_vcpu_force_affinity : xctl_vcpu_set_affinity;
    struct xen_domctl_getdomaininfo info;
    unsigned int nr = hard ? hard->nr : soft ? soft->nr : 0;
    size_t size = (nr + 7) / 8;
    uint8_t *copies;
    int rc = xlight__domctl_info(h, domid, &info);

    if (rc || !nr)
        return rc;
    if (hard && soft && hard->nr != soft->nr)
        return xlight__fail(h, -EINVAL, domid, "two sets of CPUs of different sizes");
    copies = calloc(2, size);
    if (!copies)
        return xlight__no_memory(h, domid);
    if (hard)
        memcpy(copies, hard->bytes, size);
    if (soft)
        memcpy(copies + size, soft->bytes, size);
    rc = set(h->ctrl, (domid_t)domid, vcpu, hard ? copies : NULL, soft ? copies + size : NULL, nr);
    free(copies);
    return rc ? xlight__fail_ctrl(h, rc, domid, "cannot pin vCPU %u of domain %u", vcpu, domid) : 0;
}

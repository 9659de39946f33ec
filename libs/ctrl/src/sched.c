/* SPDX-License-Identifier: MIT */
/* sched.c - schedulers: parameters of domains, of vCPUs and of pools. */
#include "private.h"

static int domain_params(xctl_handle *h, struct xen_domctl *op, domid_t domid, uint32_t sched_id,
                         uint32_t cmd)
{
    op->cmd = XEN_DOMCTL_scheduler_op;
    op->domain = domid;
    op->u.scheduler_op.sched_id = sched_id;
    op->u.scheduler_op.cmd = cmd;
    return xctl__domctl(h, op, NULL, 0,
                        cmd == XEN_DOMCTL_SCHEDOP_putinfo ? "set scheduling parameters"
                                                          : "get scheduling parameters");
}

int xctl_sched_credit_set(xctl_handle *h, domid_t domid,
                          const struct xen_domctl_sched_credit *params)
{
    struct xen_domctl op = {0};

    op.u.scheduler_op.u.credit = *params;
    return domain_params(h, &op, domid, XEN_SCHEDULER_CREDIT, XEN_DOMCTL_SCHEDOP_putinfo);
}

int xctl_sched_credit_get(xctl_handle *h, domid_t domid, struct xen_domctl_sched_credit *ret_params)
{
    struct xen_domctl op = {0};
    int rc = domain_params(h, &op, domid, XEN_SCHEDULER_CREDIT, XEN_DOMCTL_SCHEDOP_getinfo);

    if (rc >= 0)
        *ret_params = op.u.scheduler_op.u.credit;
    return rc;
}

int xctl_sched_credit2_set(xctl_handle *h, domid_t domid,
                           const struct xen_domctl_sched_credit2 *params)
{
    struct xen_domctl op = {0};

    op.u.scheduler_op.u.credit2 = *params;
    return domain_params(h, &op, domid, XEN_SCHEDULER_CREDIT2, XEN_DOMCTL_SCHEDOP_putinfo);
}

int xctl_sched_credit2_get(xctl_handle *h, domid_t domid,
                           struct xen_domctl_sched_credit2 *ret_params)
{
    struct xen_domctl op = {0};
    int rc = domain_params(h, &op, domid, XEN_SCHEDULER_CREDIT2, XEN_DOMCTL_SCHEDOP_getinfo);

    if (rc >= 0)
        *ret_params = op.u.scheduler_op.u.credit2;
    return rc;
}

int xctl_sched_rtds_set(xctl_handle *h, domid_t domid, const struct xen_domctl_sched_rtds *params)
{
    struct xen_domctl op = {0};

    op.u.scheduler_op.u.rtds = *params;
    return domain_params(h, &op, domid, XEN_SCHEDULER_RTDS, XEN_DOMCTL_SCHEDOP_putinfo);
}

int xctl_sched_rtds_get(xctl_handle *h, domid_t domid, struct xen_domctl_sched_rtds *ret_params)
{
    struct xen_domctl op = {0};
    int rc = domain_params(h, &op, domid, XEN_SCHEDULER_RTDS, XEN_DOMCTL_SCHEDOP_getinfo);

    if (rc >= 0)
        *ret_params = op.u.scheduler_op.u.rtds;
    return rc;
}

/* The hypervisor may stop half-way and say how far it came; then it wants the rest again. */
static int vcpu_params(xctl_handle *h, domid_t domid, unsigned int sched_id, uint32_t cmd,
                       struct xen_domctl_schedparam_vcpu *vcpus, unsigned int count,
                       const char *verb)
{
    while (count) {
        struct xen_domctl op = {.cmd = XEN_DOMCTL_scheduler_op, .domain = domid};
        struct xctl__bounce b[] = {
            BOUNCE(op.u.scheduler_op.u.v.vcpus, vcpus, (size_t)count * sizeof(*vcpus), BOTH),
        };
        unsigned int done;
        int rc;

        op.u.scheduler_op.sched_id = sched_id;
        op.u.scheduler_op.cmd = cmd;
        op.u.scheduler_op.u.v.nr_vcpus = count;
        rc = xctl__domctl(h, &op, b, ARRAY_SIZE(b), verb);
        if (rc < 0)
            return rc;
        done = op.u.scheduler_op.u.v.nr_vcpus;
        if (!done || done > count)
            return xctl__failed(h, -EIO, domid, verb, "domctl 16");
        vcpus += done;
        count -= done;
    }
    return 0;
}

int xctl_sched_vcpus_set(xctl_handle *h, domid_t domid, unsigned int sched_id,
                         const struct xen_domctl_schedparam_vcpu *vcpus, unsigned int count)
{
    struct xen_domctl_schedparam_vcpu *copy = malloc(count * sizeof(*copy) + 1);
    int rc;

    if (!copy)
        return xctl__fail(h, -ENOMEM, domid, "no memory for scheduling parameters");
    memcpy(copy, vcpus, count * sizeof(*copy));
    rc = vcpu_params(h, domid, sched_id, XEN_DOMCTL_SCHEDOP_putvcpuinfo, copy, count,
                     "set scheduling parameters of vCPUs");
    free(copy);
    return rc;
}

int xctl_sched_vcpus_get(xctl_handle *h, domid_t domid, unsigned int sched_id,
                         struct xen_domctl_schedparam_vcpu *vcpus, unsigned int count)
{
    return vcpu_params(h, domid, sched_id, XEN_DOMCTL_SCHEDOP_getvcpuinfo, vcpus, count,
                       "get scheduling parameters of vCPUs");
}

int xctl_sched_id(xctl_handle *h, unsigned int *ret_id)
{
    struct xen_sysctl op = {.cmd = XEN_SYSCTL_sched_id};
    int rc = xctl__sysctl(h, &op, NULL, 0, "look up the scheduler");

    if (rc >= 0)
        *ret_id = op.u.sched_id.sched_id;
    return rc;
}

static int pool_params(xctl_handle *h, struct xen_sysctl *op, uint32_t pool, uint32_t sched_id,
                       uint32_t cmd)
{
    op->cmd = XEN_SYSCTL_scheduler_op;
    op->u.scheduler_op.cpupool_id = pool;
    op->u.scheduler_op.sched_id = sched_id;
    op->u.scheduler_op.cmd = cmd;
    return xctl__sysctl(h, op, NULL, 0,
                        cmd == XEN_SYSCTL_SCHEDOP_putinfo ? "set the scheduler's parameters"
                                                          : "get the scheduler's parameters");
}

int xctl_sched_credit_host_set(xctl_handle *h, uint32_t pool,
                               const struct xen_sysctl_credit_schedule *params)
{
    struct xen_sysctl op = {0};

    op.u.scheduler_op.u.sched_credit = *params;
    return pool_params(h, &op, pool, XEN_SCHEDULER_CREDIT, XEN_SYSCTL_SCHEDOP_putinfo);
}

int xctl_sched_credit_host_get(xctl_handle *h, uint32_t pool,
                               struct xen_sysctl_credit_schedule *ret_params)
{
    struct xen_sysctl op = {0};
    int rc = pool_params(h, &op, pool, XEN_SCHEDULER_CREDIT, XEN_SYSCTL_SCHEDOP_getinfo);

    if (rc >= 0)
        *ret_params = op.u.scheduler_op.u.sched_credit;
    return rc;
}

int xctl_sched_credit2_host_set(xctl_handle *h, uint32_t pool,
                                const struct xen_sysctl_credit2_schedule *params)
{
    struct xen_sysctl op = {0};

    op.u.scheduler_op.u.sched_credit2 = *params;
    return pool_params(h, &op, pool, XEN_SCHEDULER_CREDIT2, XEN_SYSCTL_SCHEDOP_putinfo);
}

int xctl_sched_credit2_host_get(xctl_handle *h, uint32_t pool,
                                struct xen_sysctl_credit2_schedule *ret_params)
{
    struct xen_sysctl op = {0};
    int rc = pool_params(h, &op, pool, XEN_SCHEDULER_CREDIT2, XEN_SYSCTL_SCHEDOP_getinfo);

    if (rc >= 0)
        *ret_params = op.u.scheduler_op.u.sched_credit2;
    return rc;
}

static int arinc653(xctl_handle *h, uint32_t pool, uint32_t cmd,
                    struct xen_sysctl_arinc653_schedule *schedule)
{
    struct xen_sysctl op = {.cmd = XEN_SYSCTL_scheduler_op};
    struct xctl__bounce b[] = {
        BOUNCE(op.u.scheduler_op.u.sched_arinc653.schedule, schedule, sizeof(*schedule), BOTH),
    };

    op.u.scheduler_op.cpupool_id = pool;
    op.u.scheduler_op.sched_id = XEN_SCHEDULER_ARINC653;
    op.u.scheduler_op.cmd = cmd;
    return xctl__sysctl(h, &op, b, ARRAY_SIZE(b), "exchange the ARINC 653 schedule");
}

int xctl_sched_arinc653_set(xctl_handle *h, uint32_t pool,
                            const struct xen_sysctl_arinc653_schedule *schedule)
{
    struct xen_sysctl_arinc653_schedule copy = *schedule;

    return arinc653(h, pool, XEN_SYSCTL_SCHEDOP_putinfo, &copy);
}

int xctl_sched_arinc653_get(xctl_handle *h, uint32_t pool,
                            struct xen_sysctl_arinc653_schedule *ret_schedule)
{
    return arinc653(h, pool, XEN_SYSCTL_SCHEDOP_getinfo, ret_schedule);
}

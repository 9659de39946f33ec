/* SPDX-License-Identifier: MIT */
/* cpupool.c - sysctl: groups of CPUs. */
#include "private.h"

int xctl_cpupool_create(xctl_handle *h, uint32_t want, uint32_t sched_id, uint32_t *ret_id)
{
    struct xen_sysctl op = {.cmd = XEN_SYSCTL_cpupool_op};
    int rc;

    op.u.cpupool_op.op = XEN_SYSCTL_CPUPOOL_OP_CREATE;
    op.u.cpupool_op.cpupool_id = want;
    op.u.cpupool_op.sched_id = sched_id;
    rc = xctl__sysctl(h, &op, NULL, 0, "create a CPU pool");
    if (rc >= 0)
        *ret_id = op.u.cpupool_op.cpupool_id;
    return rc;
}

static int pool_op(xctl_handle *h, uint32_t cmd, uint32_t id, uint32_t cpu, domid_t domid,
                   const char *verb)
{
    struct xen_sysctl op = {.cmd = XEN_SYSCTL_cpupool_op};

    op.u.cpupool_op.op = cmd;
    op.u.cpupool_op.cpupool_id = id;
    op.u.cpupool_op.cpu = cpu;
    op.u.cpupool_op.domid = domid;
    return xctl__sysctl(h, &op, NULL, 0, verb);
}

int xctl_cpupool_destroy(xctl_handle *h, uint32_t id)
{
    return pool_op(h, XEN_SYSCTL_CPUPOOL_OP_DESTROY, id, 0, 0, "destroy a CPU pool");
}

int xctl_cpupool_add_cpu(xctl_handle *h, uint32_t id, uint32_t cpu)
{
    return pool_op(h, XEN_SYSCTL_CPUPOOL_OP_ADDCPU, id, cpu, 0, "add a CPU to a pool");
}

int xctl_cpupool_remove_cpu(xctl_handle *h, uint32_t id, uint32_t cpu)
{
    return pool_op(h, XEN_SYSCTL_CPUPOOL_OP_RMCPU, id, cpu, 0, "remove a CPU from a pool");
}

int xctl_cpupool_move_domain(xctl_handle *h, uint32_t id, domid_t domid)
{
    return pool_op(h, XEN_SYSCTL_CPUPOOL_OP_MOVEDOMAIN, id, 0, domid, "move a domain to a pool");
}

int xctl_cpupool_info(xctl_handle *h, uint32_t id, struct xctl_cpupool_info *ret_info,
                      uint8_t *ret_cpus, unsigned int nr_bits)
{
    struct xen_sysctl op = {.cmd = XEN_SYSCTL_cpupool_op};
    uint8_t none = 0;
    struct xctl__bounce b[] = {
        BOUNCE(op.u.cpupool_op.cpumap.bitmap, ret_cpus ? ret_cpus : &none,
               ret_cpus ? DIV_ROUND_UP(nr_bits, 8U) : 1U, OUT),
    };
    int rc;

    op.u.cpupool_op.op = XEN_SYSCTL_CPUPOOL_OP_INFO;
    op.u.cpupool_op.cpupool_id = id;
    op.u.cpupool_op.cpumap.nr_bits = ret_cpus ? nr_bits : 1;
    rc = xctl__sysctl(h, &op, b, ARRAY_SIZE(b), "look up a CPU pool");
    if (rc >= 0)
        *ret_info = (struct xctl_cpupool_info){op.u.cpupool_op.cpupool_id, op.u.cpupool_op.sched_id,
                                               op.u.cpupool_op.n_dom};
    return rc;
}

int xctl_cpupool_free_cpus(xctl_handle *h, uint8_t *ret_cpus, unsigned int nr_bits)
{
    struct xen_sysctl op = {.cmd = XEN_SYSCTL_cpupool_op};
    struct xctl__bounce b[] = {
        BOUNCE(op.u.cpupool_op.cpumap.bitmap, ret_cpus, DIV_ROUND_UP(nr_bits, 8U), OUT),
    };

    op.u.cpupool_op.op = XEN_SYSCTL_CPUPOOL_OP_FREEINFO;
    op.u.cpupool_op.cpumap.nr_bits = nr_bits;
    return xctl__sysctl(h, &op, b, ARRAY_SIZE(b), "look up free CPUs");
}

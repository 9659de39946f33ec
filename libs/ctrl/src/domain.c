/* SPDX-License-Identifier: MIT */
/* domain.c - domctl: life, states and settings of a domain. */
#include "private.h"
#include <xenolith/public/sched.h>

int xctl_domain_create(xctl_handle *h, domid_t want, const struct xen_domctl_createdomain *config,
                       domid_t *ret_domid)
{
    struct xen_domctl op = {.cmd = XEN_DOMCTL_createdomain, .domain = want};
    int rc;

    op.u.createdomain = *config;
    rc = xctl__domctl(h, &op, NULL, 0, "create");
    if (rc >= 0)
        *ret_domid = op.domain;
    return rc;
}

/* Operations without data. */
static int plain(xctl_handle *h, domid_t domid, uint32_t cmd, const char *verb)
{
    struct xen_domctl op = {.cmd = cmd, .domain = domid};

    return xctl__domctl(h, &op, NULL, 0, verb);
}

int xctl_domain_destroy(xctl_handle *h, domid_t domid)
{
    return plain(h, domid, XEN_DOMCTL_destroydomain, "destroy");
}

int xctl_domain_pause(xctl_handle *h, domid_t domid)
{
    return plain(h, domid, XEN_DOMCTL_pausedomain, "pause");
}

int xctl_domain_unpause(xctl_handle *h, domid_t domid)
{
    return plain(h, domid, XEN_DOMCTL_unpausedomain, "unpause");
}

int xctl_domain_resume(xctl_handle *h, domid_t domid)
{
    return plain(h, domid, XEN_DOMCTL_resumedomain, "resume");
}

int xctl_domain_soft_reset(xctl_handle *h, domid_t domid)
{
    return plain(h, domid, XEN_DOMCTL_soft_reset, "soft-reset");
}

int xctl_domain_shutdown(xctl_handle *h, domid_t domid, unsigned int reason)
{
    struct sched_remote_shutdown arg = {.domain_id = domid, .reason = reason};

    return (int)xctl__simple(h, __HYPERVISOR_sched_op, SCHEDOP_remote_shutdown, domid, &arg,
                             sizeof(arg), NULL, 0, "shut down");
}

int xctl_domain_info_next(xctl_handle *h, domid_t first, struct xen_domctl_getdomaininfo *ret_info)
{
    struct xen_domctl op = {.cmd = XEN_DOMCTL_getdomaininfo, .domain = first};
    int rc = xctl__domctl(h, &op, NULL, 0, "look up");

    if (rc >= 0)
        *ret_info = op.u.getdomaininfo;
    return rc;
}

int xctl_domain_info(xctl_handle *h, domid_t domid, struct xen_domctl_getdomaininfo *ret_info)
{
    struct xen_domctl_getdomaininfo info;
    int rc = xctl_domain_info_next(h, domid, &info);

    if (rc < 0)
        return rc;
    /* The hypervisor answers for the next one when this one is not there. */
    if (info.domain != domid)
        return xctl__failed(h, -ESRCH, domid, "look up", "domctl 5");
    *ret_info = info;
    return 0;
}

int xctl_domain_shutdown_reason(const struct xen_domctl_getdomaininfo *info)
{
    if (!(info->flags & XEN_DOMINF_shutdown))
        return -1;
    return (int)(info->flags >> XEN_DOMINF_shutdownshift & XEN_DOMINF_shutdownmask);
}

int xctl_domain_set_max_mem(xctl_handle *h, domid_t domid, uint64_t max_kb)
{
    struct xen_domctl op = {.cmd = XEN_DOMCTL_max_mem, .domain = domid};

    op.u.max_mem.max_memkb = max_kb;
    return xctl__domctl(h, &op, NULL, 0, "set the memory limit");
}

int xctl_domain_set_max_vcpus(xctl_handle *h, domid_t domid, unsigned int max)
{
    struct xen_domctl op = {.cmd = XEN_DOMCTL_max_vcpus, .domain = domid};

    op.u.max_vcpus.max = max;
    return xctl__domctl(h, &op, NULL, 0, "allocate vCPUs");
}

int xctl_domain_set_handle(xctl_handle *h, domid_t domid, const xen_domain_handle_t uuid)
{
    struct xen_domctl op = {.cmd = XEN_DOMCTL_setdomainhandle, .domain = domid};

    memcpy(op.u.setdomainhandle.handle, uuid, sizeof(xen_domain_handle_t));
    return xctl__domctl(h, &op, NULL, 0, "set the UUID");
}

int xctl_domain_set_time_offset(xctl_handle *h, domid_t domid, int64_t seconds)
{
    struct xen_domctl op = {.cmd = XEN_DOMCTL_settimeoffset, .domain = domid};

    op.u.settimeoffset.time_offset_seconds = seconds;
    return xctl__domctl(h, &op, NULL, 0, "set the clock");
}

int xctl_domain_set_address_size(xctl_handle *h, domid_t domid, unsigned int bits)
{
    struct xen_domctl op = {.cmd = XEN_DOMCTL_set_address_size, .domain = domid};

    op.u.address_size.size = bits;
    return xctl__domctl(h, &op, NULL, 0, "set the word size");
}

int xctl_domain_get_address_size(xctl_handle *h, domid_t domid, unsigned int *ret_bits)
{
    struct xen_domctl op = {.cmd = XEN_DOMCTL_get_address_size, .domain = domid};
    int rc = xctl__domctl(h, &op, NULL, 0, "get the word size");

    if (rc >= 0)
        *ret_bits = op.u.address_size.size;
    return rc;
}

int xctl_domain_hypercall_init(xctl_handle *h, domid_t domid, uint64_t frame)
{
    struct xen_domctl op = {.cmd = XEN_DOMCTL_hypercall_init, .domain = domid};

    op.u.hypercall_init.gmfn = frame;
    return xctl__domctl(h, &op, NULL, 0, "fill the hypercall page");
}

int xctl_domain_send_trigger(xctl_handle *h, domid_t domid, unsigned int trigger, unsigned int vcpu)
{
    struct xen_domctl op = {.cmd = XEN_DOMCTL_sendtrigger, .domain = domid};

    op.u.sendtrigger.trigger = trigger;
    op.u.sendtrigger.vcpu = vcpu;
    return xctl__domctl(h, &op, NULL, 0, "send a trigger");
}

int xctl_domain_subscribe_suspend(xctl_handle *h, domid_t domid, uint32_t port)
{
    struct xen_domctl op = {.cmd = XEN_DOMCTL_subscribe, .domain = domid};

    op.u.subscribe.port = port;
    return xctl__domctl(h, &op, NULL, 0, "subscribe to the suspend event");
}

int xctl_domain_set_target(xctl_handle *h, domid_t domid, domid_t target)
{
    struct xen_domctl op = {.cmd = XEN_DOMCTL_set_target, .domain = domid};

    op.u.set_target.target = target;
    return xctl__domctl(h, &op, NULL, 0, "set the target");
}

int xctl_domain_set_virq_handler(xctl_handle *h, domid_t domid, unsigned int virq)
{
    struct xen_domctl op = {.cmd = XEN_DOMCTL_set_virq_handler, .domain = domid};

    op.u.set_virq_handler.virq = virq;
    return xctl__domctl(h, &op, NULL, 0, "set the interrupt handler");
}

int xctl_domain_set_debugging(xctl_handle *h, domid_t domid, int enable)
{
    struct xen_domctl op = {.cmd = XEN_DOMCTL_setdebugging, .domain = domid};

    op.u.setdebugging.enable = enable ? 1 : 0;
    return xctl__domctl(h, &op, NULL, 0, "set debugging");
}

int xctl_domain_set_tsc(xctl_handle *h, domid_t domid, const struct xctl_tsc_info *info)
{
    struct xen_domctl op = {.cmd = XEN_DOMCTL_settscinfo, .domain = domid};

    op.u.tsc_info.tsc_mode = info->mode;
    op.u.tsc_info.gtsc_khz = info->khz;
    op.u.tsc_info.incarnation = info->incarnation;
    op.u.tsc_info.elapsed_nsec = info->elapsed_ns;
    return xctl__domctl(h, &op, NULL, 0, "set the TSC");
}

int xctl_domain_get_tsc(xctl_handle *h, domid_t domid, struct xctl_tsc_info *ret_info)
{
    struct xen_domctl op = {.cmd = XEN_DOMCTL_gettscinfo, .domain = domid};
    int rc = xctl__domctl(h, &op, NULL, 0, "get the TSC");

    if (rc < 0)
        return rc;
    *ret_info = (struct xctl_tsc_info){
        .mode = op.u.tsc_info.tsc_mode,
        .khz = op.u.tsc_info.gtsc_khz,
        .incarnation = op.u.tsc_info.incarnation,
        .elapsed_ns = op.u.tsc_info.elapsed_nsec,
    };
    return rc;
}

int xctl_domain_set_node_affinity(xctl_handle *h, domid_t domid, const uint8_t *nodes,
                                  unsigned int nr_bits)
{
    struct xen_domctl op = {.cmd = XEN_DOMCTL_setnodeaffinity, .domain = domid};
    struct xctl__bounce b[] = {
        BOUNCE(op.u.nodeaffinity.nodemap.bitmap, nodes, DIV_ROUND_UP(nr_bits, 8U), IN),
    };

    op.u.nodeaffinity.nodemap.nr_bits = nr_bits;
    return xctl__domctl(h, &op, b, ARRAY_SIZE(b), "set the NUMA nodes");
}

int xctl_domain_get_node_affinity(xctl_handle *h, domid_t domid, uint8_t *ret_nodes,
                                  unsigned int nr_bits)
{
    struct xen_domctl op = {.cmd = XEN_DOMCTL_getnodeaffinity, .domain = domid};
    struct xctl__bounce b[] = {
        BOUNCE(op.u.nodeaffinity.nodemap.bitmap, ret_nodes, DIV_ROUND_UP(nr_bits, 8U), OUT),
    };

    op.u.nodeaffinity.nodemap.nr_bits = nr_bits;
    return xctl__domctl(h, &op, b, ARRAY_SIZE(b), "get the NUMA nodes");
}

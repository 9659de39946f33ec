/* SPDX-License-Identifier: MIT */
/* vcpu-list.c - the vCPUs of a domain. */
#include "private.h"
#include <xenolith/light-domain.h>

void xlight_vcpu_list_free(struct xlight_vcpu *list, unsigned int nr)
{
    for (unsigned int i = 0; list && i < nr; i++) {
        free(list[i].hard.bytes);
        free(list[i].soft.bytes);
    }
    free(list);
}

static int fill(xlight_handle *h, domid_t domid, const struct xen_domctl_getvcpuinfo *info,
                unsigned int cpus, struct xlight_vcpu *v)
{
    int rc;

    *v = (struct xlight_vcpu){
        .domid = domid,
        .vcpu = info->vcpu,
        .online = info->online,
        .blocked = info->blocked,
        .running = info->running,
        .cpu = info->cpu,
        .cpu_time_ns = info->cpu_time,
    };
    v->hard.bytes = calloc(1, (cpus + 7) / 8);
    v->soft.bytes = calloc(1, (cpus + 7) / 8);
    if (!v->hard.bytes || !v->soft.bytes)
        return xlight__fail(h, -ENOMEM, domid, "no memory");
    v->hard.nr = v->soft.nr = cpus;
    rc = xctl_vcpu_get_affinity(h->ctrl, domid, v->vcpu, v->hard.bytes, v->soft.bytes, cpus);
    if (rc)
        return xlight__fail_ctrl(h, rc, domid, "cannot see where vCPU %u of domain %u may run",
                                 v->vcpu, domid);
    return 0;
}

static int append(xlight_handle *h, domid_t domid, const struct xen_domctl_getvcpuinfo *info,
                  unsigned int cpus, struct xlight_vcpu **list, unsigned int *nr)
{
    struct xlight_vcpu *more = realloc(*list, (*nr + 1) * sizeof(*more));

    if (!more)
        return xlight__fail(h, -ENOMEM, domid, "no memory");
    *list = more;
    return fill(h, domid, info, cpus, &more[(*nr)++]);
}

int xlight_vcpu_list(xlight_handle *h, uint32_t domid, struct xlight_vcpu **ret_list,
                     unsigned int *ret_nr)
{
    struct xen_sysctl_physinfo host;
    struct xen_domctl_getvcpuinfo info;
    struct xlight_vcpu *list = NULL;
    unsigned int nr = 0, vcpu = 0;
    int rc, more = 0;

    if (domid >= DOMID_FIRST_RESERVED)
        return xlight__fail(h, -ESRCH, XLIGHT_NO_DOMAIN, "there is no domain %u", domid);
    rc = xctl_host_info(h->ctrl, &host);
    if (rc)
        return xlight__fail_ctrl(h, rc, XLIGHT_NO_DOMAIN, "cannot count the host's CPUs");
    while (!rc && (more = xctl_vcpu_next(h->ctrl, (domid_t)domid, &vcpu, &info)) > 0) {
        rc = append(h, (domid_t)domid, &info, host.max_cpu_id + 1, &list, &nr);
        vcpu++;
    }
    if (more < 0)
        rc = xlight__fail_ctrl(h, more, domid, "cannot list the vCPUs of domain %u", domid);
    if (rc) {
        xlight_vcpu_list_free(list, nr);
        return rc;
    }
    *ret_list = list;
    *ret_nr = nr;
    return 0;
}

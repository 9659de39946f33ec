/* SPDX-License-Identifier: MIT */
/* Managing other domains: one operation, and a domain to try them on. */
#include "guest.h"

struct xen_domctl ctl;
int max_grant_frames = -1, max_maptrack_frames = -1;
uint32_t misc_flags;

void ctl_clear(void)
{
    memset(&ctl, 0, sizeof(ctl));
}

long domctl(unsigned int cmd, unsigned int domain)
{
    ctl.cmd = cmd;
    ctl.interface_version = XEN_DOMCTL_INTERFACE_VERSION;
    ctl.domain = (domid_t)domain;
    return hypercall(domctl, &ctl);
}

long domctl_plain(unsigned int cmd, unsigned int domain)
{
    ctl_clear();
    return domctl(cmd, domain);
}

void ctl_fill_create(unsigned int vcpus)
{
    struct xen_domctl_createdomain *c = &ctl.u.createdomain;

    ctl_clear();
    c->max_vcpus = vcpus;
    c->max_evtchn_port = 1023;
    c->max_grant_frames = max_grant_frames;
    c->max_maptrack_frames = max_maptrack_frames;
    c->grant_opts = 2;
    c->arch.misc_flags = misc_flags;
}

domid_t domain_make(unsigned int vcpus, bool with_vcpus)
{
    domid_t id;

    ctl_fill_create(vcpus);
    NEED(domctl(XEN_DOMCTL_createdomain, 0) == 0);
    id = ctl.domain;
    if (with_vcpus) {
        ctl_clear();
        ctl.u.max_vcpus.max = vcpus;
        NEED(domctl(XEN_DOMCTL_max_vcpus, id) == 0);
    }
    return id;
}

void domain_end(domid_t id)
{
    CHECK_EQ(domctl_plain(XEN_DOMCTL_destroydomain, id), 0);
}

const struct xen_domctl_getdomaininfo *domain_info(domid_t id)
{
    ctl_clear();
    NEED(domctl(XEN_DOMCTL_getdomaininfo, id) == 0 && ctl.domain == id);
    return &ctl.u.getdomaininfo;
}

/* SPDX-License-Identifier: MIT */
/* simple.c - what is done at once: pause, unpause, rename; and what is known of a domain. */
#include "life.h"
#include <xenolith/public/sched.h>

int life_info(xlight_handle *h, uint32_t domid, struct xen_domctl_getdomaininfo *ret_info)
{
    int rc;

    if (!domid)
        return xlight__fail(h, -EPERM, 0, "domain 0 cannot do this to itself");
    if (domid >= DOMID_FIRST_RESERVED)
        return xlight__fail(h, -ESRCH, XLIGHT_NO_DOMAIN, "there is no domain %u", domid);
    rc = xctl_domain_info(h->ctrl, (domid_t)domid, ret_info);
    return rc ? xlight__fail_ctrl(h, rc, domid, "cannot see domain %u", domid) : 0;
}

int xlight_domain_pause(xlight_handle *h, uint32_t domid)
{
    struct xen_domctl_getdomaininfo info;
    int rc = life_info(h, domid, &info);

    if (rc)
        return rc;
    rc = xctl_domain_pause(h->ctrl, (domid_t)domid);
    return rc ? xlight__fail_ctrl(h, rc, domid, "cannot pause domain %u", domid) : 0;
}

int xlight_domain_unpause(xlight_handle *h, uint32_t domid)
{
    struct xen_domctl_getdomaininfo info;
    int rc = life_info(h, domid, &info);

    if (rc)
        return rc;
    rc = xctl_domain_unpause(h->ctrl, (domid_t)domid);
    return rc ? xlight__fail_ctrl(h, rc, domid, "cannot unpause domain %u", domid) : 0;
}

int xlight_domain_rename(xlight_handle *h, uint32_t domid, const char *name)
{
    struct xen_domctl_getdomaininfo info;
    int rc = 0;

    if (!name || !*name)
        return xlight__fail(h, -EINVAL, domid, "a domain cannot be without a name");
    /* Domain 0 has a name like any other. */
    if (domid)
        rc = life_info(h, domid, &info);
    if (!rc)
        rc = xlight__home_rename(h, (domid_t)domid, name);
    return rc ? xlight__wrap(h, rc, domid, "cannot rename domain %u to \"%s\"", domid, name) : 0;
}

int xlight_domain_config(xlight_handle *h, uint32_t domid, struct xlight_config **ret_config)
{
    struct xen_domctl_getdomaininfo info;
    int rc;

    if (domid >= DOMID_FIRST_RESERVED)
        return xlight__fail(h, -ESRCH, XLIGHT_NO_DOMAIN, "there is no domain %u", domid);
    rc = xctl_domain_info(h->ctrl, (domid_t)domid, &info);
    if (rc)
        return xlight__fail_ctrl(h, rc, domid, "cannot see domain %u", domid);
    return xlight__state_load(h, (domid_t)domid, info.handle, ret_config);
}

int xlight_config_action(const struct xlight_config *config, int reason)
{
    switch (reason) {
    case SHUTDOWN_poweroff:
        return config->on_poweroff;
    case SHUTDOWN_reboot:
        return config->on_reboot;
    case SHUTDOWN_watchdog:
        return config->on_watchdog;
    case SHUTDOWN_crash:
        return config->on_crash;
    case SHUTDOWN_soft_reset:
        return config->on_soft_reset;
    default:
        /* It was suspended, by somebody who knows what comes next; or we know less than he does. */
        return XLIGHT_PRESERVE;
    }
}

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

/* Bytes that we do not know must say nothing. */
int life_check_options(xlight_handle *h, const void *options, size_t known)
{
    const uint8_t *bytes = options;
    size_t size = *(const size_t *)options;

    if (size < known)
        return xlight__fail(h, -EINVAL, XLIGHT_NO_DOMAIN, "the options' size was not set");
    for (size_t i = known; i < size; i++)
        if (bytes[i])
            return xlight__fail(h, -EOPNOTSUPP, XLIGHT_NO_DOMAIN,
                                "the options are of a newer library");
    return 0;
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

/* Both places, or none. c is what is written down of it, or NULL. */
static int rename_both(xlight_handle *h, domid_t domid, const uint8_t uuid[16],
                       struct xlight_config *c, const char *name)
{
    char *old = c ? c->name : NULL, *copy = c ? strdup(name) : NULL;
    int rc = c && !copy ? xlight__fail(h, -ENOMEM, domid, "no memory for a name") : 0;

    if (!rc)
        rc = xlight__home_rename(h, domid, name);
    if (rc || !c) {
        free(copy);
        return rc;
    }
    c->name = copy;
    rc = xlight__state_save(h, domid, uuid, c);
    if (rc && old) {
        struct xlight__why why = h->why;

        if (!xlight__home_rename(h, domid, old))
            h->why = why;
    }
    free(old);
    return rc;
}

/* A domain that another toolstack has made may have nothing written down here. */
static int rename_domain(xlight_handle *h, domid_t domid, const uint8_t uuid[16], const char *name)
{
    struct xlight_config *c = NULL;
    int lock, rc = xlight__state_lock(h, domid, uuid, &lock);

    if (rc)
        return rc;
    rc = xlight__state_load(h, domid, uuid, &c);
    if (!rc || rc == -ENOENT)
        rc = rename_both(h, domid, uuid, c, name);
    xlight_config_free(c);
    xlight__state_unlock(h, domid, uuid, lock);
    return rc;
}

int xlight_domain_rename(xlight_handle *h, uint32_t domid, const char *name)
{
    struct xen_domctl_getdomaininfo info;
    int rc;

    if (!name || !*name)
        return xlight__fail(h, -EINVAL, domid, "a domain cannot be without a name");
    /* Domain 0 has a name like any other, but nothing that it was made from. */
    if (!domid)
        rc = xlight__home_rename(h, 0, name);
    else if (!(rc = life_info(h, domid, &info)))
        rc = rename_domain(h, (domid_t)domid, info.handle, name);
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

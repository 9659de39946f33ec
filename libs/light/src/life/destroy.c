/* SPDX-License-Identifier: MIT */
/*
 * destroy.c - the end of a domain, however far it had come.
 *
 * What is outside of the hypervisor goes first, the domain itself last: whoever is killed in
 * between leaves a domain that can be destroyed again.
 */
#include "../device/device.h"
#include "life.h"

struct destroy {
    xlight_handle *h;
    domid_t domid;
    uint8_t uuid[16];
    struct xlight__noted noted; /* what failed, which keeps nothing else from being done */
};

int life_remove_home(xlight_handle *h, domid_t domid)
{
    int rc = h->store ? xlight__home_remove(h, domid) : 0;

    return rc ? xlight__home_remove(h, domid) : 0;
}

int life_remove_domain(xlight_handle *h, domid_t domid)
{
    int rc = xctl_domain_destroy(h->ctrl, domid);

    if (rc)
        rc = xctl_domain_destroy(h->ctrl, domid);
    if (rc && rc != -ESRCH)
        return xlight__fail_ctrl(h, rc, domid, "the hypervisor keeps domain %u", domid);
    return 0;
}

static int go_on(struct destroy *d, int rc)
{
    return xlight__note(d->h, &d->noted, rc);
}

static int stop(xlight_op *op, void *state)
{
    struct destroy *d = state;
    struct xen_domctl_getdomaininfo info;
    int rc = life_info(d->h, d->domid, &info);

    if (rc)
        return rc;
    memcpy(d->uuid, info.handle, sizeof(d->uuid));
    xlight__op_commit(op);
    rc = info.flags & XEN_DOMINF_dying ? 0 : xctl_domain_pause(d->h->ctrl, d->domid);
    return go_on(d, rc ? xlight__fail_ctrl(d->h, rc, d->domid, "cannot stop the domain") : 0);
}

static int take_devices(xlight_op *op, void *state)
{
    struct destroy *d = state;

    return go_on(d, xlight__devices_destroy(op, d->domid, &d->noted));
}

static int leave_store(xlight_op *op, void *state)
{
    struct destroy *d = state;

    (void)op;
    return go_on(d, life_remove_home(d->h, d->domid));
}

/* Under the lock, so that nobody who is changing the configuration writes it again behind us. */
static int remove_state(struct destroy *d)
{
    int lock = -1, rc = go_on(d, xlight__state_lock(d->h, d->domid, d->uuid, &lock));

    if (!rc)
        rc = xlight__state_remove(d->h, d->domid, d->uuid);
    xlight__state_unlock(d->h, d->domid, d->uuid, lock);
    return rc;
}

static int remove_files(xlight_op *op, void *state)
{
    struct destroy *d = state;

    (void)op;
    go_on(d, remove_state(d));
    return go_on(d, xlight__domid_leave(d->h, d->domid));
}

static int destroy(xlight_op *op, void *state)
{
    struct destroy *d = state;

    (void)op;
    go_on(d, life_remove_domain(d->h, d->domid));
    if (d->noted.rc)
        d->h->why = d->noted.why;
    return d->noted.rc;
}

static const struct xlight__step steps[] = {
    {"stopping it", stop, NULL},
    {"taking its devices away", take_devices, NULL},
    {"removing it from the store", leave_store, NULL},
    {"removing its files", remove_files, NULL},
    {"giving its memory back", destroy, NULL},
};
static const struct xlight__part part = XLIGHT__PART(steps, free);

int life_add_destroy(xlight_op *op, xlight_handle *h, domid_t domid)
{
    struct destroy *d = calloc(1, sizeof(*d));

    if (!d)
        return xlight__fail(h, -ENOMEM, domid, "no memory to destroy a domain");
    d->h = h;
    d->domid = domid;
    return xlight__op_add(op, &part, d);
}

int xlight_domain_destroy_start(xlight_handle *h, uint32_t domid, xlight_op **ret_op)
{
    struct xen_domctl_getdomaininfo info;
    xlight_op *op = NULL;
    int rc = life_info(h, domid, &info);

    if (!rc)
        rc = xlight__op_new(h, domid, &op, "cannot destroy domain %u", domid);
    if (rc)
        return rc;
    rc = life_add_destroy(op, h, (domid_t)domid);
    if (rc) {
        xlight_op_free(op);
        return rc;
    }
    *ret_op = op;
    return 0;
}

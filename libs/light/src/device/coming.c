/* SPDX-License-Identifier: MIT */
/* coming.c - how devices come: nodes, server, host. */
#include "device.h"

static int write_all(xstore_handle *xs, xs_transaction_t t, void *arg)
{
    struct xlight__devset *set = arg;
    int rc = 0;

    (void)xs;
    for (unsigned int i = 0; !rc && i < set->nr; i++)
        rc = xlight__dev_write(&set->client, t, &set->items[i].dev, set->items[i].conf);
    return rc;
}

static int run_write(xlight_op *op, void *state)
{
    struct xlight__devset *set = state;
    xlight_handle *h = set->client.h;
    int rc;

    (void)op;
    h->why.nr = 0;
    rc = xstore_transaction(h->store, write_all, set);
    /* What failed inside has been explained; beginning and end of the transaction have not. */
    if (rc && !h->why.nr)
        rc = xlight__fail_store(h, rc, set->client.domid, "cannot write the devices");
    if (rc)
        return rc;
    for (unsigned int i = 0; i < set->nr; i++)
        set->items[i].written = true;
    return 0;
}

static int nothing(xlight_op *op, void *state)
{
    (void)op;
    (void)state;
    return 0;
}

/* The kernel makes a device from nodes by itself; QEMU later, and without the next steps. */
static bool to_be_awaited(const struct xlight__dev *dev)
{
    return !dev->server->qemu && !dev->server->plain;
}

/* 0: it has come so far. */
static int look(xlight_op *op, const struct xlight__dev *dev)
{
    xlight_handle *h = xlight__op_handle(op);
    char *text = NULL;
    int state, rc = xlight__op_watch(op, XSTORE_PATH("%s/state", dev->back));

    if (!rc)
        rc = xlight__dev_read(h, dev->domid, dev->back, "state", &text);
    if (rc)
        return rc;
    state = text ? atoi(text) : 0;
    free(text);
    if (state >= XLIGHT__INIT_WAIT && state <= XLIGHT__CONNECTED)
        return 0;
    if (state == XLIGHT__INITIALISING)
        return -EAGAIN;
    return xlight__fail(h, -EIO, dev->domid, "what serves %s gave up: state %d", dev->name, state);
}

static int run_wait(xlight_op *op, void *state)
{
    struct xlight__devset *set = state;
    const struct xlight__dev *late = NULL;
    xlight_handle *h = set->client.h;

    for (unsigned int i = 0; i < set->nr; i++) {
        const struct xlight__dev *dev = &set->items[i].dev;
        int rc = to_be_awaited(dev) ? look(op, dev) : 0;

        if (rc && rc != -EAGAIN)
            return rc;
        if (rc && !late)
            late = dev;
    }
    if (!late)
        return 0;
    if (!xlight__op_expired(op, h->os->wait_ms))
        return -EAGAIN;
    return xlight__fail(h, -ETIMEDOUT, late->domid,
                        "%s: nothing serves it; is a driver for %s there?", late->name,
                        late->server_name);
}

/* One after the other: they take turns at locks anyway, and have little to do. */
static int run_ready(xlight_op *op, void *state)
{
    struct xlight__devset *set = state;
    int found = xlight__op_first(op) ? xlight__devset_find_others(set) : 0;

    if (found)
        return found;
    if (xlight__op_first(op))
        set->at = 0;
    for (; set->at < set->nr; set->at++) {
        struct xlight__devset_item *item = &set->items[set->at];
        const struct xlight__hotplug *hotplug = item->dev.server->hotplug;
        int rc;

        /* A driver domain does it itself. */
        if (!hotplug || item->dev.server_domid || set->others)
            continue;
        item->ready = true;
        rc = hotplug->on(op, &item->dev, &item->hotplug);
        if (rc == -EAGAIN)
            return rc;
        if (rc)
            return xlight__wrap(set->client.h, rc, set->client.domid, "cannot connect %s",
                                item->dev.name);
    }
    return 0;
}

/* What undoes a step is in front of it, so that it comes behind what must be undone before it. */
static const struct xlight__step coming[] = {
    {"writing the nodes of devices", run_write, xlight__devset_erase},
    {"writing the nodes of devices", nothing, xlight__devset_unready},
    {"writing the nodes of devices", nothing, xlight__devset_close},
    {"waiting for what serves the devices", run_wait, NULL},
    {"connecting the devices", run_ready, NULL},
};
const struct xlight__part xlight__part_coming = XLIGHT__PART(coming, xlight__devset_free);

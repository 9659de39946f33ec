/* SPDX-License-Identifier: MIT */
/*
 * going.c - how devices go: server, host, nodes. The steps are both those of taking devices away
 * and those that undo a coming.
 */
#include "device.h"

struct close_arg {
    xlight_handle *h;
    struct xlight__devset *set;
    bool erase_front;
};

/* Whether somebody is there to close it. */
static bool to_be_closed(const struct xlight__devset *set, const struct xlight__devset_item *item)
{
    const struct xlight__server *server = item->dev.server;

    return item->written && !server->plain && !(server->qemu && set->model_gone);
}

static int ask_one(const struct close_arg *a, xs_transaction_t t, struct xlight__devset_item *item)
{
    const struct xlight__dev *dev = &item->dev;
    xstore_handle *xs = a->h->store;
    const char *state = XSTORE_PATH("%s/state", dev->back);
    char *text = NULL;
    int rc = a->erase_front ? xlight__dev_erase_front(a->h, t, dev) : 0;

    if (!rc)
        rc = xstore_read_string(xs, t, state, &text);
    if (rc) /* no state: it has gone by itself */
        return rc == -ENOENT ? 0 : rc;
    rc = xstore_write_string(xs, t, XSTORE_PATH("%s/online", dev->back), "0");
    item->idle = atoi(text) == XLIGHT__INITIALISING;
    if (!rc && atoi(text) != XLIGHT__CLOSED)
        rc = xstore_write_int(xs, t, state, XLIGHT__CLOSING);
    free(text);
    return rc;
}

static int ask_all(xstore_handle *xs, xs_transaction_t t, void *arg)
{
    const struct close_arg *a = arg;
    int rc = 0;

    (void)xs;
    for (unsigned int i = 0; !rc && i < a->set->nr; i++)
        if (to_be_closed(a->set, &a->set->items[i]))
            rc = ask_one(a, t, &a->set->items[i]);
    return rc;
}

static int ask(struct xlight__devset *set)
{
    struct close_arg a = {set->client.h, set,
                          set->going == XLIGHT__FORCED || (set->patient && set->going)};
    int rc = xstore_transaction(a.h->store, ask_all, &a);

    return rc ? xlight__fail_store(a.h, rc, set->client.domid, "cannot ask for the end of devices")
              : 0;
}

/* 0: it is closed. A driver domain still has to clean up then. */
static int look(xlight_op *op, const struct xlight__dev *dev)
{
    char *text = NULL;
    bool closed;
    int rc = xlight__op_watch(op, XSTORE_PATH("%s/state", dev->back));

    if (!rc)
        rc = xlight__dev_read(xlight__op_handle(op), dev->domid, dev->back, "state", &text);
    if (rc)
        return rc;
    closed = !text || (atoi(text) == XLIGHT__CLOSED && !dev->server_domid);
    free(text);
    return closed ? 0 : -EAGAIN;
}

/* The first that is not closed yet, or NULL. */
static int find_open(xlight_op *op, struct xlight__devset *set, const struct xlight__dev **ret_dev)
{
    *ret_dev = NULL;
    for (unsigned int i = 0; i < set->nr; i++) {
        const struct xlight__devset_item *item = &set->items[i];
        int rc = to_be_closed(set, item) && !item->idle ? look(op, &item->dev) : 0;

        if (rc && rc != -EAGAIN)
            return rc;
        if (rc && !*ret_dev)
            *ret_dev = &set->items[i].dev;
    }
    return 0;
}

int xlight__devset_close(xlight_op *op, void *state)
{
    struct xlight__devset *set = state;
    const struct xlight__dev *open = NULL;
    xlight_handle *h = set->client.h;
    int rc = 0;

    if (!set->closing) {
        rc = ask(set);
        set->closing = !rc;
    }
    if (!rc)
        rc = find_open(op, set, &open);
    if (rc || !open)
        return rc;
    if (!xlight__op_expired(op, h->os->wait_ms))
        return -EAGAIN;
    if (set->going == XLIGHT__GENTLY)
        return xlight__fail(h, -ETIMEDOUT, open->domid,
                            "%s is still in use: the guest does not let go of it", open->name);
    /* Without its nodes the guest's side counts as gone; the next step gives that a chance. */
    if (!set->patient && set->going == XLIGHT__FORCED_LATER) {
        set->patient = true;
        return ask(set);
    }
    return 0;
}

/* The second chance of devices that did not close when they were asked to. */
static int close_again(xlight_op *op, void *state)
{
    struct xlight__devset *set = state;
    const struct xlight__dev *open = NULL;
    int rc = set->patient ? find_open(op, set, &open) : 0;

    if (rc || !open || xlight__op_expired(op, set->client.h->os->wait_ms))
        return rc;
    return -EAGAIN;
}

static int unready_one(xlight_op *op, struct xlight__devset *set, struct xlight__devset_item *item)
{
    const struct xlight__hotplug *hotplug = item->dev.server->hotplug;
    int rc;

    if (!hotplug || !item->ready || item->dev.server_domid || set->others)
        return 0;
    rc = hotplug->off(op, &item->dev, &item->hotplug);
    if (!rc || rc == -EAGAIN)
        return rc;
    xlight__hotplug_end(&item->hotplug); /* others want the lock */
    return xlight__wrap(set->client.h, rc, set->client.domid, "cannot disconnect %s",
                        item->dev.name);
}

/* All are tried, whatever happens to some: nobody will come back for the others. */
int xlight__devset_unready(xlight_op *op, void *state)
{
    struct xlight__devset *set = state;

    if (xlight__op_first(op)) {
        set->at = 0;
        /* Not to know it keeps nothing from being tried. */
        set->stuck.rc = 0;
        xlight__note(set->client.h, &set->stuck, xlight__devset_find_others(set));
        for (unsigned int i = 0; i < set->nr; i++)
            xlight__hotplug_end(&set->items[i].hotplug);
    }
    for (; set->at < set->nr; set->at++) {
        int rc =
            xlight__note(set->client.h, &set->stuck, unready_one(op, set, &set->items[set->at]));

        if (rc)
            return rc;
    }
    if (set->stuck.rc)
        set->client.h->why = set->stuck.why;
    return set->stuck.rc;
}

struct erase_arg {
    xlight_handle *h;
    const struct xlight__devset *set;
};

static int erase_all(xstore_handle *xs, xs_transaction_t t, void *arg)
{
    const struct erase_arg *a = arg;
    int rc = 0;

    (void)xs;
    for (unsigned int i = 0; !rc && i < a->set->nr; i++)
        if (a->set->items[i].written)
            rc = xlight__dev_erase(a->h, t, &a->set->items[i].dev);
    return rc;
}

int xlight__devset_erase(xlight_op *op, void *state)
{
    struct xlight__devset *set = state;
    struct erase_arg a = {set->client.h, set};
    int rc = xstore_transaction(a.h->store, erase_all, &a);

    (void)op;
    return rc ? xlight__fail_store(a.h, rc, set->client.domid, "cannot remove the nodes of devices")
              : 0;
}

/* The same without undoing anything: beyond the first request there is no way back. */

static int note(const struct xlight__devset *set, int rc)
{
    return xlight__note(set->client.h, set->noted, rc);
}

static int run_close(xlight_op *op, void *state)
{
    xlight__op_commit(op);
    return note(state, xlight__devset_close(op, state));
}

static int run_close_again(xlight_op *op, void *state)
{
    return note(state, close_again(op, state));
}

static int run_unready(xlight_op *op, void *state)
{
    return note(state, xlight__devset_unready(op, state));
}

static int run_erase(xlight_op *op, void *state)
{
    return note(state, xlight__devset_erase(op, state));
}

static const struct xlight__step going[] = {
    {"closing the devices", run_close, NULL},
    {"closing the devices", run_close_again, NULL},
    {"disconnecting the devices", run_unready, NULL},
    {"removing the nodes of devices", run_erase, NULL},
};
const struct xlight__part xlight__part_going = XLIGHT__PART(going, xlight__devset_free);

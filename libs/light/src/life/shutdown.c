/* SPDX-License-Identifier: MIT */
/* shutdown.c - asking a guest to end, and waiting until it has. */
#include "life.h"
#include <xenolith/public/hvm/params.h>

#define ANSWER_MS 60000 /* until a guest must have taken the request */
#define NODE      "/local/domain/%u/control/shutdown"

struct shutdown {
    xlight_handle *h;
    domid_t domid;
    const char *word;
    bool asked;
};

/* It has shut down, or is gone: 1. */
static int has_ended(struct shutdown *s)
{
    struct xen_domctl_getdomaininfo info;
    int rc = xctl_domain_info(s->h->ctrl, s->domid, &info);

    if (rc == -ESRCH)
        return 1;
    if (rc)
        return xlight__fail_ctrl(s->h, rc, s->domid, "cannot see domain %u", s->domid);
    return info.flags & (XEN_DOMINF_dying | XEN_DOMINF_shutdown) ? 1 : 0;
}

/* A guest in a virtual machine has told where it wants events, or it has no drivers to listen. */
static int check_listens(struct shutdown *s)
{
    struct xen_domctl_getdomaininfo info;
    uint64_t where = 1;
    int rc = xctl_domain_info(s->h->ctrl, s->domid, &info);

    if (!rc && info.flags & XEN_DOMINF_hvm_guest)
        rc = xctl_hvm_get_param(s->h->ctrl, s->domid, HVM_PARAM_CALLBACK_IRQ, &where);
    if (rc)
        return xlight__fail_ctrl(s->h, rc, s->domid, "cannot see domain %u", s->domid);
    return where ? 0
                 : xlight__fail(s->h, -EOPNOTSUPP, s->domid,
                                "the guest has no drivers that would listen");
}

static int ask(xlight_op *op, void *state)
{
    struct shutdown *s = state;
    int rc = has_ended(s);

    (void)op;
    if (rc)
        return rc < 0 ? rc : 0;
    rc = check_listens(s);
    if (rc)
        return rc;
    s->asked = true;
    rc = xstore_write_string(s->h->store, XBT_NULL, XSTORE_PATH(NODE, s->domid), s->word);
    return rc ? xlight__fail_store(s->h, rc, s->domid, "cannot ask the guest") : 0;
}

/* Takes a request back that the guest has not seen. */
static int withdraw(struct xstore_handle *xs, xs_transaction_t t, void *state)
{
    struct shutdown *s = state;
    char *value;
    int rc = xstore_read(xs, t, XSTORE_PATH(NODE, s->domid), &value, NULL);

    if (rc)
        return rc == -ENOENT ? 0 : rc;
    if (!strcmp(value, s->word))
        rc = xstore_write(xs, t, XSTORE_PATH(NODE, s->domid), "", 0);
    free(value);
    return rc;
}

static int ask_undo(xlight_op *op, void *state)
{
    struct shutdown *s = state;
    int rc = s->asked ? xstore_transaction(s->h->store, withdraw, s) : 0;

    (void)op;
    return rc ? xlight__fail_store(s->h, rc, s->domid, "cannot withdraw the request") : 0;
}

/* Guests clear the node when they take a request. */
static int await_answer(xlight_op *op, void *state)
{
    struct shutdown *s = state;
    bool late = xlight__op_expired(op, ANSWER_MS), taken;
    char path[XSTORE_PATH_SIZE], *value;
    int rc = xlight__op_watch(op, xstore_path(path, NODE, s->domid));

    if (!rc)
        rc = xlight__op_watch(op, "@releaseDomain");
    if (!rc)
        rc = has_ended(s);
    if (rc)
        return rc < 0 ? rc : 0;
    rc = xstore_read(s->h->store, XBT_NULL, path, &value, NULL);
    if (rc)
        return rc == -ENOENT ? 0 : xlight__fail_store(s->h, rc, s->domid, "cannot see the answer");
    taken = !*value;
    free(value);
    if (taken)
        return 0;
    return late ? xlight__fail(s->h, -ETIMEDOUT, s->domid, "the guest does not listen within %d s",
                               ANSWER_MS / 1000)
                : -EAGAIN;
}

static int await_end(xlight_op *op, void *state)
{
    struct shutdown *s = state;
    int rc = xlight__op_watch(op, "@releaseDomain");

    if (!rc)
        rc = has_ended(s);
    if (rc)
        return rc < 0 ? rc : 0;
    return -EAGAIN;
}

/* Once the guest has taken the request there is nothing to be withdrawn. */
static const struct xlight__step asking[] = {
    {"asking the guest", ask, ask_undo},
    {"waiting for its answer", await_answer, NULL},
};
static const struct xlight__step waiting[] = {
    {"waiting for its end", await_end, NULL},
};
static const struct xlight__part ask_part = XLIGHT__PART(asking, NULL);
static const struct xlight__part wait_part = XLIGHT__PART(waiting, NULL);
static const struct xlight__part owner = {NULL, 0, free};

static int start(xlight_handle *h, uint32_t domid, const char *word, bool wait, const char *verb,
                 xlight_op **ret_op)
{
    struct xen_domctl_getdomaininfo info;
    struct shutdown *s;
    xlight_op *op = NULL;
    int rc = life_info(h, domid, &info);

    if (rc)
        return rc;
    if (!h->store)
        return xlight__fail(h, -ENOTCONN, domid, "this host has no store");
    rc = xlight__op_new(h, domid, &op, "cannot %s domain %u", verb, domid);
    if (rc)
        return rc;
    s = calloc(1, sizeof(*s));
    if (s)
        *s = (struct shutdown){h, (domid_t)domid, word, false};
    rc = s ? xlight__op_add(op, &owner, s) : xlight__fail(h, -ENOMEM, domid, "no memory to wait");
    if (!rc && word)
        rc = xlight__op_add(op, &ask_part, s);
    if (!rc && wait)
        rc = xlight__op_add(op, &wait_part, s);
    if (rc) {
        xlight_op_free(op);
        return rc;
    }
    *ret_op = op;
    return 0;
}

int xlight_domain_shutdown_start(xlight_handle *h, uint32_t domid, bool reboot, bool wait,
                                 xlight_op **ret_op)
{
    return start(h, domid, reboot ? "reboot" : "poweroff", wait, reboot ? "reboot" : "shut down",
                 ret_op);
}

int xlight_domain_wait_start(xlight_handle *h, uint32_t domid, xlight_op **ret_op)
{
    return start(h, domid, NULL, true, "wait for", ret_op);
}

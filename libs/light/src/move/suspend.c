/* SPDX-License-Identifier: MIT */
/*
 * suspend.c - stops a guest with its consent, and lets it go on.
 *
 * A PV guest must be asked: it lets go of what is bound to this machine, and stops itself by a
 * hypercall. That one returns 0 in a guest that was restored, 1 in one that goes on where it was.
 */
#include "move.h"
#include <xenolith/public/sched.h>

#define ANSWER_MS \
    60000 /* until it must have taken the request, and once more until it has stopped */
#define NODE "/local/domain/%u/control/shutdown"
#define WORD "suspend"

/* 1: it is suspended. */
static int look(struct move_suspend *s)
{
    struct xen_domctl_getdomaininfo info;
    int rc = xctl_domain_info(s->h->ctrl, s->domid, &info), reason;

    if (rc)
        return xlight__fail_ctrl(s->h, rc, s->domid, "cannot see domain %u", s->domid);
    if (info.flags & XEN_DOMINF_dying)
        return xlight__fail(s->h, -ESRCH, s->domid, "the domain is at its end");
    reason = xctl_domain_shutdown_reason(&info);
    if (reason >= 0 && reason != SHUTDOWN_suspend)
        return xlight__fail(s->h, -EINVAL, s->domid, "the guest has shut down");
    if (reason < 0 && !s->asked && info.flags & XEN_DOMINF_paused)
        return xlight__fail(s->h, -EBUSY, s->domid,
                            "the domain is paused, and its guest cannot answer");
    return reason == SHUTDOWN_suspend;
}

/* 1: the request is still there. */
static int is_there(struct move_suspend *s)
{
    char *value;
    int rc = xstore_read(s->h->store, XBT_NULL, XSTORE_PATH(NODE, s->domid), &value, NULL);

    if (rc)
        return rc == -ENOENT
                   ? 0
                   : xlight__fail_store(s->h, rc, s->domid, "cannot see the guest's answer");
    rc = !strcmp(value, WORD);
    free(value);
    return rc;
}

static int ask(struct move_suspend *s)
{
    int rc = look(s);

    if (rc < 0)
        return rc;
    s->asked = true;
    if (rc)
        return 0;
    rc = xstore_write_string(s->h->store, XBT_NULL, XSTORE_PATH(NODE, s->domid), WORD);
    /* Nobody waits for the answer to what was not asked. */
    if (rc && !is_there(s))
        s->asked = false;
    return rc ? xlight__fail_store(s->h, rc, s->domid, "cannot ask the guest") : 0;
}

static int wait_for(xlight_op *op, struct move_suspend *s)
{
    int rc = xlight__op_watch(op, XSTORE_PATH(NODE, s->domid));

    return rc ? rc : xlight__op_watch(op, "@releaseDomain");
}

int move_suspend(xlight_op *op, void *state)
{
    struct move_suspend *s = state;
    bool late = xlight__op_expired(op, 2 * ANSWER_MS);
    int rc = xlight__op_first(op) ? ask(s) : 0;

    if (!rc)
        rc = wait_for(op, s);
    if (!rc)
        rc = look(s);
    if (rc)
        return rc < 0 ? rc : 0;
    if (!late)
        return -EAGAIN;
    rc = is_there(s);
    if (rc < 0)
        return rc;
    return xlight__fail(s->h, -ETIMEDOUT, s->domid,
                        rc ? "the guest does not listen" : "the guest does not stop");
}

/* Takes a request back that the guest has not seen. */
static int withdraw(struct xstore_handle *xs, xs_transaction_t t, void *state)
{
    struct move_suspend *s = state;
    char *value;
    int rc = xstore_read(xs, t, XSTORE_PATH(NODE, s->domid), &value, NULL);

    if (rc)
        return rc == -ENOENT ? 0 : rc;
    if (!strcmp(value, WORD))
        rc = xstore_write(xs, t, XSTORE_PATH(NODE, s->domid), "", 0);
    free(value);
    return rc;
}

/* What the guest has begun it ends: it stops, and then goes on. */
int move_suspend_undo(xlight_op *op, void *state)
{
    struct move_suspend *s = state;
    bool late = xlight__op_expired(op, ANSWER_MS);
    int rc, there;

    if (!s->asked)
        return 0;
    rc = look(s);
    if (rc == 1)
        return move_resume(s->h, s->domid);
    there = rc < 0 ? rc : is_there(s);
    if (there > 0) {
        rc = xstore_transaction(s->h->store, withdraw, s);
        if (rc)
            return xlight__fail_store(s->h, rc, s->domid, "cannot withdraw the request");
        /* It may have been faster. */
        there = is_there(s);
        if (!there && look(s) != 1)
            s->asked = false;
    }
    if (there < 0 || !s->asked || late)
        return there < 0 ? there : 0;
    rc = wait_for(op, s);
    return rc ? rc : -EAGAIN;
}

/* What the hypercall returns in the guest. */
static int set_cancelled(xlight_handle *h, domid_t domid)
{
    struct vcpu_guest_context *ctx = malloc(sizeof(*ctx));
    int rc;

    if (!ctx)
        return xlight__fail(h, -ENOMEM, domid, "no memory for the registers of a vCPU");
    rc = xctl_vcpu_get_context(h->ctrl, domid, 0, ctx);
    ctx->user_regs.rax = 1;
    if (!rc)
        rc = xctl_vcpu_set_context(h->ctrl, domid, 0, ctx);
    free(ctx);
    return rc ? xlight__fail_ctrl(h, rc, domid, "cannot tell the guest to go on") : 0;
}

/* Twice: a guest must not stay stopped because of us. */
int move_resume(xlight_handle *h, domid_t domid)
{
    int rc = set_cancelled(h, domid);

    if (rc)
        rc = set_cancelled(h, domid);
    if (rc)
        return rc;
    rc = xctl_domain_resume(h->ctrl, domid);
    if (rc)
        rc = xctl_domain_resume(h->ctrl, domid);
    if (rc)
        return xlight__fail_ctrl(h, rc, domid, "cannot let the guest go on");
    rc = xstore_resume(h->store, domid);
    if (rc)
        rc = xstore_resume(h->store, domid);
    return rc ? xlight__fail_store(h, rc, domid, "cannot tell the store that the guest goes on")
              : 0;
}

static const struct xlight__step steps[] = {
    {"suspending it", move_suspend, move_suspend_undo},
};
static const struct xlight__part part = XLIGHT__PART(steps, free);

static int check(xlight_handle *h, uint32_t domid, struct xen_domctl_getdomaininfo *ret_info)
{
    int rc = life_info(h, domid, ret_info);

    if (rc)
        return rc;
    if (ret_info->flags & XEN_DOMINF_hvm_guest)
        return xlight__fail(h, -EOPNOTSUPP, domid, "there is no support for HVM and PVH guests");
    return h->store ? 0 : xlight__fail(h, -ENOTCONN, domid, "this host has no store");
}

int xlight_domain_suspend_start(xlight_handle *h, uint32_t domid, xlight_op **ret_op)
{
    struct xen_domctl_getdomaininfo info;
    struct move_suspend *s;
    int rc = check(h, domid, &info);

    if (rc)
        return rc;
    s = calloc(1, sizeof(*s));
    if (!s)
        return xlight__fail(h, -ENOMEM, domid, "no memory to wait");
    *s = (struct move_suspend){h, (domid_t)domid, false};
    return xlight__op_start(h, domid, &part, s, ret_op, "cannot suspend domain %u", domid);
}

int xlight_domain_resume(xlight_handle *h, uint32_t domid)
{
    struct xen_domctl_getdomaininfo info;
    int rc = check(h, domid, &info);

    if (!rc && xctl_domain_shutdown_reason(&info) != SHUTDOWN_suspend)
        rc = xlight__fail(h, -EINVAL, domid, "it is not suspended");
    if (!rc)
        rc = move_resume(h, (domid_t)domid);
    return rc ? xlight__wrap(h, rc, domid, "cannot resume domain %u", domid) : 0;
}

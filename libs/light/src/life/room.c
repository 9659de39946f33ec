/* SPDX-License-Identifier: MIT */
/*
 * room.c - memory for a new domain that the host does not have free: domain 0 is asked to give some
 * of its own, and waited for.
 */
#include "life.h"
#include <inttypes.h>
#include <xenolith/light-control.h>

#define WAIT_MS  30000 /* until domain 0 must have given it */
#define TICK_MS  100
#define EXTRA_KB 2048 /* over what the guest sees */

static int get_free(struct life_create *k, uint64_t *ret_kb)
{
    struct xen_sysctl_physinfo info;
    int rc = xctl_host_info(k->h->ctrl, &info);
    uint64_t pages;

    if (rc)
        return xlight__fail_ctrl(k->h, rc, XLIGHT_NO_DOMAIN, "cannot see how much memory is free");
    pages = info.free_pages + info.scrub_pages;
    *ret_kb = pages > info.outstanding_pages ? (pages - info.outstanding_pages) * 4 : 0;
    return 0;
}

static int ask(struct life_create *k, uint64_t missing_kb)
{
    struct xlight_memory m;
    int rc = xlight_memory_get(k->h, 0, &m);

    if (rc)
        return rc;
    if (m.target_kb < missing_kb + XLIGHT_MIN_DOM0_KB)
        return xlight__fail(k->h, -ENOMEM, XLIGHT_NO_DOMAIN,
                            "%" PRIu64 " MiB are missing, and domain 0 has only %" PRIu64 " MiB",
                            (missing_kb + 1023) / 1024, m.target_kb / 1024);
    rc = xlight_memory_set_target(k->h, 0, m.target_kb - missing_kb);
    if (!rc)
        k->taken_kb = missing_kb;
    return rc;
}

int life_make_room(xlight_op *op, void *state)
{
    struct life_create *k = state;
    uint64_t free_kb = 0, need_kb = k->c->memory_kb + EXTRA_KB;
    bool late;
    int rc;

    if (!k->balloon)
        return 0;
    if (life_is_hvm(k->c))
        need_kb += life_paging_kb(k->c);
    late = xlight__op_expired(op, WAIT_MS);
    rc = get_free(k, &free_kb);
    if (rc || free_kb >= need_kb)
        return rc;
    if (xlight__op_first(op))
        rc = ask(k, need_kb - free_kb);
    if (rc)
        return rc;
    if (late)
        return xlight__fail(k->h, -ENOMEM, XLIGHT_NO_DOMAIN,
                            "domain 0 does not give the %" PRIu64 " MiB that are missing",
                            (need_kb - free_kb + 1023) / 1024);
    xlight__op_tick(op, TICK_MS);
    return -EAGAIN;
}

/* What was taken for a domain that does not come. Others may have taken more meanwhile. */
int life_make_room_undo(xlight_op *op, void *state)
{
    struct life_create *k = state;
    struct xlight_memory m;
    int rc = k->taken_kb ? xlight_memory_get(k->h, 0, &m) : 0;

    (void)op;
    if (rc || !k->taken_kb)
        return rc;
    return xlight_memory_set_target(k->h, 0, m.target_kb + k->taken_kb);
}

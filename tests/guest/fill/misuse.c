/* SPDX-License-Identifier: MIT */
/* What XEN_DOMCTL_fill_op refuses, in each state of a domain; each leaves all as it was. */
#include "parent.h"

#define BAD_POINTER ((void *)UNMAPPED)

static const uint32_t ops[] = {XEN_DOMCTL_FILL_MARK, XEN_DOMCTL_FILL_FILL, XEN_DOMCTL_FILL_WANTED,
                               XEN_DOMCTL_FILL_END};
static uint64_t list[XEN_DOMCTL_FILL_MOST + 1];

/* Operations of a domain that START was not for, or END was. */
static void check_no_start(int line)
{
    list[0] = child_mfn(pfn_of(&child_box));
    for (unsigned int i = 0; i < ARRAY_SIZE(ops); i++)
        check_eq(line, "an operation without START", fill_op(ops[i], list, child.box, 1),
                 -XEN_EINVAL);
}

void check_not_started(void)
{
    domid_t saved = child.id;

    child.id = 0; /* ourselves */
    CHECK_EQ(fill_op(XEN_DOMCTL_FILL_START, NULL, NULL, 0), -XEN_EINVAL);
    check_no_start(__LINE__);
    child.id = DOMID_SELF;
    CHECK_EQ(fill_op(XEN_DOMCTL_FILL_START, NULL, NULL, 0), -XEN_ESRCH);
    child.id = 0x7000;
    CHECK_EQ(fill_op(XEN_DOMCTL_FILL_START, NULL, NULL, 0), -XEN_ESRCH);
    child.id = domain_make(1, false);
    CHECK_EQ(fill_op(XEN_DOMCTL_FILL_START, NULL, NULL, 0), -XEN_EINVAL);
    domain_end(child.id);
    /* Its writes are logged, which START would be in the way of. */
    child.id = domain_make(1, true);
    ctl_clear();
    ctl.u.shadow_op.op = XEN_DOMCTL_SHADOW_OP_ENABLE_LOGDIRTY;
    NEED(domctl(XEN_DOMCTL_shadow_op, child.id) == 0);
    CHECK_EQ(fill_op(XEN_DOMCTL_FILL_START, NULL, NULL, 0), -XEN_EBUSY);
    ctl_clear();
    ctl.u.shadow_op.op = XEN_DOMCTL_SHADOW_OP_OFF;
    NEED(domctl(XEN_DOMCTL_shadow_op, child.id) == 0);
    CHECK_EQ(fill_op(XEN_DOMCTL_FILL_START, NULL, NULL, 0), 0);
    CHECK_EQ(fill_op(XEN_DOMCTL_FILL_START, NULL, NULL, 0), -XEN_EBUSY);
    CHECK_EQ(fill_op(XEN_DOMCTL_FILL_END, NULL, NULL, 0), 0);
    check_no_start(__LINE__);
    domain_end(child.id);
    child.id = saved;
}

void check_before(void)
{
    check_no_start(__LINE__);
    CHECK_EQ(fill_op(5, NULL, NULL, 0), -XEN_EINVAL);
}

/* The frame at index 2 is refused. */
static void check_bad_mark(int line, uint64_t mfn, long rc)
{
    uint64_t frames[4];

    for (uint64_t i = 0; i < ARRAY_SIZE(frames); i++)
        frames[i] = child_mfn(child.first_extra + i);
    frames[2] = mfn;
    check_eq(line, "MARK", fill_op(XEN_DOMCTL_FILL_MARK, frames, NULL, 4), rc);
    check_eq(line, "frames that were marked", (long)fo->nr, 2);
    check_eq(line, "frames without content", (long)fo->unfilled, 2);
}

static void check_bad_ops(void)
{
    static const uint32_t bad[] = {5, 99, ~0U};

    CHECK_EQ(fill_op(XEN_DOMCTL_FILL_START, NULL, NULL, 0), -XEN_EBUSY);
    for (unsigned int i = 0; i < ARRAY_SIZE(bad); i++)
        CHECK_EQ(fill_op(bad[i], list, child.box, 1), -XEN_EINVAL);
    for (unsigned int i = 0; i < 3; i++) {
        CHECK_EQ(fill_op(ops[i], list, child.box, XEN_DOMCTL_FILL_MOST + 1), -XEN_EINVAL);
        CHECK_EQ(fill_op(ops[i], list, child.box, 1UL << 32 | 1), -XEN_EINVAL);
        CHECK_EQ(fill_op(ops[i], list, child.box, ~0UL), -XEN_EINVAL);
        CHECK_EQ(fill_op(ops[i], BAD_POINTER, BAD_POINTER, 0), 0);
    }
}

void check_marks(void)
{
    uint64_t own = child_mfn(pfn_of(&child_box));

    memset(list, 0xff, sizeof(list));
    check_bad_ops();
    CHECK_EQ(fill_op(XEN_DOMCTL_FILL_MARK, BAD_POINTER, NULL, 1), -XEN_EFAULT);
    CHECK_EQ(fill_op(XEN_DOMCTL_FILL_MARK, (void *)NONCANON, NULL, 1), -XEN_EFAULT);
    CHECK_EQ(fill_op(XEN_DOMCTL_FILL_MARK, (void *)HYPERVISOR_VIRT_START, NULL, 1), -XEN_EFAULT);
    CHECK_EQ(fo->unfilled, 0);
    check_bad_mark(__LINE__, mfn_of(list), -XEN_EINVAL);
    check_bad_mark(__LINE__, ~0UL, -XEN_EINVAL);
    check_bad_mark(__LINE__, 1UL << 52, -XEN_EINVAL);
    check_bad_mark(__LINE__, child_mfn(child.first_extra) | 1UL << 32, -XEN_EINVAL);
    check_bad_mark(__LINE__, domain_info(child.id)->shared_info_frame, -XEN_EINVAL);
    check_bad_mark(__LINE__, own, -XEN_EBUSY); /* we have it mapped */
    /* The list ends where it can be read no more. */
    list[XEN_DOMCTL_FILL_MOST] = child_mfn(child.first_extra);
    CHECK_EQ(fill_op(XEN_DOMCTL_FILL_END, NULL, NULL, 0), -XEN_EBUSY);
    CHECK_EQ(fo->unfilled, 2);
}

/* --- when it runs --- */

static void check_bad_fills(void)
{
    static char pages[2 * PAGE_SIZE];
    uint64_t p = take(3), before = unfilled(), frames[3];

    for (uint64_t i = 0; i < 3; i++)
        frames[i] = child_mfn(p + i);
    CHECK_EQ(fill_op(XEN_DOMCTL_FILL_FILL, BAD_POINTER, pages, 1), -XEN_EFAULT);
    CHECK_EQ(fo->nr, 0);
    CHECK_EQ(fill_op(XEN_DOMCTL_FILL_FILL, frames, BAD_POINTER, 1), -XEN_EFAULT);
    CHECK_EQ(fo->nr, 0);
    CHECK_EQ(fill_op(XEN_DOMCTL_FILL_FILL, frames, (void *)HYPERVISOR_VIRT_START, 1), -XEN_EFAULT);
    CHECK_EQ(fill_op(XEN_DOMCTL_FILL_FILL, frames, (void *)NONCANON, 3), -XEN_EFAULT);
    CHECK_EQ(fill_op(XEN_DOMCTL_FILL_FILL, frames, (void *)~0UL, 3), -XEN_EFAULT);
    CHECK_EQ(unfilled(), before);
    /* Frames that are nobody's, or not its own, are passed over. */
    list[0] = mfn_of(list);
    list[1] = ~0UL;
    list[2] = domain_info(child.id)->shared_info_frame;
    for (unsigned int i = 0; i < 3; i++) {
        CHECK_EQ(fill_op(XEN_DOMCTL_FILL_FILL, list + i, pages, 1), 0);
        CHECK_EQ(fo->nr, 1);
        CHECK_EQ(fo->unfilled, before);
    }
    CHECK_EQ(list[1], ~0UL);
    CHECK_EQ(request(REQ_COMPARE, p, 3, 0), 0);
    CHECK_WANTED(p, 3);
}

/* The second page's content cannot be read: the first is filled, and nr says so. */
static void check_half_fill(void)
{
    static char pages[3 * PAGE_SIZE] __attribute__((aligned(4096)));
    uint64_t p = take(2), before = unfilled(), frames[2] = {child_mfn(p), child_mfn(p + 1)};

    memset(pages, 0x11, sizeof(pages));
    NEED(map_va(pages + PAGE_SIZE, 0) == 0);
    CHECK_EQ(fill_op(XEN_DOMCTL_FILL_FILL, frames, pages, 2), -XEN_EFAULT);
    CHECK_EQ(fo->nr, 1);
    CHECK_EQ(fo->unfilled, before - 1);
    CHECK_EQ(fill_op(XEN_DOMCTL_FILL_FILL, frames + 1, pages + 100, 1), -XEN_EFAULT);
    CHECK_EQ(fo->nr, 0);
    NEED(set_writable(pages + PAGE_SIZE, true) == 0);
    CHECK_EQ(request(REQ_PEEK, va(p) + 8, 0, 0), 0x1111111111111111);
    CHECK_WANTED_NONE();
    CHECK_EQ(request(REQ_COMPARE, p + 1, 1, 0), 0);
    CHECK_WANTED(p + 1, 1);
}

/* As many as one call takes; it may stop early. */
static void check_many(void)
{
    static char pages[32 * PAGE_SIZE];
    uint64_t n = 32, p = take(n), before = unfilled(), frames[32], done = 0;

    for (uint64_t i = 0; i < n; i++) {
        frames[i] = child_mfn(p + i);
        for (uint64_t k = 0; k < 512; k++)
            ((uint64_t *)pages)[i * 512 + k] = filled(p + i, k);
    }
    while (done < n) {
        CHECK_EQ(fill_op(XEN_DOMCTL_FILL_FILL, frames + done, pages + done * PAGE_SIZE, n - done),
                 0);
        NEED(fo->nr > 0 && fo->nr <= n - done);
        done += fo->nr;
        CHECK_EQ(fo->unfilled, before - done);
    }
    CHECK_EQ(request(REQ_COMPARE, p, n, 0), 0);
    CHECK_WANTED_NONE();
}

/* Not for everybody: the domain itself may not ask. */
static void check_unprivileged(void)
{
    static struct xen_domctl c;
    struct xen_domctl_fill_op *f = (struct xen_domctl_fill_op *)&c.u;

    c.cmd = XEN_DOMCTL_fill_op;
    c.interface_version = XEN_DOMCTL_INTERFACE_VERSION;
    c.domain = child.id;
    f->op = XEN_DOMCTL_FILL_END;
    CHECK_EQ(child_call(domctl, give(&c, sizeof(c))), -XEN_EPERM);
    f->op = XEN_DOMCTL_FILL_START;
    CHECK_EQ(child_call(domctl, give(&c, sizeof(c))), -XEN_EPERM);
    CHECK_WANTED_NONE();
}

static void check_bad_wanted(void)
{
    uint64_t p = take(1), frames[8];

    ask(0, REQ_COMPARE, (const uint64_t[6]){p, 1});
    wait_wanted(frames, 1);
    CHECK_EQ(fill_op(XEN_DOMCTL_FILL_WANTED, BAD_POINTER, NULL, 8), -XEN_EFAULT);
    CHECK_EQ(fo->nr, 0);
    CHECK_EQ(fill_op(XEN_DOMCTL_FILL_WANTED, (void *)HYPERVISOR_VIRT_START, NULL, 8), -XEN_EFAULT);
    wait_wanted(frames, 1);
    CHECK_EQ(answer(0), 0);
    CHECK_WANTED(p, 1);
}

void check_misuse(void)
{
    uint64_t p = take(1), before = unfilled(), mfn = child_mfn(p);

    CHECK_EQ(fill_op(XEN_DOMCTL_FILL_START, NULL, NULL, 0), -XEN_EBUSY);
    CHECK_EQ(fill_op(XEN_DOMCTL_FILL_MARK, &mfn, NULL, 1), -XEN_EINVAL);
    CHECK_EQ(fill_op(XEN_DOMCTL_FILL_MARK, &mfn, NULL, 0), -XEN_EINVAL);
    CHECK_EQ(fill_op(XEN_DOMCTL_FILL_END, NULL, NULL, 0), -XEN_EBUSY);
    CHECK_EQ(fo->unfilled, before);
    check_bad_fills();
    check_half_fill();
    check_many();
    check_unprivileged();
    check_bad_wanted();
}

void check_ended(void)
{
    check_no_start(__LINE__);
    CHECK_EQ(fill_op(XEN_DOMCTL_FILL_START, NULL, NULL, 0), -XEN_EBUSY);
}

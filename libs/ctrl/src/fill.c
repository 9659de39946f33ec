/* SPDX-License-Identifier: MIT */
/* fill.c - pages of a PV domain whose content comes after it has begun to run. */
#include "private.h"
#include <xenolith/public/xenolith.h>

#define BATCH 256U /* pages that are copied at a time */
#define TRIES 100U

/* Other hypervisors know no such call. */
static int fill_op(xctl_handle *h, struct xen_domctl *op, struct xctl__bounce *b, unsigned int nr,
                   const char *verb)
{
    int rc;

    op->cmd = XEN_DOMCTL_fill_op;
    rc = xctl__domctl(h, op, b, nr, verb);
    if (rc != -ENOSYS)
        return rc;
    xctl__fail(h, -EOPNOTSUPP, op->domain, "this hypervisor cannot fill pages later");
    return xctl__wrap(h, -EOPNOTSUPP, op->domain, "cannot %s, domain %u", verb, op->domain);
}

static struct xen_domctl_fill_op *argument(struct xen_domctl *op, uint32_t what, domid_t domid)
{
    struct xen_domctl_fill_op *f = (void *)&op->u;

    op->domain = domid;
    f->op = what;
    return f;
}

int xctl_fill_start(xctl_handle *h, domid_t domid, uint32_t port)
{
    struct xen_domctl op = {0};

    argument(&op, XEN_DOMCTL_FILL_START, domid)->port = port;
    return fill_op(h, &op, NULL, 0, "let a domain run before its pages are filled");
}

/*
 * How many of n were done. A call whose buffers the kernel had taken away is made again with what
 * the first one had done, maybe nothing.
 */
static int progress(xctl_handle *h, domid_t domid, uint64_t done, unsigned long n,
                    unsigned int *in_vain)
{
    *in_vain = done ? 0 : *in_vain + 1;
    if (done <= n && *in_vain < TRIES)
        return 0;
    return xctl__fail(h, -EIO, domid, "the hypervisor says that it has done %llu of %lu pages",
                      (unsigned long long)done, n);
}

/* A list, at most so many at a time; with a page for each, or pages NULL. */
static int put_list(xctl_handle *h, struct xen_domctl_fill_op call, domid_t domid,
                    const xen_pfn_t *frames, const char *pages, unsigned long most,
                    const char *verb, uint64_t *ret_left)
{
    unsigned int in_vain = 0;

    for (unsigned long nr = call.nr; nr;) {
        struct xen_domctl op = {0};
        struct xen_domctl_fill_op *f = argument(&op, call.op, domid);
        unsigned long n = nr < most ? nr : most;
        struct xctl__bounce b[] = {
            BOUNCE(f->frames, frames, n * sizeof(*frames), IN),
            BOUNCE(f->pages, pages, n << XCTL_PAGE_SHIFT, IN),
        };
        int rc;

        f->nr = n;
        rc = fill_op(h, &op, b, ARRAY_SIZE(b), verb);
        if (!rc)
            rc = progress(h, domid, f->nr, n, &in_vain);
        if (rc)
            return rc;
        *ret_left = f->unfilled;
        frames += f->nr;
        pages = pages ? pages + (f->nr << XCTL_PAGE_SHIFT) : NULL;
        nr -= f->nr;
    }
    return 0;
}

int xctl_fill_mark(xctl_handle *h, domid_t domid, const xen_pfn_t *frames, unsigned long nr)
{
    const struct xen_domctl_fill_op call = {.op = XEN_DOMCTL_FILL_MARK, .nr = nr};
    uint64_t left;

    return put_list(h, call, domid, frames, NULL, XEN_DOMCTL_FILL_MOST,
                    "mark pages that are filled later", &left);
}

int xctl_fill_pages(xctl_handle *h, domid_t domid, const xen_pfn_t *frames, const void *pages,
                    unsigned long nr, uint64_t *ret_left)
{
    const struct xen_domctl_fill_op call = {.op = XEN_DOMCTL_FILL_FILL, .nr = nr};

    return put_list(h, call, domid, frames, pages, BATCH, "fill pages", ret_left);
}

int xctl_fill_wanted(xctl_handle *h, domid_t domid, xen_pfn_t *ret_frames, unsigned int max,
                     unsigned int *ret_nr)
{
    struct xen_domctl op = {0};
    struct xen_domctl_fill_op *f = argument(&op, XEN_DOMCTL_FILL_WANTED, domid);
    unsigned int n = max < XEN_DOMCTL_FILL_MOST ? max : XEN_DOMCTL_FILL_MOST;
    struct xctl__bounce b[] = {BOUNCE(f->frames, ret_frames, n * sizeof(*ret_frames), BOTH)};
    int rc;

    f->nr = n;
    rc = fill_op(h, &op, b, ARRAY_SIZE(b), "see which pages a domain waits for");
    if (!rc)
        *ret_nr = (unsigned int)f->nr;
    return rc;
}

int xctl_fill_end(xctl_handle *h, domid_t domid)
{
    struct xen_domctl op = {0};

    argument(&op, XEN_DOMCTL_FILL_END, domid);
    return fill_op(h, &op, NULL, 0, "let a domain run on with all its pages");
}

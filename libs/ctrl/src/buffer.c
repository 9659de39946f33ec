/* SPDX-License-Identifier: MIT */
/*
 * buffer.c - memory that the hypervisor can reach.
 *
 * The hypervisor copies arguments from our addresses without handling page faults, so they must
 * be in pages that are there for the whole call. Single pages are kept for the next call; most
 * arguments fit into one.
 */
#include "private.h"

void *xctl__buf_get(xctl_handle *h, size_t size)
{
    size_t pages = PAGES(size);

    if (pages == 1 && h->nr_cached)
        return h->cached[--h->nr_cached];
    return h->be->buf_alloc(h, pages);
}

void xctl__buf_put(xctl_handle *h, void *buf, size_t size)
{
    size_t pages = PAGES(size);

    if (!buf)
        return;
    if (pages == 1 && h->nr_cached < XCTL__CACHED)
        h->cached[h->nr_cached++] = buf;
    else
        h->be->buf_free(h, buf, pages);
}

void xctl__buf_drain(xctl_handle *h)
{
    while (h->nr_cached)
        h->be->buf_free(h, h->cached[--h->nr_cached], 1);
}

int xctl__bounce_start(xctl_handle *h, struct xctl__bounce *b, unsigned int nr)
{
    for (unsigned int i = 0; i < nr; i++) {
        *b[i].field = 0;
        if (!b[i].data || !b[i].size)
            continue;
        b[i].copy = xctl__buf_get(h, b[i].size);
        if (!b[i].copy) {
            xctl__bounce_end(h, b, nr, false);
            return -ENOMEM;
        }
        /* Also for OUT: what a call leaves alone must stay what it was. */
        memcpy(b[i].copy, b[i].data, b[i].size);
        *b[i].field = (uintptr_t)b[i].copy;
    }
    return 0;
}

void xctl__bounce_end(xctl_handle *h, struct xctl__bounce *b, unsigned int nr, bool ok)
{
    for (unsigned int i = 0; i < nr; i++) {
        if (b[i].copy && ok && (b[i].dir & XCTL__OUT))
            memcpy(b[i].data, b[i].copy, b[i].size);
        xctl__buf_put(h, b[i].copy, b[i].size);
        b[i].copy = NULL;
    }
}

int xctl_buffer_alloc(xctl_handle *h, size_t size, void **ret_buf)
{
    void *buf;

    if (!size)
        return xctl__fail(h, -EINVAL, XCTL_NO_DOMAIN, "a buffer of no bytes");
    buf = h->be->buf_alloc(h, PAGES(size));
    if (!buf)
        return xctl__fail(h, -ENOMEM, XCTL_NO_DOMAIN, "no memory for a buffer of %zu bytes", size);
    *ret_buf = buf;
    return 0;
}

void xctl_buffer_free(xctl_handle *h, void *buf, size_t size)
{
    if (buf)
        h->be->buf_free(h, buf, PAGES(size));
}

/* SPDX-License-Identifier: MIT */
/* store-adapt.h - calls of libxenstore.so.4 as scripts have them. */
#ifndef XENOLITH_STORE_ADAPT_H
#define XENOLITH_STORE_ADAPT_H

#include "kinds.h"

/* No format: a script has better ways, and its text must not be taken for one. */
static const char *bind_path(const char *path)
{
    static __thread char buf[XSTORE_PATH_SIZE];

    return xstore_path(buf, "%s", path);
}

static int bind_write_format(xstore_handle *xs, xs_transaction_t t, const char *path,
                             const char *string)
{
    return xstore_write_format(xs, t, path, "%s", string);
}

BIND_DESTROY(bind_xs_close, struct xs_handle, xs_close)
static const struct bind_kind bind_xs = {
    .name = "xs_handle", .destroy = bind_xs_close, .flags = BIND_ALONE};

/* Gives up the parent's connection in a child, where the lock may never come free. */
static void bind_postfork(struct xs_handle *handle)
{
    struct bind_obj *obj = (struct bind_obj *)(void *)handle;

    if (__atomic_exchange_n(&obj->closed, true, __ATOMIC_SEQ_CST))
        return;
    xs_daemon_destroy_postfork(obj->ptr);
    __atomic_store_n(&obj->uses, 0, __ATOMIC_SEQ_CST);
}

#endif /* XENOLITH_STORE_ADAPT_H */

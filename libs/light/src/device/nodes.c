/* SPDX-License-Identifier: MIT */
/* nodes.c - nodes of devices: collected, written with their permissions, removed. */
#include "dev.h"
#include <stdarg.h>
#include <stdio.h>

#define NR_NODES (sizeof(((struct xlight__nodes *)0)->list) / sizeof(struct xlight__node))

static void add(struct xlight__nodes *n, enum xlight__side side, const char *key, char *value)
{
    if (!value || n->nr == NR_NODES) {
        n->no_memory = true;
        free(value);
        return;
    }
    n->list[n->nr++] = (struct xlight__node){side, key, value};
}

void xlight__node(struct xlight__nodes *n, enum xlight__side side, const char *key,
                  const char *value)
{
    if (value)
        add(n, side, key, strdup(value));
}

void xlight__node_number(struct xlight__nodes *n, enum xlight__side side, const char *key,
                         uint64_t value)
{
    xlight__node_format(n, side, key, "%llu", (unsigned long long)value);
}

void xlight__node_format(struct xlight__nodes *n, enum xlight__side side, const char *key,
                         const char *format, ...)
{
    va_list args;
    char *value;
    int len;

    va_start(args, format);
    len = vsnprintf(NULL, 0, format, args);
    va_end(args);
    value = len < 0 ? NULL : malloc((size_t)len + 1);
    if (value) {
        va_start(args, format);
        vsnprintf(value, (size_t)len + 1, format, args);
        va_end(args);
    }
    add(n, side, key, value);
}

void xlight__node_script(struct xlight__nodes *n, const struct xlight__client *c,
                         const char *script)
{
    if (*script == '/')
        xlight__node(n, XLIGHT__BACK, "script", script);
    else
        xlight__node_format(n, XLIGHT__BACK, "script", "%s/%s", c->h->os->script_dir, script);
}

void xlight__nodes_free(struct xlight__nodes *n)
{
    while (n->nr)
        free(n->list[--n->nr].value);
}

/* A directory, or a node, with an owner and one more domain that may read. */
static int set_perms(xlight_handle *h, xs_transaction_t t, const char *path, uint32_t owner,
                     uint32_t reader)
{
    const struct xs_permissions perms[2] = {{.id = owner, .perms = XS_PERM_NONE},
                                            {.id = reader, .perms = XS_PERM_READ}};

    return xstore_set_perms(h->store, t, path, perms, 2);
}

/* Afresh: what was there before is gone. */
static int make_dir(xlight_handle *h, xs_transaction_t t, const char *path, uint32_t owner,
                    uint32_t reader)
{
    int rc = xstore_rm(h->store, t, path);

    if (!rc)
        rc = xstore_mkdir(h->store, t, path);
    return rc ? rc : set_perms(h, t, path, owner, reader);
}

static int write_text(xlight_handle *h, xs_transaction_t t, const char *dir, const char *key,
                      const char *value)
{
    return xstore_write_string(h->store, t, XSTORE_PATH("%s/%s", dir, key), value);
}

static int write_front(xlight_handle *h, xs_transaction_t t, const struct xlight__dev *dev,
                       const struct xlight__node *node)
{
    const char *path = XSTORE_PATH("%s/%s", dev->front, node->key);
    bool readonly = node->side == XLIGHT__FRONT_READONLY;
    int rc = xstore_write_string(h->store, t, path, node->value);

    if (rc)
        return rc;
    return readonly ? set_perms(h, t, path, dev->server_domid, dev->domid)
                    : set_perms(h, t, path, dev->domid, dev->server_domid);
}

static int make_dirs(xlight_handle *h, xs_transaction_t t, const struct xlight__dev *dev)
{
    int rc = xstore_rm(h->store, t, dev->libxl);

    if (!rc)
        rc = write_text(h, t, dev->libxl, "frontend", dev->front);
    if (!rc)
        rc = write_text(h, t, dev->libxl, "backend", dev->back);
    if (!rc)
        rc = make_dir(h, t, dev->front, dev->domid, dev->server_domid);
    if (!rc)
        rc = write_text(h, t, dev->front, "backend", dev->back);
    if (!rc)
        rc = make_dir(h, t, dev->back, dev->server_domid, dev->domid);
    return rc ? rc : write_text(h, t, dev->back, "frontend", dev->front);
}

static int write_nodes(xlight_handle *h, xs_transaction_t t, const struct xlight__dev *dev,
                       const struct xlight__nodes *n)
{
    int rc = make_dirs(h, t, dev);

    for (unsigned int i = 0; !rc && i < n->nr; i++) {
        const struct xlight__node *node = &n->list[i];

        if (node->side != XLIGHT__BACK) {
            rc = write_front(h, t, dev, node);
            continue;
        }
        rc = write_text(h, t, dev->back, node->key, node->value);
        /* What a device was made from, where no guest and no driver domain can change it. */
        if (!rc)
            rc = write_text(h, t, dev->libxl, node->key, node->value);
    }
    return rc;
}

int xlight__dev_write(const struct xlight__client *c, xs_transaction_t t,
                      const struct xlight__dev *dev, const void *conf)
{
    struct xlight__nodes n = {.nr = 0};
    bool exists = false;
    int rc = xstore_exists(c->h->store, t, dev->libxl, &exists);

    if (rc)
        return xlight__fail_store(c->h, rc, c->domid, "cannot see whether there is %s", dev->name);
    if (exists)
        return xlight__fail(c->h, -EEXIST, c->domid, "the domain has a %s already", dev->name);
    dev->kind->nodes(&n, c, dev, conf);
    if (n.no_memory)
        rc = xlight__fail(c->h, -ENOMEM, c->domid, "no memory for the nodes of %s", dev->name);
    else if ((rc = write_nodes(c->h, t, dev, &n)))
        rc = xlight__fail_store(c->h, rc, c->domid, "cannot write the nodes of %s", dev->name);
    xlight__nodes_free(&n);
    return rc;
}

/* The domains' own directories, and what they are in, are not ours to remove. */
static bool may_go(const char *path)
{
    unsigned int slashes = 0;

    for (; *path; path++)
        slashes += *path == '/';
    return slashes >= 3;
}

int xlight__erase(xlight_handle *h, xs_transaction_t t, const char *path)
{
    char above[XLIGHT__DEV_PATH], *last;
    int rc = xstore_rm(h->store, t, path);

    snprintf(above, sizeof(above), "%s", path);
    while (!rc && (last = strrchr(above, '/'))) {
        char *value = NULL, **names = NULL;
        unsigned int nr = 0;
        size_t len = 0;

        *last = 0;
        if (!may_go(above))
            break;
        rc = xstore_read(h->store, t, above, &value, &len);
        free(value);
        if (!rc && !len)
            rc = xstore_list(h->store, t, above, &names, &nr);
        free(names);
        if (rc == -ENOENT) {
            rc = 0;
            continue;
        }
        if (rc || len || nr)
            break;
        rc = xstore_rm(h->store, t, above);
    }
    return rc;
}

int xlight__dev_erase_front(xlight_handle *h, xs_transaction_t t, const struct xlight__dev *dev)
{
    int rc = xlight__erase(h, t, dev->front);

    return rc ? xlight__fail_store(h, rc, dev->domid, "cannot remove the nodes of %s", dev->name)
              : 0;
}

int xlight__dev_erase(xlight_handle *h, xs_transaction_t t, const struct xlight__dev *dev)
{
    int rc = xlight__erase(h, t, dev->front);

    if (!rc)
        rc = xlight__erase(h, t, dev->back);
    if (!rc)
        rc = xlight__erase(h, t, dev->libxl);
    return rc ? xlight__fail_store(h, rc, dev->domid, "cannot remove the nodes of %s", dev->name)
              : 0;
}

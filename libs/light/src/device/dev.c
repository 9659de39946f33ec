/* SPDX-License-Identifier: MIT */
/* dev.c - devices: made out of configurations, found in the store. */
#include "dev.h"
#include "../config/fields.h"
#include <stdio.h>
#include <xenolith/light-domain.h>

void xlight__dev_set(struct xlight__dev *dev, const char *kind, const char *server, uint32_t domid,
                     uint32_t server_domid, int devid)
{
    bool first_console = !strcmp(kind, "console") && !devid;

    *dev = (struct xlight__dev){.kind = xlight__kind(kind),
                                .server = xlight__server(server),
                                .domid = domid,
                                .server_domid = server_domid,
                                .devid = devid};
    snprintf(dev->kind_name, sizeof(dev->kind_name), "%s", kind);
    snprintf(dev->server_name, sizeof(dev->server_name), "%s", server);
    if (first_console)
        snprintf(dev->front, sizeof(dev->front), "/local/domain/%u/console", domid);
    else
        snprintf(dev->front, sizeof(dev->front), "/local/domain/%u/device/%s/%d", domid, kind,
                 devid);
    snprintf(dev->back, sizeof(dev->back), "/local/domain/%u/backend/%s/%u/%d", server_domid,
             server, domid, devid);
    snprintf(dev->libxl, sizeof(dev->libxl), "/libxl/%u/device/%s/%d", domid, kind, devid);
    snprintf(dev->name, sizeof(dev->name), "%s %d", dev->kind ? dev->kind->word : kind, devid);
}

int xlight__dev_read(xlight_handle *h, uint32_t domid, const char *dir, const char *key,
                     char **ret_value)
{
    const char *path = XSTORE_PATH("%s/%s", dir, key);
    char *value = NULL;
    int rc = xstore_read_string(h->store, XBT_NULL, path, &value);

    if (rc && rc != -ENOENT)
        return xlight__fail_store(h, rc, domid, "cannot read %s", path);
    *ret_value = value;
    return 0;
}

/* Disks have names of their own. */
static int set_name(xlight_handle *h, struct xlight__dev *dev)
{
    char *vdev = NULL;
    int rc = 0;

    if (dev->kind == &xlight__kind_disk)
        rc = xlight__dev_read(h, dev->domid, dev->libxl, "dev", &vdev);
    if (vdev)
        snprintf(dev->name, sizeof(dev->name), "disk %.50s", vdev);
    free(vdev);
    return rc;
}

int xlight__dev_find(xlight_handle *h, uint32_t domid, const char *kind, int devid,
                     struct xlight__dev *ret_dev)
{
    const char *dir = XSTORE_PATH("/libxl/%u/device/%s/%d", domid, kind, devid);
    char server[XLIGHT__DEV_KIND], *back = NULL;
    uint32_t server_domid, of;
    struct xlight__dev dev;
    int rc = xlight__dev_read(h, domid, dir, "backend", &back), n;

    if (rc)
        return rc;
    if (!back || xlight__dev_parse(back, &server_domid, server, &of, &n) || of != domid) {
        rc = xlight__fail(h, back ? -EBADMSG : -ENODEV, domid,
                          back ? "%s/backend makes no sense" : "there is no %s", dir);
        free(back);
        return rc;
    }
    free(back);
    xlight__dev_set(&dev, kind, server, domid, server_domid, devid);
    rc = set_name(h, &dev);
    if (!rc)
        *ret_dev = dev;
    return rc;
}

/* The children of a directory, in the order of their numbers or names; none if there is none. */
static int list_dir(xlight_handle *h, uint32_t domid, const char *path, char ***ret_names,
                    unsigned int *ret_nr)
{
    int rc = xstore_list(h->store, XBT_NULL, path, ret_names, ret_nr);

    if (rc == -ENOENT) {
        *ret_names = NULL;
        *ret_nr = 0;
        return 0;
    }
    return rc ? xlight__fail_store(h, rc, domid, "cannot list the devices of the domain") : 0;
}

struct dev_list {
    struct xlight__dev *list;
    unsigned int nr;
};

static int add_one(xlight_handle *h, uint32_t domid, const char *kind, const char *name,
                   struct dev_list *l)
{
    struct xlight__dev dev, *bigger;
    unsigned long devid;
    int rc;

    if (!xlight__parse_decimal(name, INT32_MAX, &devid))
        return 0;
    rc = xlight__dev_find(h, domid, kind, (int)devid, &dev);
    /* Gone meanwhile, or something else that is no concern of ours. */
    if (rc == -ENODEV || rc == -EBADMSG)
        return 0;
    if (rc)
        return rc;
    bigger = realloc(l->list, (l->nr + 1) * sizeof(*bigger));
    if (!bigger)
        return xlight__fail(h, -ENOMEM, domid, "no memory for a list of devices");
    l->list = bigger;
    l->list[l->nr++] = dev;
    return 0;
}

static int add_kind(xlight_handle *h, uint32_t domid, const char *kind, struct dev_list *l)
{
    unsigned int nr = 0;
    char **names = NULL;
    int rc;

    if (strlen(kind) >= XLIGHT__DEV_KIND)
        return 0;
    rc = list_dir(h, domid, XSTORE_PATH("/libxl/%u/device/%s", domid, kind), &names, &nr);
    for (unsigned int i = 0; !rc && i < nr; i++)
        rc = add_one(h, domid, kind, names[i], l);
    free(names);
    return rc;
}

static int by_number(const void *a, const void *b)
{
    const struct xlight__dev *x = a, *y = b;
    int names = strcmp(x->kind_name, y->kind_name);

    return names ? names : (x->devid > y->devid) - (x->devid < y->devid);
}

int xlight__dev_list(xlight_handle *h, uint32_t domid, const char *kind,
                     struct xlight__dev **ret_list, unsigned int *ret_nr)
{
    struct dev_list l = {NULL, 0};
    unsigned int nr = 0;
    char **kinds = NULL;
    int rc = 0;

    if (kind) {
        rc = add_kind(h, domid, kind, &l);
    } else {
        rc = list_dir(h, domid, XSTORE_PATH("/libxl/%u/device", domid), &kinds, &nr);
        for (unsigned int i = 0; !rc && i < nr; i++)
            rc = add_kind(h, domid, kinds[i], &l);
        free(kinds);
    }
    if (rc) {
        free(l.list);
        return rc;
    }
    if (l.nr)
        qsort(l.list, l.nr, sizeof(*l.list), by_number);
    *ret_list = l.list;
    *ret_nr = l.nr;
    return 0;
}

int xlight__type_copy(const struct xlight_type *type, void *to, const void *from)
{
    int rc = 0;

    memcpy(to, from, type->size);
    for (unsigned int i = 0; i < type->nr_fields; i++) {
        const struct xlight_field *f = &type->fields[i];
        char **s = xlight__at(to, f->offset);

        if (f->kind != XLIGHT_STRING || !*s)
            continue;
        *s = rc ? NULL : strdup(*s);
        if (!*s)
            rc = -ENOMEM;
    }
    if (rc)
        xlight_type_clear(type, to);
    return rc;
}

/* The domain that serves a device, by its name or number if one was given. */
static int find_server_domain(const struct xlight__client *c, const struct xlight__kind *kind,
                              void *conf)
{
    char **name = xlight__at(conf, kind->backend_domain);
    uint32_t *domid = xlight__at(conf, kind->backend_domid);

    return *name && **name ? xlight_domain_find(c->h, *name, domid) : 0;
}

/* The next device id: behind all that there are. */
static int next_devid(const struct xlight__client *c, const struct xlight__kind *kind,
                      const struct xlight__dev *before, unsigned int nr, int *ret_devid)
{
    struct xlight__dev *list = NULL;
    unsigned int nr_list = 0;
    int next = kind->first_devid,
        rc = xlight__dev_list(c->h, c->domid, kind->name, &list, &nr_list);

    if (rc)
        return rc;
    for (unsigned int i = 0; i < nr_list; i++)
        if (list[i].devid >= next)
            next = list[i].devid + 1;
    for (unsigned int i = 0; i < nr; i++)
        if (!strcmp(before[i].kind_name, kind->name) && before[i].devid >= next)
            next = before[i].devid + 1;
    free(list);
    *ret_devid = next;
    return 0;
}

int xlight__dev_make(const struct xlight__client *c, const struct xlight__kind *kind, void *conf,
                     const struct xlight__dev *before, unsigned int nr, struct xlight__dev *ret_dev)
{
    struct xlight__dev dev;
    int *field = kind->number ? NULL : xlight__at(conf, kind->devid);
    int devid = 0, rc = find_server_domain(c, kind, conf);

    if (!rc)
        rc = kind->prepare(c, conf);
    if (field)
        devid = *field;
    if (!rc && kind->number)
        rc = kind->number(c, conf, &devid);
    if (!rc && devid < 0)
        rc = next_devid(c, kind, before, nr, &devid);
    if (rc)
        return rc;
    xlight__dev_set(&dev, kind->name, kind->server(conf), c->domid,
                    *(uint32_t *)xlight__at(conf, kind->backend_domid), devid);
    if (kind->name_of)
        kind->name_of(&dev, conf, dev.name, sizeof(dev.name));
    for (unsigned int i = 0; i < nr; i++)
        if (!strcmp(before[i].libxl, dev.libxl))
            return xlight__fail(c->h, -EEXIST, c->domid, "the domain has a %s already", dev.name);
    if (field)
        *field = devid;
    *ret_dev = dev;
    return 0;
}

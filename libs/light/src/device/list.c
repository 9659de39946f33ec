/* SPDX-License-Identifier: MIT */
/* list.c - devices as callers see them. */
#include "../config/fields.h"
#include "dev.h"
#include "vdev.h"
#include <stdio.h>
#include <xenolith/light-device.h>
#include <xenolith/light-domain.h>

#define T struct xlight_device
static const struct xlight_name kind_names[] = {{XLIGHT_DISK, "disk", NULL},
                                                {XLIGHT_NIC, "vif", NULL},
                                                {XLIGHT_CHANNEL, "channel", NULL},
                                                {XLIGHT_P9, "p9", NULL},
                                                {XLIGHT_VFB, "vfb", NULL},
                                                {XLIGHT_VKB, "vkb", NULL},
                                                {0, NULL, NULL}};
static const struct xlight_field fields[] = {
    FIELD(U32, domid, "domid"),
    FIELD(ENUM, kind, "kind", .names = kind_names),
    FIELD(INT, devid, "devid"),
    FIELD(STRING, name, "name"),
    FIELD(U32, backend_domid, "backend_domid"),
    FIELD(STRING, server, "server"),
    FIELD(STRING, backend, "backend"),
    FIELD(STRING, frontend, "frontend"),
    FIELD(INT, state, "state", .preset = -1),
    FIELD(INT, event_channel, "event_channel", .preset = -1),
    FIELD(INT, ring_ref, "ring_ref", .preset = -1),
    FIELD(INT, rx_ring_ref, "rx_ring_ref", .preset = -1),
    FIELD(STRING, target, "target"),
    FIELD(MAC, mac, "mac"),
    FIELD(STRING, connection, "connection"),
    FIELD(STRING, path, "path"),
};
static const struct xlight_type type = TYPE("device", T, fields, );
#undef T

const struct xlight_type *xlight_device_type(void)
{
    return &type;
}

const struct xlight__kind *xlight__kind_of(int kind)
{
    static const struct xlight__kind *const kinds[] = {
        [XLIGHT_DISK] = &xlight__kind_disk,       [XLIGHT_NIC] = &xlight__kind_nic,
        [XLIGHT_CHANNEL] = &xlight__kind_channel, [XLIGHT_P9] = &xlight__kind_p9,
        [XLIGHT_VFB] = &xlight__kind_vfb,         [XLIGHT_VKB] = &xlight__kind_vkb};

    return kind > 0 && kind < (int)(sizeof(kinds) / sizeof(kinds[0])) ? kinds[kind] : NULL;
}

int xlight_disk_number(const char *name, int *ret_devid)
{
    return xlight__vdev_number(name, ret_devid);
}

/* What reads the nodes of a device; the first failure stays. */
struct reading {
    xlight_handle *h;
    const struct xlight__dev *dev;
    int rc;
};

static char *read_text(struct reading *r, const char *dir, const char *key)
{
    char *text = NULL;

    if (!r->rc)
        r->rc = xlight__dev_read(r->h, r->dev->domid, dir, key, &text);
    return text;
}

/* The guest writes some of these, so they can be anything. */
static int read_number(struct reading *r, const char *key)
{
    char *text = read_text(r, r->dev->front, key);
    unsigned long n;
    int number = text && xlight__parse_decimal(text, INT32_MAX, &n) ? (int)n : -1;

    free(text);
    return number;
}

static char *copy(struct reading *r, const char *text)
{
    char *s = strdup(text);

    if (!s && !r->rc)
        r->rc = xlight__fail(r->h, -ENOMEM, r->dev->domid, "no memory for a list of devices");
    return s;
}

static void read_mac(struct reading *r, uint8_t mac[6])
{
    char *text = read_text(r, r->dev->libxl, "mac");
    unsigned int b[6];
    int len = -1;

    if (text &&
        sscanf(text, "%2x:%2x:%2x:%2x:%2x:%2x%n", &b[0], &b[1], &b[2], &b[3], &b[4], &b[5], &len) ==
            6 &&
        !text[len])
        for (unsigned int i = 0; i < 6; i++)
            mac[i] = (uint8_t)b[i];
    free(text);
}

/* "aio:/disk" of a device that QEMU serves, "/disk" of others. */
static char *read_target(struct reading *r)
{
    char *text = NULL, *colon, *target;

    if (!r->rc)
        r->rc = xlight__dev_read(r->h, r->dev->domid, r->dev->libxl, "params", &text);
    colon = text && !strcmp(r->dev->server_name, "qdisk") ? strchr(text, ':') : NULL;
    if (!colon)
        return text;
    target = copy(r, colon + 1);
    free(text);
    return target;
}

static void read_kind(struct reading *r, struct xlight_device *d)
{
    switch (d->kind) {
    case XLIGHT_DISK:
        d->name = read_text(r, r->dev->libxl, "dev");
        d->target = read_target(r);
        d->ring_ref = read_number(r, "ring-ref");
        break;
    case XLIGHT_NIC:
        read_mac(r, d->mac);
        d->ring_ref = read_number(r, "tx-ring-ref");
        d->rx_ring_ref = read_number(r, "rx-ring-ref");
        break;
    case XLIGHT_CHANNEL:
        /*
         * The device model writes tty in front, and only there. The guest could forge it only by
         * writing or making the node. It may do neither: the node is read-only for it, as is the
         * directory above its device, so that what it removes stays away.
         */
        d->name = read_text(r, r->dev->libxl, "name");
        d->connection = read_text(r, r->dev->libxl, "connection");
        d->path = d->connection && !strcmp(d->connection, "socket")
                      ? read_text(r, r->dev->libxl, "path")
                      : read_text(r, r->dev->front, "tty");
        d->ring_ref = read_number(r, "ring-ref");
        d->event_channel = read_number(r, "port");
        break;
    case XLIGHT_VKB:
        d->name = read_text(r, r->dev->libxl, "unique-id");
        d->ring_ref = read_number(r, "page-gref");
        break;
    default:
        break;
    }
}

static int read_device(xlight_handle *h, const struct xlight__dev *dev, int kind,
                       struct xlight_device *d)
{
    struct reading r = {h, dev, 0};

    xlight_type_init(&type, d);
    d->domid = dev->domid;
    d->kind = kind;
    d->devid = dev->devid;
    d->backend_domid = dev->server_domid;
    d->server = copy(&r, dev->server_name);
    d->backend = copy(&r, dev->back);
    d->frontend = copy(&r, dev->front);
    d->state = read_number(&r, "state");
    d->event_channel = read_number(&r, "event-channel");
    read_kind(&r, d);
    return r.rc;
}

void xlight_device_list_free(struct xlight_device *list, unsigned int nr)
{
    for (unsigned int i = 0; list && i < nr; i++)
        xlight_type_clear(&type, &list[i]);
    free(list);
}

/* The domain's own console is no channel. */
static bool belongs(const struct xlight__dev *dev, int kind)
{
    return kind != XLIGHT_CHANNEL || dev->devid;
}

static int read_all(xlight_handle *h, const struct xlight__dev *devs, unsigned int nr, int kind,
                    struct xlight_device **ret_list, unsigned int *ret_nr)
{
    struct xlight_device *list = calloc(nr + 1, sizeof(*list));
    unsigned int n = 0;
    int rc = list ? 0 : xlight__fail(h, -ENOMEM, XLIGHT_NO_DOMAIN, "no memory for devices");

    for (unsigned int i = 0; !rc && i < nr; i++)
        if (belongs(&devs[i], kind))
            rc = read_device(h, &devs[i], kind, &list[n++]);
    if (rc) {
        xlight_device_list_free(list, n);
        return rc;
    }
    *ret_list = list;
    *ret_nr = n;
    return 0;
}

int xlight__check_domain(xlight_handle *h, uint32_t domid, int *ret_type)
{
    struct xlight_domain *d;
    int rc;

    if (!h->store)
        return xlight__fail(h, -ENOTCONN, domid, "this host has no store");
    rc = xlight_domain_info(h, domid, &d);
    if (rc)
        return rc;
    if (ret_type)
        *ret_type = d->type;
    xlight_domain_list_free(d, 1);
    return 0;
}

int xlight_device_list(xlight_handle *h, uint32_t domid, enum xlight_device_kind kind,
                       struct xlight_device **ret_list, unsigned int *ret_nr)
{
    const struct xlight__kind *k = xlight__kind_of((int)kind);
    struct xlight__dev *devs = NULL;
    unsigned int nr = 0;
    int rc;

    if (!k)
        return xlight__fail(h, -EINVAL, domid, "there is no kind of devices %d", (int)kind);
    rc = xlight__check_domain(h, domid, NULL);
    if (!rc)
        rc = xlight__dev_list(h, domid, k->name, &devs, &nr);
    if (!rc)
        rc = read_all(h, devs, nr, (int)kind, ret_list, ret_nr);
    free(devs);
    return rc ? xlight__wrap(h, rc, domid, "cannot list the devices of domain %u", domid) : 0;
}

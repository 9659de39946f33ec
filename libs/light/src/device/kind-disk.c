/* SPDX-License-Identifier: MIT */
/* kind-disk.c - disks: served by the kernel (phy: block devices, and files through loop) or QEMU.
 */
#include "../config/read.h"
#include "dev.h"
#include "vdev.h"
#include <stdio.h>

static int bad(const struct xlight__client *c, const struct xlight_disk *d, const char *why)
{
    return xlight__fail(c->h, -EINVAL, c->domid, "disk %s %s", d->vdev, why);
}

static int check_empty(const struct xlight__client *c, const struct xlight_disk *d)
{
    if (!d->cdrom)
        return bad(c, d, "is empty, which only a cdrom can be");
    return d->target && *d->target ? bad(c, d, "is empty, but a target is given") : 0;
}

/* Whether the kernel's driver can serve it: 0, 1 or an error. */
static int fits_phy(const struct xlight__client *c, const struct xlight_disk *d)
{
    struct xlight__disk_image image;
    int rc;

    /* It has nothing to serve for an empty drive, but can be told to wait. */
    if (d->format == XLIGHT_FORMAT_EMPTY)
        return d->backend == XLIGHT_DISK_PHY;
    if (d->format != XLIGHT_FORMAT_RAW)
        return 0;
    if (d->backend_domid || (d->script && *d->script))
        return 1;
    rc = c->h->os->ops->image(c->h->os, d->target, &image);
    if (rc)
        return xlight__fail(c->h, rc, c->domid, "%s: %s", d->target, strerrordesc_np(-rc));
    return image.block || image.regular;
}

static int choose_backend(const struct xlight__client *c, struct xlight_disk *d)
{
    bool script = d->script && *d->script;
    int phy = 0;

    if (d->backend == XLIGHT_DISK_TAP || d->backend == XLIGHT_DISK_STANDALONE)
        return bad(c, d, "has a backendtype that is not supported; phy and qdisk are");
    if (d->backend != XLIGHT_DISK_QDISK)
        phy = fits_phy(c, d);
    if (phy < 0)
        return phy;
    if (d->backend == XLIGHT_DISK_PHY && !phy)
        return bad(c, d, "cannot have backendtype phy: it takes raw files and block devices");
    if (!phy && script)
        return bad(c, d, "has a script, which qdisk does not use");
    d->backend = phy ? XLIGHT_DISK_PHY : XLIGHT_DISK_QDISK;
    return 0;
}

static int prepare(const struct xlight__client *c, void *conf)
{
    struct xlight_disk *d = conf;
    bool target = d->target && *d->target;
    int rc = 0;

    if (!d->vdev)
        return xlight__fail(c->h, -EINVAL, c->domid, "a disk without vdev");
    if (d->specification == 2)
        return bad(c, d, "cannot be virtio");
    if (!d->format)
        d->format = target ? XLIGHT_FORMAT_RAW : XLIGHT_FORMAT_EMPTY;
    if (d->format == XLIGHT_FORMAT_EMPTY)
        rc = check_empty(c, d);
    else if (!target)
        rc = bad(c, d, "has no target");
    if (rc)
        return rc;
    d->specification = 1;
    if (d->discard == XLIGHT_DEFAULT)
        d->discard = d->readwrite ? XLIGHT_YES : XLIGHT_NO;
    if (d->trusted == XLIGHT_DEFAULT)
        d->trusted = XLIGHT_YES;
    return choose_backend(c, d);
}

static const char *server(const void *conf)
{
    const struct xlight_disk *d = conf;

    return d->backend == XLIGHT_DISK_QDISK ? "qdisk" : "vbd";
}

static int number(const struct xlight__client *c, const void *conf, int *ret_devid)
{
    const struct xlight_disk *d = conf;

    return xlight__vdev_number(d->vdev, ret_devid)
               ? xlight__fail(c->h, -EINVAL, c->domid, "a disk cannot be called %s", d->vdev)
               : 0;
}

static void name_of(const struct xlight__dev *dev, const void *conf, char *buf, size_t size)
{
    const struct xlight_disk *d = conf;

    (void)dev;
    snprintf(buf, size, "disk %.50s", d->vdev);
}

/* How QEMU's block back end calls a format. */
static const char *format_of(const struct xlight_disk *d)
{
    static const char *const names[] = {
        [XLIGHT_FORMAT_QCOW] = "qcow", [XLIGHT_FORMAT_QCOW2] = "qcow2",
        [XLIGHT_FORMAT_VHD] = "vhd",   [XLIGHT_FORMAT_RAW] = "aio",
        [XLIGHT_FORMAT_EMPTY] = "aio", [XLIGHT_FORMAT_QED] = "qed"};

    return names[d->format];
}

static void nodes(struct xlight__nodes *n, const struct xlight__client *c,
                  const struct xlight__dev *dev, const void *conf)
{
    const struct xlight_disk *d = conf;
    const char *what = d->cdrom ? "cdrom" : "disk";

    if (d->backend == XLIGHT_DISK_PHY) {
        xlight__node(n, XLIGHT__BACK, "params", d->target);
        xlight__node_script(n, c, d->script && *d->script ? d->script : "block");
    } else {
        xlight__node_format(n, XLIGHT__BACK, "params", "%s:%s", format_of(d),
                            d->target ? d->target : "");
    }
    xlight__node_number(n, XLIGHT__BACK, "frontend-id", dev->domid);
    xlight__node(n, XLIGHT__BACK, "online", "1");
    xlight__node(n, XLIGHT__BACK, "removable", d->removable ? "1" : "0");
    xlight__node(n, XLIGHT__BACK, "bootable", "1");
    xlight__node_number(n, XLIGHT__BACK, "state", XLIGHT__INITIALISING);
    xlight__node(n, XLIGHT__BACK, "dev", d->vdev);
    xlight__node(n, XLIGHT__BACK, "type", d->backend == XLIGHT_DISK_PHY ? "phy" : "qdisk");
    xlight__node(n, XLIGHT__BACK, "mode", d->readwrite ? "w" : "r");
    xlight__node(n, XLIGHT__BACK, "device-type", what);
    if (d->direct_io_safe)
        xlight__node(n, XLIGHT__BACK, "direct-io-safe", "1");
    xlight__node(n, XLIGHT__BACK, "discard-enable", d->discard == XLIGHT_YES ? "1" : "0");
    xlight__node(n, XLIGHT__BACK, "specification", "xen");
    xlight__node_number(n, XLIGHT__FRONT, "backend-id", dev->server_domid);
    xlight__node_number(n, XLIGHT__FRONT, "state", XLIGHT__INITIALISING);
    xlight__node_number(n, XLIGHT__FRONT, "virtual-device", (uint64_t)dev->devid);
    xlight__node(n, XLIGHT__FRONT, "device-type", what);
    xlight__node(n, XLIGHT__FRONT, "trusted", d->trusted == XLIGHT_YES ? "1" : "0");
    if (c->type == XLIGHT_PV)
        xlight__node(n, XLIGHT__FRONT, "protocol", "x86_64-abi");
}

const struct xlight__kind xlight__kind_disk = {
    .name = "vbd",
    .word = "disk",
    .type = &xlight__disk_type,
    .list = offsetof(struct xlight_config, disks),
    .nr = offsetof(struct xlight_config, nr_disks),
    .backend_domid = offsetof(struct xlight_disk, backend_domid),
    .backend_domain = offsetof(struct xlight_disk, backend_domain),
    .prepare = prepare,
    .server = server,
    .number = number,
    .name_of = name_of,
    .nodes = nodes,
};

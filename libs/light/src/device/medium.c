/* SPDX-License-Identifier: MIT */
/*
 * medium.c - another medium in a CD drive. Linux cannot change what is behind a disk that it
 * serves, so the disk goes and comes again: as one that is empty, when the medium is only taken
 * out.
 */
#include "../config/read.h"
#include "../state/state.h"
#include "device.h"
#include <xenolith/light-device.h>

static int check_target(xlight_handle *h, uint32_t domid, const char *target)
{
    struct xlight__disk_image image;
    int rc = h->os->ops->image(h->os, target, &image);

    if (!rc && !image.regular && !image.block)
        rc = -EINVAL;
    return rc ? xlight__fail(h, rc, domid, "cannot use %s as medium: %s", target,
                             strerrordesc_np(-rc))
              : 0;
}

static int check_drive(xlight_handle *h, const struct xlight__dev *dev, const char *drive)
{
    char *type = NULL;
    int rc = xlight__dev_read(h, dev->domid, dev->back, "device-type", &type);

    if (!rc && (!type || strcmp(type, "cdrom")))
        rc = xlight__fail(h, -EINVAL, dev->domid,
                          "%s is no CD drive but a disk; detach it and attach another one", drive);
    free(type);
    return rc;
}

/* Served as before: a device model cannot be had for it now. */
static int make_disk(const struct xlight__dev *dev, const char *drive, const char *target,
                     struct xlight_disk *disk)
{
    int rc = xlight__set_string(&disk->vdev, drive);

    disk->cdrom = disk->removable = 1;
    disk->readwrite = 0;
    disk->backend = dev->server->qemu ? XLIGHT_DISK_QDISK : XLIGHT_DISK_PHY;
    disk->format = target ? XLIGHT_FORMAT_RAW : XLIGHT_FORMAT_EMPTY;
    return !rc && target ? xlight__set_string(&disk->target, target) : rc;
}

static int start(xlight_handle *h, const struct xlight__dev *dev, const char *drive,
                 const char *target, xlight_op **ret_op)
{
    struct xlight_disk disk;
    xlight_op *op = NULL;
    int rc;

    xlight_type_init(&xlight__disk_type, &disk);
    rc = make_disk(dev, drive, target, &disk);
    if (rc)
        xlight__fail(h, rc, dev->domid, "no memory for a disk");
    if (!rc)
        rc = xlight__op_new(h, dev->domid, &op, "cannot change the medium in %s of domain %u",
                            drive, dev->domid);
    if (!rc)
        rc = xlight__detach_add(op, dev, XLIGHT__GENTLY);
    if (!rc)
        rc = xlight__attach_add(op, dev->domid, dev->kind, &disk);
    xlight_type_clear(&xlight__disk_type, &disk);
    if (rc)
        xlight_op_free(op);
    else
        *ret_op = op;
    return rc;
}

int xlight_medium_change_start(xlight_handle *h, uint32_t domid, const char *drive,
                               const char *target, xlight_op **ret_op)
{
    struct xlight__dev dev;
    int devid, rc = xlight__check_domain(h, domid, NULL);

    if (!rc && xlight_disk_number(drive, &devid))
        rc = xlight__fail(h, -EINVAL, domid, "a disk cannot be called %s", drive);
    if (!rc)
        rc = xlight__dev_find(h, domid, "vbd", devid, &dev);
    if (!rc)
        rc = check_drive(h, &dev, drive);
    if (!rc && target)
        rc = check_target(h, domid, target);
    return rc ? rc : start(h, &dev, drive, target, ret_op);
}

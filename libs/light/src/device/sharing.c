/* SPDX-License-Identifier: MIT */
/*
 * sharing.c - nobody's disk is changed by two at once.
 *
 * A disk that somebody writes may not be used by anybody else; one that is only read may be used by
 * any number of readers. Devices that domain 0 has mounted count, and all disks that guests have.
 * A second disk of the same guest on the same device is its own business.
 */
#include "hotplug.h"
#include <mntent.h>
#include <stdio.h>
#include <sys/sysmacros.h>

static bool has(const dev_t *numbers, unsigned int nr, dev_t number)
{
    for (unsigned int i = 0; i < nr; i++)
        if (numbers[i] == number)
            return true;
    return false;
}

static int check_mounts(xlight_handle *h, const struct xlight__dev *dev, const dev_t *numbers,
                        unsigned int nr, bool write)
{
    FILE *f = h->os->mounts ? setmntent(h->os->mounts, "re") : NULL;
    char buf[4096];
    struct mntent m;
    int rc = 0;

    if (!f)
        return h->os->mounts ? xlight__fail(h, -errno, dev->domid, "cannot read %s: %s",
                                            h->os->mounts, strerrordesc_np(errno))
                             : 0;
    while (!rc && getmntent_r(f, &m, buf, sizeof(buf))) {
        struct xlight__disk_image image;

        if (m.mnt_fsname[0] != '/' || (!write && hasmntopt(&m, "ro")) ||
            h->os->ops->image(h->os, m.mnt_fsname, &image) || !image.block)
            continue;
        if (has(numbers, nr, image.number))
            rc = xlight__fail(h, -EBUSY, dev->domid, "%s is mounted on %s here", m.mnt_fsname,
                              m.mnt_dir);
    }
    endmntent(f);
    return rc;
}

/* /local/domain/ID/vm of a domain, or of the one that it works for; NULL: there is none. */
static int read_vm(xlight_handle *h, uint32_t domid, char **ret_vm)
{
    const char *dir = XSTORE_PATH("/local/domain/%u", domid);
    char *target = NULL;
    int rc = xlight__dev_read(h, domid, dir, "target", &target);

    if (!rc)
        rc = target
                 ? xlight__dev_read(h, domid, XSTORE_PATH("/local/domain/%s", target), "vm", ret_vm)
                 : xlight__dev_read(h, domid, dir, "vm", ret_vm);
    free(target);
    return rc;
}

/* Whether both are the same guest. One that is just going has no nodes any more, and no rights. */
static int same_guest(xlight_handle *h, uint32_t a, uint32_t b, bool *ret_same)
{
    char *x = NULL, *y = NULL;
    int rc;

    if (a == b) {
        *ret_same = true;
        return 0;
    }
    rc = read_vm(h, a, &x);
    if (!rc)
        rc = read_vm(h, b, &y);
    if (!rc)
        *ret_same = !y || (x && !strcmp(x, y));
    free(x);
    free(y);
    return rc;
}

static int check_disk(xlight_handle *h, const struct xlight__dev *dev, const char *guest,
                      const char *disk, const dev_t *numbers, unsigned int nr, bool write)
{
    const char *dir =
        XSTORE_PATH("/local/domain/%u/backend/vbd/%s/%s", dev->server_domid, guest, disk);
    unsigned long other = 0;
    char *number = NULL, *mode = NULL;
    bool same = false, conflict;
    dev_t n;
    int rc;

    if (!strcmp(dir, dev->back) || !xlight__parse_decimal(guest, XLIGHT_NO_DOMAIN - 1, &other))
        return 0;
    rc = xlight__dev_read(h, dev->domid, dir, "physical-device", &number);
    if (!rc && number)
        rc = xlight__dev_read(h, dev->domid, dir, "mode", &mode);
    conflict = !rc && number && !xlight__parse_number(number, &n) && has(numbers, nr, n) &&
               (write || (mode && strchr(mode, 'w')));
    free(number);
    free(mode);
    if (conflict)
        rc = same_guest(h, dev->domid, (uint32_t)other, &same);
    if (rc || !conflict || same)
        return rc;
    return xlight__fail(h, -EBUSY, dev->domid, "it is in use by domain %lu, as disk %s", other,
                        disk);
}

static int check_guest(xlight_handle *h, const struct xlight__dev *dev, const char *guest,
                       const dev_t *numbers, unsigned int nr, bool write)
{
    const char *dir = XSTORE_PATH("/local/domain/%u/backend/vbd/%s", dev->server_domid, guest);
    unsigned int disks = 0;
    char **names = NULL;
    int rc = xstore_list(h->store, XBT_NULL, dir, &names, &disks);

    if (rc)
        return rc == -ENOENT ? 0 : xlight__fail_store(h, rc, dev->domid, "cannot list %s", dir);
    for (unsigned int i = 0; !rc && i < disks; i++)
        rc = check_disk(h, dev, guest, names[i], numbers, nr, write);
    free(names);
    return rc;
}

int xlight__check_sharing(xlight_handle *h, const struct xlight__dev *dev, const dev_t *numbers,
                          unsigned int nr, bool write)
{
    const char *dir = XSTORE_PATH("/local/domain/%u/backend/vbd", dev->server_domid);
    unsigned int guests = 0;
    char **names = NULL;
    int rc = nr ? check_mounts(h, dev, numbers, nr, write) : 0;

    if (rc || !nr)
        return rc;
    rc = xstore_list(h->store, XBT_NULL, dir, &names, &guests);
    if (rc)
        return rc == -ENOENT ? 0 : xlight__fail_store(h, rc, dev->domid, "cannot list %s", dir);
    for (unsigned int i = 0; !rc && i < guests; i++)
        rc = check_guest(h, dev, names[i], numbers, nr, write);
    free(names);
    return rc;
}

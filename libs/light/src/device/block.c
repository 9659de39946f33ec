/* SPDX-License-Identifier: MIT */
/*
 * block.c - a disk becomes a block device: what Xen's script block does.
 *
 * A block device is used as it is, a file through a loop device, anything else is the server's own
 * business. Which loop device it will be is written before it is attached: whoever cleans up after
 * us, should we be killed, knows what to look for, and looks at its file before he detaches it.
 * Which file that was is written, too: its name may lead nowhere by then.
 */
#include "hotplug.h"
#include <inttypes.h>
#include <stdio.h>
#include <sys/sysmacros.h>

#define LOCK      "block"
#define LOOP_FILE "loop-file" /* "DEVICE:INODE" in hexadecimal; ours, not Xen's */

struct disk {
    char *params, *mode;
    struct xlight__disk_image image;
};

static void free_disk(struct disk *d)
{
    free(d->params);
    free(d->mode);
}

static bool wants_write(const struct disk *d)
{
    return d->mode && strchr(d->mode, 'w');
}

static int read_disk(xlight_handle *h, const struct xlight__dev *dev, struct disk *d)
{
    int rc = xlight__dev_read(h, dev->domid, dev->back, "params", &d->params);

    if (!rc)
        rc = xlight__dev_read(h, dev->domid, dev->back, "mode", &d->mode);
    if (rc || !d->params || !*d->params)
        return rc;
    rc = h->os->ops->image(h->os, d->params, &d->image);
    return rc ? xlight__fail(h, rc, dev->domid, "%s: %s", d->params, strerrordesc_np(-rc)) : 0;
}

static int list_loops(xlight_handle *h, const struct xlight__dev *dev,
                      struct xlight__loop **ret_loops, unsigned int *ret_nr)
{
    int rc = h->os->ops->loop_list(h->os, ret_loops, ret_nr);

    return rc ? xlight__fail(h, rc, dev->domid, "cannot list the loop devices: %s",
                             strerrordesc_np(-rc))
              : 0;
}

/* Everything that the disk's contents are reached by: for a file, all loop devices that it has. */
static int all_numbers(xlight_handle *h, const struct xlight__dev *dev, const struct disk *d,
                       dev_t **ret_numbers, unsigned int *ret_nr)
{
    struct xlight__loop *loops = NULL;
    unsigned int nr_loops = 0, nr = 0;
    dev_t *numbers;
    int rc = d->image.block ? 0 : list_loops(h, dev, &loops, &nr_loops);

    if (rc)
        return rc;
    numbers = calloc(nr_loops + 1, sizeof(*numbers));
    if (!numbers) {
        free(loops);
        return xlight__fail(h, -ENOMEM, dev->domid, "no memory for a list of devices");
    }
    if (d->image.block)
        numbers[nr++] = d->image.number;
    for (unsigned int i = 0; i < nr_loops; i++)
        if (loops[i].dev == d->image.dev && loops[i].ino == d->image.ino)
            numbers[nr++] = makedev(XLIGHT__LOOP_MAJOR, loops[i].nr);
    free(loops);
    *ret_numbers = numbers;
    *ret_nr = nr;
    return 0;
}

static int check_sharing(xlight_handle *h, const struct xlight__dev *dev, const struct disk *d)
{
    dev_t *numbers = NULL;
    unsigned int nr = 0;
    int rc = all_numbers(h, dev, d, &numbers, &nr);

    if (rc)
        return rc;
    rc = xlight__check_sharing(h, dev, numbers, nr, wants_write(d));
    free(numbers);
    return rc ? xlight__wrap(h, rc, dev->domid, "%s cannot be %s", d->params,
                             wants_write(d) ? "written by this domain" : "used by this domain")
              : 0;
}

/* What tells the server which device it is, and that it may begin. */
struct connect_arg {
    const struct xlight__dev *dev;
    dev_t number;
    const char *path;
};

static int write_number(xstore_handle *xs, xs_transaction_t t, void *arg)
{
    const struct connect_arg *c = arg;
    const char *back = c->dev->back;
    int rc = xstore_write_format(xs, t, XSTORE_PATH("%s/physical-device", back), "%x:%x",
                                 major(c->number), minor(c->number));

    if (!rc)
        rc = xstore_write_string(xs, t, XSTORE_PATH("%s/physical-device-path", back), c->path);
    if (!rc)
        rc = xstore_write_string(xs, t, XSTORE_PATH("%s/hotplug-status", back), "connected");
    return rc;
}

static int connect_it(xlight_handle *h, const struct xlight__dev *dev, dev_t number,
                      const char *path)
{
    struct connect_arg c = {dev, number, path};
    int rc = xstore_transaction(h->store, write_number, &c);

    return rc ? xlight__fail_store(h, rc, dev->domid, "cannot connect %s", dev->name) : 0;
}

/* A time-out may have begun to end it meanwhile. */
static int check_state(xlight_handle *h, const struct xlight__dev *dev)
{
    char *state = NULL;
    int rc = xlight__dev_read(h, dev->domid, dev->back, "state", &state);

    if (!rc && (!state || atoi(state) != XLIGHT__INIT_WAIT))
        rc = xlight__fail(h, -ECANCELED, dev->domid, "%s was taken away meanwhile", dev->name);
    free(state);
    return rc;
}

static int write_file(xlight_handle *h, const struct xlight__dev *dev,
                      const struct xlight__disk_image *image)
{
    char file[64];

    snprintf(file, sizeof(file), "%" PRIx64 ":%" PRIx64, (uint64_t)image->dev,
             (uint64_t)image->ino);
    return xlight__back_write(h, XBT_NULL, dev, LOOP_FILE, file);
}

/* Of a disk that was attached by a script of Xen's, or whose note makes no sense: its path tells.
 */
static int read_file(xlight_handle *h, const struct xlight__dev *dev, struct disk *d)
{
    uint64_t number, ino;
    char *text = NULL, rest;
    int rc = xlight__dev_read(h, dev->domid, dev->back, LOOP_FILE, &text);

    if (rc)
        return rc;
    if (text && sscanf(text, "%" SCNx64 ":%" SCNx64 "%c", &number, &ino, &rest) == 2)
        d->image =
            (struct xlight__disk_image){.regular = true, .dev = (dev_t)number, .ino = (ino_t)ino};
    else
        rc = read_disk(h, dev, d);
    free(text);
    return rc;
}

static int attach_loop(xlight_handle *h, const struct xlight__dev *dev, const struct disk *d,
                       unsigned int *ret_nr)
{
    char node[32];
    int rc = 0;

    for (unsigned int tries = 0; tries < 100; tries++) {
        unsigned int nr;

        rc = h->os->ops->loop_free(h->os, &nr);
        if (rc)
            break;
        snprintf(node, sizeof(node), "/dev/loop%u", nr);
        rc = xlight__back_write(h, XBT_NULL, dev, "node", node);
        if (!rc)
            rc = write_file(h, dev, &d->image);
        if (rc)
            return rc;
        rc = h->os->ops->loop_attach(h->os, nr, d->params, !wants_write(d));
        if (!rc) {
            *ret_nr = nr;
            return 0;
        }
        if (rc != -EBUSY)
            break;
    }
    return xlight__fail(h, rc, dev->domid, "no loop device for %s: %s", d->params,
                        strerrordesc_np(-rc));
}

static int connect_file(xlight_handle *h, const struct xlight__dev *dev, const struct disk *d)
{
    unsigned int nr = 0;
    char path[32];
    int rc = check_state(h, dev);

    if (!rc && wants_write(d) && !d->image.writable)
        rc = xlight__fail(h, -EACCES, dev->domid, "%s may not be written by anybody", d->params);
    if (!rc)
        rc = check_sharing(h, dev, d);
    if (!rc)
        rc = attach_loop(h, dev, d, &nr);
    if (rc)
        return rc;
    snprintf(path, sizeof(path), "/dev/loop%u", nr);
    return connect_it(h, dev, makedev(XLIGHT__LOOP_MAJOR, nr), path);
}

static int connect_disk(xlight_handle *h, const struct xlight__dev *dev, const struct disk *d)
{
    int rc;

    if (d->image.regular)
        return connect_file(h, dev, d);
    if (!d->image.block)
        return xlight__back_write(h, XBT_NULL, dev, "hotplug-status", "connected");
    rc = check_sharing(h, dev, d);
    return rc ? rc : connect_it(h, dev, d->image.number, d->params);
}

static int block_on_here(xlight_op *op, const struct xlight__dev *dev,
                         struct xlight__hotplug_state *s)
{
    xlight_handle *h = xlight__op_handle(op);
    struct disk d = {.params = NULL};
    char *number = NULL;
    int rc = xlight__dev_read(h, dev->domid, dev->back, "physical-device", &number);

    /* Somebody has done it already. */
    if (rc || number) {
        free(number);
        return rc;
    }
    rc = xlight__hotplug_lock(op, LOCK, s);
    if (rc)
        return rc;
    rc = read_disk(h, dev, &d);
    if (!rc)
        rc = connect_disk(h, dev, &d);
    xlight__hotplug_unlock(h, LOCK, s);
    free_disk(&d);
    return rc;
}

/* Whether a loop device is the one of this disk, and not somebody else's by now. */
static int is_ours(xlight_handle *h, const struct xlight__dev *dev, unsigned int nr,
                   const struct disk *d, bool *ret_ours)
{
    struct xlight__loop *loops = NULL;
    unsigned int nr_loops = 0;
    int rc = list_loops(h, dev, &loops, &nr_loops);

    if (rc)
        return rc;
    *ret_ours = false;
    for (unsigned int i = 0; i < nr_loops; i++)
        *ret_ours |=
            loops[i].nr == nr && loops[i].dev == d->image.dev && loops[i].ino == d->image.ino;
    free(loops);
    return 0;
}

static int detach(xlight_handle *h, const struct xlight__dev *dev, const char *node)
{
    struct disk d = {.params = NULL};
    bool ours = false;
    unsigned int nr;
    char rest;
    int rc;

    if (sscanf(node, "/dev/loop%u%c", &nr, &rest) != 1)
        return 0;
    rc = read_file(h, dev, &d);
    if (rc == -ENOENT) /* it cannot be compared, so it is left alone */
        rc = 0;
    if (!rc && d.image.regular)
        rc = is_ours(h, dev, nr, &d, &ours);
    free_disk(&d);
    if (rc || !ours)
        return rc;
    rc = h->os->ops->loop_detach(h->os, nr);
    return rc && rc != -ENXIO
               ? xlight__fail(h, rc, dev->domid, "cannot detach %s: %s", node, strerrordesc_np(-rc))
               : 0;
}

static int block_off_here(xlight_op *op, const struct xlight__dev *dev,
                          struct xlight__hotplug_state *s)
{
    xlight_handle *h = xlight__op_handle(op);
    char *node = NULL;
    int rc = xlight__dev_read(h, dev->domid, dev->back, "node", &node);

    if (!rc && node)
        rc = xlight__hotplug_lock(op, LOCK, s);
    if (!rc && node) {
        rc = detach(h, dev, node);
        xlight__hotplug_unlock(h, LOCK, s);
    }
    free(node);
    return rc;
}

static int block_on(xlight_op *op, const struct xlight__dev *dev, struct xlight__hotplug_state *s)
{
    bool here = false;
    int rc = xlight__script_is(xlight__op_handle(op), dev, "block", &here);

    if (rc)
        return rc;
    return here ? block_on_here(op, dev, s) : xlight__script_run(op, dev, "add", NULL, s);
}

static int block_off(xlight_op *op, const struct xlight__dev *dev, struct xlight__hotplug_state *s)
{
    bool here = false;
    int rc = xlight__script_is(xlight__op_handle(op), dev, "block", &here);

    if (rc)
        return rc;
    return here ? block_off_here(op, dev, s) : xlight__script_run(op, dev, "remove", NULL, s);
}

const struct xlight__hotplug xlight__hotplug_block = {block_on, block_off};

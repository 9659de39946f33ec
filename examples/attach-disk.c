/* SPDX-License-Identifier: MIT */
/*
 * attach-disk.c - lends a disk to a guest that runs: until the end of the input, then takes it
 * back. attach-disk DOMAIN DISK        as in: attach-disk web /srv/data.img,raw,xvdb,rw Shows
 * specifications of devices, blocking operations, and errors as chains of causes. XENOLITH_HOST is
 * as in watch-guest.c, and so is how to build it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <xenolith/light-device.h>
#include <xenolith/light-domain.h>

/* What was wanted comes first, then the cause of each line in the one below it. */
static int fail(xlight_handle *h)
{
    for (unsigned int i = 0; i < xlight_error_count(h); i++)
        fprintf(stderr, "%s%s\n", i ? "    because: " : "attach-disk: ", xlight_error_text(h, i));
    return 1;
}

/* Reads "target,format,vdev,access"; disk is to be cleared in any case. */
static int read_disk(const char *text, struct xlight_disk *disk)
{
    xlight_messages *m;
    char line[512];
    int rc;

    xlight_device_config_init(XLIGHT_DISK, disk);
    if ((rc = xlight_messages_new(&m)))
        return rc;
    rc = xlight_device_parse(XLIGHT_DISK, text, m, disk);
    for (unsigned int i = 0; i < xlight_messages_count(m); i++) {
        xlight_message_format(xlight_messages_get(m, i), line, sizeof(line));
        fprintf(stderr, "%s\n", line);
    }
    xlight_messages_free(m);
    return rc;
}

static int show(xlight_handle *h, uint32_t domid)
{
    struct xlight_device *list;
    unsigned int nr;

    if (xlight_device_list(h, domid, XLIGHT_DISK, &list, &nr))
        return fail(h);
    for (unsigned int i = 0; i < nr; i++)
        printf("%s is %s, served by %s of domain %u\n", list[i].name,
               list[i].target ? list[i].target : "empty", list[i].server,
               (unsigned int)list[i].backend_domid);
    xlight_device_list_free(list, nr);
    return 0;
}

/* xlight_op_wait() is the loop of the other examples, for programs that have nothing else to do. */
static int wait_for(xlight_handle *h, int rc, xlight_op *op)
{
    if (rc)
        return fail(h); /* it was not even started: there is nothing to free */
    rc = xlight_op_wait(op) ? fail(h) : 0;
    xlight_op_free(op);
    return rc;
}

static int lend(xlight_handle *h, uint32_t domid, const struct xlight_disk *disk)
{
    xlight_op *op = NULL;
    int devid, rc = xlight_device_attach_start(h, domid, XLIGHT_DISK, disk, &op);

    /* In the store a disk goes by a number, which its name stands for. */
    if (wait_for(h, rc, op) || show(h, domid) || xlight_disk_number(disk->vdev, &devid))
        return 1;
    while (getchar() != EOF)
        ;
    rc = xlight_device_detach_start(h, domid, XLIGHT_DISK, devid, XLIGHT_DETACH_GENTLY, &op);
    return wait_for(h, rc, op);
}

int main(int argc, char **argv)
{
    struct xlight_disk disk;
    xlight_handle *h = NULL;
    uint32_t domid;
    int status = 1;

    setvbuf(stdout, NULL, _IOLBF, 0);
    if (argc != 3 || read_disk(argv[2], &disk))
        fputs("Usage: attach-disk DOMAIN DISK\n", stderr);
    else if (xlight_open(getenv("XENOLITH_HOST"), &h))
        fputs("attach-disk: there is no Xen here\n", stderr);
    else
        status = xlight_domain_find(h, argv[1], &domid) ? fail(h) : lend(h, domid, &disk);
    xlight_close(h);
    if (argc == 3)
        xlight_device_config_clear(XLIGHT_DISK, &disk);
    return status;
}

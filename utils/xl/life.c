/* SPDX-License-Identifier: MIT */
/* life.c - xl destroy, dump-core, pause, unpause, rename, domid, domname: one step each. */
#include "run.h"
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xenolith/light-domain.h>
#include <xenolith/light-life.h>

static const struct option no_options[] = {XL_LAST_OPTION};

/* fn for each domain that is named; the worst exit status. */
static int for_each(struct xl *xl, int argc, char **argv, xl_domain_fn *fn)
{
    xlight_handle *h = xl_open(xl);
    int status = XL_OK;

    if (!h)
        return XL_FAILED;
    for (int i = optind; i < argc; i++) {
        uint32_t domid;

        if (xl_find(h, argv[i], &domid) || fn(h, domid))
            status = XL_FAILED;
    }
    xlight_close(h);
    return status;
}

int xl_plain(struct xl *xl, int argc, char **argv, xl_domain_fn *fn)
{
    int status;

    if (xl_getopt(argc, argv, "", no_options, 1, &status) == -2)
        return status;
    return for_each(xl, argc, argv, fn);
}

static int destroy(xlight_handle *h, uint32_t domid)
{
    xlight_op *op;

    return xlight_domain_destroy_start(h, domid, &op) ? xl_fail(h) : xl_run(h, op);
}

int cmd_destroy(struct xl *xl, int argc, char **argv)
{
    static const struct option options[] = {{"force", no_argument, NULL, 'f'}, XL_LAST_OPTION};
    int opt, status;

    /* -f is for domain 0, which nobody can destroy anyway. */
    while ((opt = xl_getopt(argc, argv, "f", options, 1, &status)) != -1)
        if (opt == -2)
            return status;
    return for_each(xl, argc, argv, destroy);
}

static int pause_one(xlight_handle *h, uint32_t domid)
{
    return xlight_domain_pause(h, domid) ? xl_fail(h) : XL_OK;
}

static int unpause_one(xlight_handle *h, uint32_t domid)
{
    return xlight_domain_unpause(h, domid) ? xl_fail(h) : XL_OK;
}

int cmd_pause(struct xl *xl, int argc, char **argv)
{
    return xl_plain(xl, argc, argv, pause_one);
}

int cmd_unpause(struct xl *xl, int argc, char **argv)
{
    return xl_plain(xl, argc, argv, unpause_one);
}

int cmd_rename(struct xl *xl, int argc, char **argv)
{
    xlight_handle *h;
    uint32_t domid;
    int status;

    if (xl_getopt(argc, argv, "", no_options, 2, &status) == -2)
        return status;
    h = xl_open(xl);
    if (!h)
        return XL_FAILED;
    status = xl_find(h, argv[optind], &domid);
    if (!status && xlight_domain_rename(h, domid, argv[optind + 1]))
        status = xl_fail(h);
    xlight_close(h);
    return status;
}

int cmd_dump_core(struct xl *xl, int argc, char **argv)
{
    xlight_handle *h;
    uint32_t domid;
    xlight_op *op;
    int status;

    if (xl_getopt(argc, argv, "", no_options, 2, &status) == -2)
        return status;
    h = xl_open(xl);
    if (!h)
        return XL_FAILED;
    status = xl_find(h, argv[optind], &domid);
    if (!status)
        status =
            xlight_domain_dump_start(h, domid, argv[optind + 1], &op) ? xl_fail(h) : xl_run(h, op);
    xlight_close(h);
    return status;
}

int cmd_domid(struct xl *xl, int argc, char **argv)
{
    xlight_handle *h;
    uint32_t domid;
    int status;

    if (xl_getopt(argc, argv, "", no_options, 1, &status) == -2)
        return status;
    h = xl_open(xl);
    if (!h)
        return XL_FAILED;
    status = xl_find(h, argv[optind], &domid);
    if (!status)
        printf("%" PRIu32 "\n", domid);
    xlight_close(h);
    return status;
}

int cmd_domname(struct xl *xl, int argc, char **argv)
{
    struct xlight_domain *d;
    xlight_handle *h;
    uint32_t domid;
    int status;

    if (xl_getopt(argc, argv, "", no_options, 1, &status) == -2)
        return status;
    if (!xl_number(argv[optind], &domid)) {
        fprintf(stderr, "xl: \"%s\" is not the id of a domain\n", argv[optind]);
        return XL_FAILED;
    }
    h = xl_open(xl);
    if (!h)
        return XL_FAILED;
    if (xlight_domain_info(h, domid, &d)) {
        status = xl_fail(h);
    } else {
        status = d->name ? XL_OK : XL_FAILED;
        if (d->name)
            puts(d->name);
        else
            fprintf(stderr, "xl: domain %" PRIu32 " has no name\n", d->domid);
        xlight_domain_list_free(d, 1);
    }
    xlight_close(h);
    return status;
}

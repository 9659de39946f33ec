/* SPDX-License-Identifier: MIT */
/* shutdown.c - xl shutdown and reboot: of some domains or all, and waiting for their end. */
#include "run.h"
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <xenolith/light-domain.h>
#include <xenolith/light-life.h>

struct wish {
    bool reboot, wait;
    xlight_op **ops;
    unsigned int nr;
};

static int add(xlight_handle *h, struct wish *w, uint32_t domid)
{
    xlight_op **more = realloc(w->ops, (w->nr + 1) * sizeof(*more));

    if (!more) {
        fprintf(stderr, "xl: no memory\n");
        return XL_FAILED;
    }
    w->ops = more;
    printf("%s domain %" PRIu32 "\n", w->reboot ? "Rebooting" : "Shutting down", domid);
    if (xlight_domain_shutdown_start(h, domid, w->reboot, w->wait, &w->ops[w->nr]))
        return xl_fail(h);
    w->nr++;
    return XL_OK;
}

static int add_all(xlight_handle *h, struct wish *w)
{
    struct xlight_domain *list;
    int status = XL_OK;
    unsigned int nr;

    if (xlight_domain_list(h, &list, &nr))
        return xl_fail(h);
    for (unsigned int i = 0; i < nr; i++)
        if (list[i].domid && !list[i].dying && add(h, w, list[i].domid))
            status = XL_FAILED;
    xlight_domain_list_free(list, nr);
    return status;
}

static int run(xlight_handle *h, struct wish *w)
{
    int status = xl_run_all(w->ops, w->nr);

    for (unsigned int i = 0; i < w->nr; i++) {
        if (!status && xlight_op_result(w->ops[i]))
            status = xl_fail(h);
        else if (!status && w->wait)
            printf("Domain %" PRIu32 " has been shut down\n", xlight_op_domid(w->ops[i]));
        xlight_op_free(w->ops[i]);
    }
    free(w->ops);
    return status;
}

static int shutdown_or_reboot(struct xl *xl, int argc, char **argv, bool reboot)
{
    static const struct option options[] = {{"all", no_argument, NULL, 'a'},
                                            {"wait", no_argument, NULL, 'w'},
                                            {"force", no_argument, NULL, 'F'},
                                            XL_LAST_OPTION};
    struct wish w = {.reboot = reboot};
    int opt, status = XL_OK, rest;
    xlight_handle *h;
    bool all = false;

    while ((opt = xl_getopt(argc, argv, "awF", options, 0, &status)) != -1) {
        if (opt == -2)
            return status;
        all |= opt == 'a';
        w.wait |= opt == 'w';
    }
    if (all == (optind < argc))
        return xl_usage(argv[0]);
    h = xl_open(xl);
    if (!h)
        return XL_FAILED;
    if (all)
        status = add_all(h, &w);
    for (int i = optind; i < argc; i++) {
        uint32_t domid;

        if (xl_find(h, argv[i], &domid) || add(h, &w, domid))
            status = XL_FAILED;
    }
    rest = run(h, &w);
    xlight_close(h);
    return status ? status : rest;
}

int cmd_shutdown(struct xl *xl, int argc, char **argv)
{
    return shutdown_or_reboot(xl, argc, argv, false);
}

int cmd_reboot(struct xl *xl, int argc, char **argv)
{
    return shutdown_or_reboot(xl, argc, argv, true);
}

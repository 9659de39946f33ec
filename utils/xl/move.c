/* SPDX-License-Identifier: MIT */
/* move.c - xl save, restore, suspend, resume. */
#include "run.h"
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <xenolith/light-life.h>
#include <xenolith/light-move.h>

int cmd_save(struct xl *xl, int argc, char **argv)
{
    enum { COMPRESS = 256 };
    static const struct option options[] = {{"compress", no_argument, NULL, COMPRESS},
                                            XL_LAST_OPTION};
    struct xlight_save_options o = XLIGHT_SAVE_OPTIONS_INIT;
    struct xlight_config *c = NULL;
    xlight_handle *h;
    uint32_t domid;
    xlight_op *op;
    int opt, status;

    while ((opt = xl_getopt(argc, argv, "cp", options, 2, &status)) != -1) {
        if (opt == -2)
            return status;
        /* Debian's takes both, and pauses. */
        if (opt == COMPRESS)
            o.compress = true;
        else if (opt == 'p')
            o.after = XLIGHT_SAVE_PAUSE;
        else if (o.after == XLIGHT_SAVE_DESTROY)
            o.after = XLIGHT_SAVE_GO_ON;
    }
    if (argc - optind > 3)
        return xl_usage("save");
    h = xl_open(xl);
    if (!h)
        return XL_FAILED;
    status = xl_find(h, argv[optind], &domid);
    if (!status && argc - optind == 3) {
        c = xl_read_config(argv[optind + 2], NULL, 0);
        o.config = c;
        status = c ? XL_OK : XL_FAILED;
    }
    if (!status) {
        fprintf(stderr, "Saving to %s\n", argv[optind + 1]);
        status = xlight_domain_save_start(h, domid, argv[optind + 1], &o, &op) ? xl_fail(h)
                                                                               : xl_run(h, op);
    }
    xlight_config_free(c);
    xlight_close(h);
    return status;
}

/* What was written down of it says what its end means. */
int xl_go_on(struct xl *xl, xlight_handle *h, uint32_t domid, const struct xl_wish *w)
{
    struct xlight_config *c;
    int status;

    if (xlight_domain_config(h, domid, &c))
        return xl_fail(h);
    status = xl_start(xl, h, &c, domid, w);
    xlight_config_free(c);
    return status;
}

/* lazy: it runs while it is read; who looks after it comes when that is done. */
static int restore(struct xl *xl, const char *path, struct xlight_config *c, bool lazy,
                   const struct xl_wish *w)
{
    struct xl_wish rest = *w;
    static const int signals[] = {SIGHUP, SIGQUIT, SIGPIPE};
    struct xlight_restore_options o = XLIGHT_RESTORE_OPTIONS_INIT;
    struct xlight_create_options here = XLIGHT_CREATE_OPTIONS_INIT;
    xlight_handle *h = xl_open(xl);
    int status;
    uint32_t domid;
    xlight_op *op;

    if (!h)
        return XL_FAILED;
    /* Once it runs it needs us, even if nobody looks on any more. */
    for (size_t i = 0; lazy && i < sizeof(signals) / sizeof(signals[0]); i++)
        signal(signals[i], SIG_IGN);
    fprintf(stderr, "Loading %s\n", path);
    status = xlight_settings_options(h, w->settings, &here);
    o.lazy = lazy;
    o.paused = !lazy || w->paused;
    rest.paused |= lazy; /* nothing is left to be started */
    o.balloon = here.balloon;
    o.lock_file = here.lock_file;
    o.config = c;
    if (status || xlight_domain_restore_start(h, path, &o, &op)) {
        status = xl_fail(h);
    } else {
        status = xl_run_all(&op, 1);
        if (!status && xlight_op_result(op))
            status = xl_fail(h);
        domid = xlight_op_domid(op);
        xlight_op_free(op);
        if (!status)
            status = xl_go_on(xl, h, domid, &rest);
    }
    xlight_close(h);
    return status;
}

/* With the host's settings. */
static int restore_here(struct xl *xl, const char *path, struct xlight_config *c, bool lazy,
                        struct xl_wish *w)
{
    struct xlight_settings *settings = xl_settings(xl);
    int status;

    if (!settings)
        return XL_FAILED;
    w->settings = settings;
    status = restore(xl, path, c, lazy, w);
    xlight_settings_free(settings);
    return status;
}

int cmd_restore(struct xl *xl, int argc, char **argv)
{
    enum { LAZY = 256 };
    static const struct option options[] = {{"lazy", no_argument, NULL, LAZY}, XL_LAST_OPTION};
    struct xl_wish w = {.settings = NULL};
    struct xlight_config *c = NULL;
    bool lazy = false;
    int opt, status;

    /* -d was for looking at the library's doings. */
    while ((opt = xl_getopt(argc, argv, "FcpdeV", options, 1, &status)) != -1) {
        if (opt == -2)
            return status;
        w.foreground |= opt == 'F';
        w.console |= opt == 'c';
        w.paused |= opt == 'p';
        w.alone |= opt == 'e';
        lazy |= opt == LAZY;
        if (opt == 'V') {
            fprintf(stderr, "xl restore: there is no support for -V\n");
            return XL_FAILED;
        }
    }
    if (argc - optind > 2)
        return xl_usage("restore");
    if (argc - optind == 2) {
        c = xl_read_config(argv[optind], NULL, 0);
        if (!c)
            return XL_FAILED;
    }
    status = restore_here(xl, argv[argc - 1], c, lazy, &w);
    xlight_config_free(c);
    return status;
}

static int suspend(xlight_handle *h, uint32_t domid)
{
    xlight_op *op;

    return xlight_domain_suspend_start(h, domid, &op) ? xl_fail(h) : xl_run(h, op);
}

static int resume(xlight_handle *h, uint32_t domid)
{
    return xlight_domain_resume(h, domid) ? xl_fail(h) : XL_OK;
}

int cmd_suspend(struct xl *xl, int argc, char **argv)
{
    return xl_plain(xl, argc, argv, suspend);
}

int cmd_resume(struct xl *xl, int argc, char **argv)
{
    return xl_plain(xl, argc, argv, resume);
}

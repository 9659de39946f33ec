/* SPDX-License-Identifier: MIT */
/*
 * migrate-receive.c - xl migrate-receive: the other end of xl migrate, which runs it, and talks to
 * its standard input and output; or one that listens, for domains one after the other.
 */
#include "run.h"
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <xenolith/light-move.h>

/* The line is what we were started with; everything else is to leave it alone from now on. */
static int take_line(int *ret_in, int *ret_out)
{
    int null = open("/dev/null", O_RDONLY | O_CLOEXEC);

    *ret_in = fcntl(0, F_DUPFD_CLOEXEC, 3);
    *ret_out = fcntl(1, F_DUPFD_CLOEXEC, 3);
    if (null >= 0 && *ret_in >= 0 && *ret_out >= 0 && dup2(null, 0) == 0 && dup2(2, 1) == 1)
        return XL_OK;
    fprintf(stderr, "xl migrate-receive: cannot use standard input and output: %s\n",
            strerror(errno));
    return XL_FAILED;
}

/* How domains come, and what becomes of them. */
struct wish {
    struct xl_wish here;
    bool paused, once;
    const char *listen; /* or NULL */
    struct xlight_tls_files files;
};

static int start(xlight_handle *h, const struct wish *w, int in, int out,
                 const struct xlight_tls_files *tls, xlight_op **ret_op)
{
    struct xlight_create_options o = XLIGHT_CREATE_OPTIONS_INIT;
    int rc = xlight_settings_options(h, w->here.settings, &o);

    o.paused = w->paused;
    if (rc)
        return rc;
    return w->listen ? xlight_domain_receive_from_start(h, in, tls, &o, ret_op)
                     : xlight_domain_receive_start(h, in, out, &o, ret_op);
}

/* One domain, until it is there. What became of it; -ECANCELED: nobody wants any more, or can. */
static int receive_one(xlight_handle *h, const struct wish *w, int in, int out,
                       const struct xlight_tls_files *tls, uint32_t *ret_domid, int *ret_rc)
{
    xlight_op *op;
    int status;

    *ret_rc = -ECANCELED;
    if (start(h, w, in, out, tls, &op))
        return xl_fail(h);
    status = xl_run_all(&op, 1);
    *ret_rc = xlight_op_result(op);
    if (!status && *ret_rc)
        status = xl_fail(h);
    *ret_domid = xlight_op_domid(op);
    xlight_op_free(op);
    return status;
}

static int receive(struct xl *xl, const struct wish *w)
{
    int status, in, out, rc;
    xlight_handle *h;
    uint32_t domid = XLIGHT_NO_DOMAIN;

    if (take_line(&in, &out))
        return XL_FAILED;
    h = xl_open(xl);
    if (!h)
        return XL_FAILED;
    status = receive_one(h, w, in, out, NULL, &domid, &rc);
    /* The other end waits for this. */
    close(in);
    close(out);
    if (!status)
        status = xl_go_on(xl, h, domid, &w->here);
    xlight_close(h);
    return status;
}

/* One that did not come is told, and no reason to wait for no others: it may be a stranger's doing.
 */
static int receive_all(struct xl *xl, xlight_handle *h, const struct wish *w, int fd,
                       const struct xlight_tls_files *tls)
{
    uint32_t domid = XLIGHT_NO_DOMAIN;
    int status, rc;

    do {
        status = receive_one(h, w, fd, -1, tls, &domid, &rc);
        if (!status)
            status = xl_go_on(xl, h, domid, &w->here);
        /* Those that had stayed with domains. */
        while (waitpid(-1, NULL, WNOHANG) > 0)
            ;
        /* Without descriptors it would fail again at once. */
    } while (!w->once && !w->here.foreground && !xl_stopped() && rc != -ECANCELED &&
             rc != -EMFILE && rc != -ENFILE);
    return status;
}

static int listen_for(struct xl *xl, struct wish *w)
{
    const struct xlight_tls_files *tls;
    int fd, port,
        status = xl_tls_files("migrate-receive", w->listen, w->here.settings, &w->files, &tls);
    xlight_handle *h = status ? NULL : xl_open(xl);

    if (!h)
        return XL_FAILED;
    if (xlight_listen(h, w->listen, &fd, &port)) {
        status = xl_fail(h);
    } else {
        fprintf(stderr, "Listening at port %d\n", port);
        status = receive_all(xl, h, w, fd, tls);
        close(fd);
    }
    xlight_close(h);
    return status;
}

enum { LISTEN = XL_TLS_LAST, ONCE };

/* False: there is no support for it, which has been said. */
static bool take(struct wish *w, int opt)
{
    w->here.foreground |= opt == 'F';
    w->here.alone |= opt == 'e';
    w->paused |= opt == 'p';
    w->once |= opt == ONCE;
    xl_tls_option(&w->files, opt);
    if (opt == LISTEN)
        w->listen = optarg;
    if (opt == 'r')
        fputs("xl migrate-receive: there is no support for Remus and COLO\n", stderr);
    return opt != 'r';
}

int cmd_migrate_receive(struct xl *xl, int argc, char **argv)
{
    static const struct option options[] = {{"colo", no_argument, NULL, 'r'},
                                            {"coloft-script", required_argument, NULL, 'r'},
                                            {"userspace-colo-proxy", no_argument, NULL, 'r'},
                                            {"listen", required_argument, NULL, LISTEN},
                                            {"once", no_argument, NULL, ONCE},
                                            XL_TLS_OPTIONS,
                                            XL_LAST_OPTION};
    /* It has been started when it is here. */
    struct wish w = {.here = {.paused = true}, .files = XLIGHT_TLS_FILES_INIT};
    struct xlight_settings *settings;
    int opt, status;

    /* -d was for looking at the library's doings. */
    while ((opt = xl_getopt(argc, argv, "Fedrp", options, 0, &status)) != -1) {
        if (opt == -2)
            return status;
        if (!take(&w, opt))
            return XL_FAILED;
    }
    if (argc > optind)
        return xl_usage("migrate-receive");
    settings = xl_settings(xl);
    if (!settings)
        return XL_FAILED;
    w.here.settings = settings;
    status = w.listen ? listen_for(xl, &w) : receive(xl, &w);
    xlight_settings_free(settings);
    return status;
}

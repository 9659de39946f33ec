/* SPDX-License-Identifier: MIT */
/*
 * create.c - xl create: from a file to a domain that runs, with its console and a process that
 * stays with it; or with -n the configuration only.
 */
#include "run.h"
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <xenolith/light-life.h>

/* The file, with arguments like memory=512 as lines behind it. To be freed; NULL and errno. */
static char *read_text(const char *path, char **lines, int nr, size_t *ret_len)
{
    FILE *f = fopen(path, "re"), *out;
    char *text = NULL, buf[4096];
    size_t n;
    bool bad;

    if (!f)
        return NULL;
    out = open_memstream(&text, ret_len);
    if (!out) {
        fclose(f);
        return NULL;
    }
    while ((n = fread(buf, 1, sizeof(buf), f)))
        fwrite(buf, 1, n, out);
    bad = ferror(f);
    for (int i = 0; i < nr; i++)
        fprintf(out, "\n%s", lines[i]);
    fclose(f);
    if (fclose(out) || bad) {
        free(text);
        errno = bad ? EIO : ENOMEM;
        return NULL;
    }
    return text;
}

static int print_json(const struct xlight_config *c)
{
    char *json;
    int rc = xlight_config_to_json(c, &json);

    if (rc) {
        fprintf(stderr, "xl: cannot write JSON: %s\n", strerror(-rc));
        return XL_FAILED;
    }
    fputs(json, stdout);
    free(json);
    return fflush(stdout) ? XL_FAILED : XL_OK;
}

struct xlight_config *xl_read_config(const char *path, char **lines, int nr)
{
    struct xlight_config *c = NULL;
    xlight_messages *m;
    size_t len = 0;
    char *text = read_text(path, lines, nr, &len);

    if (!text || xlight_messages_new(&m)) {
        fprintf(stderr, "xl: cannot read %s: %s\n", path, strerror(text ? ENOMEM : errno));
        free(text);
        return NULL;
    }
    if (xlight_config_parse(path, text, len, m, &c))
        c = NULL;
    xl_say(m);
    free(text);
    xlight_messages_free(m);
    return c;
}

/* The console client as a child of ours, once it is connected. 0: none. */
static pid_t start_console(uint32_t domid)
{
    int ends[2];
    char byte;
    pid_t pid;

    if (pipe(ends))
        return 0;
    fflush(NULL);
    pid = fork();
    if (!pid) {
        sigset_t none;

        /* An operation that is under way has them blocked. */
        sigemptyset(&none);
        sigprocmask(SIG_SETMASK, &none, NULL);
        close(ends[0]);
        _exit(xl_console_exec(domid, &(struct xl_console){.notify = ends[1]}));
    }
    close(ends[1]);
    /* Or until it has ended: the guest runs either way. */
    if (pid > 0 && read(ends[0], &byte, 1) != 1)
        fprintf(stderr, "xl: the console cannot be shown\n");
    close(ends[0]);
    return pid > 0 ? pid : 0;
}

static void await_end(pid_t child)
{
    while (child > 0 && waitpid(child, NULL, 0) < 0 && errno == EINTR)
        ;
}

int xl_start(struct xl *xl, xlight_handle *h, struct xlight_config **c, uint32_t domid,
             const struct xl_wish *w)
{
    pid_t console = w->console ? start_console(domid) : 0;
    int status = XL_OK;

    if (!w->alone && !w->foreground)
        status = xl_monitor_start(xl, w->settings, c, domid);
    if (!w->paused && xlight_domain_unpause(h, domid))
        status = xl_fail(h);
    if (!status && w->foreground)
        status = xl_monitor(h, w->settings, c, domid);
    await_end(console);
    return status;
}

/* A boot loader has a terminal before the guest has: it is shown as soon as it is there. */
static void show_boot_loader(const xlight_op *op, void *arg)
{
    pid_t *console = arg;

    if (!*console && xlight_op_console(op))
        *console = start_console(xlight_op_domid(op));
}

/* Returns the exit status. The boot loader's console ends with its terminal, before this. */
static int run_create(xlight_op **op, const struct xl_wish *w)
{
    pid_t console = 0;
    int status;

    if (!w->console)
        return xl_run_all(op, 1);
    status = xl_run_telling(*op, show_boot_loader, &console);
    await_end(console);
    return status;
}

static int create(struct xl *xl, struct xlight_config **c, const struct xl_wish *w)
{
    struct xlight_create_options o = XLIGHT_CREATE_OPTIONS_INIT;
    xlight_handle *h = xl_open(xl);
    int status = XL_FAILED;
    uint32_t domid;
    xlight_op *op;

    if (!h)
        return XL_FAILED;
    o.paused = true;
    if ((!w->any_cpu && xlight_settings_mask_config(h, w->settings, *c)) ||
        xlight_settings_options(h, w->settings, &o) || xlight_domain_create_start(h, *c, &o, &op)) {
        xl_fail(h);
    } else {
        status = run_create(&op, w);
        if (!status && xlight_op_result(op))
            status = xl_fail(h);
        domid = xlight_op_domid(op);
        xlight_op_free(op);
        if (!status)
            status = xl_start(xl, h, c, domid, w);
    }
    xlight_close(h);
    return status;
}

static int apply_settings(const struct xlight_settings *s, struct xlight_config *c)
{
    if (!xlight_settings_apply(s, c))
        return XL_OK;
    fputs("xl: no memory\n", stderr);
    return XL_FAILED;
}

int cmd_create(struct xl *xl, int argc, char **argv)
{
    static const struct option options[] = {
        {"dryrun", no_argument, NULL, 'n'},
        {"defconfig", required_argument, NULL, 'f'},
        {"quiet", no_argument, NULL, 'q'},
        {"paused", no_argument, NULL, 'p'},
        {"ignore-global-affinity-masks", no_argument, NULL, 'i'},
        XL_LAST_OPTION};
    struct xl_wish w = {.settings = NULL};
    struct xlight_settings *settings;
    struct xlight_config *c;
    const char *path = NULL;
    int opt, status;

    while ((opt = xl_getopt(argc, argv, "nf:qpceFd", options, 0, &status)) != -1) {
        if (opt == -2)
            return status;
        xl->dry_run |= opt == 'n';
        xl->quiet |= opt == 'q';
        w.paused |= opt == 'p';
        w.console |= opt == 'c';
        w.alone |= opt == 'e';
        w.foreground |= opt == 'F';
        w.any_cpu |= opt == 'i';
        if (opt == 'f')
            path = optarg;
    }
    if (!path && optind < argc && !strchr(argv[optind], '='))
        path = argv[optind++];
    if (!path)
        return xl_usage("create");
    settings = xl_settings(xl);
    if (!settings)
        return XL_FAILED;
    if (!xl->quiet)
        fprintf(stderr, "Parsing config from %s\n", path);
    w.settings = settings;
    c = xl_read_config(path, argv + optind, argc - optind);
    status = c ? apply_settings(settings, c) : XL_FAILED;
    if (!status)
        status = xl->dry_run ? print_json(c) : create(xl, &c, &w);
    xlight_config_free(c);
    xlight_settings_free(settings);
    return status;
}

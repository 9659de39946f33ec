/* SPDX-License-Identifier: MIT */
/* hypervisor.c - xl dmesg, debug-keys, set-parameters, top: talking to the hypervisor itself. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <xenolith/light-host.h>
#include "xl.h"

static const struct option no_options[] = {XL_LAST_OPTION};

int cmd_dmesg(struct xl *xl, int argc, char **argv)
{
    static const struct option options[] = {{"clear", no_argument, NULL, 'c'}, XL_LAST_OPTION};
    xlight_handle *h;
    bool clear = false;
    char *text;
    size_t len;
    int opt, status = XL_OK;

    while ((opt = xl_getopt(argc, argv, "ch", options, 0, &status)) >= 0)
        clear = true;
    if (opt == -2)
        return status;
    h = xl_open(xl);
    if (!h)
        return XL_FAILED;
    if (xlight_host_console(h, clear, &text, &len)) {
        status = xl_fail(h);
    } else {
        fwrite(text, 1, len, stdout);
        free(text);
    }
    xlight_close(h);
    return status;
}

/* A command of one text. */
static int one_text(struct xl *xl, int argc, char **argv,
                    int (*fn)(xlight_handle *h, const char *text))
{
    xlight_handle *h;
    int status = XL_OK;

    if (xl_getopt(argc, argv, "h", no_options, 1, &status) != -1)
        return status;
    h = xl_open(xl);
    if (!h)
        return XL_FAILED;
    if (fn(h, argv[optind]))
        status = xl_fail(h);
    xlight_close(h);
    return status;
}

int cmd_debug_keys(struct xl *xl, int argc, char **argv)
{
    return one_text(xl, argc, argv, xlight_host_debug_keys);
}

int cmd_set_parameters(struct xl *xl, int argc, char **argv)
{
    return one_text(xl, argc, argv, xlight_host_set_options);
}

/* xentop is the program for it; the one beside xl is tried before any other. */
int cmd_top(struct xl *xl, int argc, char **argv)
{
    char path[4096];
    int status = XL_OK;
    ssize_t len;
    char *slash;

    if (xl_getopt(argc, argv, "h", no_options, 0, &status) != -1)
        return status;
    if (xl->host)
        setenv("XENOLITH_HOST", xl->host, 1);
    len = readlink("/proc/self/exe", path, sizeof(path) - sizeof("xentop"));
    slash = len > 0 ? memrchr(path, '/', (size_t)len) : NULL;
    if (slash) {
        strcpy(slash + 1, "xentop");
        execl(path, "xentop", (char *)NULL);
    }
    execlp("xentop", "xentop", (char *)NULL);
    fprintf(stderr, "xl: cannot run xentop: %s\n", strerror(errno));
    return XL_FAILED;
}

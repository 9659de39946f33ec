/* SPDX-License-Identifier: MIT */
/* console.c - xl console: finds the domain, and becomes the console client. */
#include "run.h"
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int xl_console_exec(uint32_t domid, const struct xl_console *c)
{
    const char *argv[16] = {"xenconsole"};
    char id[16], fd[16];
    unsigned int n = 1;

    snprintf(id, sizeof(id), "%" PRIu32, domid);
    snprintf(fd, sizeof(fd), "%d", c->notify);
    argv[n++] = id;
    if (c->number) {
        argv[n++] = "--num";
        argv[n++] = c->number;
    }
    if (c->type) {
        argv[n++] = "--type";
        argv[n++] = c->type;
    }
    if (c->escape) {
        argv[n++] = "--escape";
        argv[n++] = c->escape;
    }
    if (c->notify >= 0) {
        argv[n++] = "--start-notify-fd";
        argv[n++] = fd;
    }
    fflush(NULL);
    execv(XENLIBEXECDIR "/xenconsole", (char **)(uintptr_t)argv);
    fprintf(stderr, "xl: cannot start %s/xenconsole: %s\n", XENLIBEXECDIR, strerror(errno));
    return XL_FAILED;
}

int cmd_console(struct xl *xl, int argc, char **argv)
{
    static const struct option options[] = {XL_LAST_OPTION};
    struct xl_console c = {.notify = -1};
    xlight_handle *h;
    uint32_t domid;
    int opt, status;

    while ((opt = xl_getopt(argc, argv, "n:t:e:", options, 1, &status)) != -1) {
        if (opt == 'n')
            c.number = optarg;
        else if (opt == 't')
            c.type = optarg;
        else if (opt == 'e')
            c.escape = optarg;
        else
            return status;
    }
    if (c.type && strcmp(c.type, "pv") && strcmp(c.type, "serial")) {
        fprintf(stderr, "xl: a console is of type pv or serial, not \"%s\"\n", c.type);
        return XL_FAILED;
    }
    h = xl_open(xl);
    if (!h)
        return XL_FAILED;
    status = xl_find(h, argv[optind], &domid);
    xlight_close(h);
    return status ? status : xl_console_exec(domid, &c);
}

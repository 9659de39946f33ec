/* SPDX-License-Identifier: MIT */
/* watch.c - prints the path of each change. */
#include <err.h>
#include <stdlib.h>
#include "tool.h"

int cmd_watch(struct context *c)
{
    for (int i = 0; i < c->nr_args; i++) {
        if (!xs_watch(c->h, c->args[i], c->args[i])) {
            warnx("Unable to add watch on %s\n", c->args[i]);
            return 1;
        }
    }
    for (int count = 0; c->opt.events == -1 || count < c->opt.events; count++) {
        unsigned int num;
        char **event = xs_read_watch(c->h, &num);

        if (!event) {
            warn("lost the store daemon");
            return 1;
        }
        fprintf(c->out, "%s\n", event[XS_WATCH_PATH]);
        fflush(c->out);
        free(event);
    }
    return 0;
}

/* SPDX-License-Identifier: MIT */
/*
 * secondary.c - consoles of a guest beyond the first.
 *
 * The first console is there from the start; others are devices like disks. Both ends agree by
 * states: the toolstack makes our node (1), we are ready (2), the guest's driver grants a page and
 * says so (3), we take it (4), either ends it (5, 6).
 *
 * The toolstack writes /local/domain/0/backend/console/N/M, and of that we make consoles and
 * limits. /local/domain/N/device/console/M belongs to the guest, who may write anything: only what
 * it wants for itself is read there. `type` names who serves it, and only "xenconsoled" is us: all
 * others are the device model's.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "console.h"

enum { INITIALISING = 1, INIT_WAIT, INITIALISED, CONNECTED, CLOSING, CLOSED };

static unsigned int state(struct daemon *d, const char *dir, const char *name)
{
    char path[192], *text;
    unsigned int value;

    snprintf(path, sizeof(path), "%s/%s", dir, name);
    text = xs_read(d->xs, XBT_NULL, path, NULL);
    value = text ? (unsigned int)strtoul(text, NULL, 10) : 0;
    free(text);
    return value;
}

static void set_state(struct daemon *d, const struct console *c, unsigned int value)
{
    char text[2] = {(char)('0' + value), '\0'};

    if (state(d, c->back, "state") != value)
        console_write(d, c->back, "state", text);
}

static bool is_ours(struct daemon *d, domid_t domid, const char *num)
{
    char path[192], *type;
    bool ours;

    snprintf(path, sizeof(path), "/local/domain/%u/device/console/%s/type", domid, num);
    type = xs_read(d->xs, XBT_NULL, path, NULL);
    ours = type && !strcmp(type, "xenconsoled");
    free(type);
    return ours;
}

void secondary_find(struct daemon *d, domid_t domid)
{
    char path[64], **nums, *end;
    unsigned int nr = 0;

    snprintf(path, sizeof(path), "/local/domain/0/backend/console/%u", domid);
    nums = xs_directory(d->xs, XBT_NULL, path, &nr);
    for (unsigned int i = 0; nums && i < nr; i++) {
        unsigned long num = strtoul(nums[i], &end, 10);
        struct console *c;

        if (!num || num > MAX_CONSOLE || *end || !is_ours(d, domid, nums[i]))
            continue;
        c = console_get(d, domid, (unsigned int)num);
        if (c)
            secondary_update(d, c);
    }
    free(nums);
}

bool secondary_update(struct daemon *d, struct console *c)
{
    unsigned int ours = state(d, c->back, "state"), theirs = state(d, c->base, "state");

    if (!ours)
        return false;
    if (ours == CLOSING || theirs >= CLOSING) {
        console_disconnect(d, c);
        set_state(d, c, CLOSED);
        return true;
    }
    /* What was closed stays so, until the driver starts over. */
    if (ours == CLOSED && theirs != INITIALISING)
        return true;
    if (!console_prepare(d, c))
        return true;
    if (theirs != INITIALISED && theirs != CONNECTED) {
        /* A driver that starts over finds us as at first. */
        console_disconnect(d, c);
        set_state(d, c, INIT_WAIT);
    } else if (console_connect(d, c)) {
        set_state(d, c, CONNECTED);
    }
    return true;
}

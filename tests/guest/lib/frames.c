/* SPDX-License-Identifier: MIT */
/* What the hypervisor says of the use of frames: debug key 'f', read from its console. */
#include "guest.h"
#include <public/sysctl.h>

static char text[8192];
static struct xen_sysctl sys;

static long sysctl(unsigned int cmd)
{
    sys.cmd = cmd;
    sys.interface_version = XEN_SYSCTL_INTERFACE_VERSION;
    return hypercall(sysctl, &sys);
}

static void read_console(bool clear)
{
    memset(&sys, 0, sizeof(sys));
    sys.u.readconsole.buffer = (uintptr_t)text;
    sys.u.readconsole.count = sizeof(text) - 1;
    sys.u.readconsole.clear = clear;
    NEED(sysctl(XEN_SYSCTL_readconsole) == 0);
    text[sys.u.readconsole.count] = '\0';
}

/* The numbers of the line that begins with `head`. */
static void parse(const char *head, struct frame_counts *c)
{
    const char *p = strstr(text, head);
    unsigned int n = 0;

    NEED(p != NULL);
    p += strlen(head);
    memset(c, 0, sizeof(*c));
    while (*p && *p != '\n' && *p != '\r') {
        if (*p < '0' || *p > '9' || p[-1] == 'L') {
            p++;
            continue;
        }
        NEED(n < ARRAY_SIZE(c->number));
        for (; *p >= '0' && *p <= '9'; p++)
            c->number[n] = c->number[n] * 10 + (uint64_t)(*p - '0');
        n++;
    }
    NEED(n == ARRAY_SIZE(c->number));
}

void frames_count(struct frame_counts *c)
{
    char key = 'f';
    int tries;

    read_console(true);
    memset(&sys, 0, sizeof(sys));
    sys.u.debug_keys.keys = (uintptr_t)&key;
    sys.u.debug_keys.nr_keys = 1;
    NEED(sysctl(XEN_SYSCTL_debug_keys) == 0);
    /* The line is complete when the key's last one is there. */
    for (tries = 0; tries < 1000; tries++) {
        read_console(false);
        if (strstr(text, "Frames done"))
            break;
        hypercall(sched_op, SCHEDOP_yield, 0);
    }
    parse("Frames d0: ", c);
}

void frames_compare(int line, const struct frame_counts *before)
{
    static const char *const name[] = {
        "frames",          "references",      "pinned",       "partial",   "unused frames",
        "unused uses",     "L1 frames",       "L1 uses",      "L2 frames", "L2 uses",
        "L3 frames",       "L3 uses",         "L4 frames",    "L4 uses",   "descriptor frames",
        "descriptor uses", "writable frames", "writable uses"};
    struct frame_counts now;
    unsigned int i;

    frames_count(&now);
    for (i = 0; i < ARRAY_SIZE(now.number); i++)
        if (now.number[i] != before->number[i])
            failure("line %d: %s: %lu, before %lu", line, name[i], now.number[i],
                    before->number[i]);
}

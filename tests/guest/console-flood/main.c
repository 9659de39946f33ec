/* SPDX-License-Identifier: MIT */
/*
 * console_io of a guest without the console: its lines come with its name in front, at a bounded
 * rate for each guest; what they contain cannot fake other lines.  4.17 as distributions build it
 * refuses such guests altogether: then there is nothing to limit.
 */
#include "guest.h"
#include <public/sysctl.h>

#define LINES 400
#define LIMIT 100 /* lines of one guest in a few seconds */

static struct xen_sysctl sys;
static char text[65536];

static void child_writes(void)
{
    static const char line[] = "flood\n", fake[] = "one\r(XEN) fake\033[2J\n";
    unsigned int i;

    child_box.word[0] = (uint64_t)hypercall(console_io, CONSOLEIO_write, sizeof(fake) - 1, fake);
    for (i = 0; i < LINES; i++)
        hypercall(console_io, CONSOLEIO_write, sizeof(line) - 1, line);
    if (!child_box.word[0]) {
        CHECK_EQ(hypercall(console_io, CONSOLEIO_write, -1, line), -XEN_EINVAL);
        CHECK_EQ(hypercall(console_io, CONSOLEIO_write, 8, UNMAPPED), -XEN_EFAULT);
    }
    child_box.word[1] = 1;
}

static unsigned int count(const char *what)
{
    unsigned int n = 0;
    const char *s;

    for (s = text; (s = strstr(s, what)); s += strlen(what))
        n++;
    return n;
}

static void read_console(void)
{
    memset(&sys, 0, sizeof(sys));
    sys.cmd = XEN_SYSCTL_readconsole;
    sys.interface_version = XEN_SYSCTL_INTERFACE_VERSION;
    sys.u.readconsole.clear = 1;
    sys.u.readconsole.buffer = (uintptr_t)text;
    sys.u.readconsole.count = sizeof(text) - 1;
    NEED(hypercall(sysctl, &sys) == 0);
    text[sys.u.readconsole.count] = 0;
}

/* One guest after the other: the second has a share of its own. */
static void flood(void)
{
    struct child c = {0};
    unsigned int lines;
    char *s;

    read_console();
    child_start(&c, child_writes, 1);
    CHECK_EQ(child_wait(&c, 20000), SHUTDOWN_poweroff);
    CHECK_EQ(c.box->word[1], 1);
    read_console();
    lines = count(") flood");
    if (c.box->word[0]) {
        CHECK_EQ((int64_t)c.box->word[0], -XEN_EPERM);
        CHECK_EQ(lines, 0);
    } else {
        /* Slow machines may see two windows. */
        CHECK(lines >= LIMIT / 2 && lines <= 3 * LIMIT);
        s = strstr(text, "fake");
        CHECK(s != NULL);
        CHECK_EQ(count("\n(XEN) fake"), 0);
        CHECK_EQ(count("\033"), 0);
        CHECK_EQ(count("\r"), 0);
    }
    child_end(&c);
}

void test_main(void)
{
    flood();
    flood();
}

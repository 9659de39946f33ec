/* SPDX-License-Identifier: MIT */
/*
 * cmdline.c - the hypervisor's command line, applied to the option rows that the linker collected.
 *
 * Runs once, before the consoles open (options choose them); its messages wait in the ring.
 */
#include <xen/init.h>
#include <xen/lib.h>
#include <xen/param.h>
#include "private.h"

/* Kept for XENVER_commandline; constant after cmdline_parse. */
char saved_cmdline[SAVED_CMDLINE_SIZE];

extern const struct param __params_start[], __params_end[];

static bool opt_help;
PARAM_BOOL_DEF("help", opt_help, "list all options while booting");

/* Options that boot loader scripts add for Xen and that mean nothing here. */
static int accept_any(const char *value __maybe_unused)
{
    return 0;
}
PARAM_ROW(placeholder, "placeholder", PARAM_CUSTOM, 0, 0, accept_any,
          "no effect; some boot loaders drop the first word");
PARAM_ROW(no_real_mode, "no-real-mode", PARAM_CUSTOM, 0, 0, accept_any,
          "no effect; the BIOS is never called");
PARAM_ROW(edd, "edd", PARAM_CUSTOM, 0, 0, accept_any, "no effect; disks are left to the guests");

static void report_option(const char *option, const char *advice)
{
    printk(XLOG_WARN "Option '%s': %s\n", option, advice);
}

static void list_options(void)
{
    printk("Options of the hypervisor command line:\n");
    for (const struct param *p = __params_start; p < __params_end; p++)
        printk("  %s: %s\n", p->name, p->help);
}

void cmdline_parse(const char *cmdline)
{
    unsigned int bad;

    if (strlcpy(saved_cmdline, cmdline, sizeof(saved_cmdline)) >= sizeof(saved_cmdline))
        printk(XLOG_WARN "Command line cut off after %zu characters\n", sizeof(saved_cmdline) - 1);
    printk("Command line: %s\n", saved_cmdline);
    bad = params_parse(saved_cmdline, __params_start, __params_end, report_option);
    if (bad)
        printk(XLOG_WARN "%u option%s ignored; option help lists all\n", bad, bad > 1 ? "s" : "");
    if (opt_help)
        list_options();
}

/* SPDX-License-Identifier: MIT */
/* main.c - xl: finds the command. */
#include "xl.h"
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What xl help sorts the commands by, in this order. */
enum group { CONFIGURATION, DOMAINS, VCPUS, NR_GROUPS };
static const char *const groups[NR_GROUPS] = {
    [CONFIGURATION] = "Configuration files",
    [DOMAINS] = "Domains",
    [VCPUS] = "vCPUs",
};

/* options: one line each, "-x, --long=VALUE  what it does"; bash completion reads them, too. */
static const struct command {
    const char *name, *arguments, *help;
    xl_command_fn *fn;
    enum group group;
    const char *options;
} commands[] = {
    {"check", "FILE...", "Says what is wrong with configuration files.", cmd_check, CONFIGURATION,
     NULL},
    {"create", "-n FILE [KEY=VALUE...]",
     "Prints the configuration of a domain, as JSON. Without -n nothing can be created yet.",
     cmd_create, DOMAINS,
     "-n, --dryrun          only print the configuration\n"
     "-f, --defconfig=FILE  read the configuration from FILE\n"
     "-q, --quiet           say less\n"},
    {"explain", "[KEY...]", "Says what a key of configuration files means; or lists all keys.",
     cmd_explain, CONFIGURATION, NULL},
    {"list", "[-v] [--json] [DOMAIN]", "Shows the domains and their states.", cmd_list, DOMAINS,
     "-v, --verbose         also UUIDs, reasons of shutdown and security labels\n"
     "    --json            as JSON\n"},
    {"vcpu-list", "[--json] [DOMAIN...]", "Shows the vCPUs of all domains, or some.", cmd_vcpu_list,
     VCPUS, "    --json            as JSON\n"},
};
#define NR_COMMANDS (sizeof(commands) / sizeof(commands[0]))

/* The command with this name, or the only one that begins so, or NULL. */
static const struct command *find(const char *name)
{
    const struct command *found = NULL;
    size_t len = strlen(name);
    unsigned int nr = 0;

    for (size_t i = 0; i < NR_COMMANDS; i++) {
        if (strncmp(commands[i].name, name, len))
            continue;
        if (!commands[i].name[len])
            return &commands[i];
        found = &commands[i];
        nr++;
    }
    return nr == 1 ? found : NULL;
}

static int usage(FILE *f, int status)
{
    fputs("Usage: xl [-N] [-H HOST] COMMAND [ARGUMENT...]\n", f);
    for (int group = 0; group < NR_GROUPS; group++) {
        fprintf(f, "\n%s:\n", groups[group]);
        for (size_t i = 0; i < NR_COMMANDS; i++)
            if ((int)commands[i].group == group)
                fprintf(f, " %-19s %s\n", commands[i].name, commands[i].help);
    }
    fputs("\nxl help COMMAND tells more.\n", f);
    return status;
}

static int no_command(const char *name)
{
    fprintf(stderr, "xl: there is no command \"%s\"; see xl help\n", name);
    return XL_USAGE;
}

static int help(const char *name)
{
    const struct command *c = find(name);

    if (!c)
        return no_command(name);
    printf("Usage: xl %s%s%s\n\n%s\n", c->name, *c->arguments ? " " : "", c->arguments, c->help);
    if (c->options)
        printf("\nOptions:\n%s", c->options);
    return XL_OK;
}

int xl_usage(const char *command)
{
    const struct command *c = find(command);

    fprintf(stderr, "Usage: xl %s%s%s\n", c->name, *c->arguments ? " " : "", c->arguments);
    return XL_USAGE;
}

int xl_getopt(int argc, char **argv, const char *letters, const struct option *options, int min,
              int *ret_status)
{
    int opt;

    opterr = 0;
    opt = getopt_long(argc, argv, letters, options, NULL);
    if (opt == 'h' || (opt == '?' && optopt == 'h')) {
        *ret_status = help(argv[0]);
        return -2;
    }
    if (opt == '?' || (opt == -1 && argc - optind < min)) {
        if (opt == '?')
            fprintf(stderr, "xl %s: there is no option %s, or its value is missing\n", argv[0],
                    argv[optind - 1]);
        *ret_status = xl_usage(argv[0]);
        return -2;
    }
    return opt;
}

unsigned int xl_say(const xlight_messages *m)
{
    char text[2048];

    for (unsigned int i = 0; i < xlight_messages_count(m); i++) {
        xlight_message_format(xlight_messages_get(m, i), text, sizeof(text));
        fprintf(stderr, "%s\n", text);
    }
    return xlight_messages_errors(m);
}

xlight_handle *xl_open(const struct xl *xl)
{
    xlight_handle *h;
    char why[1024];

    if (!xlight_open_why(xl->host, &h, why, sizeof(why)))
        return h;
    fprintf(stderr, "xl: %s\n", why);
    return NULL;
}

int xl_fail(const xlight_handle *h)
{
    char why[2048];

    xlight_error_format(h, why, sizeof(why));
    fprintf(stderr, "xl: %s\n", why);
    return XL_FAILED;
}

int xl_json(const struct xlight_type *type, const void *objs, unsigned int nr, unsigned int flags)
{
    char *text;
    int rc = xlight_type_to_json(type, objs, nr, flags, &text);

    if (rc) {
        fprintf(stderr, "xl: cannot write JSON: %s\n", strerror(-rc));
        return XL_FAILED;
    }
    fputs(text, stdout);
    free(text);
    if (flags & XLIGHT_JSON_LINE)
        putchar('\n');
    return fflush(stdout) ? XL_FAILED : XL_OK;
}

int main(int argc, char **argv)
{
    struct xl xl = {false, NULL, false};
    const struct command *c;
    char name[32];
    int opt;

    while ((opt = getopt(argc, argv, "+NhH:")) != -1) {
        if (opt == 'N')
            xl.dry_run = true;
        else if (opt == 'H')
            xl.host = optarg;
        else
            return usage(opt == 'h' ? stdout : stderr, opt == 'h' ? XL_OK : XL_USAGE);
    }
    if (optind == argc)
        return usage(stderr, XL_USAGE);
    argc -= optind;
    argv += optind;
    optind = 0;
    if (!strcmp(argv[0], "help"))
        return argc > 1 ? help(argv[1]) : usage(stdout, XL_OK);
    c = find(argv[0]);
    if (!c)
        return no_command(argv[0]);
    /* The word may be short for it. */
    snprintf(name, sizeof(name), "%s", c->name);
    argv[0] = name;
    return c->fn(&xl, argc, argv);
}

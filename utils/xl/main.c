/* SPDX-License-Identifier: MIT */
/* main.c - xl: finds the command. */
#include "xl.h"
#include <getopt.h>
#include <stdio.h>
#include <string.h>

static const struct command {
    const char *name, *arguments, *help;
    xl_command_fn *fn;
} commands[] = {
    {"check", "FILE...", "Says what is wrong with configuration files.", cmd_check},
    {"create", "-n FILE [KEY=VALUE...]",
     "Prints the configuration of a domain, as JSON. Without -n nothing can be created yet.",
     cmd_create},
    {"explain", "[KEY...]", "Says what a key of configuration files means; or lists all keys.",
     cmd_explain},
    {"list", "[-v] [--json] [DOMAIN]", "Shows the domains and their states.", cmd_list},
    {"vcpu-list", "[DOMAIN...]", "Shows the vCPUs of all domains, or some.", cmd_vcpu_list},
};
#define NR_COMMANDS (sizeof(commands) / sizeof(commands[0]))

static int usage(FILE *f, int status)
{
    fputs("Usage: xl [-N] [-H HOST] COMMAND [ARGUMENT...]\n\n", f);
    for (size_t i = 0; i < NR_COMMANDS; i++)
        fprintf(f, "  %s %s\n        %s\n", commands[i].name, commands[i].arguments,
                commands[i].help);
    return status;
}

int xl_usage(const char *command)
{
    for (size_t i = 0; i < NR_COMMANDS; i++)
        if (!strcmp(commands[i].name, command))
            fprintf(stderr, "Usage: xl %s %s\n", command, commands[i].arguments);
    return XL_USAGE;
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

int main(int argc, char **argv)
{
    struct xl xl = {false, NULL, false};
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
        return usage(stdout, XL_OK);
    for (size_t i = 0; i < NR_COMMANDS; i++)
        if (!strcmp(commands[i].name, argv[0]))
            return commands[i].fn(&xl, argc, argv);
    fprintf(stderr, "xl: there is no command \"%s\"; see xl help\n", argv[0]);
    return XL_USAGE;
}

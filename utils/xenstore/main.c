/* SPDX-License-Identifier: MIT */
/*
 * main.c - the xenstore tool. "xenstore CMD" and "xenstore-CMD" are the same; commands that change
 * or compare several nodes run in a transaction, which is repeated while others interfere.
 */
#include <err.h>
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include "tool.h"

#define NAME_PREFIX "xenstore-"

struct command {
    const char *name;
    const char *options; /* the letters it takes, besides h and s */
    const char *usage;
    int (*run)(struct context *c);
    int min_args;
    int step;           /* arguments come in groups of so many */
    int transaction_at; /* use a transaction from so many arguments on; 0: never */
    bool buffered;      /* print at the end, when the transaction is over */
};

static const struct command commands[] = {
    {"chmod", "ru", "[-h] [-u] [-r] [-s] key <mode [modes...]>", cmd_chmod, 1, 1, 1, true},
    {"exists", "", "[-h] [-p] [-s] key [...]", cmd_exists, 1, 1, 1, true},
    {"list", "p", "[-h] [-p] [-s] key [...]", cmd_list, 1, 1, 1, true},
    {"ls", "fp", "[-h] [-f] [-p] [-s] [path]", cmd_ls, 0, 1, 0, false},
    {"read", "pR", "[-h] [-p] [-s] [-R] key [...]", cmd_read, 1, 1, 2, true},
    {"rm", "t", "[-h] [-s] [-t] key [...]", cmd_rm, 1, 1, 1, true},
    {"write", "R", "[-h] [-s] [-R] key value [...]", cmd_write, 2, 2, 3, true},
    {"watch", "n", "[-h] [-n NR] key", cmd_watch, 1, 1, 0, false},
};

static const struct option long_options[] = {
    {"help", no_argument, NULL, 'h'},
    {"flat", no_argument, NULL, 'f'},
    {"prefix", no_argument, NULL, 'p'},
    {"tidy", no_argument, NULL, 't'},
    {"upto", no_argument, NULL, 'u'},
    {"recurse", no_argument, NULL, 'r'},
    {"number", required_argument, NULL, 'n'},
    {"raw", no_argument, NULL, 'R'},
    {NULL, 0, NULL, 0},
};

static const struct command *find_command(const char *name)
{
    for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
        if (!strcmp(name, commands[i].name))
            return &commands[i];
    errx(1, "unknown mode %s\n", name);
}

/* How the command was called, which usage texts repeat. */
struct call {
    const char *program;
    bool with_mode; /* its name was an argument */
};

static _Noreturn void usage(const struct command *cmd, const struct call *call)
{
    errx(1, "Usage: %s %s%s%s", call->program, call->with_mode ? cmd->name : "",
         call->with_mode ? " " : "", cmd->usage);
}

static void parse_options(const struct command *cmd, const struct call *call, int argc, char **argv,
                          struct options *opt)
{
    int letter;

    *opt = (struct options){.events = -1};
    while ((letter = getopt_long(argc, argv, "hfspturn:R", long_options, NULL)) != -1) {
        if (letter == 's')
            continue; /* once chose the socket; it is always the first choice now */
        if (!strchr(cmd->options, letter))
            usage(cmd, call);
        switch (letter) {
        case 'f':
            opt->flat = true;
            break;
        case 'n':
            opt->events = atoi(optarg);
            break;
        case 'p':
            opt->prefix = true;
            break;
        case 'R':
            opt->raw = true;
            break;
        case 'r':
            opt->recurse = true;
            break;
        case 't':
            opt->tidy = true;
            break;
        case 'u':
            opt->upto = true;
            break;
        }
    }
}

/* Runs the command once; *ret_text is what it wants to print. */
static int run_once(const struct command *cmd, struct context *c, char **ret_text, size_t *ret_len)
{
    int status;

    if (!cmd->buffered) {
        c->out = stdout;
        return cmd->run(c);
    }
    c->out = open_memstream(ret_text, ret_len);
    if (!c->out)
        err(1, "malloc");
    status = cmd->run(c);
    if (fclose(c->out))
        err(1, "output");
    return status;
}

static int run_command(const struct command *cmd, struct context *c)
{
    bool transaction = cmd->transaction_at && c->nr_args >= cmd->transaction_at, again;
    char *text = NULL;
    size_t len = 0;
    int status;

    do {
        free(text);
        text = NULL;
        len = 0;
        if (transaction) {
            c->t = xs_transaction_start(c->h);
            if (c->t == XBT_NULL)
                errx(1, "couldn't start transaction");
        }
        status = run_once(cmd, c, &text, &len);
        again = false;
        if (transaction && !xs_transaction_end(c->h, c->t, status)) {
            again = !status && errno == EAGAIN;
            if (!again)
                errx(1, "couldn't end transaction");
        }
    } while (again);
    fwrite(text ? text : "", 1, len, stdout);
    free(text);
    return status;
}

static int command_main(const struct command *cmd, const struct call *call, int argc, char **argv)
{
    struct context c = {0};
    int status;

    parse_options(cmd, call, argc, argv, &c.opt);
    c.args = argv + optind;
    c.nr_args = argc - optind;
    if (c.nr_args < cmd->min_args || c.nr_args % cmd->step)
        usage(cmd, call);
    c.h = xs_open(0);
    if (!c.h)
        err(1, "xs_open");
    status = run_command(cmd, &c);
    xs_close(c.h);
    if (fflush(stdout) || ferror(stdout))
        err(1, "output");
    return status;
}

int main(int argc, char **argv)
{
    const char *slash = argc ? strrchr(argv[0], '/') : NULL;
    const char *name = slash ? slash + 1 : argc ? argv[0] : "xenstore";
    struct call call = {.program = argc ? argv[0] : name};

    if (!strncmp(name, NAME_PREFIX, strlen(NAME_PREFIX))) {
        name += strlen(NAME_PREFIX);
    } else if (argc < 2) {
        errx(1, "Usage: %s <mode> [-h] [...]", call.program);
    } else {
        call.with_mode = true;
        argc--, argv++;
        name = argv[0];
    }
    if (!strcmp(name, "control"))
        return control_main(argc, argv);
    return command_main(find_command(name), &call, argc, argv);
}

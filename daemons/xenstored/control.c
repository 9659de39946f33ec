/* SPDX-License-Identifier: MIT */
/*
 * control.c - commands of xenstore-control. Each is a row of a table. Answers are "OK" or a text
 * for the person who asked.
 */
#include "control.h"
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include "domain.h"
#include "live-update.h"
#include "log.h"
#include "store.h"
#include "txn.h"
#include "watch.h"

#define MAX_ARGS 8

struct command {
    struct conn *c;
    const struct xsd_sockmsg *msg;
    const char *argv[MAX_ARGS];
    int argc;
};

/* Text of an answer, cut where a message ends. */
struct text {
    char *buf;
    size_t len;
};

static void add(struct text *t, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void add(struct text *t, const char *format, ...)
{
    size_t room = XENSTORE_PAYLOAD_MAX - t->len;
    va_list args;
    int n;

    va_start(args, format);
    n = vsnprintf(t->buf + t->len, room, format, args);
    va_end(args);
    if (n > 0)
        t->len += (size_t)n < room ? (size_t)n : room - 1;
}

static int reply_text(struct command *cmd, struct text *t)
{
    conn_reply(cmd->c, cmd->msg, XS_CONTROL, t->buf, t->len + 1);
    return 0;
}

static int say(struct command *cmd, const char *what)
{
    conn_reply(cmd->c, cmd->msg, XS_CONTROL, what, strlen(what) + 1);
    return 0;
}

static int ok(struct command *cmd)
{
    conn_ack(cmd->c, cmd->msg);
    return 0;
}

/* Accounts must be what the tree says. */
static const char *check_accounts(void)
{
    struct delta d = {0};
    const char *wrong = NULL;

    account_tree(&d, store.root, 1);
    for (unsigned int i = 0; i < d.nr; i++)
        if (accounts[d.entries[i].domid].nodes != (uint32_t)d.entries[i].nodes ||
            accounts[d.entries[i].domid].mentions != (uint32_t)d.entries[i].mentions)
            wrong = "a domain's account does not match its nodes";
    account_clear(&d);
    return wrong;
}

static int cmd_check(struct command *cmd)
{
    const char *wrong = tree_check(store.root);
    struct txn *t;

    if (!wrong)
        wrong = check_accounts();
    TAILQ_FOREACH(t, &txns, by_age)
    if (!wrong && !t->doomed)
        wrong = tree_check(t->view.root);
    if (!wrong)
        return ok(cmd);
    log_warn("check: %s", wrong);
    return say(cmd, wrong);
}

static int cmd_log(struct command *cmd)
{
    if (cmd->argc != 2)
        return -EINVAL;
    if (!strcmp(cmd->argv[1], "on")) {
        if (!*trace_file())
            return -EBUSY; /* no file: logfile gives one */
        trace_on = true;
    } else if (!strcmp(cmd->argv[1], "off")) {
        trace_on = false;
    } else {
        return -EINVAL;
    }
    return ok(cmd);
}

static int cmd_logfile(struct command *cmd)
{
    int rc = cmd->argc == 2 ? trace_open(cmd->argv[1]) : -EINVAL;

    return rc ? rc : ok(cmd);
}

static int cmd_print(struct command *cmd)
{
    if (cmd->argc != 2)
        return -EINVAL;
    log_info("%s", cmd->argv[1]);
    return ok(cmd);
}

static void report_domain(struct domain *d, void *arg)
{
    const struct account *a = &accounts[d->domid];

    add(arg, "domain %u: %u nodes, %lld bytes, %u watches, %u transactions\n", d->domid, a->nodes,
        (long long)a->bytes, d->c->nr_watches, d->c->nr_txns);
}

static int cmd_memreport(struct command *cmd)
{
    struct text t = {conn_reply_buffer(), 0};
    unsigned int nr_txns = 0;
    uint64_t nodes = 0;
    struct txn *x;

    if (cmd->argc > 2)
        return -EINVAL;
    for (unsigned int i = 0; i < DOMID_FIRST_RESERVED; i++)
        nodes += accounts[i].nodes;
    TAILQ_FOREACH(x, &txns, by_age)
    nr_txns++;
    add(&t, "%llu nodes, %zu bytes in all trees, %u watches, %u transactions, %u connections\n",
        (unsigned long long)nodes, tree_bytes, nr_watches, nr_txns, nr_conns);
    domain_each(report_domain, &t);
    return reply_text(cmd, &t);
}

static int show_quotas(struct command *cmd, bool soft)
{
    struct text t = {conn_reply_buffer(), 0};

    for (unsigned int i = 0; i < QUOTA_NR; i++)
        if (!soft || quotas[i].soft)
            add(&t, "%-17s: %8u %s\n", quotas[i].name, soft ? quotas[i].soft : quotas[i].value,
                quotas[i].what);
    return reply_text(cmd, &t);
}

static int show_domain(struct command *cmd, uint32_t domid)
{
    const struct domain *d = domain_find(domid);
    struct text t = {conn_reply_buffer(), 0};

    if (!d)
        return -ENOENT;
    add(&t, "Domain %u values:\n%-17s: %8u\n%-17s: %8u\n%-17s: %8u\n%-17s: %8lld\n", domid, "nodes",
        accounts[domid].nodes, "watches", d->c->nr_watches, "transactions", d->c->nr_txns, "memory",
        (long long)accounts[domid].bytes);
    return reply_text(cmd, &t);
}

static int show_max(struct command *cmd)
{
    struct text t = {conn_reply_buffer(), 0};
    uint32_t max = 0;

    for (unsigned int i = 0; i < DOMID_FIRST_RESERVED; i++) {
        if (i && accounts[i].max_nodes > max)
            max = accounts[i].max_nodes;
        if (cmd->argc == 3)
            accounts[i].max_nodes = accounts[i].nodes;
    }
    add(&t, "Max used: %-17s: %8u\n", "nodes", max);
    return reply_text(cmd, &t);
}

static int quota(struct command *cmd, bool soft)
{
    uint32_t value;

    if (cmd->argc == 1)
        return show_quotas(cmd, soft);
    if (cmd->argc == 4 && !strcmp(cmd->argv[1], "set")) {
        if (wire_number(cmd->argv[3], INT32_MAX, &value) || quota_set(cmd->argv[2], soft, value))
            return -EINVAL;
        return ok(cmd);
    }
    if (soft)
        return -EINVAL;
    if (!strcmp(cmd->argv[1], "max") &&
        (cmd->argc == 2 || (cmd->argc == 3 && !strcmp(cmd->argv[2], "-r"))))
        return show_max(cmd);
    if (cmd->argc == 2 && !wire_number(cmd->argv[1], DOMID_FIRST_RESERVED - 1, &value))
        return show_domain(cmd, value);
    return -EINVAL;
}

static int cmd_quota(struct command *cmd)
{
    return quota(cmd, false);
}

static int cmd_quota_soft(struct command *cmd)
{
    return quota(cmd, true);
}

/* -t and -F are about waiting for transactions to end: nothing waits here, they go along. */
static int live_update_start(struct command *cmd)
{
    const char *why;

    for (int i = 2; i < cmd->argc; i++) {
        uint32_t unused;

        if (!strcmp(cmd->argv[i], "-F"))
            continue;
        if (strcmp(cmd->argv[i], "-t") || ++i == cmd->argc ||
            wire_number(cmd->argv[i], INT32_MAX, &unused))
            return -EINVAL;
    }
    live_update_run(cmd->c, cmd->msg, &why);
    return say(cmd, why);
}

static int cmd_live_update(struct command *cmd)
{
    const char *what = cmd->argc > 1 ? cmd->argv[1] : "";
    int rc = -EINVAL;

    if (!strcmp(what, "-s"))
        return live_update_start(cmd);
    if (!strcmp(what, "-a") && cmd->argc == 2) {
        live_update_abort();
        rc = 0;
    } else if (!strcmp(what, "-f") && cmd->argc == 3) {
        rc = live_update_set_program(cmd->argv[2]);
    } else if (!strcmp(what, "-c") && cmd->argc == 3) {
        rc = live_update_set_arguments(cmd->argv[2]);
    }
    return rc ? rc : ok(cmd);
}

static int cmd_help(struct command *cmd);

static const struct {
    const char *name, *args;
    int (*fn)(struct command *cmd);
} table[] = {
    {"check", "", cmd_check},
    {"help", "", cmd_help},
    {"live-update", "-f <file>|-c <arguments>|-a|-s [-t <seconds>] [-F]", cmd_live_update},
    {"log", "on|off", cmd_log},
    {"logfile", "<file>", cmd_logfile},
    {"memreport", "", cmd_memreport},
    {"print", "<text>", cmd_print},
    {"quota", "[set <name> <value>|<domid>|max [-r]]", cmd_quota},
    {"quota-soft", "[set <name> <value>]", cmd_quota_soft},
};

static int cmd_help(struct command *cmd)
{
    struct text t = {conn_reply_buffer(), 0};

    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
        add(&t, "%-12s %s\n", table[i].name, table[i].args);
    return reply_text(cmd, &t);
}

int control_handle(struct conn *c, const struct xsd_sockmsg *msg, const char *data, size_t len)
{
    struct command cmd = {.c = c, .msg = msg};

    cmd.argc = wire_strings(data, len, cmd.argv, MAX_ARGS);
    if (cmd.argc < 1 || cmd.argc > MAX_ARGS)
        return -EINVAL;
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
        if (!strcmp(table[i].name, cmd.argv[0]))
            return table[i].fn(&cmd);
    return -EINVAL;
}

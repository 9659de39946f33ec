/* SPDX-License-Identifier: MIT */
/*
 * request.c - each message type: parse, carry out, answer, then tell watchers.
 *
 * The answer always goes out before the events that a request causes, so a client that changes a
 * node it watches itself reads its answer first.
 */
#include "request.h"
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include "control.h"
#include "domain.h"
#include "osdep.h"
#include "txn.h"
#include "watch.h"

/* One request while it is carried out. Handlers return 0 (answered) or a negative errno. */
struct request {
    struct conn *c;
    const struct xsd_sockmsg *msg;
    const char *data;
    size_t len;
    struct txn *txn; /* of msg->tx_id; NULL: none */
};

static int parse_path(const struct request *r, size_t len, bool special, struct path *ret_path)
{
    uint16_t domid = r->c->who.domid;

    return wire_path(r->data, len, domid, special, quotas[QUOTA_PATH].value, ret_path);
}

/* A payload that is one path with its NUL. */
static int only_path(const struct request *r, bool special, struct path *ret_path)
{
    if (!r->len || memchr(r->data, '\0', r->len) != r->data + r->len - 1)
        return -EINVAL;
    return parse_path(r, r->len - 1, special, ret_path);
}

static struct op make_op(enum op_kind kind, const struct path *path)
{
    return (struct op){.kind = kind, .path = path->s, .path_len = path->len};
}

/* In the store or in the request's transaction. Then finish_op(), after the answer. */
static int run(const struct request *r, struct op *op)
{
    return r->txn ? txn_run(r->txn, op) : op_run(&store, &r->c->who, op);
}

static void finish_op(const struct request *r, struct op *op)
{
    if (r->txn)
        return;
    if (op->changed)
        watch_fire(op);
    op_clear(op);
}

static int do_read(struct request *r)
{
    struct path path;
    struct op op;
    int rc = only_path(r, false, &path);

    if (rc)
        return rc;
    op = make_op(OP_READ, &path);
    rc = run(r, &op);
    if (!rc)
        conn_reply(r->c, r->msg, XS_READ, NODE_VALUE(op.node), op.node->c->value_len);
    finish_op(r, &op);
    return rc;
}

static int do_directory(struct request *r)
{
    char *buf = conn_reply_buffer();
    struct path path;
    struct op op;
    bool end = true;
    size_t len = 0;
    int rc = only_path(r, false, &path);

    if (rc)
        return rc;
    op = make_op(OP_LIST, &path);
    rc = run(r, &op);
    if (!rc)
        len = tree_list(op.node, 0, buf, XENSTORE_PAYLOAD_MAX, &end);
    finish_op(r, &op);
    if (rc)
        return rc;
    if (!end)
        return -E2BIG;
    conn_reply(r->c, r->msg, XS_DIRECTORY, buf, len);
    return 0;
}

/* Generation, names from an offset, and one more NUL after the last name of all. */
static size_t list_part(const struct op *op, uint32_t offset, char *buf)
{
    size_t len = sprintf(buf, "%" PRIu64, op->node->dir_generation) + 1;
    bool end;

    len += tree_list(op->node, offset, buf + len, XENSTORE_PAYLOAD_MAX - 1 - len, &end);
    if (end)
        buf[len++] = '\0';
    return len;
}

static int do_directory_part(struct request *r)
{
    char *buf = conn_reply_buffer();
    const char *vec[2];
    struct path path;
    struct op op;
    uint32_t offset;
    size_t len = 0;
    int rc;

    if (wire_strings(r->data, r->len, vec, 2) != 2 || wire_number(vec[1], UINT32_MAX, &offset))
        return -EINVAL;
    rc = parse_path(r, strlen(vec[0]), false, &path);
    if (rc)
        return rc;
    op = make_op(OP_LIST_PART, &path);
    rc = run(r, &op);
    if (!rc)
        len = list_part(&op, offset, buf);
    finish_op(r, &op);
    if (!rc)
        conn_reply(r->c, r->msg, XS_DIRECTORY_PART, buf, len);
    return rc;
}

static int reply_perms(struct request *r, const struct perms *perms)
{
    char *buf = conn_reply_buffer();
    int len = perms_format(perms, buf, XENSTORE_PAYLOAD_MAX);

    if (len >= 0)
        conn_reply(r->c, r->msg, XS_GET_PERMS, buf, len);
    return len < 0 ? len : 0;
}

static int do_get_perms(struct request *r)
{
    struct perms **special;
    struct path path;
    struct op op;
    int rc = only_path(r, true, &path);

    if (rc)
        return rc;
    if (path.s[0] == '@') {
        special = watch_special(path.s, path.len);
        if (!special)
            return -ENOENT;
        return r->c->who.privileged ? reply_perms(r, *special) : -EACCES;
    }
    op = make_op(OP_GET_PERMS, &path);
    rc = run(r, &op);
    if (!rc)
        rc = reply_perms(r, op.node->c->perms);
    finish_op(r, &op);
    return rc;
}

/* The ops that change something: the answer, then the events. */
static int run_change(struct request *r, struct op *op)
{
    int rc = run(r, op);

    if (!rc)
        conn_ack(r->c, r->msg);
    finish_op(r, op);
    return rc;
}

static int do_write(struct request *r)
{
    const char *nul = r->len ? memchr(r->data, '\0', r->len) : NULL;
    struct path path;
    struct op op;
    int rc;

    if (!nul)
        return -EINVAL;
    rc = parse_path(r, nul - r->data, false, &path);
    if (rc)
        return rc;
    op = make_op(OP_WRITE, &path);
    op.data = nul + 1;
    op.data_len = r->data + r->len - op.data;
    return run_change(r, &op);
}

static int change_path(struct request *r, enum op_kind kind)
{
    struct path path;
    struct op op;
    int rc = only_path(r, false, &path);

    if (rc)
        return rc;
    op = make_op(kind, &path);
    return run_change(r, &op);
}

static int do_mkdir(struct request *r)
{
    return change_path(r, OP_MKDIR);
}

static int do_rm(struct request *r)
{
    return change_path(r, OP_RM);
}

/* Who may hear of domains coming and going. */
static int set_special(struct request *r, const struct path *path, struct perms *perms)
{
    struct perms **special = watch_special(path->s, path->len);

    if (!r->c->who.privileged)
        return -EACCES;
    if (!special)
        return -ENOENT;
    if (r->txn)
        return -EINVAL; /* they are no nodes, so nothing would undo it */
    perms_put(*special);
    *special = perms_get(perms);
    conn_ack(r->c, r->msg);
    return 0;
}

static int do_set_perms(struct request *r)
{
    const char *nul = r->len ? memchr(r->data, '\0', r->len) : NULL;
    bool privileged = r->c->who.privileged;
    struct perms *perms;
    struct path path;
    struct op op;
    int rc;

    if (!nul)
        return -EINVAL;
    rc = parse_path(r, nul - r->data, true, &path);
    if (!rc)
        rc = perms_parse(nul + 1, r->data + r->len - nul - 1,
                         privileged ? XS_PERMS_MAX : quotas[QUOTA_PERMS].value, &perms);
    if (rc)
        return rc;
    op = make_op(OP_SET_PERMS, &path);
    op.perms = perms;
    rc = path.s[0] == '@' ? set_special(r, &path, perms) : run_change(r, &op);
    perms_put(perms);
    return rc;
}

static int parse_watch(const struct request *r, struct path *ret_path, const char **ret_token)
{
    const char *vec[2];

    if (wire_strings(r->data, r->len, vec, 2) != 2)
        return -EINVAL;
    *ret_token = vec[1];
    return parse_path(r, strlen(vec[0]), true, ret_path);
}

static int do_watch(struct request *r)
{
    const char *token;
    struct watch *w;
    struct path path;
    int rc = parse_watch(r, &path, &token);

    if (!rc)
        rc = watch_add(r->c, &path, token, &w);
    if (rc)
        return rc;
    conn_ack(r->c, r->msg);
    watch_event_now(w);
    return 0;
}

static int do_unwatch(struct request *r)
{
    const char *token;
    struct path path;
    int rc = parse_watch(r, &path, &token);

    if (!rc)
        rc = watch_remove(r->c, &path, token);
    if (!rc)
        conn_ack(r->c, r->msg);
    return rc;
}

static int do_reset_watches(struct request *r)
{
    watch_remove_all(r->c);
    txn_abort_all(r->c);
    conn_ack(r->c, r->msg);
    return 0;
}

static int do_transaction_start(struct request *r)
{
    char id[16];
    struct txn *t;
    int rc = r->msg->tx_id ? -EBUSY : txn_start(r->c, &t);

    if (rc)
        return rc;
    conn_reply(r->c, r->msg, XS_TRANSACTION_START, id, sprintf(id, "%u", t->id) + 1);
    return 0;
}

static int do_transaction_end(struct request *r)
{
    bool commit;
    int rc;

    if (r->len != 2 || r->data[1] || (r->data[0] != 'T' && r->data[0] != 'F'))
        return -EINVAL;
    if (!r->txn)
        return -ENOENT;
    commit = r->data[0] == 'T';
    rc = txn_end(r->txn, commit);
    if (rc)
        return rc;
    conn_ack(r->c, r->msg);
    if (commit)
        txn_fire(r->txn);
    return 0;
}

/* A payload of `nr` numbers; domids have to be ones a domain can have. */
static int parse_numbers(const struct request *r, int nr, uint32_t *ret_values)
{
    const char *vec[4];
    int have = wire_strings(r->data, r->len, vec, 4);

    if (have < nr || have > 4)
        return -EINVAL;
    for (int i = 0; i < nr; i++)
        if (wire_number(vec[i], UINT32_MAX, &ret_values[i]))
            return -EINVAL;
    return 0;
}

static int parse_domid(const struct request *r, uint16_t *ret_domid)
{
    uint32_t domid;

    if (parse_numbers(r, 1, &domid) || domid >= DOMID_FIRST_RESERVED)
        return -EINVAL;
    *ret_domid = domid;
    return 0;
}

/* A frame number may need more than 32 bits. */
static int parse_gfn(const char *text, uint64_t *ret_gfn)
{
    uint64_t value = 0;

    if (!*text || strlen(text) > 18)
        return -EINVAL;
    for (; *text >= '0' && *text <= '9'; text++)
        value = value * 10 + (*text - '0');
    *ret_gfn = value;
    return *text ? -EINVAL : 0;
}

static int do_introduce(struct request *r)
{
    const char *vec[4];
    uint32_t domid, port;
    uint64_t gfn;
    int nr = wire_strings(r->data, r->len, vec, 4), rc;

    if (nr < 3 || nr > 4 || wire_number(vec[0], DOMID_FIRST_RESERVED - 1, &domid) ||
        parse_gfn(vec[1], &gfn) || wire_number(vec[2], UINT32_MAX, &port) || !port || !domid)
        return -EINVAL;
    rc = domain_introduce(domid, gfn, port);
    if (!rc)
        conn_ack(r->c, r->msg);
    return rc;
}

/* RELEASE and RESUME: one domain, not the one we run in. */
static int on_domain(struct request *r, int (*fn)(uint16_t domid))
{
    uint16_t domid;
    int rc = parse_domid(r, &domid);

    if (rc || !domid)
        return -EINVAL;
    rc = fn(domid);
    if (!rc)
        conn_ack(r->c, r->msg);
    return rc;
}

static int do_release(struct request *r)
{
    return on_domain(r, domain_release);
}

static int do_resume(struct request *r)
{
    return on_domain(r, domain_resume);
}

static int do_get_domain_path(struct request *r)
{
    char path[32];
    uint16_t domid;
    int rc = parse_domid(r, &domid);

    if (!rc)
        conn_reply(r->c, r->msg, XS_GET_DOMAIN_PATH, path,
                   sprintf(path, "/local/domain/%u", domid) + 1);
    return rc;
}

static int do_is_domain_introduced(struct request *r)
{
    uint32_t domid;
    bool known;

    if (parse_numbers(r, 1, &domid) || domid > DOMID_ITSELF)
        return -EINVAL;
    known = domid == DOMID_ITSELF || domain_find(domid);
    conn_reply(r->c, r->msg, XS_IS_DOMAIN_INTRODUCED, known ? "T" : "F", 2);
    return 0;
}

static int do_set_target(struct request *r)
{
    uint32_t ids[2];
    int rc;

    if (parse_numbers(r, 2, ids) || ids[0] >= DOMID_FIRST_RESERVED || !ids[0] ||
        ids[1] >= DOMID_FIRST_RESERVED)
        return -EINVAL;
    rc = domain_set_target(ids[0], ids[1]);
    if (!rc)
        conn_ack(r->c, r->msg);
    return rc;
}

static int do_control(struct request *r)
{
    return control_handle(r->c, r->msg, r->data, r->len);
}

#define PRIVILEGED 1U /* Domain 0 and sockets only */
#define WRITES     2U /* not through the read-only socket */
#define NO_TXN     4U /* tx_id means nothing to it */

static const struct {
    int (*fn)(struct request *r);
    unsigned int flags;
} table[XS_TYPE_COUNT] = {
    [XS_CONTROL] = {do_control, PRIVILEGED | WRITES | NO_TXN},
    [XS_DIRECTORY] = {do_directory, 0},
    [XS_READ] = {do_read, 0},
    [XS_GET_PERMS] = {do_get_perms, 0},
    [XS_WATCH] = {do_watch, NO_TXN},
    [XS_UNWATCH] = {do_unwatch, NO_TXN},
    [XS_TRANSACTION_START] = {do_transaction_start, NO_TXN},
    [XS_TRANSACTION_END] = {do_transaction_end, 0},
    [XS_INTRODUCE] = {do_introduce, PRIVILEGED | WRITES | NO_TXN},
    [XS_RELEASE] = {do_release, PRIVILEGED | WRITES | NO_TXN},
    [XS_GET_DOMAIN_PATH] = {do_get_domain_path, NO_TXN},
    [XS_WRITE] = {do_write, WRITES},
    [XS_MKDIR] = {do_mkdir, WRITES},
    [XS_RM] = {do_rm, WRITES},
    [XS_SET_PERMS] = {do_set_perms, WRITES},
    [XS_IS_DOMAIN_INTRODUCED] = {do_is_domain_introduced, PRIVILEGED | NO_TXN},
    [XS_RESUME] = {do_resume, PRIVILEGED | WRITES | NO_TXN},
    [XS_SET_TARGET] = {do_set_target, PRIVILEGED | WRITES | NO_TXN},
    [XS_RESET_WATCHES] = {do_reset_watches, NO_TXN},
    [XS_DIRECTORY_PART] = {do_directory_part, 0},
};

static int handle(struct request *r)
{
    uint32_t type = r->msg->type;
    unsigned int flags;

    if (type >= XS_TYPE_COUNT || !table[type].fn)
        return -ENOSYS;
    flags = table[type].flags;
    if ((flags & PRIVILEGED) && !r->c->who.privileged)
        return -EACCES;
    if ((flags & WRITES) && r->c->read_only)
        return -EROFS;
    if (!(flags & NO_TXN) && r->msg->tx_id) {
        r->txn = txn_find(r->c, r->msg->tx_id);
        if (!r->txn)
            return -ENOENT;
    }
    return table[type].fn(r);
}

void request_handle(struct conn *c, const struct xsd_sockmsg *msg, const char *data)
{
    struct request r = {c, msg, data, msg->len, NULL};
    int rc = handle(&r);

    if (rc)
        conn_error(c, msg, -rc);
}

/* SPDX-License-Identifier: MIT */
/*
 * conn.c - what all connections have in common.
 *
 * A connection is served in turns of a few requests, so none keeps another waiting. Answers are
 * written at once where they fit. What does not fit is queued, and while anything is queued no
 * further request of that connection is read: a client that does not read its answers stops itself,
 * at the cost of one answer's memory.
 *
 * Events are the one thing that others put into a client's queue. Equal ones that wait are one; and
 * when too many wait, a watch is only marked. Once the queue is empty a marked watch fires with its
 * own path, which tells the client that something below has changed. So a client that sleeps costs
 * a bounded amount, and still never misses a change.
 */
#include "conn.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "domain.h"
#include "log.h"
#include "request.h"
#include "txn.h"
#include "watch.h"

#define TURN_REQUESTS 16
/* Events that may wait for a privileged client, in multiples of what a guest may have. */
#define PRIVILEGED_EVENTS 16

struct conn_list conns = TAILQ_HEAD_INITIALIZER(conns);
unsigned int nr_conns;
char conn_rx[WIRE_MAX] __attribute__((aligned(8)));

static struct conn_list ready = TAILQ_HEAD_INITIALIZER(ready);
static struct conn_list dead = TAILQ_HEAD_INITIALIZER(dead);
static unsigned int nr_throttled, nr_ready;
static char tx[WIRE_MAX] __attribute__((aligned(8)));

uint64_t conn_now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000ULL + t.tv_nsec / 1000000;
}

struct conn *conn_new(const struct transport *transport, const struct subject *who)
{
    static uint32_t last_id;
    static bool wrapped;
    struct conn *c = calloc(1, sizeof(*c));

    if (!c)
        return NULL;
    do
        wrapped |= ++last_id == 0;
    while (wrapped && (!last_id || conn_find(last_id)));
    c->id = last_id;
    c->transport = transport;
    c->who = *who;
    c->fd = -1;
    TAILQ_INIT(&c->out);
    LIST_INIT(&c->watches);
    LIST_INIT(&c->txns);
    TAILQ_INSERT_TAIL(&conns, c, link);
    nr_conns++;
    return c;
}

struct conn *conn_find(uint32_t id)
{
    struct conn *c;

    TAILQ_FOREACH(c, &conns, link)
    if (c->id == id)
        return c;
    return NULL;
}

static void free_message(struct conn *c, struct message *m)
{
    TAILQ_REMOVE(&c->out, m, link);
    c->nr_events -= m->watch != NULL;
    account_charge(&c->who, -(int64_t)(sizeof(*m) + m->len));
    free(m);
}

void conn_reset(struct conn *c)
{
    struct message *m;

    watch_remove_all(c);
    txn_abort_all(c);
    while ((m = TAILQ_FIRST(&c->out)))
        free_message(c, m);
    conn_keep(c, NULL, 0);
}

static void set_throttled(struct conn *c, bool on)
{
    nr_throttled += on - c->throttled;
    c->throttled = on;
}

static void not_ready(struct conn *c)
{
    if (!c->ready)
        return;
    c->ready = false;
    nr_ready--;
    TAILQ_REMOVE(&ready, c, ready_link);
}

void conn_kill(struct conn *c)
{
    if (c->dead)
        return;
    conn_reset(c);
    set_throttled(c, false);
    not_ready(c);
    c->transport->close(c);
    TAILQ_REMOVE(&conns, c, link);
    TAILQ_INSERT_TAIL(&dead, c, link);
    c->dead = true;
    nr_conns--;
}

void conn_reap(void)
{
    struct conn *c;

    while ((c = TAILQ_FIRST(&dead))) {
        TAILQ_REMOVE(&dead, c, link);
        free(c);
    }
}

int conn_keep(struct conn *c, const char *buf, size_t len)
{
    if (!len) {
        free(c->in);
        c->in = NULL;
    } else {
        if (!c->in)
            c->in = malloc(WIRE_MAX);
        if (!c->in)
            return -ENOMEM;
        memmove(c->in, buf, len);
    }
    c->in_len = len;
    return 0;
}

int conn_complete(const char *buf, size_t len)
{
    struct xsd_sockmsg msg;

    if (len < WIRE_HEADER)
        return 0;
    memcpy(&msg, buf, sizeof(msg)); /* from a state file it comes unaligned */
    if (msg.len > XENSTORE_PAYLOAD_MAX)
        return -EMSGSIZE;
    return len >= WIRE_HEADER + msg.len;
}

int conn_queue(struct conn *c, struct watch *w, const char *data, size_t len)
{
    struct message *m = malloc(sizeof(*m) + len);

    if (!m)
        return -ENOMEM;
    m->watch = w;
    m->len = len;
    m->done = 0;
    memcpy(m->data, data, len);
    TAILQ_INSERT_TAIL(&c->out, m, link);
    c->nr_events += w != NULL;
    account_charge(&c->who, sizeof(*m) + len);
    return 0;
}

/* Others may be walking over our watches now, so nothing is given back before our turn ends. */
static void fail(struct conn *c, int rc)
{
    c->fault = rc;
    conn_ready(c);
}

/* One whole message: as much as fits is written, the rest waits. */
static void send_message(struct conn *c, struct watch *w, const char *data, size_t len)
{
    int n = 0;

    if (c->dead || c->ignored || c->fault)
        return;
    if (trace_on)
        trace_message(c->id, "OUT", ((const struct xsd_sockmsg *)data)->type, data + WIRE_HEADER,
                      len - WIRE_HEADER);
    if (TAILQ_EMPTY(&c->out)) {
        n = c->transport->write(c, data, len);
        if (n == (int)len)
            return;
        if (n < 0) {
            fail(c, n);
            return;
        }
    }
    if (conn_queue(c, w, data, len)) {
        fail(c, -ENOMEM);
        return;
    }
    TAILQ_LAST(&c->out, message_list)->done = n;
    conn_ready(c);
}

char *conn_reply_buffer(void)
{
    return tx + WIRE_HEADER;
}

void conn_reply(struct conn *c, const struct xsd_sockmsg *to, uint32_t type, const void *data,
                size_t len)
{
    struct xsd_sockmsg *msg = (void *)tx;

    *msg = (struct xsd_sockmsg){type, to->req_id, to->tx_id, len};
    if (data != tx + WIRE_HEADER)
        memcpy(tx + WIRE_HEADER, data, len);
    send_message(c, NULL, tx, WIRE_HEADER + len);
}

void conn_ack(struct conn *c, const struct xsd_sockmsg *to)
{
    conn_reply(c, to, to->type, "OK", 3);
}

void conn_error(struct conn *c, const struct xsd_sockmsg *to, int err)
{
    const char *name = wire_error_name(err);

    conn_reply(c, to, XS_ERROR, name, strlen(name) + 1);
}

/* Does an equal event wait already? Special ones count: each tells of another domain. */
static bool event_waits(const struct conn *c, const struct watch *w, const char *msg, size_t len)
{
    const struct message *m;

    if (msg[WIRE_HEADER] == '@')
        return false;
    TAILQ_FOREACH(m, &c->out, link)
    if (m->watch == w && !m->done && m->len == len && !memcmp(m->data, msg, len))
        return true;
    return false;
}

void conn_event(struct conn *c, struct watch *w, const char *path, size_t len)
{
    char buf[WIRE_MAX] __attribute__((aligned(8)));
    struct xsd_sockmsg *msg = (void *)buf;
    size_t token_len = strlen(w->token) + 1;
    unsigned int limit = quotas[QUOTA_EVENTS].value * (c->who.privileged ? PRIVILEGED_EVENTS : 1);

    if (len + 1 + token_len > XENSTORE_PAYLOAD_MAX) {
        path = w->path + w->relative;
        len = w->len - w->relative;
    }
    if (w->overflow || (limit && c->nr_events >= limit)) {
        c->nr_overflows += !w->overflow;
        w->overflow = true;
        return;
    }
    *msg = (struct xsd_sockmsg){XS_WATCH_EVENT, 0, 0, len + 1 + token_len};
    memcpy(buf + WIRE_HEADER, path, len);
    buf[WIRE_HEADER + len] = '\0';
    memcpy(buf + WIRE_HEADER + len + 1, w->token, token_len);
    if (c->nr_events && event_waits(c, w, buf, WIRE_HEADER + msg->len))
        return;
    send_message(c, w, buf, WIRE_HEADER + msg->len);
}

void conn_drop_events(struct conn *c, const struct watch *w)
{
    struct message *m, *next;

    for (m = TAILQ_FIRST(&c->out); m; m = next) {
        next = TAILQ_NEXT(m, link);
        if (m->watch != w)
            continue;
        /* One that is half written has to be finished. */
        if (m->done) {
            m->watch = NULL;
            c->nr_events--;
        } else {
            free_message(c, m);
        }
    }
}

/* Watches whose events were merged fire now that there is room. */
static void send_overflows(struct conn *c)
{
    struct watch *w;

    LIST_FOREACH(w, &c->watches, of_conn)
    {
        if (!w->overflow)
            continue;
        w->overflow = false;
        c->nr_overflows--;
        conn_event(c, w, w->path + w->relative, w->len - w->relative);
    }
}

/* True when nothing waits any more. */
static bool flush(struct conn *c)
{
    struct message *m;

    while (!c->dead && !c->ignored && !c->fault) {
        m = TAILQ_FIRST(&c->out);
        if (!m && !c->nr_overflows)
            return true;
        if (m) {
            int n = c->transport->write(c, m->data + m->done, m->len - m->done);

            if (n < 0) {
                fail(c, n);
                return false;
            }
            m->done += n;
            if (m->done < m->len)
                return false;
            free_message(c, m);
        } else {
            send_overflows(c);
        }
    }
    return false;
}

/* May a guest's next request be served now? */
static bool allowed(struct conn *c)
{
    bool wait = !c->who.privileged && domain_throttle(c->domain, conn_now()) > 0;

    set_throttled(c, wait);
    return !wait;
}

static bool serve_one(struct conn *c)
{
    const struct xsd_sockmsg *msg;
    int rc;

    if (!flush(c) || !allowed(c))
        return false;
    rc = c->transport->next(c, &msg);
    if (rc < 0)
        fail(c, rc);
    if (rc <= 0)
        return false;
    if (trace_on)
        trace_message(c->id, "IN", msg->type, (const char *)(msg + 1), msg->len);
    domain_count_request(c->domain);
    request_handle(c, msg, (const char *)(msg + 1));
    return true;
}

void conn_run(struct conn *c)
{
    unsigned int i = 0;

    if (!c->dead && !c->ignored)
        for (; i < TURN_REQUESTS && !c->dead && !c->fault; i++)
            if (!serve_one(c))
                break;
    /* Whatever the requests were: with an old tree in use each change of the store costs memory. */
    txn_limit_memory();
    if (c->dead)
        return;
    if (i == TURN_REQUESTS)
        conn_ready(c);
    if (c->fault) {
        int fault = c->fault;

        c->fault = 0;
        c->transport->broken(c, fault);
    } else {
        c->transport->settle(c);
    }
}

void conn_ready(struct conn *c)
{
    if (c->dead || c->ready)
        return;
    c->ready = true;
    nr_ready++;
    TAILQ_INSERT_TAIL(&ready, c, ready_link);
}

bool conn_run_ready(void)
{
    struct conn *c;

    /* Those that become ready meanwhile have their turn after the others. */
    for (unsigned int n = nr_ready; n && (c = TAILQ_FIRST(&ready)); n--) {
        not_ready(c);
        conn_run(c);
    }
    return nr_ready > 0;
}

int conn_throttle_poll(void)
{
    uint64_t now;
    int soonest = -1;
    struct conn *c;

    if (!nr_throttled)
        return -1;
    now = conn_now();
    TAILQ_FOREACH(c, &conns, link)
    {
        int wait;

        if (!c->throttled)
            continue;
        wait = domain_throttle(c->domain, now);
        if (!wait)
            conn_ready(c);
        if (soonest < 0 || wait < soonest)
            soonest = wait;
    }
    return soonest;
}

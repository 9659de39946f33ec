/* SPDX-License-Identifier: MIT */
/*
 * conn-ring.c - guests' rings.
 *
 * The page belongs to the guest, who may write anything anywhere at any time. Each index is read
 * once into a local variable, checked, and masked on use; bytes are copied out before they are
 * looked at. All four indices live in the page, not here, because firmware hands an idle ring to
 * the kernel after zeroing it.
 *
 * Guests send an event only when they think that we may sleep: after a request that follows one we
 * have taken, and after reading from a full ring. So each index that we move has to be visible
 * before we look at the other side's the last time; a release alone lets the processor turn the two
 * around, and then both sides wait.
 *
 * A guest that breaks the protocol is told so in the error word and ignored. It stays introduced,
 * so that its death is still noticed, and can ask to start over through the connection word.
 */
#include "conn-ring.h"
#include <errno.h>
#include <string.h>
#include "log.h"
#include "osdep.h"

#define FEATURES (XENSTORE_SERVER_FEATURE_RECONNECTION | XENSTORE_SERVER_FEATURE_ERROR)

#define LOAD(field)         __atomic_load_n(&(field), __ATOMIC_ACQUIRE)
#define STORE(field, value) __atomic_store_n(&(field), value, __ATOMIC_RELEASE)

/* Moves an index: what was read or written before it, and it before what is read next. */
static void move(uint32_t *index, uint32_t value)
{
    STORE(*index, value);
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
}

/* Copies out of the ring of requests, around its end. */
static void copy_out(char *to, const char *ring, uint32_t index, uint32_t len)
{
    uint32_t at = MASK_XENSTORE_IDX(index), first = XENSTORE_RING_SIZE - at;

    if (first > len)
        first = len;
    memcpy(to, ring + at, first);
    memcpy(to + first, ring, len - first);
}

static void copy_in(char *ring, uint32_t index, const char *from, uint32_t len)
{
    uint32_t at = MASK_XENSTORE_IDX(index), first = XENSTORE_RING_SIZE - at;

    if (first > len)
        first = len;
    memcpy(ring + at, from, first);
    memcpy(ring, from + first, len - first);
}

/* Takes what is there, of up to `want` bytes; -EBADMSG for impossible indices. */
static int take_some(struct conn *c, char *to, uint32_t want)
{
    struct xenstore_domain_interface *r = c->domain->ring;
    uint32_t prod = LOAD(r->req_prod), cons = LOAD(r->req_cons), n = prod - cons;

    if (n > XENSTORE_RING_SIZE)
        return -EBADMSG;
    if (n > want)
        n = want;
    if (!n)
        return 0;
    copy_out(to, r->req, cons, n);
    move(&r->req_cons, cons + n);
    c->kick = true;
    return n;
}

/* The same until it is all, or the guest has written nothing since our index moved the last time:
 * what it writes from then on comes with an event. */
static int take(struct conn *c, char *to, uint32_t want)
{
    uint32_t have = 0;

    while (have < want) {
        int n = take_some(c, to + have, want - have);

        if (n < 0)
            return n;
        if (!n)
            break;
        have += n;
    }
    return have;
}

static int ring_next(struct conn *c, const struct xsd_sockmsg **ret_msg)
{
    uint32_t have = c->in_len;
    int rc;

    if (!c->domain)
        return 0;
    if (have)
        memcpy(conn_rx, c->in, have);
    if (have < WIRE_HEADER) {
        rc = take(c, conn_rx + have, WIRE_HEADER - have);
        if (rc < 0)
            return rc;
        have += rc;
    }
    rc = conn_complete(conn_rx, have);
    if (!rc && have >= WIRE_HEADER) {
        uint32_t total = WIRE_HEADER + ((struct xsd_sockmsg *)(void *)conn_rx)->len;

        rc = take(c, conn_rx + have, total - have);
        if (rc < 0)
            return rc;
        have += rc;
        rc = have == total;
    }
    if (rc < 0)
        return rc;
    *ret_msg = (const void *)conn_rx;
    if (rc)
        return conn_keep(c, NULL, 0) ?: 1;
    return have == c->in_len ? 0 : conn_keep(c, conn_rx, have);
}

static int ring_write(struct conn *c, const char *data, size_t len)
{
    struct xenstore_domain_interface *r;
    uint32_t prod, used, n = len;

    if (!c->domain)
        return 0;
    r = c->domain->ring;
    prod = LOAD(r->rsp_prod);
    used = prod - LOAD(r->rsp_cons);
    if (used > XENSTORE_RING_SIZE)
        return -EBADMSG;
    if (n > XENSTORE_RING_SIZE - used)
        n = XENSTORE_RING_SIZE - used;
    if (n) {
        copy_in(r->rsp, prod, data, n);
        move(&r->rsp_prod, prod + n);
        c->kick = true;
        conn_ready(c); /* settle() sends the event, one for all that is written in a turn */
    }
    return n;
}

static void ring_settle(struct conn *c)
{
    if (c->kick && c->domain && c->domain->port)
        os->notify(c->domain->port);
    c->kick = false;
}

static void ring_broken(struct conn *c, int rc)
{
    uint32_t error = rc == -EBADMSG    ? XENSTORE_ERROR_RINGIDX
                     : rc == -EMSGSIZE ? XENSTORE_ERROR_PROTO
                                       : XENSTORE_ERROR_COMM;

    conn_reset(c);
    c->ignored = true;
    if (!c->domain)
        return;
    log_warn("ring of domain %u is ignored: error %u", c->domain->domid, error);
    STORE(c->domain->ring->error, error);
    c->kick = true;
    ring_settle(c);
}

static void ring_close(struct conn *c)
{
    if (c->domain)
        c->domain->c = NULL;
    c->domain = NULL;
}

const struct transport ring_transport = {ring_next, ring_write, ring_settle, ring_broken,
                                         ring_close};

struct conn *ring_conn_new(struct domain *d)
{
    struct subject who = {d->domid, DOMID_NONE, domain_privileged(d->domid)};
    struct conn *c = conn_new(&ring_transport, &who);

    if (c)
        c->domain = d;
    return c;
}

void ring_start(struct conn *c)
{
    struct xenstore_domain_interface *r = c->domain->ring;

    STORE(r->server_features, FEATURES);
    STORE(r->error, XENSTORE_ERROR_NONE);
    STORE(r->connection, XENSTORE_CONNECTED);
    /* A guest may have written before we came, and a kernel waits for the first event. */
    os->notify(c->domain->port);
    conn_ready(c);
}

void ring_reset(struct conn *c)
{
    struct xenstore_domain_interface *r = c->domain->ring;

    conn_reset(c);
    c->ignored = false;
    c->fault = 0;
    c->last_txn = 0;
    STORE(r->req_cons, 0);
    STORE(r->req_prod, 0);
    STORE(r->rsp_cons, 0);
    STORE(r->rsp_prod, 0);
    ring_start(c);
}

void ring_event(struct conn *c)
{
    if (c->domain && c->domain->ring && LOAD(c->domain->ring->connection) == XENSTORE_RECONNECT)
        ring_reset(c);
}

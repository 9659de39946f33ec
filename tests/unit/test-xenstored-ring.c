/* SPDX-License-Identifier: MIT */
/*
 * test-xenstored-ring.c - a guest that sends events only when it must, and writes at the worst
 * moment: after the daemon has seen how far it came, before the daemon's own index moves.
 */
#include <errno.h>
#include <string.h>
#include "daemons/xenstored/state-conn.h"
#include "../shim/test-main.h"

/* Bytes leave the ring by memcpy(): the moment in between. */
static void *copy_and_go_on(void *to, const void *from, size_t n);
#define memcpy copy_and_go_on
#include "daemons/xenstored/conn-ring.c"
#undef memcpy

const struct osdep *os;

int os_source_add(int fd)
{
    return fd; /* main.c's; never called here */
}

static struct xenstore_domain_interface ring;
static char text[2048];            /* what the guest sends */
static uint32_t pieces[4], sent;   /* how it is divided; what is in the ring by now */
static unsigned int nr, at, kicks; /* pieces, and which comes next; events */

/* As Linux: an event when the daemon may have had all that was there before. */
static void put(void)
{
    uint32_t prod = ring.req_prod;

    ck_assert_uint_lt(at, nr);
    memcpy(ring.req + prod, text + sent, pieces[at]);
    sent += pieces[at];
    ring.req_prod = prod + pieces[at++];
    if (prod <= ring.req_cons)
        kicks++;
}

static bool armed;

static void *copy_and_go_on(void *to, const void *from, size_t n)
{
    const char *p = from;

    if (armed && n && p >= ring.req && p < ring.req + XENSTORE_RING_SIZE && at < nr)
        put();
    return memcpy(to, from, n);
}

/* The message arrives, in pieces of these sizes; how many turns the daemon had. */
static void deliver(uint32_t size, const uint32_t *sizes, unsigned int how_many)
{
    static const struct subject who = {5, DOMID_NONE, false};
    struct domain d = {.domid = 5, .ring = &ring};
    struct conn *c = conn_new(&ring_transport, &who);
    struct xsd_sockmsg head = {.type = XS_WRITE, .len = size - sizeof(head)};
    const struct xsd_sockmsg *msg;
    int rc = 0;

    ck_assert_ptr_nonnull(c);
    c->domain = &d;
    memset(&ring, 0, sizeof(ring));
    for (size_t i = 0; i < sizeof(text); i++)
        text[i] = (char)(i * 7);
    memcpy(text, &head, sizeof(head));
    memcpy(pieces, sizes, how_many * sizeof(*sizes));
    nr = how_many;
    at = kicks = sent = 0;
    armed = true;
    put();
    for (unsigned int turn = 0; !rc; turn++) {
        ck_assert_uint_lt(turn, 2 * how_many);
        ck_assert_msg(kicks || at < nr, "the daemon sleeps, and %u bytes wait",
                      ring.req_prod - ring.req_cons);
        if (!kicks)
            put(); /* later, and then there is an event */
        ck_assert_uint_gt(kicks, 0);
        kicks = 0;
        rc = ring_transport.next(c, &msg);
    }
    armed = false;
    ck_assert_int_eq(rc, 1);
    ck_assert_uint_eq(ring.req_cons, size);
    ck_assert_mem_eq(msg, text, size);
    c->domain = NULL;
    conn_kill(c);
    conn_reap();
}

START_TEST(body_in_pieces)
{
    deliver(900, (const uint32_t[]){16, 24, 860}, 3);
    deliver(900, (const uint32_t[]){40, 400, 460}, 3);
}
END_TEST

START_TEST(header_in_pieces)
{
    deliver(100, (const uint32_t[]){4, 4, 8, 84}, 4);
    deliver(100, (const uint32_t[]){15, 85}, 2);
}
END_TEST

START_TEST(in_one_piece)
{
    deliver(16, (const uint32_t[]){16}, 1);
    deliver(1024, (const uint32_t[]){1024}, 1);
}
END_TEST

TEST_MAIN("xenstored-ring", body_in_pieces, header_in_pieces, in_one_piece)

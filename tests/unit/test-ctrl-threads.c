/* SPDX-License-Identifier: MIT */
/* test-ctrl-threads.c - a handle for each thread, one host: run under the thread sanitizer. */
#include "test-main.h"
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <string.h>
#include <sys/mman.h>
#include <xenolith/ctrl.h>
#include <xenolith/ctrl-sim.h>

#define THREADS 4
#define ROUNDS  40

static xctl_handle *host;

/* Builds and removes domains; what fails is counted, since Check is not for threads. */
static void *builder(void *arg)
{
    struct xen_domctl_createdomain c = {.max_vcpus = 1,
                                        .max_evtchn_port = 1023,
                                        .max_grant_frames = -1,
                                        .grant_opts = XEN_DOMCTL_GRANT_version(1)};
    xctl_handle *h = arg;
    uintptr_t bad = 0;

    for (int i = 0; i < ROUNDS; i++) {
        xen_pfn_t frames[4] = {0, 1, 2, 3};
        domid_t d;
        void *p;

        bad += xctl_domain_create(h, 0, &c, &d) != 0;
        bad += xctl_domain_set_max_mem(h, d, 1024) != 0;
        bad += xctl_memory_populate_exact(h, d, 0, 0, frames, 4) != 0;
        bad += xctl_foreign_map(h, d, PROT_READ | PROT_WRITE, frames, 4, NULL, &p) != 0;
        memset(p, i, 4 * 4096);
        bad += xctl_foreign_unmap(h, p, 4) != 0;
        bad += xctl_domain_destroy(h, d) != 0;
    }
    return (void *)bad;
}

START_TEST(domains_side_by_side)
{
    xctl_handle *handles[THREADS];
    pthread_t threads[THREADS];

    ck_assert_int_eq(xctl_open("sim:mem=256", &host), 0);
    for (int i = 0; i < THREADS; i++) {
        ck_assert_int_eq(xctl_sim_attach(host, 0, &handles[i]), 0);
        ck_assert_int_eq(pthread_create(&threads[i], NULL, builder, handles[i]), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        void *bad;

        ck_assert_int_eq(pthread_join(threads[i], &bad), 0);
        ck_assert_ptr_null(bad);
        xctl_close(handles[i]);
    }
    ck_assert_int_eq(xctl_sim_audit(host), 0);
    xctl_close(host);
}
END_TEST

static uint32_t port_of[2];

/* Answers each event with one of its own. */
static void *echo(void *arg)
{
    xctl_evtchn *e = arg;
    struct pollfd p = {.fd = xctl_evtchn_fd(e), .events = POLLIN};
    uintptr_t bad = 0;

    for (int i = 0; i < ROUNDS; i++) {
        uint32_t port;

        bad += poll(&p, 1, 10000) != 1;
        bad += xctl_evtchn_pending(e, &port) != 0;
        bad += xctl_evtchn_unmask(e, port) != 0;
        bad += xctl_evtchn_notify(e, port) != 0;
    }
    return (void *)bad;
}

START_TEST(events_back_and_forth)
{
    struct xen_domctl_createdomain c = {.max_vcpus = 1,
                                        .max_evtchn_port = 1023,
                                        .max_grant_frames = -1,
                                        .grant_opts = XEN_DOMCTL_GRANT_version(1)};
    xctl_evtchn *e, *ge;
    xctl_handle *g;
    pthread_t t;
    domid_t d;
    void *bad;

    ck_assert_int_eq(xctl_open("sim:mem=256", &host), 0);
    ck_assert_int_eq(xctl_domain_create(host, 0, &c, &d), 0);
    ck_assert_int_eq(xctl_sim_attach(host, d, &g), 0);
    ck_assert_int_eq(xctl_evtchn_open(g, &ge), 0);
    ck_assert_int_eq(xctl_evtchn_bind_unbound(ge, 0, &port_of[1]), 0);
    ck_assert_int_eq(xctl_evtchn_open(host, &e), 0);
    ck_assert_int_eq(xctl_evtchn_bind_interdomain(e, d, port_of[1], &port_of[0]), 0);
    ck_assert_int_eq(pthread_create(&t, NULL, echo, ge), 0);
    /* The connection's own first event starts the game here. */
    ck_assert_ptr_null(echo(e));
    ck_assert_int_eq(pthread_join(t, &bad), 0);
    ck_assert_ptr_null(bad);
    xctl_evtchn_close(e);
    xctl_evtchn_close(ge);
    xctl_close(g);
    xctl_close(host);
}
END_TEST

TEST_MAIN("ctrl-threads", domains_side_by_side, events_back_and_forth)

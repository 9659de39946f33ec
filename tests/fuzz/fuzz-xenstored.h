/* SPDX-License-Identifier: MIT */
/* fuzz-xenstored.h - the store daemon without a host: what each of its fuzz targets starts with. */
#ifndef TESTS_FUZZ_XENSTORED_H
#define TESTS_FUZZ_XENSTORED_H

#include "fuzz-main.h"
#include <errno.h>
#include <string.h>
#include "daemons/xenstored/conn-ring.h"
#include "daemons/xenstored/domain.h"
#include "daemons/xenstored/log.h"
#include "daemons/xenstored/osdep.h"
#include "daemons/xenstored/state-conn.h"
#include "daemons/xenstored/store.h"
#include "daemons/xenstored/txn.h"
#include "daemons/xenstored/watch.h"

const struct osdep *os;

int os_source_add(int fd)
{
    return fd; /* main.c's */
}

/* One guest whose ring is this page. */
static struct xenstore_domain_interface fuzz_ring;

static int fuzz_map(uint16_t domid, uint64_t gfn, void **ret_page)
{
    (void)domid, (void)gfn;
    *ret_page = &fuzz_ring;
    return 0;
}

static int fuzz_own(void **ret_page, uint32_t *ret_port)
{
    *ret_page = &fuzz_ring;
    *ret_port = 1;
    return 0;
}

static void fuzz_unmap(uint16_t domid, void *page)
{
    (void)domid, (void)page;
}

static int fuzz_bind(uint16_t domid, uint32_t remote, uint32_t *ret_port)
{
    (void)remote;
    *ret_port = domid;
    return 0;
}

static void fuzz_port(uint32_t port)
{
    (void)port;
}

static int fuzz_state(uint16_t domid, unsigned int *ret_state)
{
    (void)domid;
    *ret_state = 0;
    return 0;
}

static int fuzz_restore(struct state_in *in, int *ret_fd)
{
    (void)in, (void)ret_fd;
    return 0;
}

static const struct osdep fuzz_os = {
    .map_ring = fuzz_map,
    .own_ring = fuzz_own,
    .unmap_ring = fuzz_unmap,
    .bind = fuzz_bind,
    .unbind = fuzz_port,
    .notify = fuzz_port,
    .unmask = fuzz_port,
    .domain_state = fuzz_state,
    .restore = fuzz_restore,
};

static inline void must(int what)
{
    if (!what)
        abort();
}

static inline void fuzz_begin(void)
{
    os = &fuzz_os;
    memset(&fuzz_ring, 0, sizeof(fuzz_ring));
    domain_init();
    must(!watch_init());
}

static inline void fuzz_release(struct domain *d, void *arg)
{
    (void)arg;
    domain_release(d->domid);
}

/* Everything is given back, or a sanitizer says so. */
static inline void fuzz_end(void)
{
    struct conn *c;

    os = &fuzz_os;
    domain_each(fuzz_release, NULL);
    while ((c = TAILQ_FIRST(&conns)))
        conn_kill(c);
    conn_reap();
    domain_fini();
    store_fini();
    watch_fini();
    must(tree_bytes == 0 && nr_watches == 0);
    memset(accounts, 0, DOMID_FIRST_RESERVED * sizeof(struct account));
}

#endif /* TESTS_FUZZ_XENSTORED_H */

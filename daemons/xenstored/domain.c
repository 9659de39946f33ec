/* SPDX-License-Identifier: MIT */
/*
 * domain.c - domains: introduced, released, dead.
 *
 * A domain is introduced with its ring page and event channel, and from then on has a connection.
 * When the hypervisor says that some domain changed, all introduced ones are looked at: one that
 * only shut down fires @releaseDomain once, one that is gone loses its connection, its nodes and
 * every permission entry that names it, so that whoever gets its number next inherits nothing.
 *
 * A domain can die without ever having been introduced (its creation failed), while nodes name it
 * already. So each domain that a permission entry names for the first time is looked up too, and if
 * it exists it is watched over in the same way (`alive`).
 */
#include "domain.h"
#include <errno.h>
#include <stdlib.h>
#include "conn.h"
#include "conn-ring.h"
#include "log.h"
#include "osdep.h"
#include "store.h"
#include "watch.h"

/* As many conflicts as this are free; then one is forgiven every 50 ms. */
#define CREDIT_DEPTH 5
#define CREDIT_RATE  20

unsigned int nr_domains;
bool domain_keep_orphans;
uint16_t domain_priv = DOMID_NONE;

static struct domain *domains[DOMID_FIRST_RESERVED];
static bool alive[DOMID_FIRST_RESERVED];
static uint16_t top; /* above the highest domid seen */
static struct domain **by_port;
static uint32_t nr_by_port;

struct domain *domain_find(uint16_t domid)
{
    return domid < DOMID_FIRST_RESERVED ? domains[domid] : NULL;
}

bool domain_privileged(uint16_t domid)
{
    return domid == 0 || (domid == domain_priv && domid != DOMID_NONE);
}

void domain_each(void (*fn)(struct domain *d, void *arg), void *arg)
{
    for (unsigned int i = 0; i < top; i++)
        if (domains[i])
            fn(domains[i], arg);
}

/* Each is asked for once; only those that exist can die. */
static void first_mention(uint16_t domid)
{
    unsigned int state;

    if (domid >= top)
        top = domid + 1;
    if (!alive[domid] && os)
        alive[domid] = !os->domain_state(domid, &state) && !(state & OS_DOMAIN_DYING);
}

void domain_init(void)
{
    quota_first_mention = first_mention;
}

void domain_fini(void)
{
    free(by_port);
    by_port = NULL;
    nr_by_port = 0;
}

static int remember_port(struct domain *d)
{
    if (!d->port)
        return 0;
    if (d->port >= nr_by_port) {
        uint32_t nr = (d->port + 256) & ~255U;
        struct domain **p = realloc(by_port, nr * sizeof(*p));

        if (!p)
            return -ENOMEM;
        for (uint32_t i = nr_by_port; i < nr; i++)
            p[i] = NULL;
        by_port = p;
        nr_by_port = nr;
    }
    by_port[d->port] = d;
    return 0;
}

static void unbind(struct domain *d)
{
    if (d->port && d->port < nr_by_port)
        by_port[d->port] = NULL;
    if (d->port)
        os->unbind(d->port);
    d->port = 0;
}

static void free_domain(struct domain *d)
{
    if (!d)
        return;
    if (d->c) {
        d->c->domain = NULL;
        conn_kill(d->c);
    }
    unbind(d);
    if (d->ring)
        os->unmap_ring(d->domid, d->ring);
    free(d);
}

static int bind(struct domain *d, uint32_t remote_port)
{
    int rc = os->bind(d->domid, remote_port, &d->port);

    d->remote_port = remote_port;
    return rc ? rc : remember_port(d);
}

/* A domain that has its ring and, with a port, its event channel gets a connection. */
static int finish(struct domain *d)
{
    d->credit = d->rate = (struct bucket){.filled = 0};
    d->c = ring_conn_new(d);
    if (!d->c)
        return -ENOMEM;
    domains[d->domid] = d;
    alive[d->domid] = true;
    if (d->domid >= top)
        top = d->domid + 1;
    nr_domains++;
    return 0;
}

static int new_domain(uint16_t domid, uint64_t gfn, uint32_t port)
{
    struct domain *d = calloc(1, sizeof(*d));
    int rc = -ENOMEM;

    if (d) {
        d->domid = domid;
        d->gfn = gfn;
        rc = os->map_ring(domid, gfn, (void **)&d->ring);
    }
    if (!rc)
        rc = bind(d, port);
    if (!rc)
        rc = finish(d);
    if (rc)
        free_domain(d);
    else
        ring_start(d->c);
    return rc;
}

static void use_ring(struct domain *d, void *ring, uint64_t gfn)
{
    if (d->ring)
        os->unmap_ring(d->domid, d->ring);
    d->ring = ring;
    d->gfn = gfn;
}

/* Introduced again: the guest starts over, perhaps behind another port. It may even be another
 * domain of that number, because nobody told us yet that the first one died: so the ring is mapped
 * anew, and what was known of its state is not. */
static int introduce_again(struct domain *d, uint64_t gfn, uint32_t port)
{
    unsigned int state = 0;
    uint32_t local;
    void *ring;
    int rc = os->map_ring(d->domid, gfn, &ring);

    if (rc)
        return rc;
    /* A port can be bound only once, so the same one is given up first; any other has to prove
     * good before the old one goes. */
    if (port == d->remote_port)
        unbind(d);
    rc = os->bind(d->domid, port, &local);
    if (rc) {
        os->unmap_ring(d->domid, ring);
        return rc;
    }
    unbind(d);
    d->port = local;
    d->remote_port = port;
    use_ring(d, ring, gfn);
    if (!os->domain_state(d->domid, &state) && !(state & OS_DOMAIN_SHUTDOWN))
        d->shutdown = false;
    rc = remember_port(d);
    if (rc)
        return rc;
    ring_reset(d->c);
    return 0;
}

int domain_introduce(uint16_t domid, uint64_t gfn, uint32_t port)
{
    struct domain *d = domain_find(domid);
    unsigned int state;
    int rc;

    if (d)
        return introduce_again(d, gfn, port);
    if (os->domain_state(domid, &state))
        return -ENOENT;
    if (state & OS_DOMAIN_DYING)
        return -EINVAL;
    rc = new_domain(domid, gfn, port);
    if (rc)
        log_warn("domain %u cannot be introduced: %s", domid, wire_error_name(-rc));
    else
        watch_fire_special("@introduceDomain");
    return rc;
}

int domain_attach_own(void)
{
    struct domain *d = calloc(1, sizeof(*d));
    int rc = -ENOMEM;

    if (d)
        rc = os->own_ring((void **)&d->ring, &d->port);
    if (!rc)
        rc = remember_port(d);
    if (!rc)
        rc = finish(d);
    if (rc)
        free_domain(d);
    else
        ring_start(d->c);
    return rc;
}

int domain_restore(const struct domain *saved, struct domain **ret_domain)
{
    struct domain *d = calloc(1, sizeof(*d));
    int rc;

    if (!d)
        return -ENOMEM;
    *d = *saved;
    d->ring = NULL;
    d->c = NULL;
    rc = saved->remote_port ? os->map_ring(d->domid, d->gfn, (void **)&d->ring)
                            : os->own_ring((void **)&d->ring, &d->port);
    /* The ring of a domain that dies just now may be gone; the check that follows releases it. */
    if (rc)
        log_warn("ring of domain %u: %s", d->domid, wire_error_name(-rc));
    rc = remember_port(d);
    if (!rc)
        rc = finish(d);
    if (rc) {
        free_domain(d);
        return rc;
    }
    d->c->ignored = !d->ring;
    *ret_domain = d;
    return 0;
}

static void drop_target(struct domain *d, void *arg)
{
    if (d->c->who.target == *(uint16_t *)arg)
        d->c->who.target = DOMID_NONE;
}

static void drop_domain(struct domain *d)
{
    uint16_t domid = d->domid;

    domains[domid] = NULL;
    nr_domains--;
    free_domain(d);
    domain_each(drop_target, &domid);
}

int domain_release(uint16_t domid)
{
    struct domain *d = domain_find(domid);

    if (!d)
        return -ENOENT;
    drop_domain(d);
    watch_fire_special("@releaseDomain");
    return 0;
}

int domain_resume(uint16_t domid)
{
    struct domain *d = domain_find(domid);

    if (!d)
        return -ENOENT;
    d->shutdown = false;
    return 0;
}

int domain_set_target(uint16_t domid, uint16_t target)
{
    struct domain *d = domain_find(domid);

    if (!d || !domain_find(target))
        return -ENOENT;
    d->c->who.target = target;
    return 0;
}

void domain_event(uint32_t port)
{
    struct domain *d = port < nr_by_port ? by_port[port] : NULL;

    if (!d)
        return;
    ring_event(d->c);
    conn_ready(d->c);
}

static void look(struct domain *d, void *arg)
{
    (void)arg;
    if (!d->port)
        return;
    domain_event(d->port);
    os->unmask(d->port);
}

void domain_event_all(void)
{
    domain_each(look, NULL);
}

static void forget(uint16_t domid)
{
    alive[domid] = false;
    store_forget_domain(domid, domain_keep_orphans, watch_fire);
    /* What nodes still hold (a child of the root that was kept) is Domain 0's now. */
    accounts[domid].max_nodes = 0;
    accounts[domid].warned = false;
}

/* One domain: gone, or shut down since the last time? */
static void check(uint16_t domid)
{
    struct domain *d = domains[domid];
    unsigned int state = 0;
    bool gone = os->domain_state(domid, &state) == -ENOENT || (state & OS_DOMAIN_DYING);

    if (gone) {
        bool fire = d != NULL;

        if (d)
            drop_domain(d);
        forget(domid);
        if (fire)
            watch_fire_special("@releaseDomain");
    } else if (d && (state & OS_DOMAIN_SHUTDOWN) && !d->shutdown) {
        d->shutdown = true;
        watch_fire_special("@releaseDomain");
    }
}

void domain_check_all(void)
{
    for (unsigned int i = 1; i < top; i++)
        if (domains[i] || (alive[i] && accounts[i].mentions))
            check(i);
}

void domain_blame(uint16_t domid, const struct subject *who)
{
    struct domain *d = domain_find(domid);

    if (d && domid != who->domid && !domain_privileged(domid))
        bucket_take(&d->credit);
}

unsigned int domain_throttle(struct domain *d, uint64_t now)
{
    unsigned int conflicts, rate;

    if (!d)
        return 0;
    conflicts = bucket_wait(&d->credit, CREDIT_RATE, CREDIT_DEPTH, now);
    rate = bucket_wait(&d->rate, quotas[QUOTA_RATE].value, quotas[QUOTA_RATE].value, now);
    return conflicts > rate ? conflicts : rate;
}

void domain_count_request(struct domain *d)
{
    if (d && quotas[QUOTA_RATE].value)
        bucket_take(&d->rate);
}

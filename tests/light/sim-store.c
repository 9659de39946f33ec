/* SPDX-License-Identifier: MIT */
/*
 * sim-store.c - our store daemon on the simulated host of libs/ctrl. It takes the place of
 * osdep/host.c: --host sim:NAME is the host whose domains are introduced, live and die.
 *
 * The package for Python starts it, too. A script may end at any moment and leave nothing behind:
 * $XENOLITH_SIM_LIFE is the number of a pipe's descriptor; when nobody has its other end any more,
 * the host is deleted, and this program ends.
 */
#include <daemons/xenstored/osdep.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>
#include <xenolith/ctrl-sim.h>

const char *osdep_host_socket;

/* Whether a ring is a grant decides how it is unmapped. */
struct ring {
    struct ring *next;
    void *page;
    bool grant;
};

static xctl_handle *h;
static xctl_evtchn *e;
static uint32_t virq_port;
static struct ring *rings;

static int life = -1;

static void *end_with_life(void *arg)
{
    char name[64] = "", c;

    (void)arg;
    while (read(life, &c, 1) == -1 && errno == EINTR)
        ;
    sscanf(osdep_host_socket, "sim:%63[^,]", name);
    _exit(xctl_sim_remove(name) ? 1 : 0);
}

static int watch_life(void)
{
    const char *fd = getenv("XENOLITH_SIM_LIFE");
    pthread_t thread;

    if (!fd)
        return 0;
    life = atoi(fd);
    return -pthread_create(&thread, NULL, end_with_life, NULL);
}

static int sim_open(int *ret_fd)
{
    int rc = xctl_open(osdep_host_socket, &h);

    if (!rc)
        rc = watch_life();
    if (!rc)
        rc = xctl_evtchn_open(h, &e);
    if (!rc)
        rc = xctl_evtchn_bind_virq(e, VIRQ_DOM_EXC, &virq_port);
    if (!rc)
        *ret_fd = xctl_evtchn_fd(e);
    return rc;
}

static void sim_close(void)
{
    xctl_evtchn_close(e);
    xctl_close(h);
}

static int sim_map_ring(uint16_t domid, uint64_t gfn, void **ret_page)
{
    const struct xctl_grant grant = {domid, GNTTAB_RESERVED_XENSTORE};
    const xen_pfn_t frame = gfn;
    struct ring *r = calloc(1, sizeof(*r));
    int rc;

    if (!r)
        return -ENOMEM;
    rc = xctl_grant_map(h, &grant, 1, PROT_READ | PROT_WRITE, NULL, &r->page);
    r->grant = !rc;
    if (rc)
        rc = xctl_foreign_map(h, domid, PROT_READ | PROT_WRITE, &frame, 1, NULL, &r->page);
    if (rc) {
        free(r);
        return rc;
    }
    r->next = rings;
    rings = r;
    *ret_page = r->page;
    return 0;
}

static void sim_unmap_ring(uint16_t domid, void *page)
{
    struct ring **p = &rings, *r;
    int rc;

    (void)domid;
    while (*p && (*p)->page != page)
        p = &(*p)->next;
    r = *p;
    if (!r)
        abort();
    rc = r->grant ? xctl_grant_unmap(h, page, 1) : xctl_foreign_unmap(h, page, 1);
    if (rc)
        abort();
    *p = r->next;
    free(r);
}

static int sim_own_ring(void **ret_page, uint32_t *ret_port)
{
    (void)ret_page, (void)ret_port;
    return -ENODEV;
}

static int sim_bind(uint16_t domid, uint32_t remote_port, uint32_t *ret_port)
{
    return xctl_evtchn_bind_interdomain(e, domid, remote_port, ret_port);
}

/* The three fail when the port is gone, with its domain; then there is nothing to be done. */
static void sim_unbind(uint32_t port)
{
    if (xctl_evtchn_unbind(e, port))
        return;
}

static void sim_notify(uint32_t port)
{
    if (xctl_evtchn_notify(e, port))
        return;
}

static void sim_unmask(uint32_t port)
{
    if (xctl_evtchn_unmask(e, port))
        return;
}

static int sim_next_event(uint32_t *ret_port, bool *ret_domains)
{
    uint32_t port;

    if (xctl_evtchn_pending(e, &port))
        return -EAGAIN;
    *ret_port = port;
    *ret_domains = port == virq_port;
    if (*ret_domains)
        sim_unmask(port);
    return 0;
}

static int sim_domain_state(uint16_t domid, unsigned int *ret_state)
{
    struct xen_domctl_getdomaininfo info;
    int rc = h ? xctl_domain_info(h, domid, &info) : -EBADF;

    if (rc)
        return rc == -ESRCH ? -ENOENT : rc;
    *ret_state = (info.flags & XEN_DOMINF_dying ? OS_DOMAIN_DYING : 0) |
                 (info.flags & XEN_DOMINF_shutdown ? OS_DOMAIN_SHUTDOWN : 0);
    return 0;
}

/* No live update here. */
static void sim_save(struct state_out *out)
{
    (void)out;
}

static void sim_keep_open(bool keep)
{
    (void)keep;
}

static int sim_restore(struct state_in *in, int *ret_fd)
{
    (void)in, (void)ret_fd;
    return -ENOSYS;
}

const struct osdep osdep_host = {
    .name = "sim",
    .open = sim_open,
    .close = sim_close,
    .map_ring = sim_map_ring,
    .unmap_ring = sim_unmap_ring,
    .own_ring = sim_own_ring,
    .bind = sim_bind,
    .unbind = sim_unbind,
    .notify = sim_notify,
    .next_event = sim_next_event,
    .unmask = sim_unmask,
    .domain_state = sim_domain_state,
    .save = sim_save,
    .keep_open = sim_keep_open,
    .restore = sim_restore,
};

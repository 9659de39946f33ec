/* SPDX-License-Identifier: MIT */
/*
 * evtchn.c - event channels of the simulated host.
 *
 * A port that is bound through an xctl_evtchn belongs to a listener. When an event arrives for it,
 * the listener is woken through its socket, at most once until it has looked.
 */
#include "sim.h"
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static socklen_t socket_name(const struct sim_host *s, uint32_t n, uint64_t serial,
                             struct sockaddr_un *a)
{
    int len;

    memset(a, 0, sizeof(*a));
    a->sun_family = AF_UNIX;
    /* An abstract name: no file, gone with the socket. */
    len = snprintf(a->sun_path + 1, sizeof(a->sun_path) - 1, "xenolith-sim/%016llx/%u/%llu",
                   (unsigned long long)s->id, n, (unsigned long long)serial);
    return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + (size_t)len);
}

static void wake(struct sim *sim, uint32_t n)
{
    struct sim_listener *l = &sim->host->listeners[n];
    struct sockaddr_un a;
    socklen_t len;

    if (l->woken)
        return;
    len = socket_name(sim->host, n, l->serial, &a);
    if (sendto(sim->wake_fd, "", 1, MSG_NOSIGNAL, (struct sockaddr *)&a, len) == 1)
        l->woken = 1;
}

struct sim_port *sim_port(struct sim_host *s, struct sim_domain *d, uint32_t port)
{
    struct sim_port *ports = sim_at(s, d->ports);

    return ports && port && port < d->max_port ? &ports[port] : NULL;
}

/* An event has arrived. */
void sim_port_raise(struct sim *sim, struct sim_domain *d, uint32_t port)
{
    struct sim_port *p = sim_port(sim->host, d, port);

    if (!p)
        return;
    p->pending = 1;
    if (!p->masked && p->listener)
        wake(sim, p->listener - 1U);
}

void sim_virq_raise(struct sim *sim, unsigned int virq)
{
    struct sim_domain *d = sim_domain(sim->host, sim->host->virq_handler[virq]);

    if (d && d->virq_port[virq])
        sim_port_raise(sim, d, d->virq_port[virq]);
}

static int take_port(struct sim_host *s, struct sim_domain *d, uint32_t *ret_port)
{
    struct sim_port *ports = sim_at(s, d->ports);

    if (!ports)
        return -EINVAL;
    for (uint32_t i = 1; i <= d->port_limit; i++) {
        if (ports[i].state)
            continue;
        memset(&ports[i], 0, sizeof(ports[i]));
        d->max_port = MAX_OF(d->max_port, i + 1);
        *ret_port = i;
        return 0;
    }
    return -ENOSPC;
}

int sim_port_alloc(struct sim_host *s, struct sim_domain *d, domid_t remote, uint32_t *ret_port)
{
    int rc = take_port(s, d, ret_port);

    if (rc)
        return rc;
    *sim_port(s, d, *ret_port) = (struct sim_port){.state = EVTCHNSTAT_unbound, .remote = remote};
    return 0;
}

static int bind_interdomain(struct sim *sim, struct sim_domain *d, domid_t remote,
                            uint32_t remote_port, uint16_t listener, uint32_t *ret_port)
{
    struct sim_host *s = sim->host;
    struct sim_domain *r = sim_domain(s, remote == DOMID_SELF ? d->domid : remote);
    struct sim_port *p = r ? sim_port(s, r, remote_port) : NULL;
    uint32_t port;
    int rc;

    if (!r)
        return -ESRCH;
    if (!p || p->state != EVTCHNSTAT_unbound || p->remote != d->domid)
        return -EINVAL;
    rc = take_port(s, d, &port);
    if (rc)
        return rc;
    *sim_port(s, d, port) = (struct sim_port){.state = EVTCHNSTAT_interdomain,
                                              .remote = r->domid,
                                              .other = remote_port,
                                              .listener = listener};
    p->state = EVTCHNSTAT_interdomain;
    p->other = port;
    /* What was sent while nobody was connected is made good for. */
    sim_port_raise(sim, d, port);
    *ret_port = port;
    return 0;
}

static int bind_virq(struct sim *sim, struct sim_domain *d, uint32_t virq, uint16_t listener,
                     uint32_t *ret_port)
{
    struct sim_host *s = sim->host;
    uint32_t port;
    int rc;

    if (virq >= NR_VIRQS)
        return -EINVAL;
    if (d->virq_port[virq])
        return -EEXIST;
    rc = take_port(s, d, &port);
    if (rc)
        return rc;
    *sim_port(s, d, port) =
        (struct sim_port){.state = EVTCHNSTAT_virq, .other = virq, .listener = listener};
    d->virq_port[virq] = port;
    *ret_port = port;
    return 0;
}

void sim_port_close(struct sim *sim, struct sim_domain *d, uint32_t port)
{
    struct sim_port *p = sim_port(sim->host, d, port);

    if (!p || !p->state)
        return;
    if (p->state == EVTCHNSTAT_virq)
        d->virq_port[p->other] = 0;
    if (p->state == EVTCHNSTAT_interdomain) {
        struct sim_domain *r = sim_domain(sim->host, p->remote);
        struct sim_port *o = r ? sim_port(sim->host, r, p->other) : NULL;

        if (o && o->state == EVTCHNSTAT_interdomain && o->other == port) {
            o->state = EVTCHNSTAT_unbound;
            o->other = 0;
        }
    }
    memset(p, 0, sizeof(*p));
}

int sim_port_send(struct sim *sim, struct sim_domain *d, uint32_t port)
{
    struct sim_port *p = sim_port(sim->host, d, port);
    struct sim_domain *r;

    if (!p)
        return -EINVAL;
    switch (p->state) {
    case EVTCHNSTAT_unbound:
        return 0;
    case EVTCHNSTAT_ipi:
        sim_port_raise(sim, d, port);
        return 0;
    case EVTCHNSTAT_interdomain:
        r = sim_domain(sim->host, p->remote);
        if (r)
            sim_port_raise(sim, r, p->other);
        return 0;
    default:
        return -EINVAL;
    }
}

static int port_status(struct sim *sim, struct evtchn_status *st)
{
    struct sim_domain *d;
    struct sim_port *p;
    int rc = sim_target(sim, st->dom, &d);

    if (rc)
        return rc;
    if (st->port > d->port_limit)
        return -EINVAL;
    p = sim_port(sim->host, d, st->port);
    st->vcpu = 0;
    memset(&st->u, 0, sizeof(st->u));
    st->status = p ? p->state : EVTCHNSTAT_closed;
    if (st->status == EVTCHNSTAT_unbound)
        st->u.unbound.dom = p->remote;
    else if (st->status == EVTCHNSTAT_virq)
        st->u.virq = p->other;
    if (st->status == EVTCHNSTAT_interdomain) {
        st->u.interdomain.dom = p->remote;
        st->u.interdomain.port = p->other;
    }
    return 0;
}

int sim_evtchn_op(struct sim *sim, unsigned int cmd, void *arg)
{
    struct sim_domain *me = sim_domain(sim->host, sim->domid), *d;
    struct evtchn_alloc_unbound *a = arg;
    struct evtchn_bind_interdomain *b = arg;
    struct evtchn_bind_virq *v = arg;
    uint32_t port;
    int rc;

    switch (cmd) {
    case EVTCHNOP_alloc_unbound:
        rc = sim_target(sim, a->dom, &d);
        if (!rc)
            rc = sim_port_alloc(sim->host, d,
                                a->remote_dom == DOMID_SELF ? sim->domid : a->remote_dom, &port);
        if (!rc)
            a->port = port;
        return rc;
    case EVTCHNOP_bind_interdomain:
        return bind_interdomain(sim, me, b->remote_dom, b->remote_port, 0, &b->local_port);
    case EVTCHNOP_bind_virq:
        return bind_virq(sim, me, v->virq, 0, &v->port);
    case EVTCHNOP_close:
        port = ((struct evtchn_close *)arg)->port;
        if (!sim_port(sim->host, me, port) || !sim_port(sim->host, me, port)->state)
            return -EINVAL;
        sim_port_close(sim, me, port);
        return 0;
    case EVTCHNOP_send:
        return sim_port_send(sim, me, ((struct evtchn_send *)arg)->port);
    case EVTCHNOP_status:
        return port_status(sim, arg);
    case EVTCHNOP_reset:
        rc = sim_target(sim, ((struct evtchn_reset *)arg)->dom, &d);
        for (port = 1; !rc && port < d->max_port; port++)
            sim_port_close(sim, d, port);
        return rc;
    default:
        return -ENOSYS;
    }
}

void sim_listener_drop(struct sim *sim, uint32_t n)
{
    struct sim_listener *l = &sim->host->listeners[n];
    struct sim_domain *d = sim_domain(sim->host, l->domid);

    for (uint32_t p = 1; d && p < d->max_port; p++)
        if (sim_port(sim->host, d, p)->listener == n + 1)
            sim_port_close(sim, d, p);
    memset(l, 0, sizeof(*l));
}

int sim_be_ev_open(struct xctl_evtchn *e)
{
    struct sim *sim = sim_of(e->h);
    struct sim_host *s = sim->host;
    struct sockaddr_un a;
    uint32_t n = 0;
    int rc = sim_enter(sim, XCTL_SIM_EVTCHN, XCTL_SIM_ANY_CMD, -1);

    if (rc)
        return rc;
    while (n < SIM_LISTENERS && s->listeners[n].pid)
        n++;
    e->fd = n < SIM_LISTENERS ? socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0) : -1;
    if (e->fd < 0) {
        rc = n < SIM_LISTENERS ? -errno : -ENFILE;
    } else {
        socklen_t len = socket_name(s, n, s->serial + 1, &a);

        rc = bind(e->fd, (struct sockaddr *)&a, len) ? -errno : 0;
    }
    if (rc && e->fd >= 0)
        close(e->fd);
    if (!rc) {
        s->listeners[n] =
            (struct sim_listener){.pid = getpid(), .domid = sim->domid, .serial = ++s->serial};
        e->listener = n;
        e->pid = getpid();
    }
    sim_unlock(s);
    return rc;
}

void sim_be_ev_close(struct xctl_evtchn *e)
{
    struct sim *sim = sim_of(e->h);

    sim_lock(sim->host);
    /* A child closes its copy of the descriptor only; the ports are its parent's. */
    if (e->pid == getpid())
        sim_listener_drop(sim, e->listener);
    sim_unlock(sim->host);
    close(e->fd);
}

/* Begins a call on e: the lock is held when this returns 0, and *ret_d is whose ports these are. */
static int enter(struct xctl_evtchn *e, int cmd, struct sim_domain **ret_d)
{
    struct sim *sim = sim_of(e->h);
    int rc = sim_enter(sim, XCTL_SIM_EVTCHN, cmd, -1);

    if (rc)
        return rc;
    *ret_d = sim_domain(sim->host, sim->domid);
    if (*ret_d && (*ret_d)->life == SIM_ALIVE)
        return 0;
    sim_unlock(sim->host);
    return -ESRCH;
}

static int leave(struct xctl_evtchn *e, int rc, uint32_t port)
{
    sim_unlock(sim_of(e->h)->host);
    return rc ? rc : (int)port;
}

int sim_be_ev_bind_virq(struct xctl_evtchn *e, unsigned int virq)
{
    struct sim_domain *d;
    uint32_t port = 0;
    int rc = enter(e, EVTCHNOP_bind_virq, &d);

    if (rc)
        return rc;
    rc = bind_virq(sim_of(e->h), d, virq, (uint16_t)(e->listener + 1), &port);
    return leave(e, rc, port);
}

int sim_be_ev_bind_interdomain(struct xctl_evtchn *e, domid_t remote, uint32_t remote_port)
{
    struct sim_domain *d;
    uint32_t port = 0;
    int rc = enter(e, EVTCHNOP_bind_interdomain, &d);

    if (rc)
        return rc;
    rc = bind_interdomain(sim_of(e->h), d, remote, remote_port, (uint16_t)(e->listener + 1), &port);
    return leave(e, rc, port);
}

int sim_be_ev_bind_unbound(struct xctl_evtchn *e, domid_t remote)
{
    struct sim_domain *d;
    uint32_t port = 0;
    int rc = enter(e, EVTCHNOP_alloc_unbound, &d);

    if (rc)
        return rc;
    rc = sim_port_alloc(sim_of(e->h)->host, d, remote, &port);
    if (!rc)
        sim_port(sim_of(e->h)->host, d, port)->listener = (uint16_t)(e->listener + 1);
    return leave(e, rc, port);
}

/* The port, if it was bound through e. */
static struct sim_port *own_port(struct xctl_evtchn *e, struct sim_domain *d, uint32_t port)
{
    struct sim_port *p = sim_port(sim_of(e->h)->host, d, port);

    return p && p->state && p->listener == e->listener + 1 ? p : NULL;
}

int sim_be_ev_unbind(struct xctl_evtchn *e, uint32_t port)
{
    struct sim_domain *d;
    int rc = enter(e, EVTCHNOP_close, &d);

    if (rc)
        return rc;
    rc = own_port(e, d, port) ? 0 : -ENOTCONN;
    if (!rc)
        sim_port_close(sim_of(e->h), d, port);
    return leave(e, rc, 0);
}

int sim_be_ev_notify(struct xctl_evtchn *e, uint32_t port)
{
    struct sim_domain *d;
    int rc = enter(e, EVTCHNOP_send, &d);

    if (rc)
        return rc;
    rc = own_port(e, d, port) ? sim_port_send(sim_of(e->h), d, port) : -ENOTCONN;
    return leave(e, rc, 0);
}

static uint32_t next_pending(struct xctl_evtchn *e, struct sim_domain *d)
{
    for (uint32_t i = 1; i < d->max_port; i++) {
        struct sim_port *p = own_port(e, d, i);

        if (p && p->pending && !p->masked)
            return i;
    }
    return 0;
}

int sim_be_ev_pending(struct xctl_evtchn *e, uint32_t *ret_port)
{
    struct sim_host *s = sim_of(e->h)->host;
    struct sim_domain *d;
    struct sim_port *p;
    uint32_t port;
    char byte;
    int rc = enter(e, XCTL_SIM_ANY_CMD, &d);

    if (rc)
        return rc;
    port = next_pending(e, d);
    p = sim_port(s, d, port);
    if (p) {
        p->pending = 0;
        p->masked = 1;
        *ret_port = port;
    }
    /* Readable as long as there is more. */
    if (!next_pending(e, d)) {
        while (recv(e->fd, &byte, 1, 0) >= 0)
            ;
        s->listeners[e->listener].woken = 0;
    }
    return leave(e, p ? 0 : -EAGAIN, 0);
}

int sim_be_ev_unmask(struct xctl_evtchn *e, uint32_t port)
{
    struct sim_domain *d;
    struct sim_port *p;
    int rc = enter(e, EVTCHNOP_unmask, &d);

    if (rc)
        return rc;
    p = own_port(e, d, port);
    /* The device ignores numbers that are not its own. */
    if (p) {
        p->masked = 0;
        if (p->pending)
            wake(sim_of(e->h), e->listener);
    }
    return leave(e, 0, 0);
}

int sim_be_ev_reset(struct xctl_evtchn *e)
{
    (void)e; /* no queue that could have run over */
    return 0;
}

int sim_be_ev_restrict(struct xctl_evtchn *e, domid_t domid)
{
    (void)e, (void)domid; /* the front end remembers it and looks */
    return 0;
}

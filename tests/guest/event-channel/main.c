/* SPDX-License-Identifier: MIT */
/*
 * Event channels of the two-level ABI: binding rules, delivery, masks, what
 * status tells, and the errors of 4.17 for bad ports, domains and vCPUs.
 */
#include "guest.h"

#define op(cmd, arg) hypercall(event_channel_op, EVTCHNOP_##cmd, arg)

static long status_of(uint32_t port, struct evtchn_status *ret)
{
    ret->dom = DOMID_SELF;
    ret->port = port;
    return op(status, ret);
}

static long do_send(uint32_t port)
{
    struct evtchn_send s = {.port = port};

    return op(send, &s);
}

static long do_unmask(uint32_t port)
{
    struct evtchn_unmask u = {.port = port};

    return op(unmask, &u);
}

static void check_unbound(void)
{
    struct evtchn_status s;
    uint32_t port = 0;

    CHECK_EQ(evtchn_alloc(&port), 0);
    CHECK(port != 0);
    CHECK_EQ(status_of(port, &s), 0);
    CHECK_EQ(s.status, EVTCHNSTAT_unbound);
    CHECK_EQ(s.u.unbound.dom, 0);
    CHECK_EQ(do_send(port), 0);
    CHECK(!event_pending(port));
    CHECK_EQ(evtchn_close_port(port), 0);
    CHECK_EQ(status_of(port, &s), 0);
    CHECK_EQ(s.status, EVTCHNSTAT_closed);
    CHECK_EQ(evtchn_close_port(port), -XEN_EINVAL);
    CHECK_EQ(do_send(port), -XEN_EINVAL);
}

static void check_interdomain(void)
{
    struct evtchn_bind_interdomain b = {.remote_dom = DOMID_SELF};
    struct evtchn_status s;
    uint32_t a = 0;

    NEED(evtchn_alloc(&a) == 0);
    b.remote_port = a;
    CHECK_EQ(op(bind_interdomain, &b), 0);
    CHECK(b.local_port != a);
    CHECK(event_pending(b.local_port));
    CHECK_EQ(op(bind_interdomain, &b), -XEN_EINVAL);
    CHECK_EQ(status_of(a, &s), 0);
    CHECK_EQ(s.status, EVTCHNSTAT_interdomain);
    CHECK_EQ(s.u.interdomain.port, b.local_port);
    CHECK_EQ(s.vcpu, 0);
    events_on();
    CHECK_EQ(event_count[b.local_port], 1);
    CHECK_EQ(do_send(b.local_port), 0);
    CHECK_EQ(event_count[a], 1);
    CHECK_EQ(do_send(a), 0);
    CHECK_EQ(event_count[b.local_port], 2);
    events_off();
    CHECK_EQ(evtchn_close_port(b.local_port), 0);
    CHECK_EQ(status_of(a, &s), 0);
    CHECK_EQ(s.status, EVTCHNSTAT_unbound);
    CHECK_EQ(evtchn_close_port(a), 0);
}

static void check_mask(void)
{
    struct evtchn_bind_ipi ipi = {.vcpu = 0};
    struct evtchn_status s;
    unsigned long before;

    CHECK_EQ(op(bind_ipi, &ipi), 0);
    CHECK_EQ(status_of(ipi.port, &s), 0);
    CHECK_EQ(s.status, EVTCHNSTAT_ipi);
    before = event_count[ipi.port];
    events_on();
    CHECK_EQ(do_send(ipi.port), 0);
    CHECK_EQ(event_count[ipi.port], before + 1);
    event_mask(ipi.port);
    CHECK_EQ(do_send(ipi.port), 0);
    CHECK(event_pending(ipi.port));
    CHECK_EQ(event_count[ipi.port], before + 1);
    CHECK_EQ(do_unmask(ipi.port), 0);
    CHECK(!event_masked(ipi.port));
    CHECK_EQ(event_count[ipi.port], before + 2);
    /* With upcalls masked it stays pending until they are let in. */
    events_off();
    CHECK_EQ(do_send(ipi.port), 0);
    CHECK_EQ(do_send(ipi.port), 0);
    CHECK_EQ(this_vcpu_info()->evtchn_upcall_pending, 1);
    CHECK_EQ(event_count[ipi.port], before + 2);
    events_on();
    CHECK_EQ(event_count[ipi.port], before + 3);
    events_off();
    CHECK_EQ(evtchn_close_port(ipi.port), 0);
}

static void check_virq(void)
{
    struct evtchn_bind_virq v = {.virq = VIRQ_DEBUG, .vcpu = 0};
    struct evtchn_bind_vcpu move;
    struct evtchn_status s;
    uint32_t port;

    CHECK_EQ(op(bind_virq, &v), 0);
    port = v.port;
    CHECK_EQ(status_of(port, &s), 0);
    CHECK_EQ(s.status, EVTCHNSTAT_virq);
    CHECK_EQ(s.u.virq, VIRQ_DEBUG);
    CHECK_EQ(op(bind_virq, &v), -XEN_EEXIST);
    CHECK_EQ(do_send(port), -XEN_EINVAL);
    move = (struct evtchn_bind_vcpu){.port = port, .vcpu = 0};
    CHECK_EQ(op(bind_vcpu, &move), -XEN_EINVAL);
    CHECK_EQ(evtchn_close_port(port), 0);
    v.virq = NR_VIRQS;
    CHECK_EQ(op(bind_virq, &v), -XEN_EINVAL);
    v.virq = ~0U;
    CHECK_EQ(op(bind_virq, &v), -XEN_EINVAL);
    v = (struct evtchn_bind_virq){.virq = VIRQ_DEBUG, .vcpu = 4000};
    CHECK_EQ(op(bind_virq, &v), -XEN_ENOENT);
    v = (struct evtchn_bind_virq){.virq = VIRQ_DOM_EXC, .vcpu = 1};
    CHECK_EQ(op(bind_virq, &v), -XEN_EINVAL);
    v.vcpu = 0;
    CHECK_EQ(op(bind_virq, &v), 0);
    move.port = v.port;
    CHECK_EQ(op(bind_vcpu, &move), 0);
    move.vcpu = 4000;
    CHECK_EQ(op(bind_vcpu, &move), -XEN_ENOENT);
    CHECK_EQ(evtchn_close_port(v.port), 0);
}

static void check_bad_ports(void)
{
    static const uint32_t bad[] = {0, 4095, 4096, 1U << 17, ~0U};
    struct evtchn_status s;
    size_t i;

    for (i = 0; i < ARRAY_SIZE(bad); i++) {
        if (do_send(bad[i]) != -XEN_EINVAL || evtchn_close_port(bad[i]) != -XEN_EINVAL)
            failure("port %x can be sent to or closed", bad[i]);
    }
    CHECK_EQ(do_unmask(4096), -XEN_EINVAL);
    CHECK_EQ(do_unmask(~0U), -XEN_EINVAL);
    CHECK_EQ(status_of(~0U, &s), -XEN_EINVAL);
}

static void check_misuse(void)
{
    struct evtchn_alloc_unbound a = {.dom = 0x1234, .remote_dom = 0};
    struct evtchn_bind_interdomain b = {.remote_dom = 0x1234, .remote_port = 1};
    struct evtchn_bind_ipi ipi = {.vcpu = 4000};
    struct evtchn_bind_pirq pirq = {.pirq = 100000};
    struct evtchn_set_priority prio = {.port = 1, .priority = 3};
    struct evtchn_expand_array grow = {.array_gfn = 1};
    struct evtchn_status s = {.dom = 0x1234};

    CHECK_EQ(op(alloc_unbound, &a), -XEN_ESRCH);
    CHECK_EQ(op(bind_interdomain, &b), -XEN_ESRCH);
    b = (struct evtchn_bind_interdomain){.remote_dom = DOMID_SELF, .remote_port = ~0U};
    CHECK_EQ(op(bind_interdomain, &b), -XEN_EINVAL);
    CHECK_EQ(op(bind_ipi, &ipi), -XEN_ENOENT);
    CHECK_EQ(op(bind_pirq, &pirq), -XEN_EINVAL);
    CHECK_EQ(op(status, &s), -XEN_ESRCH);
    CHECK_EQ(op(set_priority, &prio), -XEN_ENOSYS);
    CHECK_EQ(op(expand_array, &grow), -XEN_EOPNOTSUPP);
    CHECK_EQ(op(send, UNMAPPED), -XEN_EFAULT);
    CHECK_EQ(hypercall(event_channel_op, 15, &s), -XEN_ENOSYS);
    CHECK_EQ(hypercall(event_channel_op, 0x7fffffff, &s), -XEN_ENOSYS);
}

/* A port whose number cannot be written back is not left allocated. */
static void check_copy_back(void)
{
    struct evtchn_alloc_unbound *a = page_alloc();
    uint32_t before = 0, after = 0;

    a->dom = a->remote_dom = DOMID_SELF;
    NEED(evtchn_alloc(&before) == 0 && evtchn_close_port(before) == 0);
    NEED(set_writable(a, false) == 0);
    CHECK_EQ(op(alloc_unbound, a), -XEN_EFAULT);
    NEED(evtchn_alloc(&after) == 0);
    CHECK_EQ(evtchn_close_port(after), 0);
}

/* 4095 ports, minus those in use; then -ENOSPC, and all can be closed. */
static void check_limit(void)
{
    static uint32_t ports[4096];
    unsigned int n = 0;
    long rc;

    while ((rc = evtchn_alloc(&ports[n])) == 0 && n < 4095)
        n++;
    CHECK_EQ(rc, -XEN_ENOSPC);
    CHECK(n > 4000);
    while (n)
        CHECK_EQ(evtchn_close_port(ports[--n]), 0);
}

void test_main(void)
{
    check_unbound();
    check_interdomain();
    check_mask();
    check_virq();
    check_bad_ports();
    check_misuse();
    check_copy_back();
    check_limit();
    success();
}

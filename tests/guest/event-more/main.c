/* SPDX-License-Identifier: MIT */
/*
 * Event channels between two domains and on two CPUs: binding rights, sends both ways, closing from
 * either end, reset, unmasking what is not bound, and racing for the same ports.
 */
#include "guest.h"

#define op(cmd, arg) hypercall(event_channel_op, EVTCHNOP_##cmd, arg)

static long alloc(domid_t dom, domid_t remote, uint32_t *ret_port)
{
    struct evtchn_alloc_unbound a = {.dom = dom, .remote_dom = remote};
    long rc = op(alloc_unbound, &a);

    *ret_port = a.port;
    return rc;
}

static long bind(domid_t remote, uint32_t remote_port, uint32_t *ret_port)
{
    struct evtchn_bind_interdomain b = {.remote_dom = remote, .remote_port = remote_port};
    long rc = op(bind_interdomain, &b);

    *ret_port = b.local_port;
    return rc;
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

static long bind_vcpu(uint32_t port, uint32_t vcpu)
{
    struct evtchn_bind_vcpu b = {.port = port, .vcpu = vcpu};

    return op(bind_vcpu, &b);
}

static long reset(domid_t dom)
{
    struct evtchn_reset r = {.dom = dom};

    return op(reset, &r);
}

static long priority(uint32_t port, uint32_t prio)
{
    struct evtchn_set_priority p = {.port = port, .priority = prio};

    return op(set_priority, &p);
}

static long status_of(domid_t dom, uint32_t port, struct evtchn_status *ret)
{
    ret->dom = dom;
    ret->port = port;
    return op(status, ret);
}

/* Ports that have been bound and are not any more. */
static void check_closed_port(void)
{
    struct evtchn_status s;
    uint32_t port = 0, again;

    NEED(alloc(DOMID_SELF, 0, &port) == 0 && evtchn_close_port(port) == 0);
    CHECK_EQ(do_unmask(port), 0);
    CHECK_EQ(do_send(port), -XEN_EINVAL);
    CHECK_EQ(bind_vcpu(port, 0), -XEN_EINVAL);
    CHECK_EQ(priority(port, 1), -XEN_ENOSYS);
    CHECK_EQ(status_of(DOMID_SELF, port, &s), 0);
    CHECK_EQ(s.status, EVTCHNSTAT_closed);
    CHECK_EQ(bind(DOMID_SELF, port, &again), -XEN_EINVAL);
    CHECK_EQ(do_unmask(0), 0);
    CHECK_EQ(status_of(DOMID_SELF, 0, &s), 0);
    CHECK_EQ(s.status, EVTCHNSTAT_closed);
    CHECK_EQ(bind_vcpu(0, 0), -XEN_EINVAL);
    CHECK_EQ(bind_vcpu(port, 77), -XEN_ENOENT);
}

static void check_pirq_bind(void)
{
    struct evtchn_bind_pirq b = {.pirq = 200};

    CHECK_EQ(op(bind_pirq, &b), -XEN_EPERM); /* not mapped */
    b.pirq = ~0U;
    CHECK_EQ(op(bind_pirq, &b), -XEN_EINVAL);
    CHECK_EQ(op(bind_pirq, UNMAPPED), -XEN_EFAULT);
}

/* An argument that crosses into a page that is not there or cannot be written. */
static void check_pointers(char *page)
{
    struct evtchn_alloc_unbound *a = (void *)(page + PAGE_SIZE - 4);

    NEED(map_va(page + PAGE_SIZE, 0) == 0);
    CHECK_EQ(op(alloc_unbound, a), -XEN_EFAULT);
    CHECK_EQ(op(alloc_unbound, NONCANON), -XEN_EFAULT);
    CHECK_EQ(op(alloc_unbound, HYPERVISOR_VIRT_START), -XEN_EFAULT);
    CHECK_EQ(op(alloc_unbound, HYPERVISOR_VIRT_START - 4), -XEN_EFAULT);
    CHECK_EQ(op(alloc_unbound, ~0UL - 3), -XEN_EFAULT);
    CHECK_EQ(op(bind_ipi, HYPERVISOR_VIRT_END - 4), -XEN_EFAULT);
    NEED(set_writable(page + PAGE_SIZE, true) == 0);
}

/* Two ends in two domains. */
static void child_talks(void)
{
    struct evtchn_status s;
    uint32_t port, wrong, local;

    CHECK_EQ(alloc(DOMID_SELF, 0, &port), 0);
    CHECK_EQ(alloc(DOMID_SELF, 0x123, &wrong), 0);
    CHECK_EQ(alloc(0, DOMID_SELF, &local), -XEN_EPERM);
    CHECK_EQ(bind(0, (uint32_t)child_box.word[3], &local), -XEN_EINVAL); /* meant for others */
    CHECK_EQ(bind(0, (uint32_t)child_box.word[4], &local), 0);
    CHECK(event_pending(local));
    event_clear(local);
    child_box.word[1] = port;
    child_box.word[2] = wrong;
    child_box.word[0] = 1;
    while (!event_pending(port))
        hypercall(sched_op, SCHEDOP_yield, 0);
    CHECK_EQ(status_of(DOMID_SELF, port, &s), 0);
    CHECK_EQ(s.status, EVTCHNSTAT_interdomain);
    CHECK_EQ(s.u.interdomain.dom, 0);
    CHECK_EQ(do_send(port), 0);
    CHECK_EQ(do_send(local), 0);
    while (child_box.word[0] != 2)
        hypercall(sched_op, SCHEDOP_yield, 0);
    CHECK_EQ(status_of(DOMID_SELF, port, &s), 0);
    CHECK_EQ(s.status, EVTCHNSTAT_unbound);
    CHECK_EQ(s.u.unbound.dom, 0);
    CHECK_EQ(do_send(port), 0);
    /* Ends with a channel that is still connected. */
}

static void wait_word(const struct child *c, uint64_t value)
{
    uint64_t end = system_time() + 20000000000UL;

    while (c->box->word[0] != value && system_time() < end)
        hypercall(sched_op, SCHEDOP_yield, 0);
    CHECK_EQ(c->box->word[0], value);
}

static void check_two_domains(void)
{
    uint64_t end = system_time() + 20000000000UL;
    struct evtchn_status s;
    struct child c = {0};
    uint32_t for_other = 0, for_child = 0, local, none;

    child_make(&c, child_talks, 1);
    NEED(alloc(DOMID_SELF, 0x123, &for_other) == 0 && alloc(DOMID_SELF, c.id, &for_child) == 0);
    c.box->word[3] = for_other;
    c.box->word[4] = for_child;
    child_run(&c);
    wait_word(&c, 1);
    CHECK_EQ(bind(c.id, (uint32_t)c.box->word[2], &none), -XEN_EINVAL);
    CHECK_EQ(bind(c.id, (uint32_t)c.box->word[1], &local), 0);
    CHECK_EQ(bind(c.id, (uint32_t)c.box->word[1], &none), -XEN_EINVAL);
    CHECK_EQ(status_of(c.id, (uint32_t)c.box->word[1], &s), 0);
    CHECK_EQ(s.u.interdomain.port, local);
    event_clear(local);
    CHECK_EQ(do_send(local), 0);
    while (!(event_pending(local) && event_pending(for_child)) && system_time() < end)
        hypercall(sched_op, SCHEDOP_yield, 0);
    CHECK(event_pending(local) && event_pending(for_child));
    CHECK_EQ(reset(c.id), -XEN_EINVAL); /* only while it is paused */
    CHECK_EQ(evtchn_close_port(local), 0);
    c.box->word[0] = 2;
    CHECK_EQ(child_wait(&c, 20000), SHUTDOWN_poweroff);
    child_end(&c);
    CHECK_EQ(status_of(DOMID_SELF, for_child, &s), 0);
    CHECK_EQ(s.status, EVTCHNSTAT_unbound);
    CHECK_EQ(evtchn_close_port(for_child), 0);
    CHECK_EQ(evtchn_close_port(for_other), 0);
}

/* Made for another domain that does not run. */
static void check_for_others(void)
{
    domid_t id = domain_make(1, true);
    struct evtchn_status s;
    uint32_t a, b, local;

    CHECK_EQ(alloc(id, 0, &a), 0);
    CHECK_EQ(alloc(id, DOMID_SELF, &b), 0);
    CHECK_EQ(status_of(id, a, &s), 0);
    CHECK_EQ(s.status, EVTCHNSTAT_unbound);
    CHECK_EQ(bind(id, a, &local), 0);
    CHECK_EQ(bind(id, b, &b), 0);
    CHECK_EQ(do_send(local), 0);
    CHECK_EQ(domctl_plain(XEN_DOMCTL_pausedomain, id), 0);
    CHECK_EQ(reset(id), 0);
    CHECK_EQ(status_of(DOMID_SELF, local, &s), 0);
    CHECK_EQ(s.status, EVTCHNSTAT_unbound);
    CHECK_EQ(status_of(id, a, &s), 0);
    CHECK_EQ(s.status, EVTCHNSTAT_closed);
    CHECK_EQ(evtchn_close_port(local), 0);
    CHECK_EQ(evtchn_close_port(b), 0);
    CHECK_EQ(reset(0x1234), -XEN_ESRCH);
    CHECK_EQ(op(reset, UNMAPPED), -XEN_EFAULT);
    domain_end(id);
}

/* Channels up to the domain's own limit, which is below the table's. */
static void child_exhausts(void)
{
    uint32_t port, n = 0, first = 0;
    long rc;

    while ((rc = alloc(DOMID_SELF, 0, &port)) == 0) {
        first = first ? first : port;
        n++;
    }
    CHECK_EQ(rc, -XEN_ENOSPC);
    CHECK_EQ(port <= 1024, 1);
    child_box.word[0] = n;
    CHECK_EQ(evtchn_close_port(first), 0);
    CHECK_EQ(alloc(DOMID_SELF, 0, &port), 0);
    CHECK_EQ(port, first);
    CHECK_EQ(reset(DOMID_SELF), 0);
    CHECK_EQ(alloc(DOMID_SELF, 0, &port), 0);
    CHECK_EQ(port, first);
}

static void check_limit_of_domain(void)
{
    struct child c = {0};

    child_start(&c, child_exhausts, 1);
    CHECK_EQ(child_wait(&c, 20000), SHUTDOWN_poweroff);
    CHECK(c.box->word[0] > 1000 && c.box->word[0] <= 1023);
    child_end(&c);
}

/* --- two CPUs, the same ports --- */

static volatile bool race_over;
static volatile uint32_t race_port;
static volatile unsigned long second_done;

static void second_races(void)
{
    struct evtchn_close c;
    uint32_t port;

    while (!race_over) {
        c.port = race_port;
        do_send(c.port);
        do_unmask(c.port);
        bind_vcpu(c.port, (uint32_t)second_done & 1);
        if (second_done % 3 == 0)
            op(close, &c);
        if (!bind(DOMID_SELF, c.port, &port)) {
            c.port = port;
            op(close, &c);
        }
        second_done++;
    }
}

static void check_race(void)
{
    uint64_t end = system_time() + 150000000UL;
    struct evtchn_status s;
    uint32_t a, b;
    unsigned long n = 0;

    race_over = false;
    if (!second_start(second_races)) {
        skip("one vCPU only: nobody to race with");
        return;
    }
    while (system_time() < end || ((n <= 10 || second_done <= 10) && n < 100000)) {
        if (alloc(DOMID_SELF, DOMID_SELF, &a))
            continue;
        race_port = a;
        if (!bind(DOMID_SELF, a, &b)) {
            do_send(b);
            do_unmask(a);
            evtchn_close_port(b);
        }
        evtchn_close_port(a);
        n++;
    }
    race_over = true;
    CHECK(second_wait(20000));
    CHECK(n > 10 && second_done > 10);
    for (a = 1; a < 64; a++)
        if (status_of(DOMID_SELF, a, &s) == 0 && s.status == EVTCHNSTAT_interdomain)
            failure("port %u is left connected", a);
    evtchn_close_port(race_port);
}

void test_main(void)
{
    struct counts before;
    char *page = page_alloc();

    page_alloc();
    check_closed_port();
    check_pirq_bind();
    check_pointers(page);
    check_two_domains();
    check_race();
    counts_take(&before);
    check_two_domains();
    check_for_others();
    check_limit_of_domain();
    check_race();
    CHECK_COUNTS(&before);
}

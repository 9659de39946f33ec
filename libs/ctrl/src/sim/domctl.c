/* SPDX-License-Identifier: MIT */
/* domctl.c - domctl of the simulated host: life and settings; the rest is in files by topic. */
#include "sim.h"

static int get_info(struct sim_host *s, struct xen_domctl *op)
{
    if (op->domain >= DOMID_FIRST_RESERVED)
        return -EINVAL;
    for (uint32_t id = op->domain; id < DOMID_FIRST_RESERVED; id++) {
        if (!s->slot_of[id])
            continue;
        sim_domain_describe(s, &s->domains[s->slot_of[id] - 1], &op->u.getdomaininfo);
        op->domain = (domid_t)id;
        return 0;
    }
    return -ESRCH;
}

static int create(struct sim_host *s, struct xen_domctl *op)
{
    struct sim_domain *d;
    int rc = sim_domain_create(s, op->domain, &op->u.createdomain, &d);

    if (!rc)
        op->domain = d->domid;
    return rc;
}

static int unpause(struct sim_domain *d)
{
    if (!d->pause_count)
        return -EINVAL;
    d->pause_count--;
    d->ran = 1;
    return 0;
}

static int scheduler_op(struct sim_host *s, struct sim_domain *d, struct xen_domctl_scheduler_op *o)
{
    uint32_t sched = s->pools[d->pool].sched_id;

    if (o->sched_id != sched)
        return -EINVAL;
    if (sched == XEN_SCHEDULER_NULL)
        return o->cmd <= XEN_DOMCTL_SCHEDOP_getinfo ? 0 : -EINVAL;
    switch (o->cmd) {
    case XEN_DOMCTL_SCHEDOP_getinfo:
        if (sched == XEN_SCHEDULER_RTDS)
            o->u.rtds = d->rtds;
        else
            o->u.credit2 = d->sched;
        return 0;
    case XEN_DOMCTL_SCHEDOP_putinfo:
        if (sched == XEN_SCHEDULER_RTDS) {
            if (!o->u.rtds.period || !o->u.rtds.budget || o->u.rtds.budget > o->u.rtds.period)
                return -EINVAL;
            d->rtds = o->u.rtds;
            return 0;
        }
        /* A weight of 0, and a cap of all ones, keep the old one. */
        if (o->u.credit2.weight)
            d->sched.weight = o->u.credit2.weight;
        if (o->u.credit2.cap != UINT16_MAX)
            d->sched.cap = o->u.credit2.cap;
        return 0;
    case XEN_DOMCTL_SCHEDOP_putvcpuinfo:
    case XEN_DOMCTL_SCHEDOP_getvcpuinfo:
        if (sched != XEN_SCHEDULER_RTDS)
            return -EINVAL;
        break;
    default:
        return -EINVAL;
    }
    for (uint32_t i = 0; i < o->u.v.nr_vcpus; i++) {
        struct xen_domctl_schedparam_vcpu *p =
            (struct xen_domctl_schedparam_vcpu *)(uintptr_t)o->u.v.vcpus + i;
        struct sim_vcpu *v = sim_vcpu(s, d, p->vcpuid);

        if (!v)
            return -EINVAL;
        if (o->cmd == XEN_DOMCTL_SCHEDOP_getvcpuinfo)
            p->u.rtds = v->rtds;
        else
            v->rtds = p->u.rtds;
    }
    return 0;
}

static int set_tsc(struct sim_domain *d, const struct xen_domctl_tsc_info *t)
{
    if (t->tsc_mode > 2)
        return -EINVAL;
    d->tsc = (struct xctl_tsc_info){.mode = t->tsc_mode,
                                    .khz = t->gtsc_khz ? t->gtsc_khz : SIM_CPU_KHZ,
                                    .incarnation = t->incarnation + 1,
                                    .elapsed_ns = t->elapsed_nsec};
    return 0;
}

static int get_tsc(const struct sim_domain *d, struct xen_domctl_tsc_info *t)
{
    t->tsc_mode = d->tsc.mode;
    t->gtsc_khz = d->tsc.khz;
    t->incarnation = d->tsc.incarnation;
    t->elapsed_nsec = d->tsc.elapsed_ns;
    return 0;
}

static int set_virq_handler(struct sim_host *s, struct sim_domain *d, uint32_t virq)
{
    if (virq >= NR_VIRQS || virq == VIRQ_TIMER || virq == VIRQ_DEBUG || virq == VIRQ_XENOPROF ||
        virq == VIRQ_XENPMU)
        return -EINVAL;
    s->virq_handler[virq] = d->domid;
    return 0;
}

static int set_target(struct sim_host *s, struct sim_domain *d, domid_t target)
{
    if (!sim_domain(s, target))
        return -ESRCH;
    if (target == d->domid)
        return -EINVAL;
    d->target = target;
    return 0;
}

/* Operations on one domain that are not in the files by topic; -ENOSYS: not here. */
static int simple_op(struct sim *sim, struct sim_domain *d, struct xen_domctl *op)
{
    struct sim_host *s = sim->host;
    bool self = d->domid == sim->domid;

    switch (op->cmd) {
    case XEN_DOMCTL_destroydomain:
        if (self)
            return -EINVAL;
        sim_domain_destroy(sim, d);
        return 0;
    case XEN_DOMCTL_pausedomain:
        if (self)
            return -EINVAL;
        d->pause_count++;
        return 0;
    case XEN_DOMCTL_unpausedomain:
        return self ? -EINVAL : unpause(d);
    case XEN_DOMCTL_resumedomain:
        if (self)
            return -EINVAL;
        d->shutdown = 0;
        return 0;
    case XEN_DOMCTL_scheduler_op:
        return scheduler_op(s, d, &op->u.scheduler_op);
    case XEN_DOMCTL_setdomainhandle:
        memcpy(d->handle, op->u.setdomainhandle.handle, sizeof(d->handle));
        return 0;
    case XEN_DOMCTL_setdebugging:
        if (self)
            return -EINVAL;
        d->debugging = op->u.setdebugging.enable ? 1 : 0;
        return 0;
    case XEN_DOMCTL_settimeoffset:
        d->time_offset = op->u.settimeoffset.time_offset_seconds;
        return 0;
    case XEN_DOMCTL_settscinfo:
        return self ? -EINVAL : set_tsc(d, &op->u.tsc_info);
    case XEN_DOMCTL_gettscinfo:
        return self ? -EINVAL : get_tsc(d, &op->u.tsc_info);
    case XEN_DOMCTL_subscribe:
        if (op->u.subscribe.port >= SIM_PORTS)
            return -EINVAL;
        d->suspend_port = op->u.subscribe.port;
        return 0;
    case XEN_DOMCTL_set_target:
        return set_target(s, d, op->u.set_target.target);
    case XEN_DOMCTL_set_virq_handler:
        return set_virq_handler(s, d, op->u.set_virq_handler.virq);
    case XEN_DOMCTL_irq_permission:
        return op->u.irq_permission.pirq < SIM_PIRQS ? 0 : -EINVAL;
    case XEN_DOMCTL_iomem_permission:
        return op->u.iomem_permission.nr_mfns ? 0 : -EINVAL;
    case XEN_DOMCTL_ioport_permission:
        return op->u.ioport_permission.first_port + op->u.ioport_permission.nr_ports <= 65536
                   ? 0
                   : -EINVAL;
    case XEN_DOMCTL_test_assign_device:
    case XEN_DOMCTL_assign_device:
    case XEN_DOMCTL_deassign_device:
        return -ENODEV;
    default:
        return -ENOSYS;
    }
}

int sim_domctl(struct sim *sim, struct xen_domctl *op)
{
    static int (*const topics[])(struct sim *, struct sim_domain *, struct xen_domctl *) = {
        simple_op,      sim_domctl_vcpu,   sim_domctl_memory,
        sim_domctl_hvm, sim_domctl_policy, sim_domctl_fill,
    };
    struct sim_domain *d;
    int rc = -ENOSYS;

    if (!sim_domain(sim->host, sim->domid)->privileged)
        return -EPERM;
    if (op->interface_version != XEN_DOMCTL_INTERFACE_VERSION)
        return -EACCES;
    if (op->cmd == XEN_DOMCTL_createdomain)
        return create(sim->host, op);
    if (op->cmd == XEN_DOMCTL_getdomaininfo)
        return get_info(sim->host, op);
    d = sim_domain(sim->host, op->domain);
    if (!d && op->cmd == XEN_DOMCTL_test_assign_device && op->domain == DOMID_INVALID)
        return -ENODEV;
    if (!d)
        return -ESRCH;
    for (size_t i = 0; rc == -ENOSYS && i < ARRAY_SIZE(topics); i++)
        rc = topics[i](sim, d, op);
    return rc;
}

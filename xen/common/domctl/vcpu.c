/* SPDX-License-Identifier: MIT */
/* vcpu.c - domctl operations on one vCPU: affinity, context, information. Under domctl_lock. */
#include <xen/ctl-bitmap.h>
#include <xen/guest-access.h>
#include <xen/lib.h>
#include <xen/mm.h>
#include <xen/sched.h>
#include <asm/pv.h>
#include <xen/domctl-table.h>

/* --- affinity --- */

static int set_hard(struct vcpu *v, struct xen_domctl_vcpuaffinity *a)
{
    cpumask_t want, effective;
    int rc = ctl_cpumask_read(&a->cpumap_hard, &want);

    if (!rc)
        rc = vcpu_set_hard_affinity(v, &want);
    if (rc)
        return rc;
    cpumask_and(&effective, &want, &cpu_online_map);
    return ctl_cpumask_write(&a->cpumap_hard, &effective);
}

static int set_soft(struct vcpu *v, struct xen_domctl_vcpuaffinity *a)
{
    cpumask_t want, effective;
    int rc = ctl_cpumask_read(&a->cpumap_soft, &want);

    if (rc)
        return rc;
    vcpu_set_soft_affinity(v, &want);
    cpumask_and(&effective, &want, &cpu_online_map);
    cpumask_and(&effective, &effective, &v->hard_affinity);
    return ctl_cpumask_write(&a->cpumap_soft, &effective);
}

/* The vCPU, and a map for each kind that the flags name. Other flags mean nothing. */
static int check_affinity(struct domain *d, const struct xen_domctl_vcpuaffinity *a,
                          struct vcpu **ret_v)
{
    int rc = domctl_find_vcpu(d, a->vcpu, ret_v);

    if (rc)
        return rc;
    if (!a->flags || ((a->flags & XEN_VCPUAFFINITY_HARD) && !a->cpumap_hard.bitmap) ||
        ((a->flags & XEN_VCPUAFFINITY_SOFT) && !a->cpumap_soft.bitmap))
        return -EINVAL;
    return 0;
}

long domctl_setvcpuaffinity(struct domain *d, struct xen_domctl *op)
{
    struct xen_domctl_vcpuaffinity *a = &op->u.vcpuaffinity;
    struct vcpu *v;
    cpumask_t old;
    int rc = check_affinity(d, a, &v);

    if (rc)
        return rc;
    if (a->flags & XEN_VCPUAFFINITY_FORCE)
        vcpu_pin_override_end(v);
    old = v->hard_affinity;
    if (a->flags & XEN_VCPUAFFINITY_HARD)
        rc = set_hard(v, a);
    if (!rc && (a->flags & XEN_VCPUAFFINITY_SOFT)) {
        rc = set_soft(v, a);
        /* Both or none. The old set was good once, so nothing can be wrong with it. */
        if (rc && (a->flags & XEN_VCPUAFFINITY_HARD) && vcpu_set_hard_affinity(v, &old))
            printk(XLOG_WARN "%s: vCPU %u keeps its new affinity\n", d->name, v->vcpu_id);
    }
    return rc;
}

long domctl_getvcpuaffinity(struct domain *d, struct xen_domctl *op)
{
    struct xen_domctl_vcpuaffinity *a = &op->u.vcpuaffinity;
    struct vcpu *v;
    int rc = check_affinity(d, a, &v);

    if (rc)
        return rc;
    if (a->flags & XEN_VCPUAFFINITY_HARD)
        rc = ctl_cpumask_write(&a->cpumap_hard, &v->hard_affinity);
    if (!rc && (a->flags & XEN_VCPUAFFINITY_SOFT))
        rc = ctl_cpumask_write(&a->cpumap_soft, &v->soft_affinity);
    return rc;
}

/* --- context --- */

static long set_context(struct vcpu *v, unsigned long uctx)
{
    /* Two pages: too large for the stack. */
    struct vcpu_guest_context *ctx = xzalloc(struct vcpu_guest_context);
    struct domain *d = v->domain;
    long rc;

    if (!ctx)
        return -ENOMEM;
    rc = copy_from_guest(ctx, uctx, sizeof(*ctx));
    if (!rc) {
        domain_pause(d);
        rc = v->arch.initialised ? pv_vcpu_change_context(v, ctx) : pv_vcpu_set_context(v, ctx);
        if (!rc && (ctx->flags & VGCF_online))
            clear_bit(VPF_DOWN, &v->pause_flags);
        else if (!rc)
            set_bit(VPF_DOWN, &v->pause_flags);
        domain_unpause(d);
    }
    xfree(ctx);
    return rc;
}

/* Back to a vCPU that is down and has no context. */
static long reset_context(struct vcpu *v)
{
    int rc;

    domain_pause(v->domain);
    set_bit(VPF_DOWN, &v->pause_flags);
    clear_bit(VPF_BLOCKED, &v->pause_flags);
    rc = pv_vcpu_reset(v, true);
    domain_unpause(v->domain);
    return rc;
}

long domctl_setvcpucontext(struct domain *d, struct xen_domctl *op)
{
    struct vcpu *v = domain_vcpu(d, op->u.vcpucontext.vcpu);

    if (!v || d->is_dying)
        return -EINVAL;
    if (!op->u.vcpucontext.ctxt)
        return reset_context(v);
    return set_context(v, op->u.vcpucontext.ctxt);
}

long domctl_getvcpucontext(struct domain *d, struct xen_domctl *op)
{
    struct vcpu *v = domain_vcpu(d, op->u.vcpucontext.vcpu);
    struct vcpu_guest_context *ctx;
    long rc;

    if (!v)
        return -EINVAL;
    if (!v->arch.initialised)
        return -ENODATA;
    ctx = xzalloc(struct vcpu_guest_context);
    if (!ctx)
        return -ENOMEM;
    vcpu_pause(v);
    pv_vcpu_get_context(v, ctx);
    if (!test_bit(VPF_DOWN, &v->pause_flags))
        ctx->flags |= VGCF_online;
    vcpu_unpause(v);
    rc = copy_to_guest(op->u.vcpucontext.ctxt, ctx, sizeof(*ctx));
    xfree(ctx);
    return rc;
}

long domctl_getvcpuinfo(struct domain *d, struct xen_domctl *op)
{
    struct xen_domctl_getvcpuinfo *info = &op->u.getvcpuinfo;
    struct vcpu_runstate_info run;
    struct vcpu *v;
    int rc = domctl_find_vcpu(d, info->vcpu, &v);

    if (rc)
        return rc;
    vcpu_runstate_get(v, &run);
    info->online = !test_bit(VPF_DOWN, &v->pause_flags);
    info->blocked = test_bit(VPF_BLOCKED, &v->pause_flags);
    info->running = READ_ONCE(v->is_running);
    info->cpu_time = run.time[RUNSTATE_running];
    info->cpu = READ_ONCE(v->processor);
    return 0;
}

long domctl_sendtrigger(struct domain *d, struct xen_domctl *op)
{
    struct vcpu *v = domain_vcpu(d, op->u.sendtrigger.vcpu);

    if (!v)
        return -ESRCH;
    switch (op->u.sendtrigger.trigger) {
    case XEN_DOMCTL_SENDTRIGGER_NMI:
        vcpu_send_nmi(v);
        return 0;
    case XEN_DOMCTL_SENDTRIGGER_POWER: /* buttons of HVM guests */
    case XEN_DOMCTL_SENDTRIGGER_SLEEP:
        return -EINVAL;
    }
    return -ENOSYS;
}

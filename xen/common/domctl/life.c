/* SPDX-License-Identifier: MIT */
/*
 * life.c - domctl operations on the life of a domain: create, vCPUs, pause, end, and what the tools
 * are told about it. All under domctl_lock.
 */
#include <xen/cpupool.h>
#include <xen/event.h>
#include <xen/hypercall.h>
#include <xen/lib.h>
#include <xen/mm.h>
#include <xen/sched.h>
#include <public/domctl.h>
#include <xen/domctl-table.h>

/* What nobody asked otherwise for gets, and the most that can be had, like in 4.17. */
#define DEFAULT_GRANT_FRAMES    64
#define DEFAULT_MAPTRACK_FRAMES 1024
/* In getdomaininfo's flags: all the bits above the shift. */
#define NO_SHUTDOWN_CODE 0xffff

/* Nothing in here is for PV domains; the rest needs hardware that we do not use. */
static int check_config(const struct xen_domctl_createdomain *c)
{
    if (c->flags & ~(u32)(XEN_DOMCTL_CDF_MAX | (XEN_DOMCTL_CDF_MAX - 1)))
        return -EINVAL;
    /* How to shadow page tables is the caller's wish: nobody shadows any. */
    if (c->flags & ~(u32)(XEN_DOMCTL_CDF_xs_domain | XEN_DOMCTL_CDF_oos_off))
        return -EINVAL;
    if (c->iommu_opts || c->vmtrace_size)
        return -EINVAL;
    if (c->arch.emulation_flags & ~(u32)XEN_X86_EMU_ALL)
        return -EINVAL;
    if (c->arch.emulation_flags & ~(u32)XEN_X86_EMU_PIT)
        return -EOPNOTSUPP;
    if (c->arch.misc_flags & ~XEN_X86_MISC_FLAGS_MAX)
        return -EINVAL;
    if (!c->max_grant_frames || c->max_grant_frames > DEFAULT_GRANT_FRAMES ||
        c->max_maptrack_frames > DEFAULT_MAPTRACK_FRAMES)
        return -EINVAL;
    if (!c->max_vcpus || c->max_vcpus > MAX_VCPUS_PV)
        return -EINVAL;
    if (c->grant_opts & ~(u32)XEN_DOMCTL_GRANT_version_mask ||
        XEN_DOMCTL_GRANT_version(c->grant_opts) > 2)
        return -EINVAL;
    return 0;
}

static bool domid_is_free(domid_t id)
{
    struct domain *d = get_domain_from(id);
    bool is_free = !d || d->domain_id != id;

    if (d)
        put_domain(d);
    return is_free;
}

/* Ids are not used again soon: a tool may still believe in the domain that had it last. */
static int choose_domid(domid_t *ret_id)
{
    static domid_t last; /* domctl_lock */

    for (unsigned int i = 1; i < DOMID_FIRST_RESERVED; i++) {
        domid_t id = (domid_t)((last + i) % DOMID_FIRST_RESERVED);

        if (id && domid_is_free(id)) {
            *ret_id = last = id;
            return 0;
        }
    }
    return -ENOMEM;
}

long domctl_createdomain(struct domain *unused, struct xen_domctl *op)
{
    const struct xen_domctl_createdomain *c = &op->u.createdomain;
    struct domain_config cfg = {
        .max_vcpus = c->max_vcpus,
        .max_evtchn_port = c->max_evtchn_port,
        .max_grant_frames =
            c->max_grant_frames < 0 ? DEFAULT_GRANT_FRAMES : (unsigned int)c->max_grant_frames,
        .max_maptrack_frames = c->max_maptrack_frames < 0 ? DEFAULT_MAPTRACK_FRAMES
                                                          : (unsigned int)c->max_maptrack_frames,
        .max_grant_version = XEN_DOMCTL_GRANT_version(c->grant_opts),
        .cpupool = c->cpupool_id,
        .is_xenstore = c->flags & XEN_DOMCTL_CDF_xs_domain,
        .emulates_pit = c->arch.emulation_flags & XEN_X86_EMU_PIT,
        .relaxed_msrs = c->arch.misc_flags & XEN_X86_MSR_RELAXED,
    };
    domid_t id = op->domain;
    struct domain *d;
    int rc = 0;

    (void)unused;
    if (!id || id >= DOMID_FIRST_RESERVED)
        rc = choose_domid(&id);
    else if (!domid_is_free(id))
        rc = -EEXIST;
    if (!rc)
        rc = check_config(c);
    if (rc)
        return rc;
    memcpy(cfg.handle, c->handle, sizeof(cfg.handle));
    rc = domain_create(id, &cfg, &d);
    if (rc)
        return rc;
    d->controller_pauses = 1; /* as domain_create leaves it */
    op->domain = id;
    return 0;
}

long domctl_destroydomain(struct domain *d, struct xen_domctl *op)
{
    (void)op;
    return domain_kill(d);
}

/* Counted apart from other reasons to pause: the tools can only undo what they did. */
long domctl_pausedomain(struct domain *d, struct xen_domctl *op)
{
    (void)op;
    if (d->controller_pauses == 255)
        return -EOVERFLOW;
    d->controller_pauses++;
    domain_pause(d);
    return 0;
}

long domctl_unpausedomain(struct domain *d, struct xen_domctl *op)
{
    (void)op;
    if (!d->controller_pauses)
        return -EINVAL;
    WRITE_ONCE(d->creation_finished, true);
    d->controller_pauses--;
    domain_unpause(d);
    return 0;
}

long domctl_resumedomain(struct domain *d, struct xen_domctl *op)
{
    (void)op;
    domain_resume(d);
    return 0;
}

long domctl_max_vcpus(struct domain *d, struct xen_domctl *op)
{
    struct vcpu *v;
    int rc;

    if (op->u.max_vcpus.max != d->max_vcpus || d->is_dying)
        return -EINVAL;
    for (unsigned int i = 0; i < d->max_vcpus; i++) {
        if (d->vcpu[i])
            continue;
        rc = vcpu_create(d, i, smp_processor_id(), &v);
        if (rc)
            return rc;
        if (hypercall_preempt_check())
            return -ERESTART;
    }
    return 0;
}

/* --- information --- */

static void add_vcpus(const struct domain *d, struct xen_domctl_getdomaininfo *info)
{
    bool all_blocked = true;
    struct vcpu *v;

    info->max_vcpu_id = XEN_INVALID_MAX_VCPU_ID;
    for_each_vcpu (d, v) {
        struct vcpu_runstate_info run;

        info->max_vcpu_id = v->vcpu_id;
        vcpu_runstate_get(v, &run);
        info->cpu_time += run.time[RUNSTATE_running];
        if (test_bit(VPF_DOWN, &v->pause_flags))
            continue;
        info->nr_online_vcpus++;
        if (!test_bit(VPF_BLOCKED, &v->pause_flags))
            all_blocked = false;
        if (READ_ONCE(v->is_running))
            info->flags |= XEN_DOMINF_running;
    }
    if (all_blocked && info->nr_online_vcpus)
        info->flags |= XEN_DOMINF_blocked;
}

void domain_get_info(const struct domain *d, struct xen_domctl_getdomaininfo *ret_info)
{
    bool shut_down = READ_ONCE(d->is_shut_down);
    struct xen_domctl_getdomaininfo info = {
        .domain = d->domain_id,
        .tot_pages = READ_ONCE(d->tot_pages),
        .max_pages = READ_ONCE(d->max_pages),
        .paged_pages = (u64)atomic_read(&d->unfilled_pages),
        .outstanding_pages = READ_ONCE(d->claimed_pages),
        .shared_info_frame = mfn_x(d->shared_info_mfn),
        .gpaddr_bits = domain_gpaddr_bits(),
        .cpupool = cpupool_id_of(d),
        .arch_config.emulation_flags = d->arch.emulates_pit ? XEN_X86_EMU_PIT : 0,
    };

    add_vcpus(d, &info);
    info.flags |=
        (READ_ONCE(d->is_dead) ? XEN_DOMINF_dying : 0) | (shut_down ? XEN_DOMINF_shutdown : 0) |
        (READ_ONCE(d->controller_pauses) ? XEN_DOMINF_paused : 0) |
        (READ_ONCE(d->debugger_attached) ? XEN_DOMINF_debugged : 0) |
        (d->is_xenstore ? XEN_DOMINF_xs_domain : 0) |
        (u32)(shut_down ? d->shutdown_code : NO_SHUTDOWN_CODE) << XEN_DOMINF_shutdownshift;
    memcpy(info.handle, d->handle, sizeof(info.handle));
    *ret_info = info;
}

/* The domain asked for, or the next one: that is how the tools walk the list. */
long domctl_getdomaininfo(struct domain *unused, struct xen_domctl *op)
{
    struct domain *d;

    (void)unused;
    if (op->domain >= DOMID_FIRST_RESERVED)
        return -EINVAL;
    d = get_domain_from(op->domain);
    if (!d)
        return -ESRCH;
    domain_get_info(d, &op->u.getdomaininfo);
    op->domain = d->domain_id;
    put_domain(d);
    return 0;
}

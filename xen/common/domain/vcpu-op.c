/* SPDX-License-Identifier: MIT */
/* vcpu-op.c - vcpu_op: bringing vCPUs up and down, their shared areas, their timers. */
#include <xen/domain.h>
#include <xen/event.h>
#include <xen/fill.h>
#include <xen/guest-access.h>
#include <xen/hypercall.h>
#include <xen/lib.h>
#include <xen/mm.h>
#include <xen/sched.h>
#include <xen/time.h>
#include <public/sched.h>
#include <public/vcpu.h>
#include <asm/pv.h>

static long op_initialise(struct vcpu *v, unsigned long arg)
{
    struct vcpu_guest_context *ctx;
    long rc;

    /* Two pages: too large for the stack. */
    ctx = xzalloc(struct vcpu_guest_context);
    if (!ctx)
        return -ENOMEM;
    rc = copy_from_guest(ctx, arg, sizeof(*ctx));
    if (!rc) {
        spin_lock(&v->domain->lock);
        if (v->arch.initialised)
            rc = -EEXIST;
        else if (v->info == &no_vcpu_info)
            rc = -EINVAL; /* without a place for events it cannot run */
        else
            rc = pv_vcpu_set_context(v, ctx);
        spin_unlock(&v->domain->lock);
    }
    xfree(ctx);
    return rc;
}

static long op_up(struct vcpu *v)
{
    struct domain *d = v->domain;
    bool wake = false;
    long rc = 0;

    spin_lock(&d->lock);
    if (!v->arch.initialised)
        rc = -EINVAL;
    else
        wake = test_and_clear_bit(VPF_DOWN, &v->pause_flags);
    spin_unlock(&d->lock);
    if (wake)
        vcpu_wake(v);
    return rc;
}

/* Whether every other vCPU is down already. */
static bool is_last_up(const struct vcpu *v)
{
    const struct vcpu *o;

    for_each_vcpu (v->domain, o)
        if (o != v && !test_bit(VPF_DOWN, &o->pause_flags))
            return false;
    return true;
}

static long op_down(struct vcpu *v)
{
    if (is_last_up(v))
        domain_shutdown(v->domain, SHUTDOWN_poweroff);
    else if (!test_and_set_bit(VPF_DOWN, &v->pause_flags))
        vcpu_sleep_nosync(v);
    return 0;
}

static long op_get_runstate(struct vcpu *v, unsigned long arg)
{
    struct vcpu_runstate_info info;

    vcpu_runstate_get(v, &info);
    return copy_to_guest(arg, &info, sizeof(info));
}

static long op_register_runstate(struct vcpu *v, unsigned long arg)
{
    struct vcpu_register_runstate_memory_area area;
    struct vcpu_runstate_info info;

    if (copy_from_guest(&area, arg, sizeof(area)))
        return -EFAULT;
    if (!guest_range_ok(area.addr.p, sizeof(info)))
        return -EFAULT;
    v->runstate_guest = area.addr.p;
    if (v == current) {
        vcpu_runstate_publish(v);
        return 0;
    }
    vcpu_runstate_get(v, &info);
    /* What is not mapped now may be later: the guest's own affair. */
    if (copy_to_guest(area.addr.p, &info, sizeof(info)))
        return 0;
    return 0;
}

static long op_register_time(struct vcpu *v, unsigned long arg)
{
    struct vcpu_register_time_memory_area area;

    if (copy_from_guest(&area, arg, sizeof(area)))
        return -EFAULT;
    if (!guest_range_ok(area.addr.p, sizeof(struct vcpu_time_info)))
        return -EFAULT;
    v->time_guest = area.addr.p;
    if (v == current)
        vcpu_time_update(v);
    return 0;
}

/* Moves a vcpu_info to a page of the guest's choice, which stays a writable page from then on. */
static long register_info(struct vcpu *v, u64 mfn, u32 offset)
{
    struct domain *d = v->domain;
    struct vcpu_info *info;
    struct page_info *pg;

    if (v->info_page)
        return -EINVAL;
    if (offset > PAGE_SIZE - sizeof(*info) || (offset & 7))
        return -ENXIO;
    if (!mfn_valid(_mfn(mfn)))
        return -EINVAL;
    if (v != current && !test_bit(VPF_DOWN, &v->pause_flags))
        return -EINVAL;
    pg = mfn_to_page(_mfn(mfn));
    if (get_page_and_type(pg, d, PGT_WRITABLE))
        return -EINVAL;
    if (!page_filled(pg)) {
        put_page_and_type(pg);
        return -EINVAL;
    }
    info = (struct vcpu_info *)((char *)page_to_virt(pg) + offset);
    if (v->info == &no_vcpu_info) {
        memset(info, 0, sizeof(*info));
        info->evtchn_upcall_mask = 1;
    } else {
        *info = *v->info;
    }
    v->info_page = pg;
    smp_wmb();
    WRITE_ONCE(v->info, info);
    /* What was sent to the old place meanwhile must not be lost. */
    evtchn_vcpu_info_moved(v);
    return 0;
}

void vcpu_info_drop(struct vcpu *v)
{
    struct page_info *pg = v->info_page;

    if (!pg)
        return;
    v->info_page = NULL;
    v->info = &no_vcpu_info;
    put_page_and_type(pg);
}

static long op_register_info(struct vcpu *v, unsigned long arg)
{
    struct vcpu_register_vcpu_info info;
    long rc;

    if (copy_from_guest(&info, arg, sizeof(info)))
        return -EFAULT;
    spin_lock(&v->domain->lock);
    rc = register_info(v, info.mfn, info.offset);
    spin_unlock(&v->domain->lock);
    if (!rc && v == current)
        vcpu_time_update(v);
    return rc;
}

void vcpu_send_nmi(struct vcpu *v)
{
    if (!__atomic_exchange_n(&v->arch.nmi_pending, true, __ATOMIC_SEQ_CST))
        vcpu_kick(v);
}

long do_vcpu_op(unsigned long cmd, unsigned long vcpuid, unsigned long arg)
{
    struct vcpu *v = domain_vcpu(current->domain, (unsigned int)vcpuid);
    long rc;

    if (!v || vcpuid >= current->domain->max_vcpus)
        return -ENOENT;
    switch (cmd) {
    case VCPUOP_initialise:
        rc = op_initialise(v, arg);
        return rc != -ERESTART ? rc : hypercall_continue(__HYPERVISOR_vcpu_op, 3, cmd, vcpuid, arg);
    case VCPUOP_up:
        return op_up(v);
    case VCPUOP_down:
        return op_down(v);
    case VCPUOP_is_up:
        return !test_bit(VPF_DOWN, &v->pause_flags);
    case VCPUOP_get_runstate_info:
        return op_get_runstate(v, arg);
    case VCPUOP_register_runstate_memory_area:
        return op_register_runstate(v, arg);
    case VCPUOP_set_periodic_timer:
    case VCPUOP_stop_periodic_timer:
    case VCPUOP_set_singleshot_timer:
    case VCPUOP_stop_singleshot_timer:
        return vcpu_timer_op(v, (int)cmd, arg);
    case VCPUOP_register_vcpu_info:
        return op_register_info(v, arg);
    case VCPUOP_send_nmi:
        vcpu_send_nmi(v);
        return 0;
    case VCPUOP_get_physid:
        return -EINVAL; /* vCPUs are not pinned for good */
    case VCPUOP_register_vcpu_time_memory_area:
        return op_register_time(v, arg);
    }
    return -ENOSYS;
}

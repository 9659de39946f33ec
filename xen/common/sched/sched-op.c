/* SPDX-License-Identifier: MIT */
/*
 * sched-op.c - hypercall sched_op: what a guest asks of the scheduler for itself, and shutdown.
 *
 * Nothing sleeps in here: the vCPU is marked and the switch happens on the way out to the guest.
 */
#include <xen/bitops.h>
#include <xen/guest-access.h>
#include <xen/hypercall.h>
#include <xen/lib.h>
#include <public/sched.h>
#include "private.h"

static long op_block(void)
{
    WRITE_ONCE(current->info->evtchn_upcall_mask, 0);
    vcpu_block();
    return 0;
}

static long op_shutdown(unsigned long arg)
{
    struct sched_shutdown op;

    if (copy_from_guest(&op, arg, sizeof(op)))
        return -EFAULT;
    domain_shutdown(current->domain, (u8)op.reason);
    return 0;
}

/* Only the code: the shutdown that follows may come from a guest too broken to say why. */
static long op_shutdown_code(unsigned long arg)
{
    struct domain *d = current->domain;
    struct sched_shutdown op;

    if (copy_from_guest(&op, arg, sizeof(op)))
        return -EFAULT;
    spin_lock(&d->lock);
    if (!d->is_shutting_down)
        d->shutdown_code = (u8)op.reason;
    spin_unlock(&d->lock);
    return 0;
}

static long op_remote_shutdown(unsigned long arg)
{
    struct sched_remote_shutdown op;
    struct domain *d;
    long rc = 0;

    if (copy_from_guest(&op, arg, sizeof(op)))
        return -EFAULT;
    d = op.domain_id == DOMID_SELF ? NULL : get_domain_by_id(op.domain_id);
    if (d == NULL)
        return -ESRCH;
    if (!current->domain->is_control)
        rc = -EPERM;
    else
        domain_shutdown(d, (u8)op.reason);
    put_domain(d);
    return rc;
}

static long op_watchdog(unsigned long arg)
{
    struct sched_watchdog op;

    if (copy_from_guest(&op, arg, sizeof(op)))
        return -EFAULT;
    return domain_watchdog(current->domain, op.id, op.timeout);
}

static long op_pin_override(unsigned long arg)
{
    struct sched_pin_override op;

    if (!current->domain->is_hardware)
        return -EPERM;
    if (copy_from_guest(&op, arg, sizeof(op)))
        return -EFAULT;
    return vcpu_pin_override(current, op.pcpu);
}

/* The form of old guests: three commands, and the reason of a shutdown is the argument itself. */
long do_sched_op_compat(unsigned long cmd, unsigned long arg)
{
    switch ((u32)cmd) {
    case SCHEDOP_yield:
        vcpu_yield();
        return 0;
    case SCHEDOP_block:
        return op_block();
    case SCHEDOP_shutdown:
        domain_shutdown(current->domain, (u8)arg);
        return 0;
    default:
        return -ENOSYS;
    }
}

long do_sched_op(unsigned long cmd, unsigned long arg)
{
    switch (cmd) {
    case SCHEDOP_yield:
        vcpu_yield();
        return 0;
    case SCHEDOP_block:
        return op_block();
    case SCHEDOP_shutdown:
        return op_shutdown(arg);
    case SCHEDOP_poll:
        return sched_poll(arg);
    case SCHEDOP_remote_shutdown:
        return op_remote_shutdown(arg);
    case SCHEDOP_shutdown_code:
        return op_shutdown_code(arg);
    case SCHEDOP_watchdog:
        return op_watchdog(arg);
    case SCHEDOP_pin_override:
        return op_pin_override(arg);
    default:
        return -ENOSYS;
    }
}

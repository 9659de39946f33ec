/* SPDX-License-Identifier: MIT */
/*
 * end.c - how a domain stops: crash, shutdown and its undoing.
 *
 * A shutdown pauses every vCPU. It is complete, and announced, when the last of them is off its
 * CPU: whoever comes off last finds that out, without a lock, in domain_check_shutdown().
 */
#include <xen/domain.h>
#include <xen/event.h>
#include <xen/lib.h>
#include <xen/sched.h>
#include <public/sched.h>

void domain_crash(struct domain *d, const char *fmt, ...)
{
    char why[160];
    va_list ap;

    if (__atomic_exchange_n(&d->is_crashing, true, __ATOMIC_SEQ_CST))
        return;
    va_start(ap, fmt);
    vsnprintf(why, sizeof(why), fmt, ap);
    va_end(ap);
    printk(XLOG_ERR "Domain %u crashed: %s\n", d->domain_id, why);
    if (d == current->domain)
        show_guest(current);
    domain_shutdown(d, SHUTDOWN_crash);
}

static bool any_vcpu_running(const struct domain *d)
{
    struct vcpu *v;

    for_each_vcpu (d, v)
        if (READ_ONCE(v->is_running))
            return true;
    return false;
}

void domain_check_shutdown(struct domain *d)
{
    smp_mb(); /* our own vCPU is off before we look at the others */
    if (!READ_ONCE(d->is_shutting_down) || any_vcpu_running(d))
        return;
    if (__atomic_exchange_n(&d->is_shut_down, true, __ATOMIC_SEQ_CST))
        return;
    if (d->shutdown_code != SHUTDOWN_suspend || !d->suspend_port || evtchn_send(d, d->suspend_port))
        send_global_virq(VIRQ_DOM_EXC);
}

void domain_shutdown(struct domain *d, u8 reason)
{
    struct vcpu *v;

    spin_lock(&d->lock);
    /* SCHEDOP_shutdown_code may have said before what it will be about. */
    if (d->shutdown_code == SHUTDOWN_NONE)
        d->shutdown_code = reason;
    reason = d->shutdown_code;
    if (d->is_hardware) {
        spin_unlock(&d->lock);
        hardware_domain_shutdown(reason);
    }
    if (d->is_shutting_down) {
        spin_unlock(&d->lock);
        return;
    }
    WRITE_ONCE(d->is_shutting_down, true);
    atomic_inc(&d->end_checks);
    for_each_vcpu (d, v)
        vcpu_pause_nosync(v);
    spin_unlock(&d->lock);
    domain_check_shutdown(d);
    atomic_dec(&d->end_checks);
}

void domain_resume(struct domain *d)
{
    struct vcpu *v;

    domain_pause(d);
    spin_lock(&d->lock);
    if (d->is_shutting_down) {
        /* Nobody runs: no new check begins. One under way, without our lock, could come too late.
         */
        while (atomic_read(&d->end_checks))
            cpu_relax();
        WRITE_ONCE(d->is_shutting_down, false);
        WRITE_ONCE(d->is_shut_down, false);
        WRITE_ONCE(d->is_crashing, false);
        d->shutdown_code = SHUTDOWN_NONE;
        for_each_vcpu (d, v)
            vcpu_unpause(v);
    }
    spin_unlock(&d->lock);
    domain_unpause(d);
}

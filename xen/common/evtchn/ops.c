/* SPDX-License-Identifier: MIT */
/*
 * ops.c - the event_channel_op hypercall: one function per sub-operation, which copies in, checks,
 * and then commits. A port whose number cannot be told to the guest is closed again.
 */
#include <xen/guest-access.h>
#include <xen/hypercall.h>
#include <xen/irq.h>
#include <asm/current.h>
#include "private.h"

/* Another domain's channels need the privilege. Reference on success. */
static int get_controlled_domain(domid_t id, struct domain **ret_d)
{
    struct domain *d = get_domain_by_id(id);
    int rc = 0;

    if (!d)
        return -ESRCH;
    if (!may_control(d))
        rc = -EPERM;
    else if (!d->evtchn)
        rc = -EINVAL; /* a domain without channels */
    if (rc) {
        put_domain(d);
        return rc;
    }
    *ret_d = d;
    return 0;
}

/* Writes the result out, or undoes: port of d was made by this call. */
static long publish(struct domain *d, u32 port, unsigned long arg, const void *op, size_t size)
{
    if (!copy_to_guest(arg, op, size))
        return 0;
    evtchn_close_port(d, port);
    return -EFAULT;
}

static long op_alloc_unbound(unsigned long arg)
{
    struct evtchn_alloc_unbound op;
    domid_t remote;
    struct domain *d;
    long rc;

    if (copy_from_guest(&op, arg, sizeof(op)))
        return -EFAULT;
    remote = op.remote_dom == DOMID_SELF ? current->domain->domain_id : op.remote_dom;
    rc = get_controlled_domain(op.dom, &d);
    if (rc)
        return rc;
    rc = evtchn_alloc_unbound_for(d, remote, &op.port);
    if (!rc)
        rc = publish(d, op.port, arg, &op, sizeof(op));
    put_domain(d);
    return rc;
}

/* Connects chn of d with the unbound rchn of rd. Both domains' locks are held. */
static void connect_locked(struct domain *d, struct evtchn *chn, struct domain *rd,
                           struct evtchn *rchn)
{
    spinlock_t *a = &chn->lock, *b = &rchn->lock;
    unsigned long flags;

    spin_lock_irqsave(MIN(a, b), flags);
    spin_lock_nested(MAX(a, b));
    chn->u.inter.dom = rd;
    chn->u.inter.port = rchn->port;
    chn->state = ECS_INTERDOMAIN;
    rchn->u.inter.dom = d;
    rchn->u.inter.port = chn->port;
    rchn->state = ECS_INTERDOMAIN;
    /* The peer may have sent while nobody was there to hear it. */
    evtchn_raise(d, chn);
    spin_unlock(MAX(a, b));
    spin_unlock_irqrestore(MIN(a, b), flags);
}

static int bind_interdomain(struct domain *d, struct domain *rd, u32 rport, u32 *ret_port)
{
    struct evtchn *chn, *rchn;
    int rc = -EINVAL;

    if (!rd->evtchn)
        return rc;
    evtchn_lock_two(d, rd);
    rchn = evtchn_lookup(rd, rport);
    if (rchn && rchn->state == ECS_UNBOUND && rchn->u.unbound.remote == d->domain_id &&
        !rd->evtchn->closed)
        rc = evtchn_reserve(d, &chn);
    if (!rc) {
        connect_locked(d, chn, rd, rchn);
        *ret_port = chn->port;
    }
    evtchn_unlock_two(d, rd);
    return rc;
}

static long op_bind_interdomain(unsigned long arg)
{
    struct domain *d = current->domain, *rd;
    struct evtchn_bind_interdomain op;
    long rc;

    if (copy_from_guest(&op, arg, sizeof(op)))
        return -EFAULT;
    rd = get_domain_by_id(op.remote_dom);
    if (!rd)
        return -ESRCH;
    rc = bind_interdomain(d, rd, op.remote_port, &op.local_port);
    put_domain(rd);
    return rc ? rc : publish(d, op.local_port, arg, &op, sizeof(op));
}

static long op_bind_virq(unsigned long arg)
{
    struct domain *d = current->domain;
    struct evtchn_bind_virq op;
    long rc;

    if (copy_from_guest(&op, arg, sizeof(op)))
        return -EFAULT;
    rc = evtchn_bind_virq(d, op.virq, op.vcpu, &op.port);
    return rc ? rc : publish(d, op.port, arg, &op, sizeof(op));
}

static long op_bind_ipi(unsigned long arg)
{
    struct domain *d = current->domain;
    struct evtchn_bind_ipi op;
    struct evtchn *chn;
    unsigned long flags;
    long rc;

    if (copy_from_guest(&op, arg, sizeof(op)))
        return -EFAULT;
    if (!domain_vcpu(d, op.vcpu))
        return -ENOENT;
    spin_lock(&d->evtchn->lock);
    rc = evtchn_reserve(d, &chn);
    if (!rc) {
        spin_lock_irqsave(&chn->lock, flags);
        chn->state = ECS_IPI;
        chn->notify_vcpu = (u16)op.vcpu;
        spin_unlock_irqrestore(&chn->lock, flags);
        op.port = chn->port;
    }
    spin_unlock(&d->evtchn->lock);
    return rc ? rc : publish(d, op.port, arg, &op, sizeof(op));
}

/*
 * The interrupt may come as soon as the line is bound, so the port is complete before. The locks of
 * pirqs rank below ours; `binding` keeps the port from being closed while ours is dropped.
 */
static int bind_pirq(struct domain *d, u32 pirq, bool share, u32 *ret_port)
{
    struct evtchn *chn;
    unsigned long flags;
    int rc;

    spin_lock(&d->evtchn->lock);
    rc = evtchn_reserve(d, &chn);
    if (!rc) {
        spin_lock_irqsave(&chn->lock, flags);
        chn->state = ECS_PIRQ;
        chn->u.pirq = pirq;
        chn->binding = true;
        spin_unlock_irqrestore(&chn->lock, flags);
    }
    spin_unlock(&d->evtchn->lock);
    if (rc)
        return rc;

    rc = pirq_bind_port(d, pirq, chn->port, share);

    spin_lock(&d->evtchn->lock);
    chn->binding = false;
    if (rc)
        evtchn_release(d, chn);
    else
        *ret_port = chn->port;
    spin_unlock(&d->evtchn->lock);
    return rc;
}

static long op_bind_pirq(unsigned long arg)
{
    struct domain *d = current->domain;
    struct evtchn_bind_pirq op;
    long rc;

    if (copy_from_guest(&op, arg, sizeof(op)))
        return -EFAULT;
    if (op.pirq >= pirq_max(d))
        return -EINVAL;
    if (!pirq_is_mapped(d, op.pirq))
        return -EPERM;
    rc = bind_pirq(d, op.pirq, op.flags & BIND_PIRQ__WILL_SHARE, &op.port);
    return rc ? rc : publish(d, op.port, arg, &op, sizeof(op));
}

static long op_close(unsigned long arg)
{
    struct evtchn_close op;

    if (copy_from_guest(&op, arg, sizeof(op)))
        return -EFAULT;
    return evtchn_close_port(current->domain, op.port);
}

int evtchn_send(struct domain *d, u32 port)
{
    struct evtchn *chn = evtchn_lookup(d, port);
    unsigned long flags;
    int rc = 0;

    if (!chn)
        return -EINVAL;
    spin_lock_irqsave(&chn->lock, flags);
    switch (chn->state) {
    case ECS_INTERDOMAIN:
        /* Our own end's lock keeps the other end, too. */
        evtchn_raise(chn->u.inter.dom, evtchn_lookup(chn->u.inter.dom, chn->u.inter.port));
        break;
    case ECS_IPI:
        evtchn_raise(d, chn);
        break;
    case ECS_UNBOUND: /* nobody listens yet */
        break;
    default:
        rc = -EINVAL;
        break;
    }
    spin_unlock_irqrestore(&chn->lock, flags);
    return rc;
}

static long op_send(unsigned long arg)
{
    struct evtchn_send op;

    if (copy_from_guest(&op, arg, sizeof(op)))
        return -EFAULT;
    return evtchn_send(current->domain, op.port);
}

static void fill_status(const struct evtchn *chn, struct evtchn_status *op)
{
    memset(&op->u, 0, sizeof(op->u));
    op->vcpu = chn->notify_vcpu;
    switch (chn->state) {
    case ECS_UNBOUND:
        op->status = EVTCHNSTAT_unbound;
        op->u.unbound.dom = chn->u.unbound.remote;
        break;
    case ECS_INTERDOMAIN:
        op->status = EVTCHNSTAT_interdomain;
        op->u.interdomain.dom = chn->u.inter.dom->domain_id;
        op->u.interdomain.port = chn->u.inter.port;
        break;
    case ECS_PIRQ:
        op->status = EVTCHNSTAT_pirq;
        op->u.pirq = chn->u.pirq;
        break;
    case ECS_VIRQ:
        op->status = EVTCHNSTAT_virq;
        op->u.virq = chn->u.virq;
        break;
    case ECS_IPI:
        op->status = EVTCHNSTAT_ipi;
        break;
    default:
        op->status = EVTCHNSTAT_closed;
        break;
    }
}

static long op_status(unsigned long arg)
{
    struct evtchn_status op;
    struct evtchn *chn;
    struct domain *d;
    long rc;

    if (copy_from_guest(&op, arg, sizeof(op)))
        return -EFAULT;
    rc = get_controlled_domain(op.dom, &d);
    if (rc)
        return rc;
    chn = evtchn_lookup(d, op.port);
    if (chn) {
        spin_lock(&d->evtchn->lock);
        fill_status(chn, &op);
        spin_unlock(&d->evtchn->lock);
    } else {
        rc = -EINVAL;
    }
    put_domain(d);
    if (!rc && copy_to_guest(arg, &op, sizeof(op)))
        rc = -EFAULT;
    return rc;
}

static long op_bind_vcpu(unsigned long arg)
{
    struct domain *d = current->domain;
    struct evtchn_bind_vcpu op;
    struct evtchn *chn;
    struct vcpu *v;
    bool is_pirq = false;
    u32 pirq = 0;
    long rc = 0;

    if (copy_from_guest(&op, arg, sizeof(op)))
        return -EFAULT;
    v = domain_vcpu(d, op.vcpu);
    if (!v)
        return -ENOENT;
    chn = evtchn_lookup(d, op.port);
    if (!chn)
        return -EINVAL;

    spin_lock(&d->evtchn->lock);
    if (chn->state == ECS_FREE || chn->state == ECS_RESERVED || chn->state == ECS_IPI ||
        (chn->state == ECS_VIRQ && !virq_is_global(chn->u.virq))) {
        rc = -EINVAL;
    } else {
        WRITE_ONCE(chn->notify_vcpu, (u16)op.vcpu);
        is_pirq = chn->state == ECS_PIRQ && !chn->binding;
        pirq = chn->u.pirq;
    }
    spin_unlock(&d->evtchn->lock);
    if (is_pirq)
        pirq_set_affinity(d, pirq, v->processor);
    return rc;
}

static long op_unmask(unsigned long arg)
{
    struct domain *d = current->domain;
    struct evtchn_unmask op;
    struct evtchn *chn;
    unsigned long flags;

    if (copy_from_guest(&op, arg, sizeof(op)))
        return -EFAULT;
    chn = evtchn_lookup(d, op.port);
    if (!chn)
        return -EINVAL;
    spin_lock_irqsave(&chn->lock, flags);
    if (chn->state != ECS_FREE) /* for a free port there is nothing to do, which is no error */
        d->evtchn->ops->unmask(d, chn);
    spin_unlock_irqrestore(&chn->lock, flags);
    return 0;
}

static long op_reset(unsigned long arg)
{
    struct evtchn_reset op;
    struct domain *d;
    long rc;

    if (copy_from_guest(&op, arg, sizeof(op)))
        return -EFAULT;
    rc = get_controlled_domain(op.dom, &d);
    if (rc)
        return rc;
    /* Another domain must not be using its channels meanwhile. */
    rc = d == current->domain || READ_ONCE(d->controller_pauses) ? evtchn_reset(d, true) : -EINVAL;
    put_domain(d);
    if (rc == -ERESTART)
        rc = hypercall_continue(__HYPERVISOR_event_channel_op, 2, (unsigned long)EVTCHNOP_reset,
                                arg);
    return rc;
}

static long op_init_control(unsigned long arg)
{
    struct evtchn_init_control op;
    long rc;

    if (copy_from_guest(&op, arg, sizeof(op)))
        return -EFAULT;
    rc = evtchn_fifo_init_control(current->domain, op.vcpu, op.control_gfn, op.offset);
    op.link_bits = EVTCHN_FIFO_LINK_BITS;
    if (!rc && copy_to_guest(arg, &op, sizeof(op)))
        rc = -EFAULT;
    return rc;
}

static long op_expand_array(unsigned long arg)
{
    struct evtchn_expand_array op;

    if (copy_from_guest(&op, arg, sizeof(op)))
        return -EFAULT;
    return evtchn_fifo_expand_array(current->domain, op.array_gfn);
}

static long op_set_priority(unsigned long arg)
{
    struct domain *d = current->domain;
    struct evtchn_set_priority op;
    struct evtchn *chn;
    long rc;

    if (copy_from_guest(&op, arg, sizeof(op)))
        return -EFAULT;
    if (READ_ONCE(d->evtchn->ops) == &evtchn_2l_ops)
        return -ENOSYS;
    chn = evtchn_lookup(d, op.port);
    if (!chn)
        return -EINVAL;
    spin_lock(&d->evtchn->lock);
    rc = d->evtchn->ops->set_priority(d, chn, op.priority);
    spin_unlock(&d->evtchn->lock);
    return rc;
}

long do_event_channel_op(unsigned long cmd, unsigned long arg)
{
    static long (*const ops[])(unsigned long arg) = {
        [EVTCHNOP_bind_interdomain] = op_bind_interdomain,
        [EVTCHNOP_bind_virq] = op_bind_virq,
        [EVTCHNOP_bind_pirq] = op_bind_pirq,
        [EVTCHNOP_close] = op_close,
        [EVTCHNOP_send] = op_send,
        [EVTCHNOP_status] = op_status,
        [EVTCHNOP_alloc_unbound] = op_alloc_unbound,
        [EVTCHNOP_bind_ipi] = op_bind_ipi,
        [EVTCHNOP_bind_vcpu] = op_bind_vcpu,
        [EVTCHNOP_unmask] = op_unmask,
        [EVTCHNOP_reset] = op_reset,
        [EVTCHNOP_init_control] = op_init_control,
        [EVTCHNOP_expand_array] = op_expand_array,
        [EVTCHNOP_set_priority] = op_set_priority,
    };

    /* The command is an int of the ABI: the upper half of the register means nothing. */
    cmd = (u32)cmd;
    if (cmd >= ARRAY_SIZE(ops))
        return -ENOSYS;
    return ops[cmd](arg);
}

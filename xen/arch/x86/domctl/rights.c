/* SPDX-License-Identifier: MIT */
/*
 * rights.c - domctl operations that give a domain rights over the machine, or take them away.
 * Nobody can give what it does not have.
 */
#include <xen/irq.h>
#include <xen/lib.h>
#include <xen/rangeset.h>
#include <xen/sched.h>
#include <asm/mm.h>
#include <xen/domctl-table.h>

#define NR_PORTS 65536U

static long change(struct rangeset *own, struct rangeset *set, unsigned long first,
                   unsigned long last, bool allow)
{
    if (!rangeset_contains(own, first, last))
        return -EPERM;
    return allow ? rangeset_add(set, first, last) : rangeset_remove(set, first, last);
}

long domctl_ioport_permission(struct domain *d, struct xen_domctl *op)
{
    const struct xen_domctl_ioport_permission *p = &op->u.ioport_permission;

    if (!p->nr_ports || p->first_port >= NR_PORTS || p->nr_ports > NR_PORTS - p->first_port)
        return -EINVAL;
    return change(current->domain->arch.ioports, d->arch.ioports, p->first_port,
                  p->first_port + p->nr_ports - 1, p->allow_access);
}

long domctl_iomem_permission(struct domain *d, struct xen_domctl *op)
{
    const struct xen_domctl_iomem_permission *p = &op->u.iomem_permission;
    u64 last = p->first_mfn + p->nr_mfns - 1;
    long rc;

    if (last < p->first_mfn)
        return -EINVAL;
    rc = change(current->domain->arch.iomem, d->arch.iomem, p->first_mfn, last, p->allow_access);
    if (!rc)
        d->arch.has_io_rights = d->is_hardware || !rangeset_is_empty(d->arch.iomem);
    return rc;
}

long domctl_irq_permission(struct domain *d, struct xen_domctl *op)
{
    const struct xen_domctl_irq_permission *p = &op->u.irq_permission;

    if (p->pirq >= pirq_max(current->domain))
        return -EINVAL;
    /* A right is to a line, and only a mapped pirq stands for one. */
    if (!pirq_is_mapped(current->domain, p->pirq))
        return -EPERM;
    return change(current->domain->arch.irqs, d->arch.irqs, p->pirq, p->pirq, p->allow_access);
}

/* A PV domain maps what it has the right to by itself, so there is nothing to do. */
long domctl_memory_mapping(struct domain *d, struct xen_domctl *op)
{
    const struct xen_domctl_memory_mapping *m = &op->u.memory_mapping;
    u64 last = m->first_mfn + m->nr_mfns - 1;

    (void)d;
    if (last < m->first_mfn || last >= max_mfn() || m->first_gfn + m->nr_mfns - 1 < m->first_gfn)
        return -EINVAL;
    return 0;
}

/* There is no IOMMU. */
long domctl_assign_device(struct domain *d, struct xen_domctl *op)
{
    (void)d;
    (void)op;
    return -EOPNOTSUPP;
}

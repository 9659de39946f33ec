/* SPDX-License-Identifier: MIT */
/*
 * physdev.c - the physdev_op hypercall: interrupt lines, I/O privilege, PCI devices.
 *
 * A domain may ask about and finish its own interrupts and set its I/O privilege; everything that
 * touches the machine is for the hardware domain. Locks are taken here only for map and unmap
 * (pirq_lock); see pirq.c.
 */
#include <xen/guest-access.h>
#include <xen/hypercall.h>
#include <xen/lib.h>
#include <xen/rangeset.h>
#include <xen/sched.h>
#include <public/physdev.h>
#include "private.h"

#define MAX_IO_PORTS 65536

static pci_sbdf_t sbdf(unsigned int seg, unsigned int bus, unsigned int devfn)
{
    return (pci_sbdf_t){.seg = (u16)seg, .bus = (u8)bus, .devfn = (u8)devfn};
}

/* --- for every domain --- */

static long op_irq_status_query(unsigned long arg)
{
    struct physdev_irq_status_query q;
    bool level;
    int rc;

    if (copy_from_guest(&q, arg, sizeof(q)))
        return -EFAULT;
    rc = pirq_status(current->domain, q.irq, &level);
    if (rc)
        return rc;
    q.flags = level ? XENIRQSTAT_needs_eoi : 0;
    return copy_to_guest(arg, &q, sizeof(q));
}

static long op_set_iopl(unsigned long arg)
{
    struct physdev_set_iopl op;

    if (copy_from_guest(&op, arg, sizeof(op)))
        return -EFAULT;
    if (op.iopl > 3)
        return -EINVAL;
    current->arch.iopl = op.iopl;
    return 0;
}

static long op_set_iobitmap(unsigned long arg)
{
    struct physdev_set_iobitmap op;

    if (copy_from_guest(&op, arg, sizeof(op)))
        return -EFAULT;
    if (op.nr_ports > MAX_IO_PORTS ||
        (op.nr_ports && !guest_range_ok(op.bitmap, DIV_ROUND_UP(op.nr_ports, 8))))
        return -EINVAL;
    current->arch.iobmp = op.bitmap;
    current->arch.iobmp_limit = op.nr_ports;
    return 0;
}

static long op_eoi(unsigned long arg)
{
    struct physdev_eoi op;

    if (copy_from_guest(&op, arg, sizeof(op)))
        return -EFAULT;
    return pirq_eoi(current->domain, op.irq);
}

static long op_pirq_eoi_gmfn(unsigned long arg)
{
    struct physdev_pirq_eoi_gmfn op;

    if (copy_from_guest(&op, arg, sizeof(op)))
        return -EFAULT;
    return pirq_set_eoi_map(current->domain, op.gmfn);
}

/* --- mapping --- */

static int map_gsi(struct domain *d, const struct physdev_map_pirq *op, int *ret_pirq)
{
    const struct domain *caller = current->domain;

    if (op->index < 0 || (unsigned int)op->index >= nr_gsis())
        return -EINVAL;
    if (caller->arch.irqs ? !rangeset_contains(caller->arch.irqs, (unsigned long)op->index,
                                               (unsigned long)op->index)
                          : !caller->is_hardware)
        return -EPERM;
    return pirq_map_gsi(d, (unsigned int)op->index, op->pirq, ret_pirq);
}

static int map_msi(struct domain *d, const struct physdev_map_pirq *op, int *ret_pirq)
{
    unsigned int seg = op->type == MAP_PIRQ_TYPE_MSI ? 0 : (unsigned int)op->bus >> 16;
    struct msi_request req = {
        .dev = sbdf(seg, (unsigned int)op->bus & 0xff, (unsigned int)op->devfn), .nr = 1};
    u8 first;
    int rc;

    if (!current->domain->is_hardware)
        return -EPERM;
    if (op->devfn < 0 || op->devfn > 255 || op->entry_nr < 0 || (op->bus & 0xff00))
        return -EINVAL;
    if (op->type == MAP_PIRQ_TYPE_MULTI_MSI) {
        if (op->table_base)
            return -EINVAL;
        req.nr = (unsigned int)op->entry_nr;
    } else if (op->table_base) {
        req.msix = true;
        req.entry = (unsigned int)op->entry_nr;
        req.bar = op->table_base;
    }
    rc = msi_setup(&req, &first);
    if (rc)
        return rc;
    rc = pirq_map_msi(d, first, req.msix ? 1 : req.nr, op->pirq, ret_pirq);
    if (rc)
        msi_teardown(&msi_descs[first]);
    return rc;
}

static int map_by_type(struct domain *d, const struct physdev_map_pirq *op, int *ret_pirq)
{
    switch (op->type) {
    case MAP_PIRQ_TYPE_GSI:
        return map_gsi(d, op, ret_pirq);
    case MAP_PIRQ_TYPE_MSI:
    case MAP_PIRQ_TYPE_MSI_SEG:
    case MAP_PIRQ_TYPE_MULTI_MSI:
        return map_msi(d, op, ret_pirq);
    default:
        return -EINVAL;
    }
}

/* The domain named, with a reference, if the caller may change its interrupts. */
static int get_target(domid_t domid, struct domain **ret_d)
{
    struct domain *d = get_domain_by_id(domid);

    if (!d)
        return -ESRCH;
    if (d != current->domain && !current->domain->is_hardware) {
        put_domain(d);
        return -EPERM;
    }
    *ret_d = d;
    return 0;
}

static long op_map_pirq(unsigned long arg)
{
    struct physdev_map_pirq op;
    struct domain *d;
    int rc, pirq;

    if (copy_from_guest(&op, arg, sizeof(op)))
        return -EFAULT;
    rc = get_target(op.domid, &d);
    if (rc)
        return rc;

    spin_lock(&pirq_lock);
    rc = d->is_dying ? -EINVAL : map_by_type(d, &op, &pirq);
    if (!rc) {
        op.pirq = pirq;
        if (copy_to_guest(arg, &op, sizeof(op))) {
            rc = -EFAULT;
            /* A GSI may have been mapped before: it stays, and costs nothing. */
            if (op.type != MAP_PIRQ_TYPE_GSI && pirq_unmap(d, (unsigned int)pirq))
                BUG();
        }
    }
    spin_unlock(&pirq_lock);
    put_domain(d);
    return rc;
}

static long op_unmap_pirq(unsigned long arg)
{
    struct physdev_unmap_pirq op;
    struct domain *d;
    int rc;

    if (copy_from_guest(&op, arg, sizeof(op)))
        return -EFAULT;
    if (op.pirq < 0)
        return -EINVAL;
    rc = get_target(op.domid, &d);
    if (rc)
        return rc;
    spin_lock(&pirq_lock);
    rc = pirq_unmap(d, (unsigned int)op.pirq);
    spin_unlock(&pirq_lock);
    put_domain(d);
    return rc;
}

/* --- hardware domain: lines --- */

static long op_apic_read(unsigned long arg)
{
    struct physdev_apic op;
    u32 val;
    int rc;

    if (copy_from_guest(&op, arg, sizeof(op)))
        return -EFAULT;
    rc = ioapic_read_reg(op.apic_physbase, op.reg, &val);
    if (rc)
        return rc;
    op.value = val;
    return copy_to_guest(arg, &op, sizeof(op));
}

/* The pins are ours: a write to a register that exists is accepted, without effect. */
static long op_apic_write(unsigned long arg)
{
    struct physdev_apic op;
    u32 val;

    if (copy_from_guest(&op, arg, sizeof(op)))
        return -EFAULT;
    return ioapic_read_reg(op.apic_physbase, op.reg, &val);
}

static int gsi_vector(unsigned int gsi, u8 *ret_vector)
{
    struct irq_desc *desc = irq_gsi_desc(gsi);
    unsigned long flags;
    int rc = 0;

    if (!desc)
        return -EINVAL;
    spin_lock_irqsave(&desc->lock, flags);
    if (!desc->vector)
        rc = irq_setup_gsi_locked(desc);
    if (!rc)
        *ret_vector = desc->vector;
    spin_unlock_irqrestore(&desc->lock, flags);
    return rc;
}

static long op_alloc_irq_vector(unsigned long arg)
{
    struct physdev_irq op;
    u8 vector;
    int rc;

    if (copy_from_guest(&op, arg, sizeof(op)))
        return -EFAULT;
    rc = gsi_vector(op.irq, &vector);
    if (rc)
        return rc;
    op.vector = vector;
    return copy_to_guest(arg, &op, sizeof(op));
}

static long op_setup_gsi(unsigned long arg)
{
    struct physdev_setup_gsi op;

    if (copy_from_guest(&op, arg, sizeof(op)))
        return -EFAULT;
    if (op.gsi < 0 || op.triggering > 1 || op.polarity > 1)
        return -EINVAL;
    return pirq_setup_gsi(current->domain, (unsigned int)op.gsi, op.triggering == 1,
                          op.polarity == 1);
}

/* --- hardware domain: PCI devices --- */

/* Virtual functions have no vendor number of their own: their presence cannot be seen like this. */
static long device_added(pci_sbdf_t dev, bool virtfn)
{
    if (!virtfn && pci_read(dev, 0, 2) == 0xffff)
        return -ENODEV;
    printk(XLOG_DEBUG "PCI device %04x:%02x:%02x.%u%s\n", dev.seg, dev.bus, dev.devfn >> 3,
           dev.devfn & 7, virtfn ? " (virtual function)" : "");
    return 0;
}

static long device_removed(pci_sbdf_t dev)
{
    bool busy;

    /* Its messages go first, by unmap_pirq: vectors of a vanished device must not be in use. */
    spin_lock(&pirq_lock);
    busy = msi_in_use(dev);
    spin_unlock(&pirq_lock);
    return busy ? -EBUSY : 0;
}

static long device_restored(pci_sbdf_t dev)
{
    spin_lock(&pirq_lock);
    msi_restore(dev);
    spin_unlock(&pirq_lock);
    return 0;
}

static long op_manage_pci(unsigned long cmd, unsigned long arg)
{
    struct physdev_manage_pci_ext ext;
    struct physdev_manage_pci op;

    if (cmd == PHYSDEVOP_manage_pci_add_ext) {
        if (copy_from_guest(&ext, arg, sizeof(ext)))
            return -EFAULT;
        if (ext.is_extfn > 1 || ext.is_virtfn > 1)
            return -EINVAL;
        return device_added(sbdf(0, ext.bus, ext.devfn), ext.is_virtfn != 0);
    }
    if (copy_from_guest(&op, arg, sizeof(op)))
        return -EFAULT;
    if (cmd == PHYSDEVOP_manage_pci_add)
        return device_added(sbdf(0, op.bus, op.devfn), false);
    return device_removed(sbdf(0, op.bus, op.devfn));
}

static long op_pci_device_add(unsigned long arg)
{
    struct physdev_pci_device_add op;

    if (copy_from_guest(&op, arg, offsetof(struct physdev_pci_device_add, optarr)))
        return -EFAULT;
    return device_added(sbdf(op.seg, op.bus, op.devfn), (op.flags & XEN_PCI_DEV_VIRTFN) != 0);
}

static long op_pci_device(unsigned long cmd, unsigned long arg)
{
    struct physdev_pci_device op;
    pci_sbdf_t dev;

    if (copy_from_guest(&op, arg, sizeof(op)))
        return -EFAULT;
    dev = sbdf(op.seg, op.bus, op.devfn);
    switch (cmd) {
    case PHYSDEVOP_pci_device_remove:
        return device_removed(dev);
    case PHYSDEVOP_restore_msi_ext:
        return device_restored(dev);
    default: /* prepare or release MSI-X for another domain: nothing is kept per device */
        return pci_find_cap(dev, 0x11) ? 0 : -ENODEV;
    }
}

static long op_restore_msi(unsigned long arg)
{
    struct physdev_restore_msi op;

    if (copy_from_guest(&op, arg, sizeof(op)))
        return -EFAULT;
    return device_restored(sbdf(0, op.bus, op.devfn));
}

/* Our own MMCONFIG use rests on the MCFG table; that Dom0 found it reserved changes nothing. */
static long op_mmcfg_reserved(unsigned long arg)
{
    struct physdev_pci_mmcfg_reserved op;

    if (copy_from_guest(&op, arg, sizeof(op)))
        return -EFAULT;
    return op.start_bus > op.end_bus ? -EINVAL : 0;
}

/* --- dispatch --- */

static long hardware_op(unsigned long cmd, unsigned long arg)
{
    switch (cmd) {
    case PHYSDEVOP_apic_read:
        return op_apic_read(arg);
    case PHYSDEVOP_apic_write:
        return op_apic_write(arg);
    case PHYSDEVOP_alloc_irq_vector:
        return op_alloc_irq_vector(arg);
    case PHYSDEVOP_setup_gsi:
        return op_setup_gsi(arg);
    case PHYSDEVOP_manage_pci_add:
    case PHYSDEVOP_manage_pci_remove:
    case PHYSDEVOP_manage_pci_add_ext:
        return op_manage_pci(cmd, arg);
    case PHYSDEVOP_pci_device_add:
        return op_pci_device_add(arg);
    case PHYSDEVOP_pci_device_remove:
    case PHYSDEVOP_restore_msi_ext:
    case PHYSDEVOP_prepare_msix:
    case PHYSDEVOP_release_msix:
        return op_pci_device(cmd, arg);
    case PHYSDEVOP_restore_msi:
        return op_restore_msi(arg);
    case PHYSDEVOP_pci_mmcfg_reserved:
        return op_mmcfg_reserved(arg);
    default:
        return -ENOSYS;
    }
}

static bool is_hardware_op(unsigned long cmd)
{
    return cmd == PHYSDEVOP_restore_msi || cmd == PHYSDEVOP_setup_gsi ||
           (cmd >= PHYSDEVOP_apic_read && cmd <= PHYSDEVOP_alloc_irq_vector) ||
           cmd == PHYSDEVOP_manage_pci_add || cmd == PHYSDEVOP_manage_pci_remove ||
           cmd == PHYSDEVOP_manage_pci_add_ext ||
           (cmd >= PHYSDEVOP_pci_mmcfg_reserved && cmd <= PHYSDEVOP_restore_msi_ext) ||
           cmd == PHYSDEVOP_prepare_msix || cmd == PHYSDEVOP_release_msix;
}

/*
 * Refused with -ENOSYS: free_irq_vector (a GSI keeps its vector), get_free_pirq (HVM guests only),
 * dbgp_op (no EHCI debug port), and the first version of pirq_eoi_gmfn, whose EOI would also have
 * to unmask the port; guests ask by irq_status_query instead.
 */
long do_physdev_op(unsigned long cmd, unsigned long arg)
{
    switch (cmd) {
    case PHYSDEVOP_irq_status_query:
        return op_irq_status_query(arg);
    case PHYSDEVOP_set_iopl:
        return op_set_iopl(arg);
    case PHYSDEVOP_set_iobitmap:
        return op_set_iobitmap(arg);
    case PHYSDEVOP_eoi:
        return op_eoi(arg);
    case PHYSDEVOP_map_pirq:
        return op_map_pirq(arg);
    case PHYSDEVOP_unmap_pirq:
        return op_unmap_pirq(arg);
    case PHYSDEVOP_pirq_eoi_gmfn_v2:
        return op_pirq_eoi_gmfn(arg);
    }
    if (!is_hardware_op(cmd))
        return -ENOSYS;
    return current->domain->is_hardware ? hardware_op(cmd, arg) : -EPERM;
}

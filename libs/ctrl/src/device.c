/* SPDX-License-Identifier: MIT */
/* device.c - hardware for domains: permissions, mappings, PCI devices, interrupts. */
#include "private.h"

int xctl_allow_irq(xctl_handle *h, domid_t domid, uint32_t pirq, int allow)
{
    struct xen_domctl op = {.cmd = XEN_DOMCTL_irq_permission, .domain = domid};

    op.u.irq_permission.pirq = pirq;
    op.u.irq_permission.allow_access = allow ? 1 : 0;
    return xctl__domctl(h, &op, NULL, 0, "change an interrupt permission");
}

int xctl_allow_iomem(xctl_handle *h, domid_t domid, uint64_t first_mfn, uint64_t count, int allow)
{
    struct xen_domctl op = {.cmd = XEN_DOMCTL_iomem_permission, .domain = domid};

    op.u.iomem_permission.first_mfn = first_mfn;
    op.u.iomem_permission.nr_mfns = count;
    op.u.iomem_permission.allow_access = allow ? 1 : 0;
    return xctl__domctl(h, &op, NULL, 0, "change a memory permission");
}

int xctl_allow_ioports(xctl_handle *h, domid_t domid, uint32_t first, uint32_t count, int allow)
{
    struct xen_domctl op = {.cmd = XEN_DOMCTL_ioport_permission, .domain = domid};

    op.u.ioport_permission.first_port = first;
    op.u.ioport_permission.nr_ports = count;
    op.u.ioport_permission.allow_access = allow ? 1 : 0;
    return xctl__domctl(h, &op, NULL, 0, "change a port permission");
}

/*
 * The hypervisor refuses too much at once with -E2BIG and does not say what it would take: halve
 * until it is satisfied. A positive answer is how far it came.
 */
int xctl_map_iomem(xctl_handle *h, domid_t domid, uint64_t gfn, uint64_t mfn, uint64_t count,
                   int add)
{
    uint64_t batch = count;

    if (!count)
        return xctl__fail(h, -EINVAL, domid, "no pages to map");
    for (uint64_t done = 0; done < count;) {
        struct xen_domctl op = {.cmd = XEN_DOMCTL_memory_mapping, .domain = domid};
        uint64_t nr = MIN_OF(batch, count - done);
        int rc;

        op.u.memory_mapping.first_gfn = gfn + done;
        op.u.memory_mapping.first_mfn = mfn + done;
        op.u.memory_mapping.nr_mfns = nr;
        op.u.memory_mapping.add_mapping = add ? DPCI_ADD_MAPPING : DPCI_REMOVE_MAPPING;
        rc = xctl__domctl(h, &op, NULL, 0, "map device memory");
        if (rc == -E2BIG && nr > 1) {
            batch = nr / 2;
            continue;
        }
        if (rc < 0) {
            /* Undo what was added; what is below us is not mapped then. */
            char cause[XCTL__TEXT];

            memcpy(cause, h->errors[0].text, sizeof(cause));
            if (add && done && xctl_map_iomem(h, domid, gfn, mfn, done, 0))
                return xctl__fail(h, rc, domid, "%.140s; and cannot be undone", cause);
            if (add && done)
                xctl__fail(h, rc, domid, "%s", cause);
            return rc;
        }
        done += rc > 0 ? (uint64_t)rc : nr;
    }
    return 0;
}

int xctl_map_ioports(xctl_handle *h, domid_t domid, uint32_t guest_port, uint32_t host_port,
                     uint32_t count, int add)
{
    struct xen_domctl op = {.cmd = XEN_DOMCTL_ioport_mapping, .domain = domid};

    op.u.ioport_mapping.first_gport = guest_port;
    op.u.ioport_mapping.first_mport = host_port;
    op.u.ioport_mapping.nr_ports = count;
    op.u.ioport_mapping.add_mapping = add ? DPCI_ADD_MAPPING : DPCI_REMOVE_MAPPING;
    return xctl__domctl(h, &op, NULL, 0, "map device ports");
}

static int assign(xctl_handle *h, domid_t domid, uint32_t cmd, uint32_t sbdf, uint32_t flags,
                  const char *verb)
{
    struct xen_domctl op = {.cmd = cmd, .domain = domid};
    int rc;

    op.u.assign_device.dev = XEN_DOMCTL_DEV_PCI;
    op.u.assign_device.flags = flags;
    op.u.assign_device.u.pci.machine_sbdf = sbdf;
    rc = xctl__domctl(h, &op, NULL, 0, verb);
    if (rc < 0)
        xctl__wrap(h, rc, domid, "PCI device %04x:%02x:%02x.%u", sbdf >> 16, sbdf >> 8 & 0xff,
                   sbdf >> 3 & 0x1f, sbdf & 7);
    return rc;
}

int xctl_device_assign(xctl_handle *h, domid_t domid, uint32_t sbdf, uint32_t flags)
{
    return assign(h, domid, XEN_DOMCTL_assign_device, sbdf, flags, "assign a device");
}

int xctl_device_test_assign(xctl_handle *h, domid_t domid, uint32_t sbdf)
{
    return assign(h, domid, XEN_DOMCTL_test_assign_device, sbdf, 0, "test a device");
}

int xctl_device_deassign(xctl_handle *h, domid_t domid, uint32_t sbdf)
{
    return assign(h, domid, XEN_DOMCTL_deassign_device, sbdf, 0, "take a device back");
}

int xctl_device_group(xctl_handle *h, domid_t domid, uint32_t sbdf, uint32_t *ret_sbdfs,
                      uint32_t max, uint32_t *ret_count)
{
    struct xen_domctl op = {.cmd = XEN_DOMCTL_get_device_group, .domain = domid};
    struct xctl__bounce b[] = {
        BOUNCE(op.u.get_device_group.sdev_array, ret_sbdfs, max * sizeof(*ret_sbdfs), OUT),
    };
    int rc;

    op.u.get_device_group.machine_sbdf = sbdf;
    op.u.get_device_group.max_sdevs = max;
    rc = xctl__domctl(h, &op, b, ARRAY_SIZE(b), "look up a device group");
    if (rc >= 0)
        *ret_count = op.u.get_device_group.num_sdevs;
    return rc;
}

int xctl_bind_pt_irq(xctl_handle *h, domid_t domid, const struct xen_domctl_bind_pt_irq *bind)
{
    struct xen_domctl op = {.cmd = XEN_DOMCTL_bind_pt_irq, .domain = domid};

    op.u.bind_pt_irq = *bind;
    return xctl__domctl(h, &op, NULL, 0, "bind a device's interrupt");
}

int xctl_unbind_pt_irq(xctl_handle *h, domid_t domid, const struct xen_domctl_bind_pt_irq *bind)
{
    struct xen_domctl op = {.cmd = XEN_DOMCTL_unbind_pt_irq, .domain = domid};

    op.u.bind_pt_irq = *bind;
    return xctl__domctl(h, &op, NULL, 0, "unbind a device's interrupt");
}

static int map_pirq(xctl_handle *h, struct physdev_map_pirq *m, int *ret_pirq)
{
    int64_t rc = xctl__simple(h, __HYPERVISOR_physdev_op, PHYSDEVOP_map_pirq, m->domid, m,
                              sizeof(*m), NULL, 0, "map an interrupt");

    if (rc < 0)
        return (int)rc;
    *ret_pirq = m->pirq;
    return 0;
}

int xctl_map_gsi(xctl_handle *h, domid_t domid, int gsi, int pirq, int *ret_pirq)
{
    struct physdev_map_pirq m = {
        .domid = domid, .type = MAP_PIRQ_TYPE_GSI, .index = gsi, .pirq = pirq};

    return map_pirq(h, &m, ret_pirq);
}

int xctl_map_msi(xctl_handle *h, domid_t domid, uint32_t sbdf, int pirq, int entry,
                 uint64_t table_base, int *ret_pirq)
{
    struct physdev_map_pirq m = {.domid = domid,
                                 .type = MAP_PIRQ_TYPE_MSI_SEG,
                                 .index = -1,
                                 .pirq = pirq,
                                 .bus = (int)(sbdf >> 8),
                                 .devfn = (int)(sbdf & 0xff),
                                 .entry_nr = entry,
                                 .table_base = table_base};

    return map_pirq(h, &m, ret_pirq);
}

int xctl_unmap_pirq(xctl_handle *h, domid_t domid, int pirq)
{
    struct physdev_unmap_pirq u = {.domid = domid, .pirq = pirq};

    return (int)xctl__simple(h, __HYPERVISOR_physdev_op, PHYSDEVOP_unmap_pirq, domid, &u, sizeof(u),
                             NULL, 0, "unmap an interrupt");
}

int xctl_setup_gsi(xctl_handle *h, int gsi, int triggering, int polarity)
{
    struct physdev_setup_gsi s = {
        .gsi = gsi, .triggering = (uint8_t)triggering, .polarity = (uint8_t)polarity};

    return (int)xctl__simple(h, __HYPERVISOR_physdev_op, PHYSDEVOP_setup_gsi, XCTL_NO_DOMAIN, &s,
                             sizeof(s), NULL, 0, "set up an interrupt line");
}

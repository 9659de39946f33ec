/* SPDX-License-Identifier: MIT */
/*
 * ctrl-device.h - hardware given to domains: permissions, mappings, interrupts, PCI devices. The
 * rules of ctrl.h apply. A PCI address is segment 31:16, bus 15:8, device and function 7:0.
 */
#ifndef XENOLITH_CTRL_DEVICE_H
#define XENOLITH_CTRL_DEVICE_H

#include <xenolith/ctrl.h>
#include <xenolith/public/domctl.h>
#include <xenolith/public/physdev.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Grant (allow 1) or take away (0) the right to use something. */
XCTL_CHECK int xctl_allow_irq(xctl_handle *h, domid_t domid, uint32_t pirq, int allow);
XCTL_CHECK int xctl_allow_iomem(xctl_handle *h, domid_t domid, uint64_t first_mfn, uint64_t count,
                                int allow);
XCTL_CHECK int xctl_allow_ioports(xctl_handle *h, domid_t domid, uint32_t first, uint32_t count,
                                  int allow);

/* Device memory and ports in a translated guest's address space; add 1, or remove with 0. */
XCTL_CHECK int xctl_map_iomem(xctl_handle *h, domid_t domid, uint64_t gfn, uint64_t mfn,
                              uint64_t count, int add);
XCTL_CHECK int xctl_map_ioports(xctl_handle *h, domid_t domid, uint32_t guest_port,
                                uint32_t host_port, uint32_t count, int add);

/* PCI devices. -ENODEV: no such device, no IOMMU; -EBUSY: taken. flags XEN_DOMCTL_DEV_RDM_*. */
XCTL_CHECK int xctl_device_assign(xctl_handle *h, domid_t domid, uint32_t sbdf, uint32_t flags);
XCTL_CHECK int xctl_device_test_assign(xctl_handle *h, domid_t domid, uint32_t sbdf);
XCTL_CHECK int xctl_device_deassign(xctl_handle *h, domid_t domid, uint32_t sbdf);
/* Devices that go together with this one: up to max, *ret_count says how many there are. */
XCTL_CHECK int xctl_device_group(xctl_handle *h, domid_t domid, uint32_t sbdf, uint32_t *ret_sbdfs,
                                 uint32_t max, uint32_t *ret_count);

/* Interrupts of a device for a translated guest. */
XCTL_CHECK int xctl_bind_pt_irq(xctl_handle *h, domid_t domid,
                                const struct xen_domctl_bind_pt_irq *bind);
XCTL_CHECK int xctl_unbind_pt_irq(xctl_handle *h, domid_t domid,
                                  const struct xen_domctl_bind_pt_irq *bind);

/* Interrupt lines: pirq is wanted (negative: any), *ret_pirq the one given. */
XCTL_CHECK int xctl_map_gsi(xctl_handle *h, domid_t domid, int gsi, int pirq, int *ret_pirq);
/* entry and table as in struct physdev_map_pirq. */
XCTL_CHECK int xctl_map_msi(xctl_handle *h, domid_t domid, uint32_t sbdf, int pirq, int entry,
                            uint64_t table_base, int *ret_pirq);
XCTL_CHECK int xctl_unmap_pirq(xctl_handle *h, domid_t domid, int pirq);
/* Wiring of a line: triggering 1 level, polarity 1 low. */
XCTL_CHECK int xctl_setup_gsi(xctl_handle *h, int gsi, int triggering, int polarity);

#ifdef __cplusplus
}
#endif

#endif /* XENOLITH_CTRL_DEVICE_H */

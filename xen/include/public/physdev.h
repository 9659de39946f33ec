/* SPDX-License-Identifier: MIT */
/*
 * Public ABI: physdev_op(cmd, arg), interrupts and PCI devices of the host.
 * Most commands need the hardware domain or a device given to the caller
 * (-EPERM).  A pirq is a domain's own number for an interrupt source.
 */
#ifndef XEN_PUBLIC_PHYSDEV_H
#define XEN_PUBLIC_PHYSDEV_H

#include "xen.h"

#define PHYSDEVOP_IRQ_UNMASK_NOTIFY  4 /* obsolete */
#define PHYSDEVOP_irq_status_query   5
#define PHYSDEVOP_set_iopl           6
#define PHYSDEVOP_set_iobitmap       7
#define PHYSDEVOP_apic_read          8
#define PHYSDEVOP_apic_write         9
#define PHYSDEVOP_alloc_irq_vector   10
#define PHYSDEVOP_free_irq_vector    11
#define PHYSDEVOP_eoi                12
#define PHYSDEVOP_map_pirq           13
#define PHYSDEVOP_unmap_pirq         14
#define PHYSDEVOP_manage_pci_add     15
#define PHYSDEVOP_manage_pci_remove  16
#define PHYSDEVOP_pirq_eoi_gmfn_v1   17 /* eoi also unmasks the event channel afterwards */
#define PHYSDEVOP_restore_msi        19
#define PHYSDEVOP_manage_pci_add_ext 20
#define PHYSDEVOP_setup_gsi          21
#define PHYSDEVOP_get_free_pirq      23
#define PHYSDEVOP_pci_mmcfg_reserved 24
#define PHYSDEVOP_pci_device_add     25
#define PHYSDEVOP_pci_device_remove  26 /* physdev_pci_device */
#define PHYSDEVOP_restore_msi_ext    27 /* physdev_pci_device: after resume */
#define PHYSDEVOP_pirq_eoi_gmfn_v2   28
#define PHYSDEVOP_dbgp_op            29
#define PHYSDEVOP_prepare_msix       30 /* physdev_pci_device: its MMIO ranges stay as they are */
#define PHYSDEVOP_release_msix       31 /* physdev_pci_device */
#define PHYSDEVOP_pirq_eoi_gmfn      PHYSDEVOP_pirq_eoi_gmfn_v2

/* IN: the interrupt has been handled. */
struct physdev_eoi {
    uint32_t irq; /* pirq */
};
typedef struct physdev_eoi physdev_eoi_t;

/* IN: a frame in which bit pirq says that this line needs an eoi.  -EBUSY: already set. */
struct physdev_pirq_eoi_gmfn {
    xen_pfn_t gmfn;
};
typedef struct physdev_pirq_eoi_gmfn physdev_pirq_eoi_gmfn_t;

/* physdev_irq_status_query.flags */
#define _XENIRQSTAT_needs_eoi (0)
#define XENIRQSTAT_needs_eoi  (1U << _XENIRQSTAT_needs_eoi)
#define _XENIRQSTAT_shared    (1)
#define XENIRQSTAT_shared     (1U << _XENIRQSTAT_shared)

struct physdev_irq_status_query {
    uint32_t irq;   /* IN: pirq */
    uint32_t flags; /* OUT: XENIRQSTAT_* */
};
typedef struct physdev_irq_status_query physdev_irq_status_query_t;

/* IN: I/O privilege level of the calling vCPU. */
struct physdev_set_iopl {
    uint32_t iopl; /* 0 to 3 */
};
typedef struct physdev_set_iopl physdev_set_iopl_t;

/* IN: ports that user mode of the calling vCPU may use: clear bits. */
struct physdev_set_iobitmap {
    uint64_t bitmap;   /* guest linear address; kept and read at each access */
    uint32_t nr_ports; /* at most 65536 */
};
typedef struct physdev_set_iobitmap physdev_set_iobitmap_t;

/* IN/OUT: a register of the I/O APIC at apic_physbase. */
struct physdev_apic {
    unsigned long apic_physbase; /* IN */
    uint32_t reg;                /* IN */
    uint32_t value;              /* IN for write, OUT for read */
};
typedef struct physdev_apic physdev_apic_t;

/* A vector for a line; the number is only a token for the guest. */
struct physdev_irq {
    uint32_t irq;    /* IN */
    uint32_t vector; /* OUT for alloc */
};
typedef struct physdev_irq physdev_irq_t;

/* physdev_map_pirq.type */
#define MAP_PIRQ_TYPE_MSI       0x0
#define MAP_PIRQ_TYPE_GSI       0x1
#define MAP_PIRQ_TYPE_UNKNOWN   0x2
#define MAP_PIRQ_TYPE_MSI_SEG   0x3
#define MAP_PIRQ_TYPE_MULTI_MSI 0x4

/* Give a domain an interrupt source.  -EEXIST or -EINVAL: pirq is used otherwise. */
struct physdev_map_pirq {
    domid_t domid;       /* IN */
    int type;            /* IN: MAP_PIRQ_TYPE_* */
    int index;           /* IN: GSI number, or the vector for MSI (-1: any) */
    int pirq;            /* IN/OUT: negative: choose one */
    int bus;             /* IN: MSI; segment in bits 31:16 for MSI_SEG and MULTI_MSI */
    int devfn;           /* IN: MSI */
    int entry_nr;        /* IN: MSI-X entry; MULTI_MSI: IN/OUT number of vectors */
    uint64_t table_base; /* IN: physical address of the MSI-X table; 0: plain MSI */
};
typedef struct physdev_map_pirq physdev_map_pirq_t;

/* IN */
struct physdev_unmap_pirq {
    domid_t domid;
    int pirq;
};
typedef struct physdev_unmap_pirq physdev_unmap_pirq_t;

/* IN: a device on segment 0 has appeared or gone. */
struct physdev_manage_pci {
    uint8_t bus;
    uint8_t devfn;
};
typedef struct physdev_manage_pci physdev_manage_pci_t;

/* IN: program the MSI registers again. */
struct physdev_restore_msi {
    uint8_t bus;
    uint8_t devfn;
};
typedef struct physdev_restore_msi physdev_restore_msi_t;

/* IN: a device on segment 0, with what kind of function it is. */
struct physdev_manage_pci_ext {
    uint8_t bus;
    uint8_t devfn;
    uint32_t is_extfn;
    uint32_t is_virtfn;
    struct {
        uint8_t bus;
        uint8_t devfn;
    } physfn; /* of a virtual function */
};
typedef struct physdev_manage_pci_ext physdev_manage_pci_ext_t;

/* IN/OUT: argument of the older physdev_op_compat. */
struct physdev_op {
    uint32_t cmd; /* commands 5 to 11 */
    union {
        physdev_irq_status_query_t irq_status_query;
        physdev_set_iopl_t set_iopl;
        physdev_set_iobitmap_t set_iobitmap;
        physdev_apic_t apic_op;
        physdev_irq_t irq_op;
    } u;
};
typedef struct physdev_op physdev_op_t;

/* IN: how a line is wired, from ACPI. */
struct physdev_setup_gsi {
    int gsi;
    uint8_t triggering; /* 0 edge, 1 level */
    uint8_t polarity;   /* 0 high, 1 low */
};
typedef struct physdev_setup_gsi physdev_setup_gsi_t;

/* -ENOSPC: none left. */
struct physdev_get_free_pirq {
    int type;      /* IN: MAP_PIRQ_TYPE_GSI or _MSI */
    uint32_t pirq; /* OUT */
};
typedef struct physdev_get_free_pirq physdev_get_free_pirq_t;

/* physdev_pci_mmcfg_reserved.flags: the firmware keeps this window free. */
#define XEN_PCI_MMCFG_RESERVED 0x1

/* IN: a PCI configuration window in memory. */
struct physdev_pci_mmcfg_reserved {
    uint64_t address; /* physical, of bus 0 */
    uint16_t segment;
    uint8_t start_bus;
    uint8_t end_bus;
    uint32_t flags;
};
typedef struct physdev_pci_mmcfg_reserved physdev_pci_mmcfg_reserved_t;

/* physdev_pci_device_add.flags */
#define XEN_PCI_DEV_EXTFN  0x1 /* extended function number (ARI) */
#define XEN_PCI_DEV_VIRTFN 0x2 /* virtual function of physfn */
#define XEN_PCI_DEV_PXM    0x4 /* optarr[0] is the ACPI proximity domain */

/* IN: tell the hypervisor of a device. */
struct physdev_pci_device_add {
    uint16_t seg;
    uint8_t bus;
    uint8_t devfn;
    uint32_t flags; /* XEN_PCI_DEV_* */
    struct {
        uint8_t bus;
        uint8_t devfn;
    } physfn;
    __extension__ uint32_t optarr[];
};
typedef struct physdev_pci_device_add physdev_pci_device_add_t;

/* IN: a device by address.  -ENODEV: not known. */
struct physdev_pci_device {
    uint16_t seg;
    uint8_t bus;
    uint8_t devfn;
};
typedef struct physdev_pci_device physdev_pci_device_t;

/* physdev_dbgp_op.op and .bus */
#define PHYSDEVOP_DBGP_RESET_PREPARE 1
#define PHYSDEVOP_DBGP_RESET_DONE    2
#define PHYSDEVOP_DBGP_BUS_UNKNOWN   0
#define PHYSDEVOP_DBGP_BUS_PCI       1

/* IN: the USB controller with the debug port is going to be reset, or has been. */
struct physdev_dbgp_op {
    uint8_t op;
    uint8_t bus;
    union {
        physdev_pci_device_t pci;
    } u;
};
typedef struct physdev_dbgp_op physdev_dbgp_op_t;

#endif /* XEN_PUBLIC_PHYSDEV_H */

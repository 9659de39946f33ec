/* SPDX-License-Identifier: MIT */
/* pci.h - PCI configuration space by ports CF8/CFC and by MMCONFIG. */
#ifndef XEN_PCI_H
#define XEN_PCI_H

#include <xen/types.h>

typedef struct {
    u16 seg;
    u8 bus, devfn;
} pci_sbdf_t;

/* size 1, 2 or 4; reads of absent devices give all ones. reg up to 255 (4095 with MMCONFIG). */
u32 pci_read(pci_sbdf_t dev, unsigned int reg, unsigned int size);
void pci_write(pci_sbdf_t dev, unsigned int reg, unsigned int size, u32 val);
/* Offset of a capability (0x05 MSI, 0x11 MSI-X), 0: none. */
unsigned int pci_find_cap(pci_sbdf_t dev, u8 cap);
/* The hardware domain's access through ports CF8/CFC: cf8 is its latch. */
u32 pci_port_read(u32 cf8, unsigned int offset, unsigned int size);
void pci_port_write(u32 cf8, unsigned int offset, unsigned int size, u32 val);

#endif /* XEN_PCI_H */

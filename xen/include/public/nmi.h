/* SPDX-License-Identifier: MIT */
/*
 * Public ABI: nmi_op(cmd, arg), delivery of NMIs to vCPU 0 of the hardware
 * domain (-EINVAL for every other vCPU).
 */
#ifndef XEN_PUBLIC_NMI_H
#define XEN_PUBLIC_NMI_H

#include "xen.h"

/* arch_shared_info.nmi_reason */
#define _XEN_NMIREASON_io_error 0 /* I/O channel check, port 0x61 bit 6 */
#define XEN_NMIREASON_io_error  (1UL << _XEN_NMIREASON_io_error)
#define _XEN_NMIREASON_pci_serr 1 /* PCI system error, port 0x61 bit 7 */
#define XEN_NMIREASON_pci_serr  (1UL << _XEN_NMIREASON_pci_serr)
#define _XEN_NMIREASON_unknown  2
#define XEN_NMIREASON_unknown   (1UL << _XEN_NMIREASON_unknown)

#define XENNMI_register_callback   0 /* xennmi_callback */
#define XENNMI_unregister_callback 1 /* arg 0 */

/* IN */
struct xennmi_callback {
    unsigned long handler_address; /* guest linear address */
    unsigned long pad;
};
typedef struct xennmi_callback xennmi_callback_t;

#endif /* XEN_PUBLIC_NMI_H */

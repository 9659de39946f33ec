/* SPDX-License-Identifier: MIT */
/*
 * Public ABI: where HVM firmware finds its memory map, and where RAM ends
 * below 4 GiB by default.
 */
#ifndef XEN_PUBLIC_HVM_E820_H
#define XEN_PUBLIC_HVM_E820_H

#define HVM_E820_PAGE      0x00090000 /* guest-physical */
#define HVM_E820_NR_OFFSET 0x000001E8 /* bytes in that page */
#define HVM_E820_OFFSET    0x000002D0

#define HVM_BELOW_4G_RAM_END     0xF0000000
#define HVM_BELOW_4G_MMIO_START  HVM_BELOW_4G_RAM_END
#define HVM_BELOW_4G_MMIO_LENGTH (0x100000000ULL - HVM_BELOW_4G_MMIO_START)

#endif /* XEN_PUBLIC_HVM_E820_H */

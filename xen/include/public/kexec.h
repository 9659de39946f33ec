/* SPDX-License-Identifier: MIT */
/*
 * Public ABI: kexec_op(cmd, arg), start another kernel on the bare machine, on
 * request or after a crash.  Dom0 only (-EPERM); addresses are machine
 * addresses, sizes bytes.
 */
#ifndef XEN_PUBLIC_KEXEC_H
#define XEN_PUBLIC_KEXEC_H

#include "xen.h"

#define KEXEC_XEN_NO_PAGES 17
#define KEXEC_TYPE_DEFAULT 0
#define KEXEC_TYPE_CRASH   1

#define KEXEC_CMD_kexec           0
#define KEXEC_CMD_kexec_load_v1   1 /* obsolete */
#define KEXEC_CMD_kexec_unload_v1 2
#define KEXEC_CMD_kexec_get_range 3
#define KEXEC_CMD_kexec_load      4
#define KEXEC_CMD_kexec_unload    5
#define KEXEC_CMD_kexec_status    6 /* returns 1 if an image is loaded */

/* xen_kexec_range.range */
#define KEXEC_RANGE_MA_CRASH      0
#define KEXEC_RANGE_MA_XEN        1
#define KEXEC_RANGE_MA_CPU        2 /* crash note of CPU nr */
#define KEXEC_RANGE_MA_XENHEAP    3
#define KEXEC_RANGE_MA_BOOT_PARAM 4
#define KEXEC_RANGE_MA_EFI_MEMMAP 5
#define KEXEC_RANGE_MA_VMCOREINFO 6

/* IN.  -ENOENT: nothing loaded. */
typedef struct xen_kexec_exec {
    int type; /* KEXEC_TYPE_* */
} xen_kexec_exec_t;

typedef struct xen_kexec_range {
    int range;           /* IN */
    int nr;              /* IN */
    unsigned long size;  /* OUT; 0: none */
    unsigned long start; /* OUT */
} xen_kexec_range_t;

/* IN: a part of the image; what the buffer does not fill is cleared. */
typedef struct xen_kexec_segment {
    union {
        uint64_t h; /* guest linear address, or 0 */
        uint64_t _pad;
    } buf;
    uint64_t buf_size;
    uint64_t dest_maddr;
    uint64_t dest_size;
} xen_kexec_segment_t;

/* IN.  -EADDRNOTAVAIL or -EINVAL: a crash image must lie in KEXEC_RANGE_MA_CRASH. */
typedef struct xen_kexec_load {
    uint8_t type;
    uint8_t _pad;
    uint16_t arch; /* ELF machine */
    uint32_t nr_segments;
    union {
        uint64_t h; /* guest pointer, xen_kexec_segment[nr_segments] */
        uint64_t _pad;
    } segments;
    uint64_t entry_maddr;
} xen_kexec_load_t;

/* IN */
typedef struct xen_kexec_unload {
    uint8_t type;
} xen_kexec_unload_t;

/* IN */
typedef struct xen_kexec_status {
    uint8_t type;
} xen_kexec_status_t;

#endif /* XEN_PUBLIC_KEXEC_H */

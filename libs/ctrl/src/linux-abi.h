/* SPDX-License-Identifier: MIT */
/* linux-abi.h - the devices in /dev/xen: ioctl numbers and their arguments, as Linux has them. */
#ifndef XENOLITH_CTRL_LINUX_ABI_H
#define XENOLITH_CTRL_LINUX_ABI_H

#include <stdint.h>

#define PRIVCMD_HYPERCALL     0x00305000UL
#define PRIVCMD_MMAPBATCH     0x00185003UL
#define PRIVCMD_MMAPBATCH_V2  0x00205004UL
#define PRIVCMD_DM_OP         0x00105005UL
#define PRIVCMD_RESTRICT      0x00025006UL
#define PRIVCMD_MMAP_RESOURCE 0x00205007UL

struct privcmd_hypercall {
    uint64_t op;
    uint64_t arg[5];
};

struct privcmd_mmapbatch {
    int32_t num;
    uint16_t dom;
    uint16_t pad;
    uint64_t addr;
    uint64_t arr; /* frames; failed ones come back with bits set */
};
#define PRIVCMD_BATCH_ERROR 0xf0000000ULL
#define PRIVCMD_BATCH_PAGED 0x80000000ULL

struct privcmd_mmapbatch_v2 {
    uint32_t num;
    uint16_t dom;
    uint16_t pad;
    uint64_t addr;
    uint64_t arr;
    uint64_t err; /* int for each frame */
};

struct privcmd_dm_buf {
    uint64_t ptr;
    uint64_t size;
};

struct privcmd_dm_op {
    uint16_t dom;
    uint16_t num;
    uint32_t pad;
    uint64_t bufs;
};

struct privcmd_resource {
    uint16_t dom;
    uint16_t pad;
    uint32_t type;
    uint32_t id;
    uint32_t idx;
    uint64_t num;
    uint64_t addr;
};

#define EVTCHN_BIND_VIRQ        0x00044500UL
#define EVTCHN_BIND_INTERDOMAIN 0x00084501UL
#define EVTCHN_BIND_UNBOUND     0x00044502UL
#define EVTCHN_UNBIND           0x00044503UL
#define EVTCHN_NOTIFY           0x00044504UL
#define EVTCHN_RESET            0x00004505UL
#define EVTCHN_RESTRICT         0x00024506UL

#define GNTDEV_MAP          0x00184700UL
#define GNTDEV_UNMAP        0x00104701UL
#define GNTDEV_UNMAP_NOTIFY 0x00104707UL
#define GNTDEV_COPY         0x00104708UL
#define GNTALLOC_ALLOC      0x00184705UL
#define GNTALLOC_FREE       0x00104706UL
#define GNTALLOC_NOTIFY     0x00104707UL
#define NOTIFY_CLEAR_BYTE   1U
#define NOTIFY_SEND_EVENT   2U

struct gntdev_ref {
    uint32_t domid;
    uint32_t ref;
};

struct gntdev_map {
    uint32_t count;
    uint32_t pad;
    uint64_t index; /* out: where to mmap */
    struct gntdev_ref refs[];
};

struct gntdev_unmap {
    uint64_t index;
    uint32_t count;
    uint32_t pad;
};

/* index counts bytes: that of the page plus the byte in it. */
struct gntdev_notify {
    uint64_t index;
    uint32_t action;
    uint32_t port;
};

struct gntdev_copy_end {
    union {
        uint64_t virt;
        struct {
            uint32_t ref;
            uint16_t offset;
            uint16_t domid;
        } foreign;
    } u;
};

struct gntdev_copy_segment {
    struct gntdev_copy_end source, dest;
    uint16_t len;
    uint16_t flags; /* GNTCOPY_* */
    int16_t status;
    uint16_t pad;
};

struct gntdev_copy {
    uint32_t count;
    uint32_t pad;
    uint64_t segments;
};

struct gntalloc_alloc {
    uint16_t domid;
    uint16_t flags; /* 1: writable */
    uint32_t count;
    uint64_t index; /* out */
    uint32_t refs[];
};

#endif /* XENOLITH_CTRL_LINUX_ABI_H */

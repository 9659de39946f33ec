/* SPDX-License-Identifier: MIT */
/*
 * Public ABI: dm_op(domid, nr_bufs, bufs), the operations of a device model on
 * its guest.  bufs is an array of xen_dm_op_buf; the first holds a xen_dm_op,
 * others hold data where a command says so.  -EPERM: not the guest's device
 * model; -ESRCH: no such domain; -EFAULT: a buffer is missing or too short.
 *
 * An I/O server is a device model that has registered port, memory or PCI
 * ranges; accesses of the guest to them are sent to it.
 */
#ifndef XEN_PUBLIC_HVM_DM_OP_H
#define XEN_PUBLIC_HVM_DM_OP_H

#include "../xen.h"
#include "../event_channel.h"

#define XEN_DMOP_create_ioreq_server              1
#define XEN_DMOP_get_ioreq_server_info            2
#define XEN_DMOP_map_io_range_to_ioreq_server     3
#define XEN_DMOP_unmap_io_range_from_ioreq_server 4
#define XEN_DMOP_set_ioreq_server_state           5
#define XEN_DMOP_destroy_ioreq_server             6
#define XEN_DMOP_track_dirty_vram                 7 /* buffer 1: OUT bitmap of changed pages */
#define XEN_DMOP_set_pci_intx_level               8
#define XEN_DMOP_set_isa_irq_level                9
#define XEN_DMOP_set_pci_link_route               10
#define XEN_DMOP_modified_memory                  11 /* buffer 1: IN xen_dm_op_modified_memory_extent[] */
#define XEN_DMOP_set_mem_type                     12
#define XEN_DMOP_inject_event                     13
#define XEN_DMOP_inject_msi                       14
#define XEN_DMOP_map_mem_type_to_ioreq_server     15
#define XEN_DMOP_remote_shutdown                  16
#define XEN_DMOP_relocate_memory                  17
#define XEN_DMOP_pin_memory_cacheattr             18
#define XEN_DMOP_set_irq_level                    19 /* not on x86 */
#define XEN_DMOP_nr_vcpus                         20

typedef uint16_t ioservid_t; /* names an I/O server of one guest */

struct xen_dm_op_create_ioreq_server {
    uint8_t handle_bufioreq; /* IN: HVM_IOREQSRV_BUFIOREQ_* */
    uint8_t pad[3];
    ioservid_t id; /* OUT */
};
typedef struct xen_dm_op_create_ioreq_server xen_dm_op_create_ioreq_server_t;

/* .flags: the caller will use XENMEM_acquire_resource instead of the frames */
#define _XEN_DMOP_no_gfns 0
#define XEN_DMOP_no_gfns  (1U << _XEN_DMOP_no_gfns)

struct xen_dm_op_get_ioreq_server_info {
    ioservid_t id;               /* IN */
    uint16_t flags;              /* IN */
    evtchn_port_t bufioreq_port; /* OUT */
    uint64_t ioreq_gfn;          /* OUT: page of synchronous requests */
    uint64_t bufioreq_gfn;       /* OUT: page of the buffered ring */
};
typedef struct xen_dm_op_get_ioreq_server_info xen_dm_op_get_ioreq_server_info_t;

#define XEN_DMOP_IO_RANGE_PORT   0
#define XEN_DMOP_IO_RANGE_MEMORY 1
#define XEN_DMOP_IO_RANGE_PCI    2 /* start and end from XEN_DMOP_PCI_SBDF */
#define XEN_DMOP_PCI_SBDF(s, b, d, f) \
    ((((s)&0xffff) << 16) | (((b)&0xff) << 8) | (((d)&0x1f) << 3) | ((f)&0x7))

/* IN: map and unmap.  -EEXIST: overlaps a range of this server. */
struct xen_dm_op_ioreq_server_range {
    ioservid_t id;
    uint16_t pad;
    uint32_t type; /* XEN_DMOP_IO_RANGE_* */
    uint64_t start;
    uint64_t end; /* included */
};
typedef struct xen_dm_op_ioreq_server_range xen_dm_op_ioreq_server_range_t;

/* IN: requests are sent only while enabled. */
struct xen_dm_op_set_ioreq_server_state {
    ioservid_t id;
    uint8_t enabled;
    uint8_t pad;
};
typedef struct xen_dm_op_set_ioreq_server_state xen_dm_op_set_ioreq_server_state_t;

/* IN */
struct xen_dm_op_destroy_ioreq_server {
    ioservid_t id;
    uint16_t pad;
};
typedef struct xen_dm_op_destroy_ioreq_server xen_dm_op_destroy_ioreq_server_t;

/* IN */
struct xen_dm_op_track_dirty_vram {
    uint32_t nr; /* pages; 0: stop */
    uint32_t pad;
    uint64_t first_pfn;
};
typedef struct xen_dm_op_track_dirty_vram xen_dm_op_track_dirty_vram_t;

/* IN: drive an interrupt pin; level 0 or 1. */
struct xen_dm_op_set_pci_intx_level {
    uint16_t domain; /* 0 */
    uint8_t bus;     /* 0 */
    uint8_t device;
    uint8_t intx;
    uint8_t level;
};
typedef struct xen_dm_op_set_pci_intx_level xen_dm_op_set_pci_intx_level_t;

/* IN */
struct xen_dm_op_set_isa_irq_level {
    uint8_t isa_irq; /* 0 to 15 */
    uint8_t level;
};
typedef struct xen_dm_op_set_isa_irq_level xen_dm_op_set_isa_irq_level_t;

/* IN: PCI interrupt router. */
struct xen_dm_op_set_pci_link_route {
    uint8_t link;    /* 0 to 3 */
    uint8_t isa_irq; /* 1 to 15; 0: off */
};
typedef struct xen_dm_op_set_pci_link_route xen_dm_op_set_pci_link_route_t;

/* The device model has written guest memory. */
struct xen_dm_op_modified_memory {
    uint32_t nr_extents; /* IN; OUT of an error: index of the culprit plus 1 */
    uint32_t opaque;     /* IN: 0 */
};
typedef struct xen_dm_op_modified_memory xen_dm_op_modified_memory_t;

/* IN */
struct xen_dm_op_modified_memory_extent {
    uint32_t nr; /* pages */
    uint32_t pad;
    uint64_t first_pfn;
};

/* IN */
struct xen_dm_op_set_mem_type {
    uint32_t nr;       /* pages */
    uint16_t mem_type; /* HVMMEM_* */
    uint16_t pad;
    uint64_t first_pfn;
};
typedef struct xen_dm_op_set_mem_type xen_dm_op_set_mem_type_t;

/* xen_dm_op_inject_event.type, as in the virtualization controls of the CPU */
#define XEN_DMOP_EVENT_ext_int    0
#define XEN_DMOP_EVENT_nmi        2
#define XEN_DMOP_EVENT_hw_exc     3
#define XEN_DMOP_EVENT_sw_int     4 /* INT n */
#define XEN_DMOP_EVENT_pri_sw_exc 5 /* INT1 */
#define XEN_DMOP_EVENT_sw_exc     6 /* INT3, INTO */

/* IN: make a vCPU take an exception or interrupt. */
struct xen_dm_op_inject_event {
    uint32_t vcpuid;
    uint8_t vector;
    uint8_t type;
    uint8_t insn_len; /* bytes, software events */
    uint8_t pad0;
    uint32_t error_code; /* all ones: none */
    uint32_t pad1;
    uint64_t cr2; /* page fault address; pending DR6 bits for a debug exception */
};
typedef struct xen_dm_op_inject_event xen_dm_op_inject_event_t;

/* IN: a message-signalled interrupt, as a device would write it. */
struct xen_dm_op_inject_msi {
    uint32_t data;
    uint32_t pad;
    uint64_t addr;
};
typedef struct xen_dm_op_inject_msi xen_dm_op_inject_msi_t;

#define XEN_DMOP_IOREQ_MEM_ACCESS_READ  (1U << 0)
#define XEN_DMOP_IOREQ_MEM_ACCESS_WRITE (1U << 1)

/* IN: send accesses to pages of a type to a server. */
struct xen_dm_op_map_mem_type_to_ioreq_server {
    ioservid_t id;
    uint16_t type;   /* HVMMEM_ioreq_server */
    uint32_t flags;  /* XEN_DMOP_IOREQ_MEM_ACCESS_*; 0: stop */
    uint64_t opaque; /* 0 */
};
typedef struct xen_dm_op_map_mem_type_to_ioreq_server xen_dm_op_map_mem_type_to_ioreq_server_t;

/* IN: see sched.h. */
struct xen_dm_op_remote_shutdown {
    uint32_t reason; /* SHUTDOWN_* */
};
typedef struct xen_dm_op_remote_shutdown xen_dm_op_remote_shutdown_t;

/* IN: move guest memory; the fields change while the call is continued. */
struct xen_dm_op_relocate_memory {
    uint32_t size; /* pages */
    uint32_t pad;
    uint64_t src_gfn;
    uint64_t dst_gfn;
};
typedef struct xen_dm_op_relocate_memory xen_dm_op_relocate_memory_t;

/* Memory types, as in x86 PAT. */
#define XEN_DMOP_MEM_CACHEATTR_UC     0
#define XEN_DMOP_MEM_CACHEATTR_WC     1
#define XEN_DMOP_MEM_CACHEATTR_WT     4
#define XEN_DMOP_MEM_CACHEATTR_WP     5
#define XEN_DMOP_MEM_CACHEATTR_WB     6
#define XEN_DMOP_MEM_CACHEATTR_UCM    7
#define XEN_DMOP_DELETE_MEM_CACHEATTR (~(uint32_t)0)

/* IN: fix the memory type of a guest range. */
struct xen_dm_op_pin_memory_cacheattr {
    uint64_t start; /* guest frames, end included */
    uint64_t end;
    uint32_t type;
    uint32_t pad;
};
typedef struct xen_dm_op_pin_memory_cacheattr xen_dm_op_pin_memory_cacheattr_t;

/* IN */
struct xen_dm_op_set_irq_level {
    uint32_t irq;
    uint8_t level;
    uint8_t pad[3];
};
typedef struct xen_dm_op_set_irq_level xen_dm_op_set_irq_level_t;

/* OUT */
struct xen_dm_op_nr_vcpus {
    uint32_t vcpus;
};
typedef struct xen_dm_op_nr_vcpus xen_dm_op_nr_vcpus_t;

/* IN/OUT: the content of buffer 0. */
struct xen_dm_op {
    uint32_t op; /* XEN_DMOP_* */
    uint32_t pad;
    union {
        xen_dm_op_create_ioreq_server_t create_ioreq_server;
        xen_dm_op_get_ioreq_server_info_t get_ioreq_server_info;
        xen_dm_op_ioreq_server_range_t map_io_range_to_ioreq_server;
        xen_dm_op_ioreq_server_range_t unmap_io_range_from_ioreq_server;
        xen_dm_op_set_ioreq_server_state_t set_ioreq_server_state;
        xen_dm_op_destroy_ioreq_server_t destroy_ioreq_server;
        xen_dm_op_track_dirty_vram_t track_dirty_vram;
        xen_dm_op_set_pci_intx_level_t set_pci_intx_level;
        xen_dm_op_set_isa_irq_level_t set_isa_irq_level;
        xen_dm_op_set_irq_level_t set_irq_level;
        xen_dm_op_set_pci_link_route_t set_pci_link_route;
        xen_dm_op_modified_memory_t modified_memory;
        xen_dm_op_set_mem_type_t set_mem_type;
        xen_dm_op_inject_event_t inject_event;
        xen_dm_op_inject_msi_t inject_msi;
        xen_dm_op_map_mem_type_to_ioreq_server_t map_mem_type_to_ioreq_server;
        xen_dm_op_remote_shutdown_t remote_shutdown;
        xen_dm_op_relocate_memory_t relocate_memory;
        xen_dm_op_pin_memory_cacheattr_t pin_memory_cacheattr;
        xen_dm_op_nr_vcpus_t nr_vcpus;
    } u;
};

/* IN: one buffer of the caller. */
struct xen_dm_op_buf {
    uint64_t h;       /* guest linear address */
    xen_ulong_t size; /* bytes */
};
typedef struct xen_dm_op_buf xen_dm_op_buf_t;

#endif /* XEN_PUBLIC_HVM_DM_OP_H */

/* SPDX-License-Identifier: MIT */
/*
 * Public ABI: hvm_op(cmd, arg), operations of and on HVM and PVH domains.
 * -ESRCH: no such domain; -EPERM: not the caller's to change; -EINVAL: the
 * domain is PV or the index unknown.
 */
#ifndef XEN_PUBLIC_HVM_HVM_OP_H
#define XEN_PUBLIC_HVM_HVM_OP_H

#include "../xen.h"
#include "../trace.h"
#include "../event_channel.h"

#define HVMOP_set_param                0
#define HVMOP_get_param                1
#define HVMOP_flush_tlbs               5 /* arg 0: all vCPUs of the caller */
#define HVMOP_pagetable_dying          9
#define HVMOP_get_time                 10
#define HVMOP_xentrace                 11
#define HVMOP_set_mem_access           12 /* replaced by XENMEM_access_op */
#define HVMOP_get_mem_access           13
#define HVMOP_get_mem_type             15
#define HVMOP_set_evtchn_upcall_vector 23
#define HVMOP_guest_request_vm_event   24 /* arg 0 */
#define HVMOP_altp2m                   25

/* See params.h. */
struct xen_hvm_param {
    domid_t domid; /* IN */
    uint16_t pad;
    uint32_t index; /* IN: HVM_PARAM_* */
    uint64_t value; /* IN for set, OUT for get */
};
typedef struct xen_hvm_param xen_hvm_param_t;

/* Kinds of guest memory. */
typedef enum {
    HVMMEM_ram_rw,
    HVMMEM_ram_ro,  /* writes are dropped */
    HVMMEM_mmio_dm, /* device model */
    HVMMEM_unused,
    HVMMEM_ioreq_server /* writes go to an I/O server */
} hvmmem_type_t;

/* IN: the guest is about to free a page table. */
struct xen_hvm_pagetable_dying {
    domid_t domid;
    uint16_t pad[3];
    uint64_t gpa; /* guest-physical address of its top level */
};
typedef struct xen_hvm_pagetable_dying xen_hvm_pagetable_dying_t;

struct xen_hvm_get_time {
    uint64_t now; /* OUT: system time, ns */
};
typedef struct xen_hvm_get_time xen_hvm_get_time_t;

/* IN: a trace record from the guest. */
struct xen_hvm_xentrace {
    uint16_t event;
    uint16_t extra_bytes;
    uint8_t extra[TRACE_EXTRA_MAX * sizeof(uint32_t)];
};
typedef struct xen_hvm_xentrace xen_hvm_xentrace_t;

struct xen_hvm_get_mem_type {
    domid_t domid;     /* IN */
    uint16_t mem_type; /* OUT: hvmmem_type_t */
    uint16_t pad[2];
    uint64_t pfn; /* IN */
};
typedef struct xen_hvm_get_mem_type xen_hvm_get_mem_type_t;

/* XEN_DMOP_create_ioreq_server: the ring for buffered writes. */
#define HVM_IOREQSRV_BUFIOREQ_OFF    0
#define HVM_IOREQSRV_BUFIOREQ_LEGACY 1
#define HVM_IOREQSRV_BUFIOREQ_ATOMIC 2 /* both indices are read at once */

/* IN: deliver events of one vCPU as this interrupt vector, 16 to 255. */
struct xen_hvm_evtchn_upcall_vector {
    uint32_t vcpu;
    uint8_t vector;
};
typedef struct xen_hvm_evtchn_upcall_vector xen_hvm_evtchn_upcall_vector_t;

#endif /* XEN_PUBLIC_HVM_HVM_OP_H */

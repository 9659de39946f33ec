/* SPDX-License-Identifier: MIT */
/*
 * Public ABI: memory_op(cmd, arg), what memory a domain has and where.
 *
 * The low 6 bits of cmd are a XENMEM_* number; the rest is 0 from a guest and
 * holds the position of a continued call.  arg points to the struct of the
 * command.  A domid of DOMID_SELF is the caller; another one needs the right
 * to control it (-EPERM, -ESRCH).  Counts are in 4 KiB pages.
 */
#ifndef XEN_PUBLIC_MEMORY_H
#define XEN_PUBLIC_MEMORY_H

#include "xen.h"
#include "physdev.h"

#define XENMEM_increase_reservation       0
#define XENMEM_decrease_reservation       1
#define XENMEM_maximum_ram_page           2 /* arg 0; returns the highest RAM mfn */
#define XENMEM_current_reservation        3 /* domid_t; returns pages */
#define XENMEM_maximum_reservation        4 /* domid_t; returns pages */
#define XENMEM_machphys_mfn_list          5
#define XENMEM_populate_physmap           6
#define XENMEM_add_to_physmap             7
#define XENMEM_memory_map                 9
#define XENMEM_machine_memory_map         10 /* xen_memory_map: the host's; hardware domain */
#define XENMEM_exchange                   11
#define XENMEM_machphys_mapping           12
#define XENMEM_set_memory_map             13
#define XENMEM_maximum_gpfn               14 /* domid_t; returns the highest guest frame */
#define XENMEM_remove_from_physmap        15
#define XENMEM_set_pod_target             16
#define XENMEM_get_pod_target             17
#define XENMEM_get_sharing_freed_pages    18 /* arg 0; returns pages */
#define XENMEM_get_sharing_shared_pages   19 /* arg 0; returns pages */
#define XENMEM_paging_op                  20
#define XENMEM_access_op                  21
#define XENMEM_sharing_op                 22
#define XENMEM_add_to_physmap_batch       23
#define XENMEM_claim_pages                24 /* xen_memory_reservation */
#define XENMEM_machphys_compat_mfn_list   25 /* xen_machphys_mfn_list, 32-bit table */
#define XENMEM_get_vnumainfo              26
#define XENMEM_reserved_device_memory_map 27
#define XENMEM_acquire_resource           28

/* xen_memory_reservation.mem_flags: address width limit in bits 7:0, node + 1 in 15:8. */
#define XENMEMF_address_bits(x)     (x)
#define XENMEMF_get_address_bits(x) ((x)&0xffU)
#define XENMEMF_node(x)             (((x) + 1) << 8)
#define XENMEMF_get_node(x)         ((((x) >> 8) - 1) & 0xffU)
#define XENMEMF_populate_on_demand  (1 << 16)
#define XENMEMF_exact_node_request  (1 << 17) /* fail rather than take another node */
#define XENMEMF_exact_node(n)       (XENMEMF_node(n) | XENMEMF_exact_node_request)
#define XENMEMF_vnode               (1 << 18) /* the node is one of the domain's own */

/*
 * IN/OUT: a list of extents of 2^extent_order pages.  The call returns how
 * many were done; a short count is no error.
 *   increase: OUT machine frames that the domain got (extent_start may be 0)
 *   decrease: IN frames to give back (PV: machine frames, else guest frames)
 *   populate: IN guest frames to fill with memory, OUT for PV machine frames
 *   claim:    extent_start 0; nr_extents is the number of pages to set aside
 */
struct xen_memory_reservation {
    uint64_t extent_start; /* guest pointer, xen_pfn_t[nr_extents] */
    xen_ulong_t nr_extents;
    unsigned int extent_order;
    unsigned int mem_flags; /* XENMEMF_* */
    domid_t domid;
};
typedef struct xen_memory_reservation xen_memory_reservation_t;

/*
 * IN/OUT, PV: give back the extents of in for others of the same total size
 * at the pfns listed in out, which receives the machine frames.
 */
struct xen_memory_exchange {
    struct xen_memory_reservation in;
    struct xen_memory_reservation out;
    xen_ulong_t nr_exchanged; /* IN 0; OUT extents of in that are done */
};
typedef struct xen_memory_exchange xen_memory_exchange_t;

/* IN: argument of the commands that take only a domain. */
struct xen_memory_domain {
    domid_t domid;
};

/* Frames of the M2P table, one for each 2 MiB. */
struct xen_machphys_mfn_list {
    unsigned int max_extents; /* IN */
    uint64_t extent_start;    /* IN: guest pointer, xen_pfn_t[max_extents], OUT */
    unsigned int nr_extents;  /* OUT */
};
typedef struct xen_machphys_mfn_list xen_machphys_mfn_list_t;

/* OUT: where a PV guest sees the M2P table. */
struct xen_machphys_mapping {
    xen_ulong_t v_start; /* linear addresses */
    xen_ulong_t v_end;
    xen_ulong_t max_mfn; /* last frame that can be looked up */
};
typedef struct xen_machphys_mapping xen_machphys_mapping_t;

/* What xen_add_to_physmap.space takes idx to mean. */
#define XENMAPSPACE_shared_info  0 /* the shared_info page; idx 0 */
#define XENMAPSPACE_grant_table  1 /* idx: page of the grant table */
#define XENMAPSPACE_gmfn         2 /* idx: another frame of the same domain */
#define XENMAPSPACE_gmfn_range   3 /* as gmfn, for size frames; not in a batch */
#define XENMAPSPACE_gmfn_foreign 4 /* idx: frame of another domain; in a batch only */
#define XENMAPSPACE_dev_mmio     5 /* not on x86 */

/* With XENMAPSPACE_grant_table: a page of status words. */
#define XENMAPIDX_grant_table_status 0x80000000

/* IN: make a page appear at gpfn of a translated guest. */
struct xen_add_to_physmap {
    domid_t domid;
    uint16_t size;      /* pages, gmfn_range only */
    unsigned int space; /* XENMAPSPACE_* */
    xen_ulong_t idx;
    xen_pfn_t gpfn;
};
typedef struct xen_add_to_physmap xen_add_to_physmap_t;

/* IN: several pages, with an error code for each. */
struct xen_add_to_physmap_batch {
    domid_t domid;
    uint16_t space; /* XENMAPSPACE_* */
    uint16_t size;  /* entries in each array */
    union xen_add_to_physmap_batch_extra {
        domid_t foreign_domid; /* gmfn_foreign */
        uint16_t res0;         /* others: 0 */
    } u;
    uint64_t idxs;  /* guest pointer, xen_ulong_t[size] */
    uint64_t gpfns; /* guest pointer, xen_pfn_t[size] */
    uint64_t errs;  /* guest pointer, int[size], OUT */
};
typedef struct xen_add_to_physmap_batch xen_add_to_physmap_batch_t;

/* IN: empty a frame of a translated guest. */
struct xen_remove_from_physmap {
    domid_t domid;
    xen_pfn_t gpfn;
};
typedef struct xen_remove_from_physmap xen_remove_from_physmap_t;

/* The memory map.  -EINVAL: too few entries for the host's map. */
struct xen_memory_map {
    unsigned int nr_entries; /* IN space, OUT entries used */
    uint64_t buffer;         /* IN: guest pointer, e820 entries of 20 bytes, OUT; 0: count only */
};
typedef struct xen_memory_map xen_memory_map_t;

/* IN: the map that the domain will see. */
struct xen_foreign_memory_map {
    domid_t domid;
    struct xen_memory_map map;
};
typedef struct xen_foreign_memory_map xen_foreign_memory_map_t;

/* Populate-on-demand: pages the domain shall have, and what is there now. */
struct xen_pod_target {
    uint64_t target_pages; /* IN for set */
    uint64_t tot_pages;    /* OUT */
    uint64_t pod_cache_pages;
    uint64_t pod_entries; /* guest frames without a page */
    domid_t domid;        /* IN */
};
typedef struct xen_pod_target xen_pod_target_t;

#define XENMEM_paging_op_nominate 0
#define XENMEM_paging_op_evict    1
#define XENMEM_paging_op_prep     2

/* IN: move a page of a guest out to a pager, or back. */
struct xen_mem_paging_op {
    uint8_t op; /* XENMEM_paging_op_* */
    domid_t domain;
    uint64_t buffer; /* guest pointer to the content, prep */
    uint64_t gfn;
};
typedef struct xen_mem_paging_op xen_mem_paging_op_t;

#define XENMEM_access_op_set_access       0
#define XENMEM_access_op_get_access       1
#define XENMEM_access_op_set_access_multi 4

typedef enum {
    XENMEM_access_n,
    XENMEM_access_r,
    XENMEM_access_w,
    XENMEM_access_rw,
    XENMEM_access_x,
    XENMEM_access_rx,
    XENMEM_access_wx,
    XENMEM_access_rwx,
    XENMEM_access_rx2rw, /* rx, becomes rw on a write */
    XENMEM_access_n2rwx, /* reports the first use, then rwx */
    XENMEM_access_default
} xenmem_access_t;

/* IN/OUT: access rights of guest frames, for a monitor. */
struct xen_mem_access_op {
    uint8_t op;     /* XENMEM_access_op_* */
    uint8_t access; /* XENMEM_access_*; OUT for get */
    domid_t domid;
    uint32_t nr;          /* frames */
    uint64_t pfn;         /* first; all ones: the default */
    uint64_t pfn_list;    /* guest pointer, uint64_t[nr], multi */
    uint64_t access_list; /* guest pointer, uint8_t[nr], multi */
};
typedef struct xen_mem_access_op xen_mem_access_op_t;

#define XENMEM_sharing_op_nominate_gfn  0
#define XENMEM_sharing_op_nominate_gref 1
#define XENMEM_sharing_op_share         2
#define XENMEM_sharing_op_debug_gfn     3
#define XENMEM_sharing_op_debug_mfn     4
#define XENMEM_sharing_op_debug_gref    5
#define XENMEM_sharing_op_add_physmap   6
#define XENMEM_sharing_op_audit         7
#define XENMEM_sharing_op_range_share   8
#define XENMEM_sharing_op_fork          9
#define XENMEM_sharing_op_fork_reset    10

/* Errors of share beside the usual ones: a handle is stale. */
#define XENMEM_SHARING_OP_S_HANDLE_INVALID (-10)
#define XENMEM_SHARING_OP_C_HANDLE_INVALID (-9)

/* A gfn field with this bit holds a grant reference. */
#define XENMEM_SHARING_OP_FIELD_IS_GREF_FLAG (1ULL << 62)

/* xen_mem_sharing_op.u.fork.flags */
#define XENMEM_FORK_WITH_IOMMU_ALLOWED (1U << 0)
#define XENMEM_FORK_BLOCK_INTERRUPTS   (1U << 1)
#define XENMEM_FORK_RESET_STATE        (1U << 2)
#define XENMEM_FORK_RESET_MEMORY       (1U << 3)

/* IN/OUT: deduplication of guest pages.  -EOPNOTSUPP where it is not built in. */
struct xen_mem_sharing_op {
    uint8_t op; /* XENMEM_sharing_op_* */
    domid_t domain;
    union {
        struct mem_sharing_op_nominate {
            union {
                uint64_t gfn;
                uint32_t grant_ref;
            } u;
            uint64_t handle; /* OUT */
        } nominate;
        struct mem_sharing_op_share {
            uint64_t source_gfn;
            uint64_t source_handle;
            uint64_t client_gfn;
            uint64_t client_handle;
            domid_t client_domain;
        } share;
        struct mem_sharing_op_range {
            uint64_t first_gfn;
            uint64_t last_gfn;
            uint64_t opaque; /* 0 */
            domid_t client_domain;
            uint16_t _pad[3];
        } range;
        struct mem_sharing_op_debug {
            union {
                uint64_t gfn;
                uint64_t mfn;
                uint32_t gref;
            } u;
        } debug;
        struct mem_sharing_op_fork {
            domid_t parent_domain;
            uint16_t flags; /* XENMEM_FORK_* */
            uint32_t pad;
        } fork;
    } u;
};
typedef struct xen_mem_sharing_op xen_mem_sharing_op_t;

/* OUT: guest-physical memory that a passed-through device forbids to use. */
struct xen_reserved_device_memory {
    xen_pfn_t start_pfn;
    xen_ulong_t nr_pages;
};
typedef struct xen_reserved_device_memory xen_reserved_device_memory_t;

/* xen_reserved_device_memory_map.flags: of all devices, not of one. */
#define XENMEM_RDM_ALL 1

/* -ENOBUFS: nr_entries was too small and is now what is needed. */
struct xen_reserved_device_memory_map {
    uint32_t flags;          /* IN */
    unsigned int nr_entries; /* IN/OUT */
    uint64_t buffer;         /* IN: guest pointer, xen_reserved_device_memory[], OUT */
    union {
        physdev_pci_device_t pci;
    } dev; /* IN */
};
typedef struct xen_reserved_device_memory_map xen_reserved_device_memory_map_t;

#define XENMEM_resource_ioreq_server                0 /* id: the server */
#define XENMEM_resource_grant_table                 1 /* id: below */
#define XENMEM_resource_vmtrace_buf                 2 /* id: vCPU */
#define XENMEM_resource_grant_table_id_shared       0
#define XENMEM_resource_grant_table_id_status       1
#define XENMEM_resource_ioreq_server_frame_bufioreq 0
#define XENMEM_resource_ioreq_server_frame_ioreq(n) ((n) + 1)

/*
 * Frames of the hypervisor that belong to a domain, for the toolstack to map.
 * nr_frames 0 and frame_list 0 ask for the size, returned in nr_frames.
 */
struct xen_mem_acquire_resource {
    domid_t domid;       /* IN */
    uint16_t type;       /* IN: XENMEM_resource_* */
    uint32_t id;         /* IN */
    uint32_t nr_frames;  /* IN/OUT */
    uint32_t pad;        /* IN: 0 */
    uint64_t frame;      /* IN: first */
    uint64_t frame_list; /* guest pointer, xen_pfn_t[]: PV OUT mfns, HVM IN gfns to map them at */
};
typedef struct xen_mem_acquire_resource xen_mem_acquire_resource_t;

/* A range of guest-physical memory on one virtual node. */
struct xen_vmemrange {
    uint64_t start; /* bytes */
    uint64_t end;
    unsigned int flags;
    unsigned int nid;
};
typedef struct xen_vmemrange xen_vmemrange_t;

/* The domain's NUMA layout.  -ENOBUFS: a count was too small; all are corrected. */
struct xen_vnuma_topology_info {
    domid_t domid; /* IN */
    uint16_t pad;
    unsigned int nr_vnodes; /* IN/OUT */
    unsigned int nr_vcpus;
    unsigned int nr_vmemranges;
    union {
        uint64_t h; /* guest pointer, unsigned int[nr_vnodes * nr_vnodes], OUT */
        uint64_t pad;
    } vdistance;
    union {
        uint64_t h; /* guest pointer, unsigned int[nr_vcpus], OUT */
        uint64_t pad;
    } vcpu_to_vnode;
    union {
        uint64_t h; /* guest pointer, xen_vmemrange[nr_vmemranges], OUT */
        uint64_t pad;
    } vmemrange;
};
typedef struct xen_vnuma_topology_info xen_vnuma_topology_info_t;

#endif /* XEN_PUBLIC_MEMORY_H */

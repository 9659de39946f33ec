/* SPDX-License-Identifier: MIT */
/*
 * Public ABI: grant tables.  A domain lists in shared pages which frames
 * another domain may use; the other domain maps or copies them by reference.
 *
 * grant_table_op(cmd, args, count): args is an array of count structs of the
 * command.  The call fails as a whole only for bad memory or a bad command
 * (-EFAULT, -ENOSYS); each element has its own status, GNTST_*.
 */
#ifndef XEN_PUBLIC_GRANT_TABLE_H
#define XEN_PUBLIC_GRANT_TABLE_H

#include "xen.h"

typedef uint32_t grant_ref_t;    /* index into the granting domain's table */
typedef uint32_t grant_handle_t; /* names a mapping made by the caller */
typedef uint16_t grant_status_t; /* version 2: GTF_reading and GTF_writing of one entry */

/* Entries 0 to 7 belong to the toolstack: it fills in the first two for console and xenstore. */
#define GNTTAB_NR_RESERVED_ENTRIES 8
#define GNTTAB_RESERVED_CONSOLE    0
#define GNTTAB_RESERVED_XENSTORE   1

/* Entry type, flags bits 1:0. */
#define GTF_invalid         (0U)
#define GTF_permit_access   (1U) /* domid may map or copy the frame */
#define GTF_accept_transfer (2U) /* domid may give a frame */
#define GTF_transitive      (3U) /* version 2: passes on somebody else's grant */
#define GTF_type_mask       (3U)

/* Flags of access entries.  reading and writing are set by the hypervisor (version 1). */
#define _GTF_readonly (2)
#define GTF_readonly  (1U << _GTF_readonly)
#define _GTF_reading  (3)
#define GTF_reading   (1U << _GTF_reading)
#define _GTF_writing  (4)
#define GTF_writing   (1U << _GTF_writing)
#define _GTF_PWT      (5) /* cache attributes of the mapping, as in a page table entry */
#define GTF_PWT       (1U << _GTF_PWT)
#define _GTF_PCD      (6)
#define GTF_PCD       (1U << _GTF_PCD)
#define _GTF_PAT      (7)
#define GTF_PAT       (1U << _GTF_PAT)
#define _GTF_sub_page (8) /* version 2: only a part, and only for copies */
#define GTF_sub_page  (1U << _GTF_sub_page)

/* Flags of transfer entries, set by the hypervisor: begun, then done. */
#define _GTF_transfer_committed (2)
#define GTF_transfer_committed  (1U << _GTF_transfer_committed)
#define _GTF_transfer_completed (3)
#define GTF_transfer_completed  (1U << _GTF_transfer_completed)

/* A version 1 table entry, 8 bytes.  The guest writes flags last, after a barrier. */
struct grant_entry_v1 {
    uint16_t flags; /* GTF_* */
    domid_t domid;  /* who may use it */
    uint32_t frame; /* guest frame */
};
typedef struct grant_entry_v1 grant_entry_v1_t;

/* Start of every version 2 entry. */
struct grant_entry_header {
    uint16_t flags;
    domid_t domid;
};
typedef struct grant_entry_header grant_entry_header_t;

/* A version 2 table entry, 16 bytes; flags choose the member. */
union grant_entry_v2 {
    grant_entry_header_t hdr;
    struct {
        grant_entry_header_t hdr;
        uint32_t pad0;
        uint64_t frame;
    } full_page;
    struct {
        grant_entry_header_t hdr;
        uint16_t page_off; /* bytes */
        uint16_t length;   /* bytes */
        uint64_t frame;
    } sub_page;
    struct {
        grant_entry_header_t hdr;
        domid_t trans_domid;
        uint16_t pad0;
        grant_ref_t gref; /* in the table of trans_domid */
    } transitive;
    uint32_t __spacer[4];
};
typedef union grant_entry_v2 grant_entry_v2_t;

#define GNTTABOP_map_grant_ref     0
#define GNTTABOP_unmap_grant_ref   1
#define GNTTABOP_setup_table       2
#define GNTTABOP_dump_table        3
#define GNTTABOP_transfer          4
#define GNTTABOP_copy              5
#define GNTTABOP_query_size        6
#define GNTTABOP_unmap_and_replace 7
#define GNTTABOP_set_version       8
#define GNTTABOP_get_status_frames 9
#define GNTTABOP_get_version       10
#define GNTTABOP_swap_grant_ref    11
#define GNTTABOP_cache_flush       12

/* gnttab_map_grant_ref.flags */
#define _GNTMAP_device_map      (0) /* for DMA */
#define GNTMAP_device_map       (1 << _GNTMAP_device_map)
#define _GNTMAP_host_map        (1) /* for the CPU */
#define GNTMAP_host_map         (1 << _GNTMAP_host_map)
#define _GNTMAP_readonly        (2)
#define GNTMAP_readonly         (1 << _GNTMAP_readonly)
#define _GNTMAP_application_map (3) /* user mode may use it as well */
#define GNTMAP_application_map  (1 << _GNTMAP_application_map)
#define _GNTMAP_contains_pte    (4) /* host_addr is the machine address of a level 1 entry */
#define GNTMAP_contains_pte     (1 << _GNTMAP_contains_pte)
#define _GNTMAP_guest_avail0    (16) /* from here: software bits for the entry */
#define GNTMAP_guest_avail_mask ((uint32_t)~0 << _GNTMAP_guest_avail0)

/* gnttab_copy.flags: that side is named by grant reference instead of frame. */
#define _GNTCOPY_source_gref (0)
#define GNTCOPY_source_gref  (1 << _GNTCOPY_source_gref)
#define _GNTCOPY_dest_gref   (1)
#define GNTCOPY_dest_gref    (1 << _GNTCOPY_dest_gref)

/* gnttab_cache_flush.op */
#define GNTTAB_CACHE_CLEAN       (1U << 0)
#define GNTTAB_CACHE_INVAL       (1U << 1)
#define GNTTAB_CACHE_SOURCE_GREF (1U << 31)

/* status values */
#define GNTST_okay              (0)
#define GNTST_general_error     (-1)
#define GNTST_bad_domain        (-2)
#define GNTST_bad_gntref        (-3)
#define GNTST_bad_handle        (-4)
#define GNTST_bad_virt_addr     (-5)
#define GNTST_bad_dev_addr      (-6)
#define GNTST_no_device_space   (-7)
#define GNTST_permission_denied (-8)
#define GNTST_bad_page          (-9)
#define GNTST_bad_copy_arg      (-10) /* leaves its page or has a bad size */
#define GNTST_address_too_big   (-11)
#define GNTST_eagain            (-12) /* the page is not there now: repeat the call */
#define GNTST_no_space          (-13)

/* Map one granted frame. */
struct gnttab_map_grant_ref {
    uint64_t host_addr;    /* IN: linear address, or see contains_pte */
    uint32_t flags;        /* IN: GNTMAP_* */
    grant_ref_t ref;       /* IN */
    domid_t dom;           /* IN: the granting domain */
    int16_t status;        /* OUT */
    grant_handle_t handle; /* OUT: for the unmap call */
    uint64_t dev_bus_addr; /* OUT: machine address for devices */
};
typedef struct gnttab_map_grant_ref gnttab_map_grant_ref_t;

/* Undo a mapping or one of its halves; an address of 0 leaves that half. */
struct gnttab_unmap_grant_ref {
    uint64_t host_addr;    /* IN */
    uint64_t dev_bus_addr; /* IN */
    grant_handle_t handle; /* IN */
    int16_t status;        /* OUT */
};
typedef struct gnttab_unmap_grant_ref gnttab_unmap_grant_ref_t;

/* Grow the own table to nr_frames pages and learn where they are. */
struct gnttab_setup_table {
    domid_t dom;         /* IN */
    uint32_t nr_frames;  /* IN */
    int16_t status;      /* OUT */
    uint64_t frame_list; /* IN: guest pointer, xen_pfn_t[nr_frames], OUT */
};
typedef struct gnttab_setup_table gnttab_setup_table_t;

/* Print the table of a domain on the console. */
struct gnttab_dump_table {
    domid_t dom;    /* IN */
    int16_t status; /* OUT */
};
typedef struct gnttab_dump_table gnttab_dump_table_t;

/* Give a frame to a domain that accepts it; PV only.  It is lost to the caller even on most errors.
 */
struct gnttab_transfer {
    xen_pfn_t mfn;   /* IN */
    domid_t domid;   /* IN */
    grant_ref_t ref; /* IN: the accepting entry */
    int16_t status;  /* OUT */
};
typedef struct gnttab_transfer gnttab_transfer_t;

/* Copy bytes between two pages without mapping them. */
struct gnttab_copy {
    struct gnttab_copy_ptr {
        union {
            grant_ref_t ref;
            xen_pfn_t gmfn;
        } u;
        domid_t domid;
        uint16_t offset; /* bytes in the page */
    } source, dest;      /* IN */
    uint16_t len;        /* IN: bytes */
    uint16_t flags;      /* IN: GNTCOPY_* */
    int16_t status;      /* OUT */
};
typedef struct gnttab_copy gnttab_copy_t;

/* Size of a table, in pages. */
struct gnttab_query_size {
    domid_t dom;            /* IN */
    uint32_t nr_frames;     /* OUT */
    uint32_t max_nr_frames; /* OUT */
    int16_t status;         /* OUT */
};
typedef struct gnttab_query_size gnttab_query_size_t;

/* Unmap host_addr and put there the mapping found at new_addr, which is cleared. */
struct gnttab_unmap_and_replace {
    uint64_t host_addr;    /* IN: linear address */
    uint64_t new_addr;     /* IN: linear address */
    grant_handle_t handle; /* IN */
    int16_t status;        /* OUT */
};
typedef struct gnttab_unmap_and_replace gnttab_unmap_and_replace_t;

/* Choose the entry format, 1 or 2.  -EBUSY while grants are in use. */
struct gnttab_set_version {
    uint32_t version; /* IN/OUT: the version now in force */
};
typedef struct gnttab_set_version gnttab_set_version_t;

/* Version 2: where the status words are. */
struct gnttab_get_status_frames {
    uint32_t nr_frames;  /* IN */
    domid_t dom;         /* IN */
    int16_t status;      /* OUT */
    uint64_t frame_list; /* IN: guest pointer, uint64_t[nr_frames], OUT */
};
typedef struct gnttab_get_status_frames gnttab_get_status_frames_t;

struct gnttab_get_version {
    domid_t dom; /* IN */
    uint16_t pad;
    uint32_t version; /* OUT: 1 or 2 */
};
typedef struct gnttab_get_version gnttab_get_version_t;

/* Exchange two entries of the own table; both must be unused by others. */
struct gnttab_swap_grant_ref {
    grant_ref_t ref_a; /* IN */
    grant_ref_t ref_b; /* IN */
    int16_t status;    /* OUT */
};
typedef struct gnttab_swap_grant_ref gnttab_swap_grant_ref_t;

/* Cache maintenance on a mapped grant; not needed on x86 (-EOPNOTSUPP). */
struct gnttab_cache_flush {
    union {
        uint64_t dev_bus_addr;
        grant_ref_t ref; /* with GNTTAB_CACHE_SOURCE_GREF */
    } a;
    uint16_t offset; /* bytes */
    uint16_t length; /* bytes */
    uint32_t op;     /* GNTTAB_CACHE_* */
};
typedef struct gnttab_cache_flush gnttab_cache_flush_t;

#endif /* XEN_PUBLIC_GRANT_TABLE_H */

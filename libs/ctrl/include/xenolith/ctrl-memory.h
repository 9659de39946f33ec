/* SPDX-License-Identifier: MIT */
/* ctrl-memory.h - a domain's memory: how much, where, what kind. The rules of ctrl.h apply. */
#ifndef XENOLITH_CTRL_MEMORY_H
#define XENOLITH_CTRL_MEMORY_H

#include <xenolith/ctrl.h>
#include <xenolith/public/memory.h>
#include <xenolith/public/domctl.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Extents are blocks of 2^order pages; flags are XENMEMF_*. All three return how many extents
 * were done, which may be fewer than count (even 0) without being an error: memory ran out.
 *
 * populate: IN guest frames to put memory at; OUT for PV domains the machine frames.
 * increase: memory without a place (PV); frames may be NULL, else OUT its machine frames.
 * decrease: IN frames to take away.
 */
XCTL_CHECK int64_t xctl_memory_populate(xctl_handle *h, domid_t domid, unsigned int order,
                                        unsigned int flags, xen_pfn_t *frames, unsigned long count);
XCTL_CHECK int64_t xctl_memory_increase(xctl_handle *h, domid_t domid, unsigned int order,
                                        unsigned int flags, xen_pfn_t *ret_frames,
                                        unsigned long count);
XCTL_CHECK int64_t xctl_memory_decrease(xctl_handle *h, domid_t domid, unsigned int order,
                                        const xen_pfn_t *frames, unsigned long count);

/* As populate, but fewer than count is an error: -ENOMEM. */
XCTL_CHECK int xctl_memory_populate_exact(xctl_handle *h, domid_t domid, unsigned int order,
                                          unsigned int flags, xen_pfn_t *frames,
                                          unsigned long count);

/* Sets pages aside for a domain that is being built; 0 gives the rest back. */
XCTL_CHECK int xctl_memory_claim(xctl_handle *h, domid_t domid, uint64_t pages);

/* Makes a page (XENMAPSPACE_*, idx) appear at frame gpfn of a translated domain. */
XCTL_CHECK int xctl_memory_add_to_physmap(xctl_handle *h, domid_t domid, unsigned int space,
                                          unsigned long idx, xen_pfn_t gpfn);
/* Several; foreign is for XENMAPSPACE_gmfn_foreign, else 0. ret_errs gets an errno each. */
XCTL_CHECK int xctl_memory_add_to_physmap_batch(xctl_handle *h, domid_t domid, domid_t foreign,
                                                unsigned int space, unsigned int count,
                                                const xen_ulong_t *idxs, const xen_pfn_t *gpfns,
                                                int *ret_errs);
XCTL_CHECK int xctl_memory_remove_from_physmap(xctl_handle *h, domid_t domid, xen_pfn_t gpfn);

/* An entry of the E820 memory map, as the ABI has it. */
struct xctl_e820_entry {
    uint64_t addr; /* bytes */
    uint64_t size;
    uint32_t type; /* 1 RAM, 2 reserved, 3 ACPI, 4 ACPI NVS, 5 unusable */
} __attribute__((packed));
#define XCTL_E820_MAX 128
/* The map that a PV or PVH domain shall see. */
XCTL_CHECK int xctl_memory_set_map(xctl_handle *h, domid_t domid, const struct xctl_e820_entry *map,
                                   unsigned int count);
/* The host's map: up to max entries; *ret_count says how many were stored. */
XCTL_CHECK int xctl_memory_host_map(xctl_handle *h, struct xctl_e820_entry *ret_map,
                                    unsigned int max, unsigned int *ret_count);

/* Highest frame in use by a domain; highest RAM frame of the host. */
XCTL_CHECK int xctl_memory_max_gpfn(xctl_handle *h, domid_t domid, xen_pfn_t *ret_gpfn);
XCTL_CHECK int xctl_memory_max_ram_page(xctl_handle *h, xen_pfn_t *ret_mfn);
/* Pages a domain has, and may have. */
XCTL_CHECK int xctl_memory_reservation(xctl_handle *h, domid_t domid, uint64_t *ret_current,
                                       uint64_t *ret_maximum);

/* Frames of the machine-to-physical table, one for each 2 MiB of it; up to max. */
XCTL_CHECK int xctl_memory_m2p_frames(xctl_handle *h, xen_pfn_t *ret_frames, unsigned int max,
                                      unsigned int *ret_count);

/* Populate on demand. set fills in all fields but target_pages and domid, as get does. */
XCTL_CHECK int xctl_memory_set_pod_target(xctl_handle *h, domid_t domid, uint64_t target_pages,
                                          struct xen_pod_target *ret_state);
XCTL_CHECK int xctl_memory_get_pod_target(xctl_handle *h, domid_t domid,
                                          struct xen_pod_target *ret_state);

/* Pages saved by sharing, and shared ones, of the host. 0 where nothing can be shared. */
XCTL_CHECK int xctl_memory_sharing(xctl_handle *h, uint64_t *ret_freed, uint64_t *ret_shared);

/* Kinds of the given frames: XEN_DOMCTL_PFINFO_* with the frame in the low bits. count <= 1024. */
XCTL_CHECK int xctl_memory_frame_types(xctl_handle *h, domid_t domid, unsigned int count,
                                       xen_pfn_t *frames);

/*
 * The NUMA layout a domain sees. set: the arrays of vnuma are read through the pointers given.
 * get: on entry *counts holds the space, on return what there is; -ENOBUFS: too little;
 * -EOPNOTSUPP: the domain has none.
 */
struct xctl_vnuma {
    unsigned int nr_vnodes, nr_vcpus, nr_vmemranges;
    unsigned int *distance;           /* nr_vnodes * nr_vnodes */
    unsigned int *vcpu_to_vnode;      /* nr_vcpus */
    unsigned int *vnode_to_pnode;     /* nr_vnodes; set only */
    struct xen_vmemrange *vmemranges; /* nr_vmemranges */
};
XCTL_CHECK int xctl_memory_set_vnuma(xctl_handle *h, domid_t domid, const struct xctl_vnuma *v);
XCTL_CHECK int xctl_memory_get_vnuma(xctl_handle *h, domid_t domid, struct xctl_vnuma *v);

/* Guest memory that a device (or all of them, flags 1) forbids to use. *count as for policies. */
XCTL_CHECK int xctl_memory_reserved_device(xctl_handle *h, uint32_t flags, uint16_t seg,
                                           uint8_t bus, uint8_t devfn,
                                           struct xen_reserved_device_memory *ret_entries,
                                           unsigned int *count);

/*
 * Log of pages written to, for migration. A bit a frame; nr_frames is the length of the log.
 * clean also starts a new round. final is for the last one, when the domain is stopped.
 * Either result may be NULL. -EINVAL: the log does not cover nr_frames.
 */
XCTL_CHECK int xctl_logdirty_enable(xctl_handle *h, domid_t domid);
XCTL_CHECK int xctl_logdirty_disable(xctl_handle *h, domid_t domid);
XCTL_CHECK int xctl_logdirty_clean(xctl_handle *h, domid_t domid, uint64_t nr_frames, int final,
                                   uint8_t *ret_bitmap, struct xen_domctl_shadow_op_stats *ret_st);
XCTL_CHECK int xctl_logdirty_peek(xctl_handle *h, domid_t domid, uint64_t nr_frames,
                                  uint8_t *ret_bitmap, struct xen_domctl_shadow_op_stats *ret_st);

/*
 * Pages of a PV domain whose content comes after the domain has begun to run: see
 * <xenolith/public/xenolith.h>, which has the order of these calls and their errors. Frames are
 * those of the machine. -EOPNOTSUPP: the hypervisor is another one than Xenolith.
 *
 * start: port is the domain's end of an event channel that is sent to when it waits for a page, or
 * 0. mark: any number of frames, of which some are marked after an error. pages: pages points to nr
 * of them, ret_left says how many the domain still lacks. wanted: at most max frames that vCPUs
 * wait for now. end: -EBUSY, some pages are not filled.
 */
XCTL_CHECK int xctl_fill_start(xctl_handle *h, domid_t domid, uint32_t port);
XCTL_CHECK int xctl_fill_mark(xctl_handle *h, domid_t domid, const xen_pfn_t *frames,
                              unsigned long nr);
XCTL_CHECK int xctl_fill_pages(xctl_handle *h, domid_t domid, const xen_pfn_t *frames,
                               const void *pages, unsigned long nr, uint64_t *ret_left);
XCTL_CHECK int xctl_fill_wanted(xctl_handle *h, domid_t domid, xen_pfn_t *ret_frames,
                                unsigned int max, unsigned int *ret_nr);
XCTL_CHECK int xctl_fill_end(xctl_handle *h, domid_t domid);

/* Memory for shadow or nested page tables: MiB by the older call, bytes by the newer. */
XCTL_CHECK int xctl_shadow_set_allocation(xctl_handle *h, domid_t domid, uint32_t mib);
XCTL_CHECK int xctl_shadow_get_allocation(xctl_handle *h, domid_t domid, uint32_t *ret_mib);
XCTL_CHECK int xctl_paging_set_pool(xctl_handle *h, domid_t domid, uint64_t bytes);
XCTL_CHECK int xctl_paging_get_pool(xctl_handle *h, domid_t domid, uint64_t *ret_bytes);

/*
 * PV page tables of a domain. ops and updates are done in order; on failure *ret_done (may be
 * NULL) says how many were.
 */
XCTL_CHECK int xctl_mmuext(xctl_handle *h, domid_t domid, const struct mmuext_op *ops,
                           unsigned int count, unsigned int *ret_done);
XCTL_CHECK int xctl_mmu_update(xctl_handle *h, domid_t domid, const struct mmu_update *updates,
                               unsigned int count, unsigned int *ret_done);

#ifdef __cplusplus
}
#endif

#endif /* XENOLITH_CTRL_MEMORY_H */

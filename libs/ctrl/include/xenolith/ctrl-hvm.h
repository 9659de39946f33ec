/* SPDX-License-Identifier: MIT */
/*
 * ctrl-hvm.h - HVM and PVH domains: parameters, saved state, device models. The rules of ctrl.h
 * apply. -EINVAL, -EOPNOTSUPP: the domain is PV.
 */
#ifndef XENOLITH_CTRL_HVM_H
#define XENOLITH_CTRL_HVM_H

#include <xenolith/ctrl.h>
#include <xenolith/public/hvm/dm_op.h>
#include <xenolith/public/hvm/params.h>

#ifdef __cplusplus
extern "C" {
#endif

/* HVM_PARAM_*. -EEXIST: may be set only once. */
XCTL_CHECK int xctl_hvm_set_param(xctl_handle *h, domid_t domid, uint32_t index, uint64_t value);
XCTL_CHECK int xctl_hvm_get_param(xctl_handle *h, domid_t domid, uint32_t index,
                                  uint64_t *ret_value);

/*
 * State of the virtual machine without its memory, as a chain of records. get stores up to *size
 * bytes, -ENOSPC: too little; with buf NULL *size becomes what is needed. set wants the domain
 * paused, and takes all vCPUs down that its records do not bring up.
 */
XCTL_CHECK int xctl_hvm_get_context(xctl_handle *h, domid_t domid, void *buf, uint32_t *size);
XCTL_CHECK int xctl_hvm_set_context(xctl_handle *h, domid_t domid, const void *buf, uint32_t size);
/* One record, without its header. -ENOENT, -ENODATA: there is none; -ENOBUFS: too little room. */
XCTL_CHECK int xctl_hvm_get_context_record(xctl_handle *h, domid_t domid, uint32_t type,
                                           uint32_t instance, void *buf, uint32_t size);

/* Kind of a frame, HVMMEM_*. */
XCTL_CHECK int xctl_hvm_mem_type(xctl_handle *h, domid_t domid, xen_pfn_t gfn,
                                 unsigned int *ret_type);

/*
 * Any device-model call: buffer 0 holds a struct xen_dm_op; ordinary memory will do. Buffers are
 * copied or pinned for the call. At most 16 buffers: -E2BIG. Returns what the call returned.
 */
struct xctl_dm_buf {
    void *data;
    size_t size; /* bytes */
};
XCTL_CHECK int xctl_dm_op(xctl_handle *h, domid_t domid, const struct xctl_dm_buf *bufs,
                          unsigned int count);

/* Servers that get the guest's device accesses. buffered: HVM_IOREQSRV_BUFIOREQ_*. */
XCTL_CHECK int xctl_dm_server_create(xctl_handle *h, domid_t domid, int buffered,
                                     ioservid_t *ret_id);
XCTL_CHECK int xctl_dm_server_destroy(xctl_handle *h, domid_t domid, ioservid_t id);
/* flags XEN_DMOP_no_gfns; results may be NULL. */
XCTL_CHECK int xctl_dm_server_info(xctl_handle *h, domid_t domid, ioservid_t id, unsigned int flags,
                                   uint64_t *ret_ioreq_gfn, uint64_t *ret_bufioreq_gfn,
                                   uint32_t *ret_bufioreq_port);
XCTL_CHECK int xctl_dm_server_enable(xctl_handle *h, domid_t domid, ioservid_t id, int enable);
/* type XEN_DMOP_IO_RANGE_*, end included. -EEXIST: overlaps. */
XCTL_CHECK int xctl_dm_map_range(xctl_handle *h, domid_t domid, ioservid_t id, uint32_t type,
                                 uint64_t start, uint64_t end);
XCTL_CHECK int xctl_dm_unmap_range(xctl_handle *h, domid_t domid, ioservid_t id, uint32_t type,
                                   uint64_t start, uint64_t end);
XCTL_CHECK int xctl_dm_set_pci_intx(xctl_handle *h, domid_t domid, uint8_t device, uint8_t intx,
                                    int level);
XCTL_CHECK int xctl_dm_set_isa_irq(xctl_handle *h, domid_t domid, uint8_t irq, int level);
XCTL_CHECK int xctl_dm_set_pci_link(xctl_handle *h, domid_t domid, uint8_t link, uint8_t irq);
XCTL_CHECK int xctl_dm_inject_msi(xctl_handle *h, domid_t domid, uint64_t addr, uint32_t data);
XCTL_CHECK int xctl_dm_inject_event(xctl_handle *h, domid_t domid,
                                    const struct xen_dm_op_inject_event *event);
/* The device model has written count pages from gfn on. */
XCTL_CHECK int xctl_dm_modified(xctl_handle *h, domid_t domid, uint64_t gfn, uint32_t count);
/* ret_bitmap: a bit for each of count pages that changed since the last call. */
XCTL_CHECK int xctl_dm_track_vram(xctl_handle *h, domid_t domid, uint64_t gfn, uint32_t count,
                                  uint8_t *ret_bitmap);
XCTL_CHECK int xctl_dm_shutdown(xctl_handle *h, domid_t domid, unsigned int reason);
XCTL_CHECK int xctl_dm_relocate(xctl_handle *h, domid_t domid, uint64_t src_gfn, uint64_t dst_gfn,
                                uint32_t count);
XCTL_CHECK int xctl_dm_pin_cacheattr(xctl_handle *h, domid_t domid, uint64_t first, uint64_t last,
                                     uint32_t type);
XCTL_CHECK int xctl_dm_set_mem_type(xctl_handle *h, domid_t domid, uint64_t gfn, uint32_t count,
                                    unsigned int type);
XCTL_CHECK int xctl_dm_nr_vcpus(xctl_handle *h, domid_t domid, unsigned int *ret_count);

#ifdef __cplusplus
}
#endif

#endif /* XENOLITH_CTRL_HVM_H */

/* SPDX-License-Identifier: MIT */
/* ctrl-foreign.h - memory of other domains in our address space. The rules of ctrl.h apply. */
#ifndef XENOLITH_CTRL_FOREIGN_H
#define XENOLITH_CTRL_FOREIGN_H

#include <xenolith/ctrl.h>
#include <xenolith/public/memory.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Maps count frames of a domain side by side, prot PROT_*. With ret_errs (count entries) frames
 * that cannot be mapped get a negative errno there and a hole in the mapping, others 0, and the
 * call succeeds; with NULL one bad frame fails the call. Waits for frames that are paged out.
 * The caller unmaps them with the same count.
 */
XCTL_CHECK int xctl_foreign_map(xctl_handle *h, domid_t domid, int prot, const xen_pfn_t *frames,
                                unsigned int count, int *ret_errs, void **ret_addr);
XCTL_CHECK int xctl_foreign_unmap(xctl_handle *h, void *addr, unsigned int count);

/*
 * Hypervisor pages that belong to a domain: XENMEM_resource_*. count pages from frame on.
 * -EOPNOTSUPP: this kernel or hypervisor cannot. The caller unmaps with the same count.
 */
XCTL_CHECK int xctl_resource_size(xctl_handle *h, domid_t domid, unsigned int type, unsigned int id,
                                  uint64_t *ret_count);
XCTL_CHECK int xctl_resource_map(xctl_handle *h, domid_t domid, unsigned int type, unsigned int id,
                                 unsigned long frame, unsigned long count, int prot,
                                 void **ret_addr);
XCTL_CHECK int xctl_resource_unmap(xctl_handle *h, void *addr, unsigned long count);

#ifdef __cplusplus
}
#endif

#endif /* XENOLITH_CTRL_FOREIGN_H */

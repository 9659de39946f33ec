/* SPDX-License-Identifier: MIT */
/* grant-table.h - what the rest of the hypervisor needs of grants. See common/gnttab/. */
#ifndef XEN_GRANT_TABLE_H
#define XEN_GRANT_TABLE_H

#include <xen/types.h>

struct domain;
struct page_info;

/* max_version: 1 or 2, the highest that the domain may choose. What a failure leaves half-made goes
 * with the domain. */
int gnttab_domain_init(struct domain *d, unsigned int max_version, unsigned int max_grant_frames,
                       unsigned int max_maptrack_frames) __must_check;
/* Drops every mapping this domain holds of others' grants. Restartable: -ERESTART, else 0. */
int gnttab_release_mappings(struct domain *d);
void gnttab_domain_free(struct domain *d);
/* Log-dirty: marks every page that somebody may write to by a grant of d now. */
void gnttab_mark_written(struct domain *d);
/* XENMEM_acquire_resource: frames of d's shared (id 0) or status (id 1) pages. */
int gnttab_acquire_resource(struct domain *d, unsigned int id, unsigned int first, unsigned int nr,
                            mfn_t *ret_mfns);
unsigned int gnttab_resource_max_frames(struct domain *d, unsigned int id);
/* Size of an element of the sub-operations that take arrays; 0: not one of them. */
size_t gnttab_element_size(unsigned long cmd);

/* Architecture: PTE work for host mappings of PV domains; arch/x86/mm/pv-grant.c.
 * flags are GNTMAP_*; addr is a linear address, or the maddr of a PTE with GNTMAP_contains_pte.
 * The caller holds the references on the frame that the mapping needs. 0 or GNTST_*. */
int arch_grant_map(unsigned long addr, mfn_t mfn, unsigned int flags);
int arch_grant_unmap(unsigned long addr, mfn_t mfn, unsigned int flags);
/* unmap_and_replace: moves the PTE of new_addr to addr. */
int arch_grant_replace(unsigned long addr, mfn_t mfn, unsigned long new_addr, unsigned int flags);

#endif /* XEN_GRANT_TABLE_H */

/* SPDX-License-Identifier: MIT */
/* ctrl-grant.h - pages that domains grant each other. The rules of ctrl.h apply. */
#ifndef XENOLITH_CTRL_GRANT_H
#define XENOLITH_CTRL_GRANT_H

#include <xenolith/ctrl.h>
#include <xenolith/public/grant_table.h>

#ifdef __cplusplus
extern "C" {
#endif

struct xctl_grant {
    uint32_t domid; /* who grants */
    uint32_t ref;
};

/* What the other side shall notice when the mapping goes, however that happens. */
struct xctl_grant_notify {
    uint32_t clear_offset; /* this byte becomes 0; XCTL_GRANT_NO_CLEAR: none */
    uint32_t port;         /* this port is signalled; XCTL_GRANT_NO_PORT: none */
};
#define XCTL_GRANT_NO_CLEAR 0xffffffffU
#define XCTL_GRANT_NO_PORT  0xffffffffU

/*
 * Maps count granted pages side by side, prot PROT_*. notify may be NULL. The caller unmaps them
 * with the same count. -EINVAL: a reference is not valid; -EAGAIN is dealt with inside.
 */
XCTL_CHECK int xctl_grant_map(xctl_handle *h, const struct xctl_grant *grants, unsigned int count,
                              int prot, const struct xctl_grant_notify *notify, void **ret_addr);
XCTL_CHECK int xctl_grant_unmap(xctl_handle *h, void *addr, unsigned int count);

/*
 * Allocates count pages of our own, grants each to domid, and maps them. -ENOSPC: no references
 * left. The caller frees them with the same count.
 */
XCTL_CHECK int xctl_grant_alloc(xctl_handle *h, domid_t domid, unsigned int count, int writable,
                                const struct xctl_grant_notify *notify, uint32_t *ret_refs,
                                void **ret_addr);
XCTL_CHECK int xctl_grant_free(xctl_handle *h, void *addr, unsigned int count);

/* One copy between a granted page and our memory, or two granted pages. */
struct xctl_grant_copy_end {
    int is_grant;
    struct xctl_grant grant; /* is_grant */
    uint32_t offset;         /* is_grant: bytes in that page */
    void *addr;              /* else */
};
struct xctl_grant_copy {
    struct xctl_grant_copy_end source, dest;
    uint32_t len;   /* bytes; a granted side must not leave its page */
    int16_t status; /* OUT: GNTST_* */
};
/* Done in order; each has its status. An error concerns the call as a whole. */
XCTL_CHECK int xctl_grant_copy(xctl_handle *h, struct xctl_grant_copy *copies, unsigned int count);

/* Pages of a domain's grant table now and at most; its version. */
XCTL_CHECK int xctl_grant_table_size(xctl_handle *h, domid_t domid, uint32_t *ret_frames,
                                     uint32_t *ret_max);
XCTL_CHECK int xctl_grant_table_version(xctl_handle *h, domid_t domid, uint32_t *ret_version);
/* Grows a table to count pages and tells their frames. */
XCTL_CHECK int xctl_grant_table_setup(xctl_handle *h, domid_t domid, unsigned int count,
                                      xen_pfn_t *ret_frames);

#ifdef __cplusplus
}
#endif

#endif /* XENOLITH_CTRL_GRANT_H */

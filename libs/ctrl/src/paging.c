/* SPDX-License-Identifier: MIT */
/* paging.c - kinds of pages, the log of dirty ones, PV page tables, memory for paging. */
#include "private.h"

int xctl_memory_frame_types(xctl_handle *h, domid_t domid, unsigned int count, xen_pfn_t *frames)
{
    struct xen_domctl op = {.cmd = XEN_DOMCTL_getpageframeinfo3, .domain = domid};
    struct xctl__bounce b[] = {
        BOUNCE(op.u.getpageframeinfo3.array, frames, count * sizeof(*frames), BOTH),
    };

    op.u.getpageframeinfo3.num = count;
    return xctl__domctl(h, &op, b, ARRAY_SIZE(b), "look up kinds of pages");
}

static int shadow_op(xctl_handle *h, domid_t domid, uint32_t cmd, uint32_t mode, uint32_t *mb,
                     const char *verb)
{
    struct xen_domctl op = {.cmd = XEN_DOMCTL_shadow_op, .domain = domid};
    int rc;

    op.u.shadow_op.op = cmd;
    op.u.shadow_op.mode = mode;
    op.u.shadow_op.mb = mb ? *mb : 0;
    rc = xctl__domctl(h, &op, NULL, 0, verb);
    if (rc >= 0 && mb)
        *mb = op.u.shadow_op.mb;
    return rc;
}

int xctl_logdirty_enable(xctl_handle *h, domid_t domid)
{
    return shadow_op(h, domid, XEN_DOMCTL_SHADOW_OP_ENABLE_LOGDIRTY, 0, NULL,
                     "start the log of dirty pages");
}

int xctl_logdirty_disable(xctl_handle *h, domid_t domid)
{
    return shadow_op(h, domid, XEN_DOMCTL_SHADOW_OP_OFF, 0, NULL, "stop the log of dirty pages");
}

static int read_log(xctl_handle *h, domid_t domid, uint32_t cmd, uint32_t mode, uint64_t nr_frames,
                    uint8_t *ret_bitmap, struct xen_domctl_shadow_op_stats *ret_st)
{
    struct xen_domctl op = {.cmd = XEN_DOMCTL_shadow_op, .domain = domid};
    struct xctl__bounce b[] = {
        BOUNCE(op.u.shadow_op.dirty_bitmap, ret_bitmap, DIV_ROUND_UP(nr_frames, 8U), OUT),
    };
    int rc;

    op.u.shadow_op.op = cmd;
    op.u.shadow_op.mode = mode;
    op.u.shadow_op.pages = nr_frames;
    rc = xctl__domctl(h, &op, b, ARRAY_SIZE(b), "read the log of dirty pages");
    if (rc < 0)
        return rc;
    if (ret_bitmap && op.u.shadow_op.pages != nr_frames) {
        xctl__fail(h, -EINVAL, domid, "the log has %llu frames, %llu were asked for",
                   (unsigned long long)op.u.shadow_op.pages, (unsigned long long)nr_frames);
        return xctl__wrap(h, -EINVAL, domid, "cannot read the log of dirty pages, domain %u",
                          domid);
    }
    if (ret_st)
        *ret_st = op.u.shadow_op.stats;
    return 0;
}

int xctl_logdirty_clean(xctl_handle *h, domid_t domid, uint64_t nr_frames, int final,
                        uint8_t *ret_bitmap, struct xen_domctl_shadow_op_stats *ret_st)
{
    return read_log(h, domid, XEN_DOMCTL_SHADOW_OP_CLEAN,
                    final ? XEN_DOMCTL_SHADOW_LOGDIRTY_FINAL : 0, nr_frames, ret_bitmap, ret_st);
}

int xctl_logdirty_peek(xctl_handle *h, domid_t domid, uint64_t nr_frames, uint8_t *ret_bitmap,
                       struct xen_domctl_shadow_op_stats *ret_st)
{
    return read_log(h, domid, XEN_DOMCTL_SHADOW_OP_PEEK, 0, nr_frames, ret_bitmap, ret_st);
}

int xctl_shadow_set_allocation(xctl_handle *h, domid_t domid, uint32_t mib)
{
    return shadow_op(h, domid, XEN_DOMCTL_SHADOW_OP_SET_ALLOCATION, 0, &mib,
                     "set the shadow memory");
}

int xctl_shadow_get_allocation(xctl_handle *h, domid_t domid, uint32_t *ret_mib)
{
    uint32_t mib = 0;
    int rc =
        shadow_op(h, domid, XEN_DOMCTL_SHADOW_OP_GET_ALLOCATION, 0, &mib, "get the shadow memory");

    if (rc >= 0)
        *ret_mib = mib;
    return rc;
}

int xctl_paging_set_pool(xctl_handle *h, domid_t domid, uint64_t bytes)
{
    struct xen_domctl op = {.cmd = XEN_DOMCTL_set_paging_mempool_size, .domain = domid};

    op.u.paging_mempool.size = bytes;
    return xctl__domctl(h, &op, NULL, 0, "set the paging memory");
}

int xctl_paging_get_pool(xctl_handle *h, domid_t domid, uint64_t *ret_bytes)
{
    struct xen_domctl op = {.cmd = XEN_DOMCTL_get_paging_mempool_size, .domain = domid};
    int rc = xctl__domctl(h, &op, NULL, 0, "get the paging memory");

    if (rc >= 0)
        *ret_bytes = op.u.paging_mempool.size;
    return rc;
}

int xctl_mmuext(xctl_handle *h, domid_t domid, const struct mmuext_op *ops, unsigned int count,
                unsigned int *ret_done)
{
    return xctl__mmu_list(h, __HYPERVISOR_mmuext_op, domid, ops, sizeof(*ops), count, ret_done,
                          "change page tables");
}

int xctl_mmu_update(xctl_handle *h, domid_t domid, const struct mmu_update *updates,
                    unsigned int count, unsigned int *ret_done)
{
    return xctl__mmu_list(h, __HYPERVISOR_mmu_update, domid, updates, sizeof(*updates), count,
                          ret_done, "update page tables");
}

/* SPDX-License-Identifier: MIT */
/* dm.c - calls of device models. */
#include "private.h"
#include <stdio.h>

int xctl_dm_op(xctl_handle *h, domid_t domid, const struct xctl_dm_buf *bufs, unsigned int count)
{
    char part[32] = "device-model call";
    int rc = count > XCTL__DM_BUFS ? -E2BIG : h->be->dm_op(h, domid, bufs, count);

    if (rc >= 0)
        return rc;
    if (count && bufs[0].size >= sizeof(uint32_t)) {
        uint32_t op;

        memcpy(&op, bufs[0].data, sizeof(op));
        snprintf(part, sizeof(part), "device-model call %u", op);
    }
    return xctl__failed(h, rc, domid, "serve devices", part);
}

static int call(xctl_handle *h, domid_t domid, struct xen_dm_op *op)
{
    struct xctl_dm_buf buf = {op, sizeof(*op)};

    return xctl_dm_op(h, domid, &buf, 1);
}

static int call_data(xctl_handle *h, domid_t domid, struct xen_dm_op *op, void *data, size_t size)
{
    struct xctl_dm_buf bufs[] = {{op, sizeof(*op)}, {data, size}};

    return xctl_dm_op(h, domid, bufs, 2);
}

int xctl_dm_server_create(xctl_handle *h, domid_t domid, int buffered, ioservid_t *ret_id)
{
    struct xen_dm_op op = {.op = XEN_DMOP_create_ioreq_server};
    int rc;

    op.u.create_ioreq_server.handle_bufioreq = (uint8_t)buffered;
    rc = call(h, domid, &op);
    if (rc >= 0)
        *ret_id = op.u.create_ioreq_server.id;
    return rc;
}

int xctl_dm_server_destroy(xctl_handle *h, domid_t domid, ioservid_t id)
{
    struct xen_dm_op op = {.op = XEN_DMOP_destroy_ioreq_server};

    op.u.destroy_ioreq_server.id = id;
    return call(h, domid, &op);
}

int xctl_dm_server_info(xctl_handle *h, domid_t domid, ioservid_t id, unsigned int flags,
                        uint64_t *ret_ioreq_gfn, uint64_t *ret_bufioreq_gfn,
                        uint32_t *ret_bufioreq_port)
{
    struct xen_dm_op op = {.op = XEN_DMOP_get_ioreq_server_info};
    int rc;

    op.u.get_ioreq_server_info.id = id;
    op.u.get_ioreq_server_info.flags = (uint16_t)flags;
    rc = call(h, domid, &op);
    if (rc < 0)
        return rc;
    if (ret_ioreq_gfn)
        *ret_ioreq_gfn = op.u.get_ioreq_server_info.ioreq_gfn;
    if (ret_bufioreq_gfn)
        *ret_bufioreq_gfn = op.u.get_ioreq_server_info.bufioreq_gfn;
    if (ret_bufioreq_port)
        *ret_bufioreq_port = op.u.get_ioreq_server_info.bufioreq_port;
    return rc;
}

int xctl_dm_server_enable(xctl_handle *h, domid_t domid, ioservid_t id, int enable)
{
    struct xen_dm_op op = {.op = XEN_DMOP_set_ioreq_server_state};

    op.u.set_ioreq_server_state.id = id;
    op.u.set_ioreq_server_state.enabled = enable ? 1 : 0;
    return call(h, domid, &op);
}

static int range(xctl_handle *h, domid_t domid, uint32_t cmd, ioservid_t id, uint32_t type,
                 uint64_t start, uint64_t end)
{
    struct xen_dm_op op = {.op = cmd};

    op.u.map_io_range_to_ioreq_server.id = id;
    op.u.map_io_range_to_ioreq_server.type = type;
    op.u.map_io_range_to_ioreq_server.start = start;
    op.u.map_io_range_to_ioreq_server.end = end;
    return call(h, domid, &op);
}

int xctl_dm_map_range(xctl_handle *h, domid_t domid, ioservid_t id, uint32_t type, uint64_t start,
                      uint64_t end)
{
    return range(h, domid, XEN_DMOP_map_io_range_to_ioreq_server, id, type, start, end);
}

int xctl_dm_unmap_range(xctl_handle *h, domid_t domid, ioservid_t id, uint32_t type, uint64_t start,
                        uint64_t end)
{
    return range(h, domid, XEN_DMOP_unmap_io_range_from_ioreq_server, id, type, start, end);
}

int xctl_dm_set_pci_intx(xctl_handle *h, domid_t domid, uint8_t device, uint8_t intx, int level)
{
    struct xen_dm_op op = {.op = XEN_DMOP_set_pci_intx_level};

    op.u.set_pci_intx_level.device = device;
    op.u.set_pci_intx_level.intx = intx;
    op.u.set_pci_intx_level.level = level ? 1 : 0;
    return call(h, domid, &op);
}

int xctl_dm_set_isa_irq(xctl_handle *h, domid_t domid, uint8_t irq, int level)
{
    struct xen_dm_op op = {.op = XEN_DMOP_set_isa_irq_level};

    op.u.set_isa_irq_level.isa_irq = irq;
    op.u.set_isa_irq_level.level = level ? 1 : 0;
    return call(h, domid, &op);
}

int xctl_dm_set_pci_link(xctl_handle *h, domid_t domid, uint8_t link, uint8_t irq)
{
    struct xen_dm_op op = {.op = XEN_DMOP_set_pci_link_route};

    op.u.set_pci_link_route.link = link;
    op.u.set_pci_link_route.isa_irq = irq;
    return call(h, domid, &op);
}

int xctl_dm_inject_msi(xctl_handle *h, domid_t domid, uint64_t addr, uint32_t data)
{
    struct xen_dm_op op = {.op = XEN_DMOP_inject_msi};

    op.u.inject_msi.addr = addr;
    op.u.inject_msi.data = data;
    return call(h, domid, &op);
}

int xctl_dm_inject_event(xctl_handle *h, domid_t domid, const struct xen_dm_op_inject_event *event)
{
    struct xen_dm_op op = {.op = XEN_DMOP_inject_event};

    op.u.inject_event = *event;
    return call(h, domid, &op);
}

int xctl_dm_modified(xctl_handle *h, domid_t domid, uint64_t gfn, uint32_t count)
{
    struct xen_dm_op op = {.op = XEN_DMOP_modified_memory};
    struct xen_dm_op_modified_memory_extent e = {.nr = count, .first_pfn = gfn};

    op.u.modified_memory.nr_extents = 1;
    return call_data(h, domid, &op, &e, sizeof(e));
}

int xctl_dm_track_vram(xctl_handle *h, domid_t domid, uint64_t gfn, uint32_t count,
                       uint8_t *ret_bitmap)
{
    struct xen_dm_op op = {.op = XEN_DMOP_track_dirty_vram};

    op.u.track_dirty_vram.nr = count;
    op.u.track_dirty_vram.first_pfn = gfn;
    return call_data(h, domid, &op, ret_bitmap, DIV_ROUND_UP(count, 8U));
}

int xctl_dm_shutdown(xctl_handle *h, domid_t domid, unsigned int reason)
{
    struct xen_dm_op op = {.op = XEN_DMOP_remote_shutdown};

    op.u.remote_shutdown.reason = reason;
    return call(h, domid, &op);
}

int xctl_dm_relocate(xctl_handle *h, domid_t domid, uint64_t src_gfn, uint64_t dst_gfn,
                     uint32_t count)
{
    struct xen_dm_op op = {.op = XEN_DMOP_relocate_memory};

    op.u.relocate_memory.size = count;
    op.u.relocate_memory.src_gfn = src_gfn;
    op.u.relocate_memory.dst_gfn = dst_gfn;
    return call(h, domid, &op);
}

int xctl_dm_pin_cacheattr(xctl_handle *h, domid_t domid, uint64_t first, uint64_t last,
                          uint32_t type)
{
    struct xen_dm_op op = {.op = XEN_DMOP_pin_memory_cacheattr};

    op.u.pin_memory_cacheattr.start = first;
    op.u.pin_memory_cacheattr.end = last;
    op.u.pin_memory_cacheattr.type = type;
    return call(h, domid, &op);
}

int xctl_dm_set_mem_type(xctl_handle *h, domid_t domid, uint64_t gfn, uint32_t count,
                         unsigned int type)
{
    struct xen_dm_op op = {.op = XEN_DMOP_set_mem_type};

    op.u.set_mem_type.nr = count;
    op.u.set_mem_type.mem_type = (uint16_t)type;
    op.u.set_mem_type.first_pfn = gfn;
    return call(h, domid, &op);
}

int xctl_dm_nr_vcpus(xctl_handle *h, domid_t domid, unsigned int *ret_count)
{
    struct xen_dm_op op = {.op = XEN_DMOP_nr_vcpus};
    int rc = call(h, domid, &op);

    if (rc >= 0)
        *ret_count = op.u.nr_vcpus.vcpus;
    return rc;
}

/* SPDX-License-Identifier: MIT */
/* physmap.c - memory_op: what a domain's address space looks like. */
#include "private.h"

int xctl_memory_add_to_physmap(xctl_handle *h, domid_t domid, unsigned int space, unsigned long idx,
                               xen_pfn_t gpfn)
{
    struct xen_add_to_physmap a = {
        .domid = domid, .size = 1, .space = space, .idx = idx, .gpfn = gpfn};

    return (int)xctl__memory(h, XENMEM_add_to_physmap, domid, &a, sizeof(a), NULL, 0,
                             "map a page into the guest");
}

int xctl_memory_add_to_physmap_batch(xctl_handle *h, domid_t domid, domid_t foreign,
                                     unsigned int space, unsigned int count,
                                     const xen_ulong_t *idxs, const xen_pfn_t *gpfns, int *ret_errs)
{
    struct xen_add_to_physmap_batch a = {
        .domid = domid, .space = (uint16_t)space, .size = (uint16_t)count};
    struct xctl__bounce b[] = {
        BOUNCE(a.idxs, idxs, count * sizeof(*idxs), IN),
        BOUNCE(a.gpfns, gpfns, count * sizeof(*gpfns), IN),
        BOUNCE(a.errs, ret_errs, count * sizeof(*ret_errs), OUT),
    };

    if (count > UINT16_MAX || space > UINT16_MAX)
        return xctl__fail(h, -EINVAL, domid, "at most 65535 pages can be mapped at once");
    if (space == XENMAPSPACE_gmfn_foreign)
        a.u.foreign_domid = foreign;
    return (int)xctl__memory(h, XENMEM_add_to_physmap_batch, domid, &a, sizeof(a), b, ARRAY_SIZE(b),
                             "map pages into the guest");
}

int xctl_memory_remove_from_physmap(xctl_handle *h, domid_t domid, xen_pfn_t gpfn)
{
    struct xen_remove_from_physmap r = {.domid = domid, .gpfn = gpfn};

    return (int)xctl__memory(h, XENMEM_remove_from_physmap, domid, &r, sizeof(r), NULL, 0,
                             "unmap a page from the guest");
}

int xctl_memory_set_map(xctl_handle *h, domid_t domid, const struct xctl_e820_entry *map,
                        unsigned int count)
{
    struct xen_foreign_memory_map m = {.domid = domid, .map = {.nr_entries = count}};
    struct xctl__bounce b[] = {
        BOUNCE(m.map.buffer, map, count * sizeof(*map), IN),
    };

    return (int)xctl__memory(h, XENMEM_set_memory_map, domid, &m, sizeof(m), b, ARRAY_SIZE(b),
                             "set the memory map");
}

int xctl_memory_host_map(xctl_handle *h, struct xctl_e820_entry *ret_map, unsigned int max,
                         unsigned int *ret_count)
{
    struct xen_memory_map m = {.nr_entries = max};
    struct xctl__bounce b[] = {
        BOUNCE(m.buffer, ret_map, max * sizeof(*ret_map), OUT),
    };
    int64_t rc = xctl__memory(h, XENMEM_machine_memory_map, XCTL_NO_DOMAIN, &m, sizeof(m), b,
                              ARRAY_SIZE(b), "get the host's memory map");

    if (rc < 0)
        return (int)rc;
    *ret_count = m.nr_entries;
    return 0;
}

int xctl_memory_set_vnuma(xctl_handle *h, domid_t domid, const struct xctl_vnuma *v)
{
    struct xen_domctl op = {.cmd = XEN_DOMCTL_setvnumainfo, .domain = domid};
    struct xen_domctl_vnuma *n = &op.u.vnuma;
    size_t nodes = v->nr_vnodes;
    struct xctl__bounce b[] = {
        BOUNCE(n->vdistance, v->distance, nodes * nodes * sizeof(*v->distance), IN),
        BOUNCE(n->vcpu_to_vnode, v->vcpu_to_vnode, v->nr_vcpus * sizeof(*v->vcpu_to_vnode), IN),
        BOUNCE(n->vnode_to_pnode, v->vnode_to_pnode, nodes * sizeof(*v->vnode_to_pnode), IN),
        BOUNCE(n->vmemrange, v->vmemranges, v->nr_vmemranges * sizeof(*v->vmemranges), IN),
    };

    n->nr_vnodes = v->nr_vnodes;
    n->nr_vcpus = v->nr_vcpus;
    n->nr_vmemranges = v->nr_vmemranges;
    return xctl__domctl(h, &op, b, ARRAY_SIZE(b), "set the virtual NUMA layout");
}

int xctl_memory_get_vnuma(xctl_handle *h, domid_t domid, struct xctl_vnuma *v)
{
    struct xen_vnuma_topology_info t = {.domid = domid,
                                        .nr_vnodes = v->nr_vnodes,
                                        .nr_vcpus = v->nr_vcpus,
                                        .nr_vmemranges = v->nr_vmemranges};
    size_t nodes = v->nr_vnodes;
    struct xctl__bounce b[] = {
        BOUNCE(t.vdistance.h, v->distance, nodes * nodes * sizeof(*v->distance), OUT),
        BOUNCE(t.vcpu_to_vnode.h, v->vcpu_to_vnode, v->nr_vcpus * sizeof(*v->vcpu_to_vnode), OUT),
        BOUNCE(t.vmemrange.h, v->vmemranges, v->nr_vmemranges * sizeof(*v->vmemranges), OUT),
    };
    int64_t rc = xctl__memory(h, XENMEM_get_vnumainfo, domid, &t, sizeof(t), b, ARRAY_SIZE(b),
                              "get the virtual NUMA layout");

    if (rc >= 0 || rc == -ENOBUFS) {
        v->nr_vnodes = t.nr_vnodes;
        v->nr_vcpus = t.nr_vcpus;
        v->nr_vmemranges = t.nr_vmemranges;
    }
    return rc < 0 ? (int)rc : 0;
}

int xctl_memory_reserved_device(xctl_handle *h, uint32_t flags, uint16_t seg, uint8_t bus,
                                uint8_t devfn, struct xen_reserved_device_memory *ret_entries,
                                unsigned int *count)
{
    struct xen_reserved_device_memory_map m = {
        .flags = flags, .nr_entries = *count, .dev.pci = {.seg = seg, .bus = bus, .devfn = devfn}};
    struct xctl__bounce b[] = {
        BOUNCE(m.buffer, ret_entries, *count * sizeof(*ret_entries), OUT),
    };
    int64_t rc = xctl__memory(h, XENMEM_reserved_device_memory_map, XCTL_NO_DOMAIN, &m, sizeof(m),
                              b, ARRAY_SIZE(b), "look up reserved device memory");

    if (rc >= 0 || rc == -ENOBUFS)
        *count = m.nr_entries;
    return rc < 0 ? (int)rc : 0;
}

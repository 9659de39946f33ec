/* SPDX-License-Identifier: MIT */
/* host.c - sysctl: CPUs, memory, console and trace buffers of the host. */
#include "private.h"

int xctl_host_info(xctl_handle *h, struct xen_sysctl_physinfo *ret_info)
{
    struct xen_sysctl op = {.cmd = XEN_SYSCTL_physinfo};
    int rc = xctl__sysctl(h, &op, NULL, 0, "look up the host");

    if (rc >= 0)
        *ret_info = op.u.physinfo;
    return rc;
}

int xctl_host_cpu_topology(xctl_handle *h, struct xen_sysctl_cputopo *ret_cpus, unsigned int *count)
{
    struct xen_sysctl op = {.cmd = XEN_SYSCTL_cputopoinfo};
    struct xctl__bounce b[] = {
        BOUNCE(op.u.cputopoinfo.cputopo, ret_cpus, (size_t)*count * sizeof(*ret_cpus), OUT),
    };
    int rc;

    op.u.cputopoinfo.num_cpus = *count;
    rc = xctl__sysctl(h, &op, b, ARRAY_SIZE(b), "look up the CPU topology");
    if (rc >= 0)
        *count = op.u.cputopoinfo.num_cpus;
    return rc;
}

int xctl_host_numa(xctl_handle *h, struct xen_sysctl_meminfo *ret_nodes, uint32_t *ret_distance,
                   unsigned int *count)
{
    struct xen_sysctl op = {.cmd = XEN_SYSCTL_numainfo};
    size_t n = *count;
    struct xctl__bounce b[] = {
        BOUNCE(op.u.numainfo.meminfo, ret_nodes, n * sizeof(*ret_nodes), OUT),
        BOUNCE(op.u.numainfo.distance, ret_distance, n * n * sizeof(*ret_distance), OUT),
    };
    int rc;

    op.u.numainfo.num_nodes = *count;
    rc = xctl__sysctl(h, &op, b, ARRAY_SIZE(b), "look up the NUMA nodes");
    if (rc >= 0)
        *count = op.u.numainfo.num_nodes;
    return rc;
}

int xctl_host_cpu_idle(xctl_handle *h, struct xen_sysctl_cpuinfo *ret_cpus, unsigned int *count)
{
    struct xen_sysctl op = {.cmd = XEN_SYSCTL_getcpuinfo};
    struct xctl__bounce b[] = {
        BOUNCE(op.u.getcpuinfo.info, ret_cpus, (size_t)*count * sizeof(*ret_cpus), OUT),
    };
    int rc;

    /* This call has no way to ask for the number alone. */
    if (!ret_cpus)
        return xctl_host_cpu_topology(h, NULL, count);
    op.u.getcpuinfo.max_cpus = *count;
    rc = xctl__sysctl(h, &op, b, ARRAY_SIZE(b), "look up idle times");
    if (rc >= 0)
        *count = op.u.getcpuinfo.nr_cpus;
    return rc;
}

/* The hypervisor does a part at a time. */
int xctl_host_pci_nodes(xctl_handle *h, const struct physdev_pci_device *devs, uint32_t *ret_nodes,
                        unsigned int count)
{
    while (count) {
        struct xen_sysctl op = {.cmd = XEN_SYSCTL_pcitopoinfo};
        struct xctl__bounce b[] = {
            BOUNCE(op.u.pcitopoinfo.devs, devs, count * sizeof(*devs), IN),
            BOUNCE(op.u.pcitopoinfo.nodes, ret_nodes, count * sizeof(*ret_nodes), OUT),
        };
        unsigned int done;
        int rc;

        op.u.pcitopoinfo.num_devs = count;
        rc = xctl__sysctl(h, &op, b, ARRAY_SIZE(b), "look up nodes of PCI devices");
        if (rc < 0)
            return rc;
        done = op.u.pcitopoinfo.num_devs;
        if (!done || done > count)
            return xctl__failed(h, -EIO, XCTL_NO_DOMAIN, "look up nodes of PCI devices",
                                "sysctl 22");
        devs += done;
        ret_nodes += done;
        count -= done;
    }
    return 0;
}

int xctl_host_free_heap(xctl_handle *h, unsigned int min_bits, unsigned int max_bits, int node,
                        uint64_t *ret_bytes)
{
    struct xen_sysctl op = {.cmd = XEN_SYSCTL_availheap};
    int rc;

    op.u.availheap.min_bitwidth = min_bits;
    op.u.availheap.max_bitwidth = max_bits;
    op.u.availheap.node = node;
    rc = xctl__sysctl(h, &op, NULL, 0, "look up free memory");
    if (rc >= 0)
        *ret_bytes = op.u.availheap.avail_bytes;
    return rc;
}

int xctl_host_cpu_hotplug(xctl_handle *h, unsigned int cpu, unsigned int what)
{
    struct xen_sysctl op = {.cmd = XEN_SYSCTL_cpu_hotplug};

    op.u.cpu_hotplug.cpu = cpu;
    op.u.cpu_hotplug.op = what;
    return xctl__sysctl(h, &op, NULL, 0, "bring a CPU up or down");
}

int xctl_host_read_console(xctl_handle *h, char *buf, uint32_t *size, uint32_t *index, int clear)
{
    struct xen_sysctl op = {.cmd = XEN_SYSCTL_readconsole};
    struct xctl__bounce b[] = {
        BOUNCE(op.u.readconsole.buffer, buf, *size, OUT),
    };
    int rc;

    op.u.readconsole.clear = clear ? 1 : 0;
    op.u.readconsole.incremental = index ? 1 : 0;
    op.u.readconsole.index = index ? *index : 0;
    op.u.readconsole.count = *size;
    rc = xctl__sysctl(h, &op, b, ARRAY_SIZE(b), "read the hypervisor's console");
    if (rc < 0)
        return rc;
    *size = op.u.readconsole.count;
    if (index)
        *index = op.u.readconsole.index;
    return rc;
}

int xctl_host_debug_keys(xctl_handle *h, const char *keys)
{
    struct xen_sysctl op = {.cmd = XEN_SYSCTL_debug_keys};
    struct xctl__bounce b[] = {
        BOUNCE(op.u.debug_keys.keys, keys, strlen(keys), IN),
    };

    op.u.debug_keys.nr_keys = (uint32_t)strlen(keys);
    return xctl__sysctl(h, &op, b, ARRAY_SIZE(b), "press debug keys");
}

int xctl_host_trace(xctl_handle *h, struct xen_sysctl_tbuf_op *arg)
{
    struct xen_sysctl op = {.cmd = XEN_SYSCTL_tbuf_op};
    uint64_t mask = arg->cpu_mask.bitmap;
    struct xctl__bounce b[] = {
        BOUNCE(op.u.tbuf_op.cpu_mask.bitmap, mask, DIV_ROUND_UP(arg->cpu_mask.nr_bits, 8U), IN),
    };
    int rc;

    op.u.tbuf_op = *arg;
    rc = xctl__sysctl(h, &op, b, ARRAY_SIZE(b), "control the trace buffers");
    if (rc >= 0) {
        *arg = op.u.tbuf_op;
        arg->cpu_mask.bitmap = mask;
    }
    return rc;
}

int xctl_psr_cmt_host(xctl_handle *h, struct xen_sysctl_psr_cmt_op *arg)
{
    struct xen_sysctl op = {.cmd = XEN_SYSCTL_psr_cmt_op};
    int rc;

    op.u.psr_cmt_op = *arg;
    rc = xctl__sysctl(h, &op, NULL, 0, "look up cache monitoring");
    if (rc >= 0)
        *arg = op.u.psr_cmt_op;
    return rc;
}

int xctl_psr_host(xctl_handle *h, struct xen_sysctl_psr_alloc *arg)
{
    struct xen_sysctl op = {.cmd = XEN_SYSCTL_psr_alloc};
    int rc;

    op.u.psr_alloc = *arg;
    rc = xctl__sysctl(h, &op, NULL, 0, "look up cache allocation");
    if (rc >= 0)
        *arg = op.u.psr_alloc;
    return rc;
}

int xctl_psr_cmt_domain(xctl_handle *h, domid_t domid, struct xen_domctl_psr_cmt_op *arg)
{
    struct xen_domctl op = {.cmd = XEN_DOMCTL_psr_cmt_op, .domain = domid};
    int rc;

    op.u.psr_cmt_op = *arg;
    rc = xctl__domctl(h, &op, NULL, 0, "control cache monitoring");
    if (rc >= 0)
        *arg = op.u.psr_cmt_op;
    return rc;
}

int xctl_psr_domain(xctl_handle *h, domid_t domid, struct xen_domctl_psr_alloc *arg)
{
    struct xen_domctl op = {.cmd = XEN_DOMCTL_psr_alloc, .domain = domid};
    int rc;

    op.u.psr_alloc = *arg;
    rc = xctl__domctl(h, &op, NULL, 0, "control cache allocation");
    if (rc >= 0)
        *arg = op.u.psr_alloc;
    return rc;
}

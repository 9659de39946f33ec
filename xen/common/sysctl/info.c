/* SPDX-License-Identifier: MIT */
/* info.c - sysctl operations that tell about CPUs, memory and the list of domains. */
#include <xen/acpi.h>
#include <xen/domain.h>
#include <xen/guest-access.h>
#include <xen/lib.h>
#include <xen/mm.h>
#include <xen/pci.h>
#include <xen/sched.h>
#include <xen/time.h>
#include <xen/topology.h>
#include <xen/sysctl-table.h>

long sysctl_physinfo(struct xen_sysctl *op)
{
    struct xen_sysctl_physinfo info = {
        .threads_per_core = topology_threads_per_core(),
        .cores_per_socket = topology_cores_per_socket(),
        .nr_cpus = cpumask_weight(&cpu_online_map),
        .max_cpu_id = nr_cpus - 1,
        .nr_nodes = acpi.nr_nodes,
        .max_node_id = acpi.nr_nodes - 1,
        .cpu_khz = cpu_khz,
        .capabilities =
            XEN_SYSCTL_PHYSCAP_pv | XEN_SYSCTL_PHYSCAP_gnttab_v1 | XEN_SYSCTL_PHYSCAP_gnttab_v2,
        .total_pages = total_pages,
        .free_pages = heap_free_pages(),
        .outstanding_pages = claims_outstanding(),
        .max_mfn = max_page - 1,
    };

    cpu_feature_words(info.hw_cap, ARRAY_SIZE(info.hw_cap));
    op->u.physinfo = info;
    return 0;
}

long sysctl_getdomaininfolist(struct xen_sysctl *op)
{
    struct xen_sysctl_getdomaininfolist *l = &op->u.getdomaininfolist;
    struct xen_domctl_getdomaininfo info;
    struct domain *d;
    domid_t next = l->first_domain;
    u32 n = 0;

    while (n < l->max_domains && (d = get_domain_from(next)) != NULL) {
        domain_get_info(d, &info);
        next = (domid_t)(d->domain_id + 1);
        put_domain(d);
        if (copy_elem_to_guest(l->buffer, n, &info, sizeof(info)))
            return -EFAULT;
        n++;
    }
    l->num_domains = n;
    return 0;
}

long sysctl_getcpuinfo(struct xen_sysctl *op)
{
    struct xen_sysctl_getcpuinfo *g = &op->u.getcpuinfo;
    u32 n = MIN(g->max_cpus, nr_cpus);

    for (u32 i = 0; i < n; i++) {
        struct xen_sysctl_cpuinfo info = {0};
        struct vcpu_runstate_info run;

        if (cpumask_test(i, &cpu_online_map)) {
            vcpu_runstate_get(per_cpu(idle_vcpu, i), &run);
            info.idletime = run.time[RUNSTATE_running];
        }
        if (copy_elem_to_guest(g->info, i, &info, sizeof(info)))
            return -EFAULT;
    }
    g->nr_cpus = n;
    return 0;
}

long sysctl_availheap(struct xen_sysctl *op)
{
    struct xen_sysctl_availheap *a = &op->u.availheap;
    u64 pages = 0;

    for (unsigned int node = 0; node < ACPI_MAX_NODES; node++)
        if (a->node < 0 || (unsigned int)a->node == node)
            pages += heap_free_below(node, a->min_bitwidth, a->max_bitwidth);
    a->avail_bytes = pages << PAGE_SHIFT;
    return 0;
}

/* --- topology: a NULL buffer asks how much there is --- */

long sysctl_cputopoinfo(struct xen_sysctl *op)
{
    struct xen_sysctl_cputopoinfo *t = &op->u.cputopoinfo;
    u32 n = t->cputopo ? MIN(t->num_cpus, nr_cpus) : 0;

    for (u32 i = 0; i < n; i++) {
        struct xen_sysctl_cputopo topo = {XEN_INVALID_CORE_ID, XEN_INVALID_SOCKET_ID,
                                          XEN_INVALID_NODE_ID};

        if (cpumask_test(i, &cpu_online_map)) {
            topo.core = topology_core(i);
            topo.socket = topology_socket(i);
            topo.node = acpi_node_of_apicid(cpu_apicid[i]);
        }
        if (copy_elem_to_guest(t->cputopo, i, &topo, sizeof(topo)))
            return -EFAULT;
    }
    t->num_cpus = t->cputopo ? n : nr_cpus;
    return 0;
}

static int put_distances(u64 buffer, u32 n, u32 row)
{
    for (u32 k = 0; k < n; k++) {
        u32 distance = acpi.distance[row][k];

        if (copy_elem_to_guest(buffer, (u64)row * n + k, &distance, sizeof(distance)))
            return -EFAULT;
    }
    return 0;
}

long sysctl_numainfo(struct xen_sysctl *op)
{
    struct xen_sysctl_numainfo *ni = &op->u.numainfo;
    bool wanted = ni->meminfo || ni->distance;
    u32 n = MIN(ni->num_nodes, acpi.nr_nodes);

    for (u32 i = 0; wanted && i < n; i++) {
        struct xen_sysctl_meminfo m = {
            .memsize = heap_node_pages(i) << PAGE_SHIFT,
            .memfree = (u64)heap_node_free_pages(i) << PAGE_SHIFT,
        };

        if (ni->meminfo && copy_elem_to_guest(ni->meminfo, i, &m, sizeof(m)))
            return -EFAULT;
        if (ni->distance && put_distances(ni->distance, n, i))
            return -EFAULT;
    }
    ni->num_nodes = wanted ? n : acpi.nr_nodes;
    return 0;
}

/* No table of the firmware tells us the nodes of devices. */
long sysctl_pcitopoinfo(struct xen_sysctl *op)
{
    struct xen_sysctl_pcitopoinfo *p = &op->u.pcitopoinfo;
    struct physdev_pci_device dev;
    u32 i;

    if (!p->devs || !p->nodes)
        return -EINVAL;
    for (i = 0; i < p->num_devs && i < 256; i++) {
        u32 node = XEN_INVALID_DEV;

        if (copy_elem_from_guest(&dev, p->devs, i, sizeof(dev)))
            return -EFAULT;
        if (pci_read((pci_sbdf_t){dev.seg, dev.bus, dev.devfn}, 0, 2) != 0xffff)
            node = XEN_INVALID_NODE_ID;
        if (copy_elem_to_guest(p->nodes, i, &node, sizeof(node)))
            return -EFAULT;
    }
    p->num_devs = i;
    return 0;
}

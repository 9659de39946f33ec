/* SPDX-License-Identifier: MIT */
/* topology.c - CPUs, NUMA nodes and PCI devices of the host. */
#include <dirent.h>
#include <stdio.h>
#include "query.h"

#define NOT_THERE "cannot see the host's "

int xlight_host_cpus(xlight_handle *h, struct xlight_host_cpu **ret_list, unsigned int *ret_nr)
{
    struct xen_sysctl_cputopo *topo = NULL;
    struct xlight_host_cpu *list;
    unsigned int nr = 0, count = 0;
    int rc = xctl_host_cpu_topology(h->ctrl, NULL, &count);

    if (rc)
        return xlight__fail_ctrl(h, rc, XLIGHT_NO_DOMAIN, NOT_THERE "CPUs");
    topo = calloc(count, sizeof(*topo));
    list = calloc(count, sizeof(*list));
    if (!topo || !list)
        rc = xlight__no_memory(h, XLIGHT_NO_DOMAIN);
    else if ((rc = xctl_host_cpu_topology(h->ctrl, topo, &count)))
        xlight__fail_ctrl(h, rc, XLIGHT_NO_DOMAIN, NOT_THERE "CPUs");
    for (unsigned int i = 0; !rc && i < count; i++)
        if (topo[i].core != XEN_INVALID_CORE_ID)
            list[nr++] = (struct xlight_host_cpu){i, topo[i].core, topo[i].socket, topo[i].node};
    free(topo);
    if (rc) {
        free(list);
        return rc;
    }
    *ret_list = list;
    *ret_nr = nr;
    return 0;
}

void xlight_host_cpus_free(struct xlight_host_cpu *list, unsigned int nr)
{
    xlight__list_free(xlight_host_cpu_type(), list, nr);
}

static int fill_nodes(xlight_handle *h, const struct xen_sysctl_meminfo *mem,
                      const uint32_t *distances, unsigned int count, struct xlight_node **list,
                      unsigned int *nr)
{
    for (unsigned int i = 0; i < count; i++) {
        struct xlight_node *n;

        if (mem[i].memsize == XEN_INVALID_MEM_SZ)
            continue;
        n = xlight__list_append(h, xlight_node_type(), list, nr);
        if (!n)
            return -ENOMEM;
        n->node = i;
        n->memory_kb = mem[i].memsize >> 10;
        n->free_kb = mem[i].memfree >> 10;
        n->distances = malloc(count * sizeof(*distances));
        if (!n->distances)
            return xlight__no_memory(h, XLIGHT_NO_DOMAIN);
        n->nr_distances = count;
        memcpy(n->distances, distances + (size_t)i * count, count * sizeof(*distances));
    }
    return 0;
}

int xlight_host_nodes(xlight_handle *h, struct xlight_node **ret_list, unsigned int *ret_nr)
{
    struct xlight_node *list = NULL;
    struct xen_sysctl_meminfo *mem;
    uint32_t *distances;
    unsigned int count = 0, nr = 0;
    int rc = xctl_host_numa(h->ctrl, NULL, NULL, &count);

    if (rc)
        return xlight__fail_ctrl(h, rc, XLIGHT_NO_DOMAIN, NOT_THERE "nodes");
    mem = calloc(count, sizeof(*mem));
    distances = calloc((size_t)count * count, sizeof(*distances));
    if (!mem || !distances)
        rc = xlight__no_memory(h, XLIGHT_NO_DOMAIN);
    else if ((rc = xctl_host_numa(h->ctrl, mem, distances, &count)))
        xlight__fail_ctrl(h, rc, XLIGHT_NO_DOMAIN, NOT_THERE "nodes");
    if (!rc)
        rc = fill_nodes(h, mem, distances, count, &list, &nr);
    free(mem);
    free(distances);
    if (rc) {
        xlight_host_nodes_free(list, nr);
        return rc;
    }
    *ret_list = list;
    *ret_nr = nr;
    return 0;
}

void xlight_host_nodes_free(struct xlight_node *list, unsigned int nr)
{
    xlight__list_free(xlight_node_type(), list, nr);
}

/* The devices that the kernel has, in its order; a machine without PCI has none. */
static int list_pci(xlight_handle *h, struct xlight_pci_node **list, unsigned int *nr)
{
    DIR *dir = opendir("/sys/bus/pci/devices");
    struct xlight_pci_node *p, at = {0};
    struct dirent *entry;
    int rc = 0;

    if (!dir)
        return errno == ENOENT
                   ? 0
                   : xlight__fail(h, -errno, XLIGHT_NO_DOMAIN, "cannot open /sys/bus/pci/devices");
    while (!rc && (entry = readdir(dir))) {
        if (sscanf(entry->d_name, "%x:%x:%x.%x", &at.segment, &at.bus, &at.device, &at.function) !=
            4)
            continue;
        p = xlight__list_append(h, xlight_pci_node_type(), list, nr);
        if (p)
            *p = at;
        else
            rc = -ENOMEM;
    }
    closedir(dir);
    return rc;
}

/* Keeps those whose node the hypervisor knows. */
static int look_up_nodes(xlight_handle *h, struct xlight_pci_node *list, unsigned int *nr)
{
    struct physdev_pci_device *devs = calloc(*nr + 1, sizeof(*devs));
    uint32_t *nodes = calloc(*nr + 1, sizeof(*nodes));
    unsigned int kept = 0;
    int rc = 0;

    if (!devs || !nodes)
        rc = xlight__no_memory(h, XLIGHT_NO_DOMAIN);
    for (unsigned int i = 0; !rc && i < *nr; i++)
        devs[i] = (struct physdev_pci_device){
            (uint16_t)list[i].segment, (uint8_t)list[i].bus,
            (uint8_t)((list[i].device & 0x1f) << 3 | (list[i].function & 7))};
    if (!rc && (rc = xctl_host_pci_nodes(h->ctrl, devs, nodes, *nr)))
        xlight__fail_ctrl(h, rc, XLIGHT_NO_DOMAIN, NOT_THERE "PCI devices");
    for (unsigned int i = 0; !rc && i < *nr; i++)
        if (nodes[i] != XEN_INVALID_NODE_ID && nodes[i] != XEN_INVALID_DEV) {
            list[kept] = list[i];
            list[kept++].node = nodes[i];
        }
    if (!rc)
        *nr = kept;
    free(devs);
    free(nodes);
    return rc;
}

int xlight_host_pci_nodes(xlight_handle *h, struct xlight_pci_node **ret_list, unsigned int *ret_nr)
{
    struct xlight_pci_node *list = NULL;
    unsigned int nr = 0;
    int rc = 0;

    if (!h->sim) {
        rc = list_pci(h, &list, &nr);
        if (!rc)
            rc = look_up_nodes(h, list, &nr);
    }
    if (rc) {
        xlight_host_pci_nodes_free(list, nr);
        return rc;
    }
    *ret_list = list;
    *ret_nr = nr;
    return 0;
}

void xlight_host_pci_nodes_free(struct xlight_pci_node *list, unsigned int nr)
{
    xlight__list_free(xlight_pci_node_type(), list, nr);
}

int xlight_domain_nodes(xlight_handle *h, uint32_t domid, struct xlight_bits *ret_nodes)
{
    struct xen_domctl_getdomaininfo info;
    struct xlight_bits nodes = {NULL, 0, NULL};
    unsigned int count = 0;
    int rc = xlight__domctl_info(h, domid, &info);

    if (rc)
        return rc;
    rc = xctl_host_numa(h->ctrl, NULL, NULL, &count);
    if (rc)
        return xlight__fail_ctrl(h, rc, domid, NOT_THERE "nodes");
    rc = xlight__bits_alloc(h, count, &nodes);
    if (rc)
        return rc;
    rc = xctl_domain_get_node_affinity(h->ctrl, (domid_t)domid, nodes.bytes, count);
    if (rc) {
        xlight_bits_clear(&nodes);
        return xlight__fail_ctrl(h, rc, domid, "cannot see the nodes of domain %u", domid);
    }
    *ret_nodes = nodes;
    return 0;
}

/* SPDX-License-Identifier: MIT */
/* info.c - xl info: the host, in the lines of Xen's tool or as JSON. */
#include <getopt.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xenolith/light-host.h>
#include "xl.h"

/* A line of output; with only, nothing but the value, and of lines that begin with it. */
static void line(const char *only, const char *name, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
static void line(const char *only, const char *name, const char *format, ...)
{
    va_list args;

    if (only && strncmp(name, only, strlen(only)))
        return;
    if (!only)
        printf("%-22s : ", name);
    va_start(args, format);
    vprintf(format, args);
    va_end(args);
    putchar('\n');
}

static void print_machine(const struct xlight_host *host, const char *only)
{
    line(only, "host", "%s", host->name);
    line(only, "release", "%s", host->release);
    line(only, "version", "%s", host->version);
    line(only, "machine", "%s", host->machine);
    line(only, "nr_cpus", "%" PRIu32, host->cpus);
    line(only, "max_cpu_id", "%" PRIu32, host->max_cpu);
    line(only, "nr_nodes", "%" PRIu32, host->nodes);
    line(only, "cores_per_socket", "%" PRIu32, host->cores);
    line(only, "threads_per_core", "%" PRIu32, host->threads);
    line(only, "cpu_mhz", "%" PRIu32 ".%03" PRIu32, host->khz / 1000, host->khz % 1000);
    line(only, "hw_caps", "%s", host->features);
    line(only, "virt_caps", "%s", host->guest_support);
    line(only, "total_memory", "%" PRIu64, host->memory_kb / 1024);
    line(only, "free_memory", "%" PRIu64, (host->free_kb - host->claimed_kb) / 1024);
    line(only, "sharing_freed_memory", "%" PRIu64, host->sharing_freed_kb / 1024);
    line(only, "sharing_used_memory", "%" PRIu64, host->sharing_used_kb / 1024);
    line(only, "outstanding_claims", "%" PRIu64, host->claimed_kb / 1024);
    line(only, "free_cpus", "%" PRIu32, host->free_cpus);
}

static void print_hypervisor(const struct xlight_host *host, const char *only)
{
    line(only, "xen_major", "%" PRIu32, host->major);
    line(only, "xen_minor", "%" PRIu32, host->minor);
    line(only, "xen_extra", "%s", host->extra);
    line(only, "xen_version", "%" PRIu32 ".%" PRIu32 "%s", host->major, host->minor, host->extra);
    line(only, "xen_caps", "%s", host->capabilities);
    line(only, "xen_scheduler", "%s", host->scheduler);
    line(only, "xen_pagesize", "%" PRIu32, host->page_size);
    line(only, "platform_params", "virt_start=0x%" PRIx64, host->virt_start);
    line(only, "xen_changeset", "%s", host->changeset);
    line(only, "xen_commandline", "%s", host->command_line);
    line(only, "cc_compiler", "%s", host->compiler);
    line(only, "cc_compile_by", "%s", host->compiled_by);
    line(only, "cc_compile_domain", "%s", host->compile_domain);
    line(only, "cc_compile_date", "%s", host->compile_date);
    line(only, "build_id", "%s", host->build_id);
    line(only, "xend_config_format", "4");
}

/* What -n adds. */
struct numa {
    struct xlight_host_cpu *cpus;
    struct xlight_node *nodes;
    struct xlight_pci_node *devices;
    unsigned int nr_cpus, nr_nodes, nr_devices;
};

static void print_numa(const struct numa *n)
{
    puts("cpu_topology           :\ncpu:    core    socket     node");
    for (unsigned int i = 0; i < n->nr_cpus; i++)
        printf("%3" PRIu32 ":    %4" PRIu32 "     %4" PRIu32 "     %4" PRIu32 "\n", n->cpus[i].cpu,
               n->cpus[i].core, n->cpus[i].socket, n->cpus[i].node);
    puts("device topology        :\ndevice           node");
    for (unsigned int i = 0; i < n->nr_devices; i++) {
        const struct xlight_pci_node *d = &n->devices[i];

        printf("%04" PRIx32 ":%02" PRIx32 ":%02" PRIx32 ".%01" PRIx32 "      %" PRIu32 "\n",
               d->segment, d->bus, d->device, d->function, d->node);
    }
    if (!n->nr_devices)
        puts("No device topology data available");
    puts("numa_info              :\nnode:    memsize    memfree    distances");
    for (unsigned int i = 0; i < n->nr_nodes; i++) {
        const struct xlight_node *node = &n->nodes[i];

        printf("%4" PRIu32 ":    %6" PRIu64 "     %6" PRIu64 "      ", node->node,
               node->memory_kb >> 10, node->free_kb >> 10);
        for (unsigned int k = 0; k < node->nr_distances; k++)
            printf("%s%" PRIu32, k ? "," : "", node->distances[k]);
        putchar('\n');
    }
}

static int print_json(const struct xlight_host *host, const struct numa *n)
{
    int status;

    if (!n)
        return xl_json(xlight_host_type(), host, 1, 0);
    fputs("{\"host\": ", stdout);
    status = xl_json(xlight_host_type(), host, 1, 0);
    fputs(", \"cpus\": ", stdout);
    status |= xl_json(xlight_host_cpu_type(), n->cpus, n->nr_cpus, XLIGHT_JSON_LIST);
    fputs(", \"devices\": ", stdout);
    status |= xl_json(xlight_pci_node_type(), n->devices, n->nr_devices, XLIGHT_JSON_LIST);
    fputs(", \"nodes\": ", stdout);
    status |= xl_json(xlight_node_type(), n->nodes, n->nr_nodes, XLIGHT_JSON_LIST);
    puts("}");
    return status;
}

static int info(xlight_handle *h, bool with_numa, bool json, const char *only)
{
    struct numa n = {0};
    struct xlight_host *host = NULL;
    int status = XL_OK;

    if (xlight_host_info(h, &host) ||
        (with_numa &&
         (xlight_host_cpus(h, &n.cpus, &n.nr_cpus) || xlight_host_nodes(h, &n.nodes, &n.nr_nodes) ||
          xlight_host_pci_nodes(h, &n.devices, &n.nr_devices)))) {
        status = xl_fail(h);
    } else if (json) {
        status = print_json(host, with_numa ? &n : NULL);
    } else {
        print_machine(host, only);
        if (with_numa)
            print_numa(&n);
        print_hypervisor(host, only);
    }
    xlight_host_free(host);
    xlight_host_cpus_free(n.cpus, n.nr_cpus);
    xlight_host_nodes_free(n.nodes, n.nr_nodes);
    xlight_host_pci_nodes_free(n.devices, n.nr_devices);
    return status;
}

int cmd_info(struct xl *xl, int argc, char **argv)
{
    static const struct option options[] = {
        {"numa", no_argument, NULL, 'n'}, {"json", no_argument, NULL, 'j'}, XL_LAST_OPTION};
    bool numa = false, json = false;
    xlight_handle *h;
    int opt, status = XL_OK;

    while ((opt = xl_getopt(argc, argv, "nh", options, 0, &status)) >= 0) {
        numa |= opt == 'n';
        json |= opt == 'j';
    }
    if (opt == -2)
        return status;
    h = xl_open(xl);
    if (!h)
        return XL_FAILED;
    status = info(h, numa, json, numa ? NULL : argv[optind]);
    xlight_close(h);
    return status;
}

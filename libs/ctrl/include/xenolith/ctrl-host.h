/* SPDX-License-Identifier: MIT */
/* ctrl-host.h - the host: version, CPUs, memory, pools, console. The rules of ctrl.h apply. */
#ifndef XENOLITH_CTRL_HOST_H
#define XENOLITH_CTRL_HOST_H

#include <xenolith/ctrl.h>
#include <xenolith/public/hypfs.h>
#include <xenolith/public/platform.h>
#include <xenolith/public/sysctl.h>
#include <xenolith/public/version.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Version of the hypervisor; any result may be NULL. */
XCTL_CHECK int xctl_version(xctl_handle *h, unsigned int *ret_major, unsigned int *ret_minor);
XCTL_CHECK int xctl_version_extra(xctl_handle *h, xen_extraversion_t ret_text);
XCTL_CHECK int xctl_version_compile(xctl_handle *h, struct xen_compile_info *ret_info);
/* Kinds of guests, separated by blanks. */
XCTL_CHECK int xctl_version_capabilities(xctl_handle *h, xen_capabilities_info_t ret_text);
XCTL_CHECK int xctl_version_changeset(xctl_handle *h, xen_changeset_info_t ret_text);
XCTL_CHECK int xctl_version_command_line(xctl_handle *h, xen_commandline_t ret_text);
/* First address that a PV guest must not use. */
XCTL_CHECK int xctl_version_virt_start(xctl_handle *h, unsigned long *ret_addr);
/* XENFEAT_* bits of one 32-bit word. */
XCTL_CHECK int xctl_version_features(xctl_handle *h, unsigned int word, uint32_t *ret_bits);
XCTL_CHECK int xctl_version_page_size(xctl_handle *h, unsigned int *ret_bytes);
/* -ENODATA: the build has no id; -ENOBUFS: longer than size. */
XCTL_CHECK int xctl_version_build_id(xctl_handle *h, uint8_t *ret_id, size_t size, size_t *ret_len);

/* CPUs, memory and capabilities of the host. */
XCTL_CHECK int xctl_host_info(xctl_handle *h, struct xen_sysctl_physinfo *ret_info);

/*
 * Arrays by CPU, node or device: *count is the space on entry, and what was stored on return.
 * With the array NULL *count only becomes the number that there are.
 */
XCTL_CHECK int xctl_host_cpu_topology(xctl_handle *h, struct xen_sysctl_cputopo *ret_cpus,
                                      unsigned int *count);
/* ret_distance has *count * *count entries; both arrays or none. */
XCTL_CHECK int xctl_host_numa(xctl_handle *h, struct xen_sysctl_meminfo *ret_nodes,
                              uint32_t *ret_distance, unsigned int *count);
XCTL_CHECK int xctl_host_cpu_idle(xctl_handle *h, struct xen_sysctl_cpuinfo *ret_cpus,
                                  unsigned int *count);
/* Nodes of count PCI devices. */
XCTL_CHECK int xctl_host_pci_nodes(xctl_handle *h, const struct physdev_pci_device *devs,
                                   uint32_t *ret_nodes, unsigned int count);

/* Free bytes, of addresses with min to max bits (0: any) on a node (-1: all). */
XCTL_CHECK int xctl_host_free_heap(xctl_handle *h, unsigned int min_bits, unsigned int max_bits,
                                   int node, uint64_t *ret_bytes);

/* XEN_SYSCTL_CPU_HOTPLUG_*. -EBUSY: a CPU that must stay. */
XCTL_CHECK int xctl_host_cpu_hotplug(xctl_handle *h, unsigned int cpu, unsigned int op);

/*
 * Console ring of the hypervisor. Copies up to *size bytes to buf, *size becomes how many. With
 * index NULL from the oldest on; else from *index, which is then moved on (start with 0). clear
 * empties the ring. Text that was overwritten before is skipped.
 */
XCTL_CHECK int xctl_host_read_console(xctl_handle *h, char *buf, uint32_t *size, uint32_t *index,
                                      int clear);

/* As if these keys were pressed on the serial console; the answers go to the console ring. */
XCTL_CHECK int xctl_host_debug_keys(xctl_handle *h, const char *keys);

/* Capabilities and words of CPU features, XEN_SYSCTL_cpu_featureset_*. *count as above. */
XCTL_CHECK int xctl_host_levelling_caps(xctl_handle *h, uint32_t *ret_caps);
XCTL_CHECK int xctl_host_featureset(xctl_handle *h, unsigned int which, uint32_t *ret_words,
                                    uint32_t *count);
/* CPU policies of the host, XEN_SYSCTL_cpu_policy_*. Counts as xctl_domain_get_cpu_policy(). */
XCTL_CHECK int xctl_host_cpu_policy(xctl_handle *h, unsigned int which,
                                    struct xen_cpuid_leaf *ret_leaves, uint32_t *nr_leaves,
                                    struct xen_msr_entry *ret_msrs, uint32_t *nr_msrs);
/* Largest number of leaves and MSRs of any policy. */
XCTL_CHECK int xctl_host_cpu_policy_size(xctl_handle *h, uint32_t *ret_leaves, uint32_t *ret_msrs);

/* The scheduler, XEN_SCHEDULER_*, and its parameters in a pool (microseconds, milliseconds). */
XCTL_CHECK int xctl_sched_id(xctl_handle *h, unsigned int *ret_id);
XCTL_CHECK int xctl_sched_credit_host_set(xctl_handle *h, uint32_t pool,
                                          const struct xen_sysctl_credit_schedule *params);
XCTL_CHECK int xctl_sched_credit_host_get(xctl_handle *h, uint32_t pool,
                                          struct xen_sysctl_credit_schedule *ret_params);
XCTL_CHECK int xctl_sched_credit2_host_set(xctl_handle *h, uint32_t pool,
                                           const struct xen_sysctl_credit2_schedule *params);
XCTL_CHECK int xctl_sched_credit2_host_get(xctl_handle *h, uint32_t pool,
                                           struct xen_sysctl_credit2_schedule *ret_params);
XCTL_CHECK int xctl_sched_arinc653_set(xctl_handle *h, uint32_t pool,
                                       const struct xen_sysctl_arinc653_schedule *schedule);
XCTL_CHECK int xctl_sched_arinc653_get(xctl_handle *h, uint32_t pool,
                                       struct xen_sysctl_arinc653_schedule *ret_schedule);

/* Pools of CPUs with a scheduler each. */
#define XCTL_CPUPOOL_ANY XEN_SYSCTL_CPUPOOL_PAR_ANY
struct xctl_cpupool_info {
    uint32_t id;
    uint32_t sched_id;
    uint32_t nr_domains;
};
/* want: the number it shall have or XCTL_CPUPOOL_ANY. -EEXIST: taken. */
XCTL_CHECK int xctl_cpupool_create(xctl_handle *h, uint32_t want, uint32_t sched_id,
                                   uint32_t *ret_id);
/* -EBUSY: domains or CPUs are in it. */
XCTL_CHECK int xctl_cpupool_destroy(xctl_handle *h, uint32_t id);
/*
 * The pool with the lowest number at or above id; -ENOENT: there is none. ret_cpus (may be NULL)
 * gets its CPUs, as many bits as given.
 */
XCTL_CHECK int xctl_cpupool_info(xctl_handle *h, uint32_t id, struct xctl_cpupool_info *ret_info,
                                 uint8_t *ret_cpus, unsigned int nr_bits);
/* cpu may be XCTL_CPUPOOL_ANY. -ENODEV: not free, not in the pool; -EBUSY: needed there. */
XCTL_CHECK int xctl_cpupool_add_cpu(xctl_handle *h, uint32_t id, uint32_t cpu);
XCTL_CHECK int xctl_cpupool_remove_cpu(xctl_handle *h, uint32_t id, uint32_t cpu);
XCTL_CHECK int xctl_cpupool_move_domain(xctl_handle *h, uint32_t id, domid_t domid);
/* CPUs that are in no pool. */
XCTL_CHECK int xctl_cpupool_free_cpus(xctl_handle *h, uint8_t *ret_cpus, unsigned int nr_bits);

/*
 * The hypervisor's tree of settings, by paths like "/params/loglvl". read: what an entry is, and
 * its content, at most *size bytes, or none with buf NULL; *size becomes the content's length.
 * -ENOENT: there is no such entry; -ENOBUFS: too little space, with both results set. write:
 * -EACCES, it cannot be changed; -EINVAL, -ERANGE: not such a value.
 */
XCTL_CHECK int xctl_hypfs_read(xctl_handle *h, const char *path,
                               struct xen_hypfs_direntry *ret_head, void *buf, size_t *size);
XCTL_CHECK int xctl_hypfs_write(xctl_handle *h, const char *path, const void *data, size_t size);

/* Trace buffers, XEN_SYSCTL_TBUFOP_*; the structure goes in and comes back. */
XCTL_CHECK int xctl_host_trace(xctl_handle *h, struct xen_sysctl_tbuf_op *op);

/* Cache monitoring and allocation, of the host (cmds of xen_sysctl_psr_*) and of domains. */
XCTL_CHECK int xctl_psr_cmt_host(xctl_handle *h, struct xen_sysctl_psr_cmt_op *op);
XCTL_CHECK int xctl_psr_host(xctl_handle *h, struct xen_sysctl_psr_alloc *op);
XCTL_CHECK int xctl_psr_cmt_domain(xctl_handle *h, domid_t domid, struct xen_domctl_psr_cmt_op *op);
XCTL_CHECK int xctl_psr_domain(xctl_handle *h, domid_t domid, struct xen_domctl_psr_alloc *op);

/*
 * Any platform operation whose argument holds no pointers: firmware, sleep, CPU hotplug, clock.
 * cmd and u are the caller's, the version is filled in, and the structure comes back. Returns
 * what the hypercall returned, 0 or more.
 */
XCTL_CHECK int xctl_platform_op(xctl_handle *h, struct xen_platform_op *op);
/* Loads microcode on all CPUs. */
XCTL_CHECK int xctl_platform_microcode(xctl_handle *h, const void *data, uint32_t size);
/* Reads and writes MSRs of one CPU, in order; returns how many entries were done. */
XCTL_CHECK int xctl_platform_resource(xctl_handle *h, unsigned int cpu,
                                      struct xenpf_resource_entry *entries, unsigned int count);

#ifdef __cplusplus
}
#endif

#endif /* XENOLITH_CTRL_HOST_H */

/* SPDX-License-Identifier: MIT */
/*
 * light-host.h - the host: what it is, its CPUs and nodes, its pools of CPUs, its console. The
 * rules of light.h apply.
 *
 * Lists and structures that calls return are freed with the call named beside them, which takes
 * NULL, too. Each structure has a table of its fields, see light-field.h. Errors of the hypervisor
 * that all calls share: -EPERM, the caller is not in the control domain.
 */
#ifndef XENOLITH_LIGHT_HOST_H
#define XENOLITH_LIGHT_HOST_H

#include <xenolith/light-config.h>
#include <xenolith/light.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What xl info says. No string is NULL. */
struct xlight_host {
    /* The control domain's kernel. */
    char *name, *release, *version, *machine;

    uint32_t cpus;       /* that are online */
    uint32_t max_cpu;    /* the highest number of any */
    uint32_t nodes;      /* of NUMA */
    uint32_t cores;      /* in one socket */
    uint32_t threads;    /* in one core */
    uint32_t khz;        /* of time stamps */
    uint32_t free_cpus;  /* in no pool */
    char *features;      /* eight words of CPUID in hexadecimal, as "0123abcd:..." */
    char *guest_support; /* words like "pv hvm hap" */

    uint64_t memory_kb, free_kb;
    uint64_t claimed_kb;                        /* of free_kb: promised to domains */
    uint64_t sharing_freed_kb, sharing_used_kb; /* of pages that domains share */

    /* The hypervisor. */
    uint32_t major, minor;
    char *extra;        /* the version's rest */
    char *capabilities; /* kinds of guests, as "xen-3.0-x86_64 ..." */
    char *scheduler;    /* of pool 0 */
    uint32_t page_size;
    uint64_t virt_start; /* first address that PV guests must not use */
    char *changeset, *command_line;
    char *compiler, *compiled_by, *compile_domain, *compile_date;
    char *build_id; /* hexadecimal; "" when there is none */
};
/* What the host is like now. The caller frees *ret_host; NULL is fine there. */
XLIGHT_CHECK int xlight_host_info(xlight_handle *h, struct xlight_host **ret_host);
XLIGHT_API void xlight_host_free(struct xlight_host *host);

/* CPUs that are online, in order of their numbers. */
struct xlight_host_cpu {
    uint32_t cpu, core, socket, node;
};
XLIGHT_CHECK int xlight_host_cpus(xlight_handle *h, struct xlight_host_cpu **ret_list,
                                  unsigned int *ret_nr);
XLIGHT_API void xlight_host_cpus_free(struct xlight_host_cpu *list, unsigned int nr);

/* NUMA nodes in order of their numbers; distances to all nodes, 10 is near. */
struct xlight_node {
    uint32_t node;
    uint64_t memory_kb, free_kb;
    uint32_t *distances;
    unsigned int nr_distances;
};
XLIGHT_CHECK int xlight_host_nodes(xlight_handle *h, struct xlight_node **ret_list,
                                   unsigned int *ret_nr);
XLIGHT_API void xlight_host_nodes_free(struct xlight_node *list, unsigned int nr);

/*
 * PCI devices whose node is known, in the order in which the kernel lists them. A simulated host
 * has none.
 */
struct xlight_pci_node {
    uint32_t segment, bus, device, function, node;
};
XLIGHT_CHECK int xlight_host_pci_nodes(xlight_handle *h, struct xlight_pci_node **ret_list,
                                       unsigned int *ret_nr);
XLIGHT_API void xlight_host_pci_nodes_free(struct xlight_pci_node *list, unsigned int nr);

/* The hypervisor's messages, those kept; clear drops them there. The caller frees *ret_text. */
XLIGHT_CHECK int xlight_host_console(xlight_handle *h, bool clear, char **ret_text,
                                     size_t *ret_len);

/* As if these keys were pressed on the serial console; answers come as messages. */
XLIGHT_CHECK int xlight_host_debug_keys(xlight_handle *h, const char *keys);

/*
 * Changes command-line options of the hypervisor while it runs: "a=5 nob c" (b off, c on),
 * separated by blanks, one after the other until one fails. -ENOENT: there is no such option;
 * -EACCES, -EROFS: it cannot be changed; -EINVAL: not an option; -ENOSYS: this hypervisor has no
 * such call.
 */
XLIGHT_CHECK int xlight_host_set_options(xlight_handle *h, const char *options);

/* How long this kernel has been running, in seconds. */
XLIGHT_CHECK int xlight_host_uptime(xlight_handle *h, uint64_t *ret_seconds);

/* Schedulers, with the numbers that the hypervisor has for them. */
enum xlight_scheduler {
    XLIGHT_CREDIT = 5,
    XLIGHT_CREDIT2 = 6,
    XLIGHT_ARINC653 = 7,
    XLIGHT_RTDS = 8,
    XLIGHT_NULL_SCHEDULER = 9
};
/* "credit2" for 6; "unknown" for a number that has no name. And back: -EINVAL, no such name. */
XLIGHT_API const char *xlight_scheduler_name(int scheduler);
XLIGHT_CHECK int xlight_scheduler_find(const char *name, int *ret_scheduler);

/*
 * A set of CPUs as a user writes it: "0-3,^2", "all", "none", "node:1", "nodes:0-1,^node:1,^5";
 * ranges as of Xen's tool, and those behind ^ taken out again. *ret_cpus gets as many bits as the
 * host has CPUs; the caller frees it with xlight_bits_clear(). -EINVAL: not such a set, or a number
 * that the host does not have.
 */
XLIGHT_CHECK int xlight_host_parse_cpus(xlight_handle *h, const char *text,
                                        struct xlight_bits *ret_cpus);
XLIGHT_API void xlight_bits_clear(struct xlight_bits *bits);

/* Pools of CPUs, with domains that run on these alone. */
struct xlight_cpupool {
    uint32_t id;
    char *name; /* NULL: it has none, or there is no store */
    int scheduler;
    uint32_t domains;        /* how many */
    struct xlight_bits cpus; /* of as many bits as the host has CPUs */
};
/* All, in order of their ids. */
XLIGHT_CHECK int xlight_cpupool_list(xlight_handle *h, struct xlight_cpupool **ret_list,
                                     unsigned int *ret_nr);
XLIGHT_API void xlight_cpupool_list_free(struct xlight_cpupool *list, unsigned int nr);

/* The pool that a user means: a number is an id, anything else a name. -ENOENT: there is none. */
XLIGHT_CHECK int xlight_cpupool_find(xlight_handle *h, const char *word, uint32_t *ret_id);

/*
 * Makes a pool of these CPUs, which must be in none. scheduler 0: that of pool 0. -EEXIST: the name
 * is taken; -EBUSY, -ENODEV: a CPU is not free; -ENOENT: the hypervisor lacks the scheduler. On
 * failure there is no new pool.
 */
XLIGHT_CHECK int xlight_cpupool_create(xlight_handle *h, const char *name, int scheduler,
                                       const struct xlight_bits *cpus, uint32_t *ret_id);

/*
 * What an xlcpupool.cfg(5) file says: the CPUs as sets that xlight_host_parse_cpus() takes, or the
 * numbers of nodes. parse reports to m (may be NULL) and fails as xlight_config_parse() does; file
 * is the name for messages. cpus finds the CPUs that are meant: those listed, or all of the nodes
 * that are free; the caller frees them with xlight_bits_clear(). -EBUSY: one listed is not free;
 * -ENODEV: no CPU of the nodes is.
 */
struct xlight_cpupool_config {
    char *name;
    int scheduler; /* 0: not given */
    char **cpus;
    unsigned int nr_cpus;
    char **nodes;
    unsigned int nr_nodes;
};
XLIGHT_CHECK int xlight_cpupool_config_parse(const char *file, const char *text, size_t len,
                                             xlight_messages *m,
                                             struct xlight_cpupool_config **ret_c);
XLIGHT_CHECK int xlight_cpupool_config_cpus(xlight_handle *h, const struct xlight_cpupool_config *c,
                                            struct xlight_bits *ret_cpus);
XLIGHT_API void xlight_cpupool_config_free(struct xlight_cpupool_config *c);

/* Ends a pool; its CPUs are free then. -EBUSY: domains are in it; -EINVAL: it is pool 0. */
XLIGHT_CHECK int xlight_cpupool_destroy(xlight_handle *h, uint32_t id);

/* -EEXIST: the name is taken; -ENOTCONN: there is no store. */
XLIGHT_CHECK int xlight_cpupool_rename(xlight_handle *h, uint32_t id, const char *name);

/*
 * Puts CPUs that are free into a pool, takes some out. All are tried; on failure *ret_done (may be
 * NULL) says how many went well, and the error is of the first one that did not: -EBUSY, it is the
 * pool's last and domains need it; -ENODEV, it is not free, or not there.
 */
XLIGHT_CHECK int xlight_cpupool_add_cpus(xlight_handle *h, uint32_t id,
                                         const struct xlight_bits *cpus, unsigned int *ret_done);
XLIGHT_CHECK int xlight_cpupool_remove_cpus(xlight_handle *h, uint32_t id,
                                            const struct xlight_bits *cpus, unsigned int *ret_done);

/* Moves a domain there. -EINVAL: it is domain 0. */
XLIGHT_CHECK int xlight_cpupool_move(xlight_handle *h, uint32_t id, uint32_t domid);

/*
 * Makes one pool for each node, called Pool-nodeN; pool 0 is that of the first CPU's node, and
 * domain 0 keeps as many vCPUs as this one has CPUs, which takes some seconds at most. -EEXIST:
 * there is more than pool 0 already; -ETIMEDOUT: domain 0 did not give vCPUs up. What was done
 * before a failure stays.
 */
XLIGHT_CHECK int xlight_cpupool_split(xlight_handle *h);

/* The tables of fields. */
XLIGHT_API const struct xlight_type *xlight_host_type(void);
XLIGHT_API const struct xlight_type *xlight_host_cpu_type(void);
XLIGHT_API const struct xlight_type *xlight_node_type(void);
XLIGHT_API const struct xlight_type *xlight_pci_node_type(void);
XLIGHT_API const struct xlight_type *xlight_cpupool_type(void);
XLIGHT_API const struct xlight_type *xlight_cpupool_config_type(void);

#ifdef __cplusplus
}
#endif

#endif /* XENOLITH_LIGHT_HOST_H */

/* SPDX-License-Identifier: MIT */
/*
 * sim.h - inside of the simulated host.
 *
 * All of the host is one sparse file in memory, shared by the handles (and processes) that have
 * it open: struct sim_host, a heap for what hangs off it, one struct sim_frame for each page of
 * machine memory, then that memory itself. Everything refers to everything else by offset into
 * the file, since each process maps it elsewhere. One robust lock guards all but the memory.
 *
 * A mapping of guest memory is a mapping of the file, so that both sides see the same page. The
 * list of maps records them, with the process that has them: they hold references to frames, and
 * are undone for processes that died.
 */
#ifndef XENOLITH_CTRL_SIM_PRIVATE_H
#define XENOLITH_CTRL_SIM_PRIVATE_H

#include "../private.h"
#include <pthread.h>
#include <sys/types.h>
#include <xenolith/ctrl-sim.h>
#include <xenolith/public/sched.h>

#define SIM_MAGIC        0x316d6973746c6578ULL
#define SIM_LAYOUT       3U /* of the structures below: raised with each change */
#define SIM_DOMAINS      2048
#define SIM_CPUS         128
#define SIM_NODES        8
#define SIM_POOLS        16
#define SIM_PORTS        4096
#define SIM_GNT_FRAMES   64
#define SIM_GNT_ENTRIES  (XCTL_PAGE_SIZE / sizeof(struct grant_entry_v1)) /* a page */
#define SIM_LISTENERS    1024
#define SIM_FAULTS       16
#define SIM_CONRING      16384U
#define SIM_LEAVES       120
#define SIM_MSRS         2
#define SIM_IOREQ        8
#define SIM_RANGES       32
#define SIM_PIRQS        256
#define SIM_XSAVE        (16 + 576)
#define SIM_MAX_ORDER    18
#define SIM_HVM_BLOB_MAX (1U << 20)
#define SIM_CPU_BYTES    (SIM_CPUS / 8)
#define SIM_CPU_KHZ      2000000U
#define SIM_FEATURES     19

/* The layout of the file. */
#define SIM_HEAP_OFFSET  (64UL << 20)
#define SIM_HEAP_SIZE    (1UL << 30)
#define SIM_FRAME_OFFSET (SIM_HEAP_OFFSET + SIM_HEAP_SIZE)

typedef uint64_t sim_off; /* into the file; 0: nothing */

/* A page of machine memory. */
struct sim_frame {
    uint64_t gfn;
    uint32_t refs; /* of maps */
    domid_t owner;
    uint8_t flags; /* SIM_F_*; 0: free */
    uint8_t type;  /* of PV page tables: level 1 to 4, bit 7: pinned */
};
#define SIM_F_USED     1U
#define SIM_F_XEN      2U  /* the hypervisor's, shared with the owner; not in its page count */
#define SIM_F_DIRTY    4U  /* written since the log was cleaned */
#define SIM_F_WRITE    8U  /* has content, must be cleared before the next owner */
#define SIM_F_GONE     16U /* given back while still mapped: free with the last reference */
#define SIM_F_OWN      32U /* of a grant allocation */
#define SIM_F_UNFILLED 64U /* its content has yet to come */
#define SIM_NO_GFN     (~0ULL)
#define SIM_PINNED     0x80U

/* p2m entries: 0 nothing, else this, or a frame plus 1. */
#define SIM_POD      (~0ULL)
#define SIM_GFN_BITS 27

struct sim_port {
    uint8_t state; /* EVTCHNSTAT_* */
    uint8_t pending;
    uint8_t masked; /* delivered to its listener and not unmasked yet */
    uint8_t pad;
    domid_t remote;
    uint16_t listener; /* number + 1; 0: events stay pending */
    uint32_t other;    /* the remote's port, virq or pirq */
};

/* An open xctl_evtchn: woken through a socket whose name follows from number and serial. */
struct sim_listener {
    int32_t pid; /* 0: free */
    domid_t domid;
    uint8_t woken; /* a wake-up is in its socket */
    uint8_t pad;
    uint64_t serial;
};

struct sim_vcpu {
    uint8_t exists, initialised, online, blocked;
    uint32_t cpu;
    uint64_t cpu_time;
    uint8_t hard[SIM_CPU_BYTES], soft[SIM_CPU_BYTES];
    struct vcpu_guest_context ctx;
    struct xen_domctl_ext_vcpucontext ext;
    struct xen_domctl_vcpu_msr msrs[8];
    uint32_t nr_msrs;
    struct xen_domctl_sched_rtds rtds;
    uint8_t xsave[SIM_XSAVE];
};

struct sim_pin {
    uint16_t readers, writers; /* maps of this grant */
};

struct sim_range {
    uint8_t used, type;
    ioservid_t id;
    uint64_t start, end;
};

struct sim_server {
    uint8_t used, enabled;
    uint32_t port;
    sim_off frames[2]; /* mfn + 1: buffered ring, requests */
};

#define SIM_WANTED 8

enum sim_life { SIM_UNUSED = 0, SIM_ALIVE, SIM_DEAD /* while pages are mapped */ };

struct sim_domain {
    uint8_t life, hvm, hap, privileged, shutdown, ran, logdirty, debugging;
    domid_t domid, target;
    uint8_t shutdown_code, address_size;
    uint32_t pause_count, flags, pool;
    xen_domain_handle_t handle;
    struct xen_arch_domainconfig arch;
    uint32_t max_vcpus; /* at creation */
    uint32_t nr_vcpus;  /* allocated */
    uint32_t max_port;  /* highest port + 1 that was used */
    uint32_t port_limit;
    uint64_t tot_pages, max_pages, claim, pod_cache, pod_entries, nr_frames, max_gfn;
    int64_t time_offset;
    uint32_t suspend_port;
    struct xctl_tsc_info tsc;
    struct xen_domctl_sched_credit2 sched;
    struct xen_domctl_sched_rtds rtds;
    uint64_t nodes;
    uint64_t shared_info; /* mfn */
    uint64_t paging_pool; /* bytes */
    uint32_t nr_gnt, max_gnt;
    uint64_t gnt[SIM_GNT_FRAMES]; /* mfns */
    sim_off pins;                 /* struct sim_pin for each possible entry */
    sim_off ports;                /* struct sim_port[SIM_PORTS] */
    sim_off vcpus;                /* struct sim_vcpu[nr_vcpus] */
    sim_off p2m;                  /* top of a radix tree of 512 entries a level */
    sim_off hvm_blob;
    uint32_t hvm_size, hvm_room;
    uint64_t params[HVM_NR_PARAMS];
    uint32_t virq_port[NR_VIRQS]; /* 0: none */
    uint32_t nr_e820;
    struct xctl_e820_entry e820[XCTL_E820_MAX];
    uint32_t nr_leaves, nr_policy_msrs;
    struct xen_cpuid_leaf leaves[SIM_LEAVES];
    struct xen_msr_entry policy_msrs[SIM_MSRS];
    struct sim_server servers[SIM_IOREQ];
    struct sim_range ranges[SIM_RANGES];
    uint8_t pirqs[SIM_PIRQS];
    sim_off vnuma; /* struct sim_vnuma and its arrays */
    uint64_t dirty_faults;
    uint8_t filling; /* some of its pages are filled later */
    uint32_t fill_port;
    uint64_t unfilled;           /* pages */
    uint64_t wanted[SIM_WANTED]; /* mfn + 1: somebody waits for it; 0: nobody */
};

struct sim_vnuma {
    uint32_t nr_vnodes, nr_vcpus, nr_vmemranges, pad;
    size_t size;
    /* distance, vcpu_to_vnode, vnode_to_pnode, vmemranges follow, each aligned to 8 */
};

struct sim_pool {
    uint8_t used;
    uint32_t sched_id;
    uint8_t cpus[SIM_CPU_BYTES];
    struct xen_sysctl_credit2_schedule params;
    struct xen_sysctl_credit_schedule credit;
};

/* Options that hypfs shows. */
struct sim_options {
    char loglvl[32];
    uint8_t noreboot, fixed;
    uint32_t tdt;
};

struct sim_fault {
    uint8_t used;
    uint8_t call; /* enum xctl_sim_call */
    int32_t cmd, code;
    uint32_t left; /* 0: every time */
    int32_t pid;   /* whose calls fail */
};

struct sim_map_page {
    uint64_t mfn;
    uint32_t ref;    /* grants */
    domid_t granter; /* grants */
    uint8_t used;
    uint8_t writable;
};

/* A mapping that some process has. */
struct sim_map {
    sim_off next;
    size_t size; /* of this, in the heap */
    int32_t pid;
    uint8_t kind;  /* SIM_MAP_* */
    domid_t domid; /* whose handle it is */
    uint32_t nr;
    uint64_t addr; /* in that process */
    struct xctl_grant_notify notify;
    struct sim_map_page pages[];
};
enum { SIM_MAP_FOREIGN = 1, SIM_MAP_GRANT, SIM_MAP_OWN };

struct sim_host {
    uint64_t magic;
    uint32_t layout, state_size; /* of this structure */
    uint64_t file_size;
    uint64_t id; /* of this host, in the names of its sockets */
    pthread_mutex_t lock;
    uint32_t nr_cpus, nr_nodes;
    uint64_t nr_frames, free_frames, outstanding, rover, mem_offset;
    uint64_t now, calls, serial;
    uint8_t cpu_offline[SIM_CPUS];
    sim_off heap_top, heap_free[19]; /* by power of two of pages */
    sim_off maps;
    uint64_t heap_used; /* pages */
    uint32_t domid_rover;
    uint32_t nr_slots; /* of domains: those behind were never used */
    domid_t virq_handler[NR_VIRQS];
    struct sim_fault faults[SIM_FAULTS];
    struct sim_listener listeners[SIM_LISTENERS];
    struct sim_pool pools[SIM_POOLS];
    struct sim_options options;
    uint32_t con_prod, con_cons;
    char conring[SIM_CONRING];
    uint16_t slot_of[DOMID_FIRST_RESERVED]; /* + 1 */
    struct sim_domain domains[SIM_DOMAINS];
};

/* What a handle knows: h->priv. */
struct sim {
    struct sim_file *file;
    struct sim_host *host;
    domid_t domid;
    bool restricted;
    domid_t restricted_to;
    int wake_fd; /* for waking others */
};

/* One mapping of the file in this process, shared by handles. */
struct sim_file {
    int refs; /* atomic */
    int fd;
    size_t size;
    char *base;
};

static inline struct sim *sim_of(xctl_handle *h)
{
    return h->priv;
}

static inline void *sim_at(struct sim_host *s, sim_off off)
{
    return off ? (char *)s + off : NULL;
}

static inline sim_off sim_offset(struct sim_host *s, const void *p)
{
    return (sim_off)((const char *)p - (const char *)s);
}

static inline struct sim_frame *sim_frames(struct sim_host *s)
{
    return (struct sim_frame *)((char *)s + SIM_FRAME_OFFSET);
}

static inline void *sim_page(struct sim_host *s, uint64_t mfn)
{
    return (char *)s + s->mem_offset + (mfn << XCTL_PAGE_SHIFT);
}

/* host.c */
void sim_lock(struct sim_host *s);
void sim_unlock(struct sim_host *s);
/* Counts the call and takes the lock; a planned failure gives its errno, without the lock. */
int sim_enter(struct sim *sim, enum xctl_sim_call call, int cmd, int hypercall);

/* heap.c. Zeroed; sizes are rounded up to powers of two of pages. */
void *sim_alloc(struct sim_host *s, size_t size);
void sim_free(struct sim_host *s, void *p, size_t size);

/* config.c: the text behind "sim:" */
struct sim_config {
    char name[64]; /* "": none */
    unsigned int cpus, nodes, mem_mib, domid, dom0_vcpus;
};
int sim_parse(const char *options, struct sim_config *ret_config, const char **ret_why);

/* frames.c */
int sim_frames_take(struct sim_host *s, struct sim_domain *d, unsigned int order,
                    uint64_t *ret_mfn);
uint64_t sim_frame_take_xen(struct sim_host *s, struct sim_domain *d); /* mfn + 1, 0: none */
void sim_frame_give(struct sim_host *s, uint64_t mfn);
void sim_frame_unref(struct sim_host *s, uint64_t mfn);
uint64_t *sim_p2m_entry(struct sim_host *s, struct sim_domain *d, uint64_t gfn, bool make);
int sim_p2m_set(struct sim_host *s, struct sim_domain *d, uint64_t gfn, uint64_t mfn);
void sim_p2m_clear(struct sim_host *s, struct sim_domain *d, uint64_t gfn);
/* Gives all frames back that the guest sees, and the tables. */
void sim_p2m_free(struct sim_host *s, struct sim_domain *d);
/* A frame as the toolstack names it: an mfn of PV, a gfn of others. */
int sim_translate(struct sim_host *s, struct sim_domain *d, uint64_t frame, uint64_t *ret_mfn);
void sim_dirty(struct sim_frame *f);

/* fill.c. Whether it has no content; somebody waits for it then. */
bool sim_unfilled(struct sim *sim, struct sim_domain *d, uint64_t mfn);

/* domain.c */
struct sim_domain *sim_domain(struct sim_host *s, domid_t domid); /* alive or dead */
/* DOMID_SELF is the caller; another one needs control of it: -ESRCH, -EPERM. */
int sim_target(struct sim *sim, domid_t domid, struct sim_domain **ret_d);
int sim_domain_create(struct sim_host *s, domid_t want,
                      const struct xen_domctl_createdomain *config, struct sim_domain **ret_d);
void sim_domain_destroy(struct sim *sim, struct sim_domain *d);
void sim_domain_maybe_free(struct sim *sim, struct sim_domain *d);
void sim_domain_stop(struct sim *sim, struct sim_domain *d, unsigned int reason);
int sim_domain_alloc_vcpus(struct sim_host *s, struct sim_domain *d, unsigned int nr);
void sim_domain_describe(struct sim_host *s, struct sim_domain *d,
                         struct xen_domctl_getdomaininfo *info);
struct sim_vcpu *sim_vcpu(struct sim_host *s, struct sim_domain *d, uint32_t vcpu);

/* Hypercalls: what they return. */
int64_t sim_hypercall(xctl_handle *h, unsigned int op, const uint64_t args[5]);
int sim_domctl(struct sim *sim, struct xen_domctl *op);
int sim_domctl_vcpu(struct sim *sim, struct sim_domain *d, struct xen_domctl *op);
int sim_domctl_memory(struct sim *sim, struct sim_domain *d, struct xen_domctl *op);
int sim_domctl_hvm(struct sim *sim, struct sim_domain *d, struct xen_domctl *op);
int sim_domctl_policy(struct sim *sim, struct sim_domain *d, struct xen_domctl *op);
int sim_domctl_fill(struct sim *sim, struct sim_domain *d, struct xen_domctl *op);
int sim_sysctl(struct sim *sim, struct xen_sysctl *op);
int sim_sysctl_policy(struct sim *sim, struct xen_sysctl *op);
int sim_cpupool_op(struct sim *sim, struct xen_sysctl_cpupool_op *op);
int64_t sim_hypfs_op(struct sim *sim, const uint64_t args[5]);
int64_t sim_memory_op(struct sim *sim, unsigned int cmd, void *arg);
int sim_evtchn_op(struct sim *sim, unsigned int cmd, void *arg);
int sim_gnttab_op(struct sim *sim, unsigned int cmd, void *arg, unsigned int count);
int sim_hvm_op(struct sim *sim, unsigned int cmd, void *arg);
void sim_policy_init(struct sim_domain *d);
int sim_hvm_init(struct sim_host *s, struct sim_domain *d);
void sim_print(struct sim *sim, const char *text, size_t len);
uint64_t sim_host_features(unsigned int which, uint32_t *words);

/* evtchn.c */
struct sim_port *sim_port(struct sim_host *s, struct sim_domain *d, uint32_t port);
void sim_port_close(struct sim *sim, struct sim_domain *d, uint32_t port);
void sim_port_raise(struct sim *sim, struct sim_domain *d, uint32_t port);
void sim_virq_raise(struct sim *sim, unsigned int virq);
int sim_port_alloc(struct sim_host *s, struct sim_domain *d, domid_t remote, uint32_t *ret_port);
int sim_port_send(struct sim *sim, struct sim_domain *d, uint32_t port);
void sim_listener_drop(struct sim *sim, uint32_t listener);

/* grant.c, map.c */
int sim_gnt_grow(struct sim_host *s, struct sim_domain *d, uint32_t frames);
void sim_gnt_fini(struct sim_host *s, struct sim_domain *d);
/* Takes the pages of a grant allocation back; m's references go with sim_map_undo(). */
void sim_gnt_take_back(struct sim_host *s, struct sim_map *m);
void sim_gnt_unpin(struct sim_host *s, const struct sim_map_page *p);
void sim_map_undo(struct sim *sim, struct sim_map *m);
void sim_sweep(struct sim *sim); /* what dead processes held */
int sim_map_show(struct sim *sim, const struct sim_map *m, int prot, void **ret_addr);
struct sim_map *sim_map_new(struct sim *sim, unsigned int kind, unsigned int nr);
void sim_map_link(struct sim_host *s, struct sim_map *m);
struct sim_map *sim_map_find(struct sim *sim, unsigned int kind, void *addr, unsigned long nr);

/* The back end's entries. */
int sim_be_dm_op(xctl_handle *h, domid_t domid, const struct xctl_dm_buf *bufs, unsigned int nr);
int sim_be_map(xctl_handle *h, domid_t domid, int prot, const xen_pfn_t *frames, unsigned int nr,
               int *errs, void **ret_addr);
int sim_be_unmap(xctl_handle *h, void *addr, unsigned long nr);
int sim_be_resource_size(xctl_handle *h, domid_t domid, unsigned int type, unsigned int id,
                         uint64_t *ret_nr);
int sim_be_resource_map(xctl_handle *h, domid_t domid, unsigned int type, unsigned int id,
                        unsigned long frame, unsigned long nr, int prot, void **ret_addr);
int sim_be_gnt_map(xctl_handle *h, const struct xctl_grant *grants, unsigned int nr, int prot,
                   const struct xctl_grant_notify *notify, void **ret_addr);
int sim_be_gnt_unmap(xctl_handle *h, void *addr, unsigned int nr);
int sim_be_gnt_alloc(xctl_handle *h, domid_t domid, unsigned int nr, int writable,
                     const struct xctl_grant_notify *notify, uint32_t *ret_refs, void **ret_addr);
int sim_be_gnt_free(xctl_handle *h, void *addr, unsigned int nr);
int sim_be_gnt_copy(xctl_handle *h, struct xctl_grant_copy *copies, unsigned int nr);
int sim_be_ev_open(struct xctl_evtchn *e);
void sim_be_ev_close(struct xctl_evtchn *e);
int sim_be_ev_bind_virq(struct xctl_evtchn *e, unsigned int virq);
int sim_be_ev_bind_interdomain(struct xctl_evtchn *e, domid_t remote, uint32_t port);
int sim_be_ev_bind_unbound(struct xctl_evtchn *e, domid_t remote);
int sim_be_ev_unbind(struct xctl_evtchn *e, uint32_t port);
int sim_be_ev_notify(struct xctl_evtchn *e, uint32_t port);
int sim_be_ev_pending(struct xctl_evtchn *e, uint32_t *ret_port);
int sim_be_ev_unmask(struct xctl_evtchn *e, uint32_t port);
int sim_be_ev_reset(struct xctl_evtchn *e);
int sim_be_ev_restrict(struct xctl_evtchn *e, domid_t domid);

#endif /* XENOLITH_CTRL_SIM_PRIVATE_H */

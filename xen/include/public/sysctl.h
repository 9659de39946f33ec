/* SPDX-License-Identifier: MIT */
/*
 * Public ABI: sysctl(op), the toolstack's operations on the whole host.
 *
 * Only the control domain may call most of them (-EPERM).  -EACCES: wrong
 * interface_version; -ENOSYS or -EOPNOTSUPP: not available.  Unless said
 * otherwise fields are IN.
 */
#ifndef XEN_PUBLIC_SYSCTL_H
#define XEN_PUBLIC_SYSCTL_H

#include "xen.h"
#include "domctl.h"
#include "physdev.h"

#define XEN_SYSCTL_INTERFACE_VERSION 0x00000015

#define XEN_SYSCTL_readconsole            1
#define XEN_SYSCTL_tbuf_op                2
#define XEN_SYSCTL_physinfo               3
#define XEN_SYSCTL_sched_id               4
#define XEN_SYSCTL_perfc_op               5
#define XEN_SYSCTL_getdomaininfolist      6
#define XEN_SYSCTL_debug_keys             7
#define XEN_SYSCTL_getcpuinfo             8
#define XEN_SYSCTL_availheap              9
#define XEN_SYSCTL_get_pmstat             10
#define XEN_SYSCTL_cpu_hotplug            11
#define XEN_SYSCTL_pm_op                  12
#define XEN_SYSCTL_page_offline_op        14
#define XEN_SYSCTL_lockprof_op            15
#define XEN_SYSCTL_cputopoinfo            16
#define XEN_SYSCTL_numainfo               17
#define XEN_SYSCTL_cpupool_op             18
#define XEN_SYSCTL_scheduler_op           19
#define XEN_SYSCTL_coverage_op            20
#define XEN_SYSCTL_psr_cmt_op             21
#define XEN_SYSCTL_pcitopoinfo            22
#define XEN_SYSCTL_psr_alloc              23
#define XEN_SYSCTL_get_cpu_levelling_caps 25
#define XEN_SYSCTL_get_cpu_featureset     26
#define XEN_SYSCTL_livepatch_op           27
#define XEN_SYSCTL_get_cpu_policy         29

/* Text of the console ring. */
struct xen_sysctl_readconsole {
    uint8_t clear;       /* 1: empty the ring afterwards */
    uint8_t incremental; /* 1: begin at index */
    uint8_t pad0;
    uint8_t pad1;
    uint32_t index;  /* IN/OUT */
    uint64_t buffer; /* guest pointer, OUT */
    uint32_t count;  /* IN/OUT: bytes */
};

#define XEN_SYSCTL_TBUFOP_get_info     0
#define XEN_SYSCTL_TBUFOP_set_cpu_mask 1
#define XEN_SYSCTL_TBUFOP_set_evt_mask 2
#define XEN_SYSCTL_TBUFOP_set_size     3
#define XEN_SYSCTL_TBUFOP_enable       4
#define XEN_SYSCTL_TBUFOP_disable      5

/* Trace buffers; see trace.h for their layout. */
struct xen_sysctl_tbuf_op {
    uint32_t cmd; /* XEN_SYSCTL_TBUFOP_* */
    struct xenctl_bitmap cpu_mask;
    uint32_t evt_mask;   /* OUT for get_info */
    uint64_t buffer_mfn; /* OUT: machine frame of t_info */
    uint32_t size;       /* IN pages per CPU, OUT bytes of t_info */
};

/* xen_sysctl_physinfo.capabilities */
#define _XEN_SYSCTL_PHYSCAP_hvm                0
#define XEN_SYSCTL_PHYSCAP_hvm                 (1U << _XEN_SYSCTL_PHYSCAP_hvm)
#define _XEN_SYSCTL_PHYSCAP_pv                 1
#define XEN_SYSCTL_PHYSCAP_pv                  (1U << _XEN_SYSCTL_PHYSCAP_pv)
#define _XEN_SYSCTL_PHYSCAP_directio           2 /* devices can be given to guests */
#define XEN_SYSCTL_PHYSCAP_directio            (1U << _XEN_SYSCTL_PHYSCAP_directio)
#define _XEN_SYSCTL_PHYSCAP_hap                3
#define XEN_SYSCTL_PHYSCAP_hap                 (1U << _XEN_SYSCTL_PHYSCAP_hap)
#define _XEN_SYSCTL_PHYSCAP_shadow             4
#define XEN_SYSCTL_PHYSCAP_shadow              (1U << _XEN_SYSCTL_PHYSCAP_shadow)
#define _XEN_SYSCTL_PHYSCAP_iommu_hap_pt_share 5
#define XEN_SYSCTL_PHYSCAP_iommu_hap_pt_share  (1U << _XEN_SYSCTL_PHYSCAP_iommu_hap_pt_share)
#define XEN_SYSCTL_PHYSCAP_vmtrace             (1U << 6)
#define XEN_SYSCTL_PHYSCAP_vpmu                (1U << 7)
#define XEN_SYSCTL_PHYSCAP_gnttab_v1           (1U << 8)
#define XEN_SYSCTL_PHYSCAP_gnttab_v2           (1U << 9)
#define XEN_SYSCTL_PHYSCAP_MAX                 XEN_SYSCTL_PHYSCAP_gnttab_v2

/* OUT */
struct xen_sysctl_physinfo {
    uint32_t threads_per_core;
    uint32_t cores_per_socket;
    uint32_t nr_cpus; /* online */
    uint32_t max_cpu_id;
    uint32_t nr_nodes;
    uint32_t max_node_id;
    uint32_t cpu_khz;
    uint32_t capabilities;      /* XEN_SYSCTL_PHYSCAP_* */
    uint32_t arch_capabilities; /* 0 on x86 */
    uint32_t pad;
    uint64_t total_pages;
    uint64_t free_pages;
    uint64_t scrub_pages; /* free, still to be cleared */
    uint64_t outstanding_pages;
    uint64_t max_mfn;
    uint32_t hw_cap[8]; /* CPUID words */
};

/* OUT */
struct xen_sysctl_sched_id {
    uint32_t sched_id; /* XEN_SCHEDULER_* */
};

#define XEN_SYSCTL_PERFCOP_reset 1
#define XEN_SYSCTL_PERFCOP_query 2

struct xen_sysctl_perfc_desc {
    char name[80];
    uint32_t nr_vals;
};
typedef struct xen_sysctl_perfc_desc xen_sysctl_perfc_desc_t;
typedef uint32_t xen_sysctl_perfc_val_t;

/* Event counters of the hypervisor. */
struct xen_sysctl_perfc_op {
    uint32_t cmd;
    uint32_t nr_counters; /* OUT */
    uint32_t nr_vals;     /* OUT */
    uint64_t desc;        /* guest pointer, xen_sysctl_perfc_desc[], OUT, or 0 */
    uint64_t val;         /* guest pointer, xen_sysctl_perfc_val_t[], OUT, or 0 */
};

struct xen_sysctl_getdomaininfolist {
    domid_t first_domain;
    uint32_t max_domains;
    uint64_t buffer;      /* guest pointer, xen_domctl_getdomaininfo[max_domains], OUT */
    uint32_t num_domains; /* OUT */
};

/* As if typed on the serial console. */
struct xen_sysctl_debug_keys {
    uint64_t keys; /* guest pointer, char[nr_keys] */
    uint32_t nr_keys;
};

struct xen_sysctl_cpuinfo {
    uint64_t idletime; /* ns */
};
typedef struct xen_sysctl_cpuinfo xen_sysctl_cpuinfo_t;

struct xen_sysctl_getcpuinfo {
    uint32_t max_cpus;
    uint64_t info;    /* guest pointer, xen_sysctl_cpuinfo[max_cpus], OUT */
    uint32_t nr_cpus; /* OUT */
};

/* Free memory. */
struct xen_sysctl_availheap {
    uint32_t min_bitwidth; /* of machine addresses; 0: any */
    uint32_t max_bitwidth;
    int32_t node;         /* -1: all */
    uint64_t avail_bytes; /* OUT */
};

/* One performance state. */
struct pm_px_val {
    uint64_t freq;      /* MHz */
    uint64_t residency; /* ns */
    uint64_t count;
};
typedef struct pm_px_val pm_px_val_t;

struct pm_px_stat {
    uint8_t total; /* states; IN/OUT */
    uint8_t usable;
    uint8_t last;
    uint8_t cur;
    uint64_t trans_pt; /* guest pointer, uint64_t[total * total], OUT */
    uint64_t pt;       /* guest pointer, pm_px_val[total], OUT */
};

struct pm_cx_stat {
    uint32_t nr; /* idle states with C0; IN/OUT */
    uint32_t last;
    uint64_t idle_time;   /* ns */
    uint64_t triggers;    /* guest pointer, uint64_t[nr], OUT */
    uint64_t residencies; /* guest pointer, uint64_t[nr], OUT, ns */
    uint32_t nr_pc;       /* IN/OUT: entries of pc */
    uint32_t nr_cc;
    uint64_t pc; /* guest pointer, uint64_t[], OUT: package counters; some stay untouched */
    uint64_t cc; /* the same for cores */
};

#define PMSTAT_CATEGORY_MASK 0xf0
#define PMSTAT_PX            0x10
#define PMSTAT_CX            0x20
#define PMSTAT_get_max_px    (PMSTAT_PX | 0x1)
#define PMSTAT_get_pxstat    (PMSTAT_PX | 0x2)
#define PMSTAT_reset_pxstat  (PMSTAT_PX | 0x3)
#define PMSTAT_get_max_cx    (PMSTAT_CX | 0x1)
#define PMSTAT_get_cxstat    (PMSTAT_CX | 0x2)
#define PMSTAT_reset_cxstat  (PMSTAT_CX | 0x3)

/* Statistics of one CPU. */
struct xen_sysctl_get_pmstat {
    uint32_t type; /* PMSTAT_* */
    uint32_t cpuid;
    union {
        struct pm_px_stat getpx;
        struct pm_cx_stat getcx;
    } u;
};

#define XEN_SYSCTL_CPU_HOTPLUG_ONLINE      0
#define XEN_SYSCTL_CPU_HOTPLUG_OFFLINE     1
#define XEN_SYSCTL_CPU_HOTPLUG_SMT_ENABLE  2 /* all secondary threads; cpu must be 0 */
#define XEN_SYSCTL_CPU_HOTPLUG_SMT_DISABLE 3
struct xen_sysctl_cpu_hotplug {
    uint32_t cpu;
    uint32_t op;
};

/* Settings of the frequency governors. */
struct xen_userspace {
    uint32_t scaling_setspeed; /* kHz */
};

struct xen_ondemand {
    uint32_t sampling_rate_max; /* us */
    uint32_t sampling_rate_min;
    uint32_t sampling_rate;
    uint32_t up_threshold; /* percent */
};

#define CPUFREQ_NAME_LEN 16

/* Frequencies in kHz.  -EAGAIN: a count was too small; all are corrected. */
struct xen_get_cpufreq_para {
    uint32_t cpu_num; /* IN/OUT: entries of the arrays below */
    uint32_t freq_num;
    uint32_t gov_num;
    uint64_t affected_cpus;                 /* guest pointer, uint32_t[cpu_num], OUT */
    uint64_t scaling_available_frequencies; /* guest pointer, uint32_t[freq_num], OUT */
    uint64_t scaling_available_governors;   /* guest pointer, names of CPUFREQ_NAME_LEN, OUT */
    char scaling_driver[CPUFREQ_NAME_LEN];  /* OUT from here */
    uint32_t cpuinfo_cur_freq;
    uint32_t cpuinfo_max_freq;
    uint32_t cpuinfo_min_freq;
    uint32_t scaling_cur_freq;
    char scaling_governor[CPUFREQ_NAME_LEN];
    uint32_t scaling_max_freq;
    uint32_t scaling_min_freq;
    union {
        struct xen_userspace userspace;
        struct xen_ondemand ondemand;
    } u;
    int32_t turbo_enabled;
};

struct xen_set_cpufreq_gov {
    char scaling_governor[CPUFREQ_NAME_LEN];
};

/* xen_set_cpufreq_para.ctrl_type */
#define SCALING_MAX_FREQ 1
#define SCALING_MIN_FREQ 2
#define SCALING_SETSPEED 3
#define SAMPLING_RATE    4
#define UP_THRESHOLD     5

struct xen_set_cpufreq_para {
    uint32_t ctrl_type;
    uint32_t ctrl_value;
};

#define PM_PARA_CATEGORY_MASK                     0xf0
#define CPUFREQ_PARA                              0x10
#define GET_CPUFREQ_PARA                          (CPUFREQ_PARA | 0x01)
#define SET_CPUFREQ_GOV                           (CPUFREQ_PARA | 0x02)
#define SET_CPUFREQ_PARA                          (CPUFREQ_PARA | 0x03)
#define GET_CPUFREQ_AVGFREQ                       (CPUFREQ_PARA | 0x04)
#define XEN_SYSCTL_pm_op_set_sched_opt_smt        0x21
#define XEN_SYSCTL_pm_op_get_max_cstate           0x22 /* cpuid 0: C-state, 1: sub-state */
#define XEN_SYSCTL_pm_op_set_max_cstate           0x23
#define XEN_SYSCTL_pm_op_set_vcpu_migration_delay 0x24
#define XEN_SYSCTL_pm_op_get_vcpu_migration_delay 0x25
#define XEN_SYSCTL_pm_op_enable_turbo             0x26
#define XEN_SYSCTL_pm_op_disable_turbo            0x27

/* .u.get_max_cstate without a limit */
#define XEN_SYSCTL_CX_UNLIMITED 0xffffffff

/* Power management of one CPU. */
struct xen_sysctl_pm_op {
    uint32_t cmd;
    uint32_t cpuid;
    union {
        struct xen_get_cpufreq_para get_para;
        struct xen_set_cpufreq_gov set_gov;
        struct xen_set_cpufreq_para set_para;
        uint64_t get_avgfreq;       /* OUT, kHz */
        uint32_t set_sched_opt_smt; /* IN new, OUT old */
        uint32_t get_max_cstate;    /* OUT */
        uint32_t set_max_cstate;
    } u;
};

#define sysctl_page_offline       1
#define sysctl_page_online        2
#define sysctl_query_page_offline 3

/* Result per page: bits 15:0 below, bits 31:16 the owner. */
#define PG_OFFLINE_STATUS_MASK            (0xFFUL)
#define PG_OFFLINE_INVALID                (0x1UL << 0)
#define PG_OFFLINE_OFFLINED               (0x1UL << 1)
#define PG_OFFLINE_PENDING                (0x1UL << 2)
#define PG_OFFLINE_FAILED                 (0x1UL << 3)
#define PG_OFFLINE_AGAIN                  (0x1UL << 4)
#define PG_ONLINE_FAILED                  PG_OFFLINE_FAILED
#define PG_ONLINE_ONLINED                 PG_OFFLINE_OFFLINED
#define PG_OFFLINE_STATUS_OFFLINED        (0x1UL << 1)
#define PG_OFFLINE_STATUS_ONLINE          (0x1UL << 2)
#define PG_OFFLINE_STATUS_OFFLINE_PENDING (0x1UL << 3)
#define PG_OFFLINE_STATUS_BROKEN          (0x1UL << 4)
#define PG_OFFLINE_MISC_MASK              (0xFFUL << 4)
#define PG_OFFLINE_XENPAGE                (0x1UL << 8)
#define PG_OFFLINE_DOM0PAGE               (0x1UL << 9)
#define PG_OFFLINE_ANONYMOUS              (0x1UL << 10)
#define PG_OFFLINE_NOT_CONV_RAM           (0x1UL << 11)
#define PG_OFFLINE_OWNED                  (0x1UL << 12)
#define PG_OFFLINE_BROKEN                 (0x1UL << 13)
#define PG_ONLINE_BROKEN                  PG_OFFLINE_BROKEN
#define PG_OFFLINE_OWNER_SHIFT            16

/* Take bad memory out of use. */
struct xen_sysctl_page_offline_op {
    uint32_t cmd;
    uint32_t start; /* machine frames, end included */
    uint32_t end;
    uint64_t status; /* guest pointer, uint32_t[], OUT */
};

#define XEN_SYSCTL_LOCKPROF_reset 1
#define XEN_SYSCTL_LOCKPROF_query 2
#define LOCKPROF_TYPE_GLOBAL      0
#define LOCKPROF_TYPE_PERDOM      1 /* idx: domain */
#define LOCKPROF_TYPE_N           2

struct xen_sysctl_lockprof_data {
    char name[40];
    int32_t type;
    int32_t idx;
    uint64_t lock_cnt;
    uint64_t block_cnt;
    uint64_t lock_time;  /* ns held */
    uint64_t block_time; /* ns waited */
};
typedef struct xen_sysctl_lockprof_data xen_sysctl_lockprof_data_t;

struct xen_sysctl_lockprof_op {
    uint32_t cmd;
    uint32_t max_elem;
    uint32_t nr_elem; /* OUT */
    uint64_t time;    /* OUT: ns */
    uint64_t data;    /* guest pointer, xen_sysctl_lockprof_data[max_elem], OUT, or 0 */
};

#define XEN_INVALID_CORE_ID   (~0U)
#define XEN_INVALID_SOCKET_ID (~0U)
#define XEN_INVALID_NODE_ID   (~0U)
#define XEN_INVALID_MEM_SZ    (~0U)
#define XEN_INVALID_NODE_DIST (~0U)
#define XEN_INVALID_DEV       (XEN_INVALID_NODE_ID - 1)

struct xen_sysctl_cputopo {
    uint32_t core;
    uint32_t socket;
    uint32_t node;
};
typedef struct xen_sysctl_cputopo xen_sysctl_cputopo_t;

struct xen_sysctl_cputopoinfo {
    uint32_t num_cpus; /* IN space, OUT needed or written */
    uint64_t cputopo;  /* guest pointer, xen_sysctl_cputopo[num_cpus], OUT, or 0 */
};

struct xen_sysctl_meminfo {
    uint64_t memsize; /* bytes */
    uint64_t memfree;
};
typedef struct xen_sysctl_meminfo xen_sysctl_meminfo_t;

struct xen_sysctl_numainfo {
    uint32_t num_nodes; /* IN space, OUT needed or written */
    uint64_t meminfo;   /* guest pointer, xen_sysctl_meminfo[num_nodes], OUT, or 0 */
    uint64_t distance;  /* guest pointer, uint32_t[num_nodes * num_nodes], OUT, or 0 */
};

#define XEN_SYSCTL_CPUPOOL_OP_CREATE     1
#define XEN_SYSCTL_CPUPOOL_OP_DESTROY    2
#define XEN_SYSCTL_CPUPOOL_OP_INFO       3
#define XEN_SYSCTL_CPUPOOL_OP_ADDCPU     4
#define XEN_SYSCTL_CPUPOOL_OP_RMCPU      5
#define XEN_SYSCTL_CPUPOOL_OP_MOVEDOMAIN 6
#define XEN_SYSCTL_CPUPOOL_OP_FREEINFO   7
#define XEN_SYSCTL_CPUPOOL_PAR_ANY       0xFFFFFFFF

/*
 * Groups of CPUs with a scheduler each.  -ENOENT: no such pool; -EEXIST: id in
 * use; -EBUSY: the pool still has domains; -ENODEV: that CPU is not free or not
 * in the pool; -EADDRINUSE: a vCPU is pinned to it.
 */
struct xen_sysctl_cpupool_op {
    uint32_t op;
    uint32_t cpupool_id;         /* IN; OUT for create and info (the next pool) */
    uint32_t sched_id;           /* IN for create, OUT for info */
    uint32_t domid;              /* movedomain */
    uint32_t cpu;                /* addcpu, rmcpu; may be PAR_ANY */
    uint32_t n_dom;              /* OUT for info */
    struct xenctl_bitmap cpumap; /* OUT for info and freeinfo */
};

#define ARINC653_MAX_DOMAINS_PER_SCHEDULE 64

/* A fixed schedule; times in ns. */
struct xen_sysctl_arinc653_schedule {
    uint64_t major_frame;
    uint8_t num_sched_entries;
    struct {
        xen_domain_handle_t dom_handle;
        uint32_t vcpu_id;
        uint64_t runtime;
    } sched_entries[ARINC653_MAX_DOMAINS_PER_SCHEDULE];
};
typedef struct xen_sysctl_arinc653_schedule xen_sysctl_arinc653_schedule_t;

#define XEN_SYSCTL_SCHED_RATELIMIT_MAX   500000 /* us */
#define XEN_SYSCTL_SCHED_RATELIMIT_MIN   100
#define XEN_SYSCTL_CSCHED_TSLICE_MAX     1000 /* ms */
#define XEN_SYSCTL_CSCHED_TSLICE_MIN     1
#define XEN_SYSCTL_CSCHED_MGR_DLY_MAX_US (100 * 1000)

struct xen_sysctl_credit_schedule {
    uint32_t tslice_ms;
    uint32_t ratelimit_us;
    uint32_t vcpu_migr_delay_us; /* time a vCPU counts as cache-hot */
};

struct xen_sysctl_credit2_schedule {
    uint32_t ratelimit_us;
};

#define XEN_SYSCTL_SCHEDOP_putinfo 0
#define XEN_SYSCTL_SCHEDOP_getinfo 1

/* Parameters of a pool's scheduler.  -EINVAL: sched_id is not its scheduler. */
struct xen_sysctl_scheduler_op {
    uint32_t cpupool_id;
    uint32_t sched_id;
    uint32_t cmd;
    union {
        struct xen_sysctl_sched_arinc653 {
            uint64_t schedule; /* guest pointer, xen_sysctl_arinc653_schedule */
        } sched_arinc653;
        struct xen_sysctl_credit_schedule sched_credit;
        struct xen_sysctl_credit2_schedule sched_credit2;
    } u; /* IN for put, OUT for get */
};

/* Coverage data: this number, then records of file name, 32-bit size and bytes. */
#define XEN_GCOV_FORMAT_MAGIC 0x58434f56

#define XEN_SYSCTL_COVERAGE_get_size 0
#define XEN_SYSCTL_COVERAGE_read     1
#define XEN_SYSCTL_COVERAGE_reset    2
struct xen_sysctl_coverage_op {
    uint32_t cmd;
    uint32_t size;   /* IN/OUT: bytes */
    uint64_t buffer; /* guest pointer, OUT */
};

#define XEN_SYSCTL_PSR_CMT_get_total_rmid          0
#define XEN_SYSCTL_PSR_CMT_get_l3_upscaling_factor 1
#define XEN_SYSCTL_PSR_CMT_get_l3_cache_size       2 /* KiB */
#define XEN_SYSCTL_PSR_CMT_enabled                 3
#define XEN_SYSCTL_PSR_CMT_get_l3_event_mask       4

/* Cache monitoring. */
struct xen_sysctl_psr_cmt_op {
    uint32_t cmd;
    uint32_t flags; /* 0 */
    union {
        uint64_t data; /* OUT */
        struct {
            uint32_t cpu; /* IN, get_l3_cache_size */
            uint32_t rsvd;
        } l3_cache;
    } u;
};

/* NUMA nodes of PCI devices. */
struct xen_sysctl_pcitopoinfo {
    uint32_t num_devs; /* IN/OUT: entries done */
    uint64_t devs;     /* guest pointer, physdev_pci_device[num_devs] */
    uint64_t nodes;    /* guest pointer, uint32_t[num_devs], OUT: or XEN_INVALID_* */
};

#define XEN_SYSCTL_PSR_get_l3_info  0
#define XEN_SYSCTL_PSR_get_l2_info  1
#define XEN_SYSCTL_PSR_get_mba_info 2
#define XEN_SYSCTL_PSR_CAT_L3_CDP   (1U << 0) /* code and data separately */
#define XEN_SYSCTL_PSR_MBA_LINEAR   (1U << 0)

/* Cache and bandwidth allocation abilities of a socket. */
struct xen_sysctl_psr_alloc {
    uint32_t cmd;
    uint32_t target; /* socket */
    union {
        struct {
            uint32_t cbm_len; /* bits */
            uint32_t cos_max;
            uint32_t flags;
        } cat_info;
        struct {
            uint32_t thrtl_max;
            uint32_t cos_max;
            uint32_t flags;
        } mba_info;
    } u; /* OUT */
};

/* How CPUID can be changed for PV guests: faulting, or masks per leaf and register. */
#define XEN_SYSCTL_CPU_LEVELCAP_faulting    (1UL << 0)
#define XEN_SYSCTL_CPU_LEVELCAP_ecx         (1UL << 1)
#define XEN_SYSCTL_CPU_LEVELCAP_edx         (1UL << 2)
#define XEN_SYSCTL_CPU_LEVELCAP_extd_ecx    (1UL << 3)
#define XEN_SYSCTL_CPU_LEVELCAP_extd_edx    (1UL << 4)
#define XEN_SYSCTL_CPU_LEVELCAP_xsave_eax   (1UL << 5)
#define XEN_SYSCTL_CPU_LEVELCAP_thermal_ecx (1UL << 6)
#define XEN_SYSCTL_CPU_LEVELCAP_l7s0_eax    (1UL << 7)
#define XEN_SYSCTL_CPU_LEVELCAP_l7s0_ebx    (1UL << 8)

/* OUT */
struct xen_sysctl_cpu_levelling_caps {
    uint32_t caps;
};

#define XEN_SYSCTL_cpu_featureset_raw     0 /* as the CPU says */
#define XEN_SYSCTL_cpu_featureset_host    1 /* as the hypervisor uses it */
#define XEN_SYSCTL_cpu_featureset_pv      2 /* defaults for guests */
#define XEN_SYSCTL_cpu_featureset_hvm     3
#define XEN_SYSCTL_cpu_featureset_pv_max  4 /* all a guest can have */
#define XEN_SYSCTL_cpu_featureset_hvm_max 5

/* Feature words.  -EOPNOTSUPP: no such kind of guest here. */
struct xen_sysctl_cpu_featureset {
    uint32_t index;       /* XEN_SYSCTL_cpu_featureset_* */
    uint32_t nr_features; /* IN/OUT: words */
    uint64_t features;    /* guest pointer, uint32_t[nr_features], OUT, or 0 */
};

#define LIVEPATCH_PAYLOAD_VERSION 2
#define XEN_LIVEPATCH_NAME_SIZE   128

/* A payload's name. */
struct xen_livepatch_name {
    uint64_t name; /* guest pointer, with the zero */
    uint16_t size; /* at most XEN_LIVEPATCH_NAME_SIZE */
    uint16_t pad[3];
};

#define XEN_SYSCTL_LIVEPATCH_UPLOAD 0
struct xen_sysctl_livepatch_upload {
    struct xen_livepatch_name name;
    uint64_t size;    /* bytes */
    uint64_t payload; /* guest pointer, an ELF file */
};

#define XEN_SYSCTL_LIVEPATCH_GET 1
#define LIVEPATCH_STATE_CHECKED  1
#define LIVEPATCH_STATE_APPLIED  2

/* OUT */
struct xen_livepatch_status {
    uint32_t state; /* LIVEPATCH_STATE_* */
    int32_t rc;     /* of the last action; -EAGAIN: in progress */
};
typedef struct xen_livepatch_status xen_livepatch_status_t;

struct xen_sysctl_livepatch_get {
    struct xen_livepatch_name name;
    struct xen_livepatch_status status;
};

#define XEN_SYSCTL_LIVEPATCH_LIST 2

/* Several payloads; a version that changes between calls asks for a fresh start. */
struct xen_sysctl_livepatch_list {
    uint32_t version; /* OUT */
    uint32_t idx;     /* first payload */
    uint32_t nr;      /* IN space, OUT how many remain */
    uint32_t pad;
    uint32_t name_total_size;     /* OUT: bytes */
    uint32_t metadata_total_size; /* OUT: bytes */
    uint64_t status;              /* guest pointer, xen_livepatch_status[nr], OUT */
    uint64_t name;                /* guest pointer, strings, OUT */
    uint64_t len;                 /* guest pointer, uint32_t[nr], OUT: their lengths */
    uint64_t metadata;            /* guest pointer, strings, OUT */
    uint64_t metadata_len;        /* guest pointer, uint32_t[nr], OUT */
};

#define XEN_SYSCTL_LIVEPATCH_ACTION   3
#define LIVEPATCH_ACTION_UNLOAD       1
#define LIVEPATCH_ACTION_REVERT       2
#define LIVEPATCH_ACTION_APPLY        3
#define LIVEPATCH_ACTION_REPLACE      4
#define LIVEPATCH_ACTION_APPLY_NODEPS (1 << 0) /* .flags: only the hypervisor must match */

struct xen_sysctl_livepatch_action {
    struct xen_livepatch_name name;
    uint32_t cmd;     /* LIVEPATCH_ACTION_* */
    uint32_t timeout; /* ns; 0: default */
    uint32_t flags;
    uint32_t pad;
};

struct xen_sysctl_livepatch_op {
    uint32_t cmd; /* XEN_SYSCTL_LIVEPATCH_* */
    uint32_t pad;
    union {
        struct xen_sysctl_livepatch_upload upload;
        struct xen_sysctl_livepatch_list list;
        struct xen_sysctl_livepatch_get get;
        struct xen_sysctl_livepatch_action action;
    } u;
};

#define XEN_SYSCTL_cpu_policy_raw         0
#define XEN_SYSCTL_cpu_policy_host        1
#define XEN_SYSCTL_cpu_policy_pv_max      2
#define XEN_SYSCTL_cpu_policy_hvm_max     3
#define XEN_SYSCTL_cpu_policy_pv_default  4
#define XEN_SYSCTL_cpu_policy_hvm_default 5

/* CPUID leaves and MSRs of a policy.  -ENOBUFS: a count was too small. */
struct xen_sysctl_cpu_policy {
    uint32_t index;     /* XEN_SYSCTL_cpu_policy_* */
    uint32_t nr_leaves; /* IN/OUT */
    uint32_t nr_msrs;   /* IN/OUT */
    uint32_t _rsvd;     /* 0 */
    uint64_t leaves;    /* guest pointer, xen_cpuid_leaf[], OUT, or 0 */
    uint64_t msrs;      /* guest pointer, xen_msr_entry[], OUT, or 0 */
};
typedef struct xen_sysctl_cpu_policy xen_sysctl_cpu_policy_t;

/* IN/OUT: the argument. */
struct xen_sysctl {
    uint32_t cmd;               /* XEN_SYSCTL_* */
    uint32_t interface_version; /* XEN_SYSCTL_INTERFACE_VERSION */
    union {
        struct xen_sysctl_readconsole readconsole;
        struct xen_sysctl_tbuf_op tbuf_op;
        struct xen_sysctl_physinfo physinfo;
        struct xen_sysctl_cputopoinfo cputopoinfo;
        struct xen_sysctl_pcitopoinfo pcitopoinfo;
        struct xen_sysctl_numainfo numainfo;
        struct xen_sysctl_sched_id sched_id;
        struct xen_sysctl_perfc_op perfc_op;
        struct xen_sysctl_getdomaininfolist getdomaininfolist;
        struct xen_sysctl_debug_keys debug_keys;
        struct xen_sysctl_getcpuinfo getcpuinfo;
        struct xen_sysctl_availheap availheap;
        struct xen_sysctl_get_pmstat get_pmstat;
        struct xen_sysctl_cpu_hotplug cpu_hotplug;
        struct xen_sysctl_pm_op pm_op;
        struct xen_sysctl_page_offline_op page_offline;
        struct xen_sysctl_lockprof_op lockprof_op;
        struct xen_sysctl_cpupool_op cpupool_op;
        struct xen_sysctl_scheduler_op scheduler_op;
        struct xen_sysctl_coverage_op coverage_op;
        struct xen_sysctl_psr_cmt_op psr_cmt_op;
        struct xen_sysctl_psr_alloc psr_alloc;
        struct xen_sysctl_cpu_levelling_caps cpu_levelling_caps;
        struct xen_sysctl_cpu_featureset cpu_featureset;
        struct xen_sysctl_livepatch_op livepatch;
        struct xen_sysctl_cpu_policy cpu_policy;
        uint8_t pad[128];
    } u;
};
typedef struct xen_sysctl xen_sysctl_t;

#endif /* XEN_PUBLIC_SYSCTL_H */

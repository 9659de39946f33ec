/* SPDX-License-Identifier: MIT */
/*
 * Public ABI: domctl(op), the toolstack's operations on one domain.
 *
 * The caller needs control of the target (-EPERM).  -EACCES: the caller was
 * built for another interface_version; -ESRCH: no such domain; -ENOSYS or
 * -EOPNOTSUPP: the operation or its kind is not available.  op is written back
 * when it has OUT fields.  Unless said otherwise fields are IN, memory is
 * counted in 4 KiB pages and time in ns.
 */
#ifndef XEN_PUBLIC_DOMCTL_H
#define XEN_PUBLIC_DOMCTL_H

#include "xen.h"
#include "event_channel.h"
#include "grant_table.h"
#include "memory.h"
#include "arch-x86/hvm/save.h"

#define XEN_DOMCTL_INTERFACE_VERSION 0x00000015

#define XEN_DOMCTL_createdomain            1
#define XEN_DOMCTL_destroydomain           2 /* no data; can be repeated while it returns -EAGAIN */
#define XEN_DOMCTL_pausedomain             3 /* no data; counted */
#define XEN_DOMCTL_unpausedomain           4 /* no data */
#define XEN_DOMCTL_getdomaininfo           5 /* this domain or the next higher one */
#define XEN_DOMCTL_setvcpuaffinity         9
#define XEN_DOMCTL_shadow_op               10
#define XEN_DOMCTL_max_mem                 11
#define XEN_DOMCTL_setvcpucontext          12
#define XEN_DOMCTL_getvcpucontext          13
#define XEN_DOMCTL_getvcpuinfo             14
#define XEN_DOMCTL_max_vcpus               15
#define XEN_DOMCTL_scheduler_op            16
#define XEN_DOMCTL_setdomainhandle         17
#define XEN_DOMCTL_setdebugging            18
#define XEN_DOMCTL_irq_permission          19
#define XEN_DOMCTL_iomem_permission        20
#define XEN_DOMCTL_ioport_permission       21
#define XEN_DOMCTL_hypercall_init          22
#define XEN_DOMCTL_settimeoffset           24
#define XEN_DOMCTL_getvcpuaffinity         25
#define XEN_DOMCTL_real_mode_area          26 /* not on x86 */
#define XEN_DOMCTL_resumedomain            27 /* no data: after a cancelled suspend */
#define XEN_DOMCTL_sendtrigger             28
#define XEN_DOMCTL_subscribe               29
#define XEN_DOMCTL_gethvmcontext           33
#define XEN_DOMCTL_sethvmcontext           34
#define XEN_DOMCTL_set_address_size        35
#define XEN_DOMCTL_get_address_size        36
#define XEN_DOMCTL_assign_device           37
#define XEN_DOMCTL_bind_pt_irq             38
#define XEN_DOMCTL_memory_mapping          39
#define XEN_DOMCTL_ioport_mapping          40
#define XEN_DOMCTL_set_ext_vcpucontext     42
#define XEN_DOMCTL_get_ext_vcpucontext     43
#define XEN_DOMCTL_set_opt_feature         44 /* not on x86 */
#define XEN_DOMCTL_test_assign_device      45
#define XEN_DOMCTL_set_target              46
#define XEN_DOMCTL_deassign_device         47
#define XEN_DOMCTL_unbind_pt_irq           48
#define XEN_DOMCTL_get_device_group        50
#define XEN_DOMCTL_debug_op                54
#define XEN_DOMCTL_gethvmcontext_partial   55
#define XEN_DOMCTL_vm_event_op             56
#define XEN_DOMCTL_mem_sharing_op          57
#define XEN_DOMCTL_gettscinfo              59
#define XEN_DOMCTL_settscinfo              60
#define XEN_DOMCTL_getpageframeinfo3       61
#define XEN_DOMCTL_setvcpuextstate         62
#define XEN_DOMCTL_getvcpuextstate         63
#define XEN_DOMCTL_set_access_required     64
#define XEN_DOMCTL_audit_p2m               65
#define XEN_DOMCTL_set_virq_handler        66
#define XEN_DOMCTL_set_broken_page_p2m     67
#define XEN_DOMCTL_setnodeaffinity         68
#define XEN_DOMCTL_getnodeaffinity         69
#define XEN_DOMCTL_cacheflush              71
#define XEN_DOMCTL_get_vcpu_msrs           72
#define XEN_DOMCTL_set_vcpu_msrs           73
#define XEN_DOMCTL_setvnumainfo            74
#define XEN_DOMCTL_psr_cmt_op              75
#define XEN_DOMCTL_monitor_op              77
#define XEN_DOMCTL_psr_alloc               78
#define XEN_DOMCTL_soft_reset              79 /* no data */
#define XEN_DOMCTL_vuart_op                81
#define XEN_DOMCTL_get_cpu_policy          82
#define XEN_DOMCTL_set_cpu_policy          83
#define XEN_DOMCTL_vmtrace_op              84
#define XEN_DOMCTL_get_paging_mempool_size 85
#define XEN_DOMCTL_set_paging_mempool_size 86
#define XEN_DOMCTL_gdbsx_guestmemio        1000
#define XEN_DOMCTL_gdbsx_pausevcpu         1001
#define XEN_DOMCTL_gdbsx_unpausevcpu       1002
#define XEN_DOMCTL_gdbsx_domstatus         1003

/* xen_domctl_createdomain.flags */
#define _XEN_DOMCTL_CDF_hvm          0 /* HVM or PVH */
#define XEN_DOMCTL_CDF_hvm           (1U << _XEN_DOMCTL_CDF_hvm)
#define _XEN_DOMCTL_CDF_hap          1 /* hardware nested paging */
#define XEN_DOMCTL_CDF_hap           (1U << _XEN_DOMCTL_CDF_hap)
#define _XEN_DOMCTL_CDF_s3_integrity 2
#define XEN_DOMCTL_CDF_s3_integrity  (1U << _XEN_DOMCTL_CDF_s3_integrity)
#define _XEN_DOMCTL_CDF_oos_off      3 /* keep shadow tables in step */
#define XEN_DOMCTL_CDF_oos_off       (1U << _XEN_DOMCTL_CDF_oos_off)
#define _XEN_DOMCTL_CDF_xs_domain    4 /* runs xenstore */
#define XEN_DOMCTL_CDF_xs_domain     (1U << _XEN_DOMCTL_CDF_xs_domain)
#define _XEN_DOMCTL_CDF_iommu        5 /* may get devices */
#define XEN_DOMCTL_CDF_iommu         (1U << _XEN_DOMCTL_CDF_iommu)
#define _XEN_DOMCTL_CDF_nested_virt  6
#define XEN_DOMCTL_CDF_nested_virt   (1U << _XEN_DOMCTL_CDF_nested_virt)
#define XEN_DOMCTL_CDF_vpmu          (1U << 7)
#define XEN_DOMCTL_CDF_MAX           XEN_DOMCTL_CDF_vpmu

/* .iommu_opts: the IOMMU gets page tables of its own */
#define _XEN_DOMCTL_IOMMU_no_sharept 0
#define XEN_DOMCTL_IOMMU_no_sharept  (1U << _XEN_DOMCTL_IOMMU_no_sharept)
#define XEN_DOMCTL_IOMMU_MAX         XEN_DOMCTL_IOMMU_no_sharept

/* .grant_opts: highest grant table version */
#define XEN_DOMCTL_GRANT_version_mask 0xf
#define XEN_DOMCTL_GRANT_version(v)   ((v)&XEN_DOMCTL_GRANT_version_mask)

/* IN.  xen_domctl.domain 0 or reserved: an id is chosen and returned; -EEXIST: in use. */
struct xen_domctl_createdomain {
    uint32_t ssidref; /* security label */
    xen_domain_handle_t handle;
    uint32_t flags;      /* XEN_DOMCTL_CDF_* */
    uint32_t iommu_opts; /* XEN_DOMCTL_IOMMU_* */
    uint32_t max_vcpus;
    uint32_t max_evtchn_port;
    int32_t max_grant_frames; /* pages; negative: default */
    int32_t max_maptrack_frames;
    uint32_t grant_opts;
    uint32_t vmtrace_size; /* bytes per vCPU; 0: none */
    uint32_t cpupool_id;
    struct xen_arch_domainconfig arch;
};

/* xen_domctl_getdomaininfo.flags; the shutdown reason follows in bits 23:16. */
#define _XEN_DOMINF_dying        0
#define XEN_DOMINF_dying         (1U << _XEN_DOMINF_dying)
#define _XEN_DOMINF_hvm_guest    1
#define XEN_DOMINF_hvm_guest     (1U << _XEN_DOMINF_hvm_guest)
#define _XEN_DOMINF_shutdown     2
#define XEN_DOMINF_shutdown      (1U << _XEN_DOMINF_shutdown)
#define _XEN_DOMINF_paused       3 /* by the toolstack */
#define XEN_DOMINF_paused        (1U << _XEN_DOMINF_paused)
#define _XEN_DOMINF_blocked      4 /* every vCPU sleeps */
#define XEN_DOMINF_blocked       (1U << _XEN_DOMINF_blocked)
#define _XEN_DOMINF_running      5 /* some vCPU is on a CPU */
#define XEN_DOMINF_running       (1U << _XEN_DOMINF_running)
#define _XEN_DOMINF_debugged     6
#define XEN_DOMINF_debugged      (1U << _XEN_DOMINF_debugged)
#define _XEN_DOMINF_xs_domain    7
#define XEN_DOMINF_xs_domain     (1U << _XEN_DOMINF_xs_domain)
#define _XEN_DOMINF_hap          8
#define XEN_DOMINF_hap           (1U << _XEN_DOMINF_hap)
#define XEN_DOMINF_shutdownmask  255
#define XEN_DOMINF_shutdownshift 16

/* .max_vcpu_id of a domain without vCPUs */
#define XEN_INVALID_MAX_VCPU_ID (~0U)

/* OUT */
struct xen_domctl_getdomaininfo {
    domid_t domain;
    uint16_t pad1;
    uint32_t flags; /* XEN_DOMINF_* */
    uint64_t tot_pages;
    uint64_t max_pages;
    uint64_t outstanding_pages; /* claimed, not yet allocated */
    uint64_t shr_pages;
    uint64_t paged_pages;
    uint64_t shared_info_frame; /* PV: machine frame */
    uint64_t cpu_time;          /* ns, all vCPUs */
    uint32_t nr_online_vcpus;
    uint32_t max_vcpu_id;
    uint32_t ssidref;
    xen_domain_handle_t handle;
    uint32_t cpupool;
    uint8_t gpaddr_bits; /* width of guest-physical addresses */
    uint8_t pad2[7];
    struct xen_arch_domainconfig arch_config;
};
typedef struct xen_domctl_getdomaininfo xen_domctl_getdomaininfo_t;

/* Page kinds in bits 31:28 of a getpageframeinfo3 entry. */
#define XEN_DOMCTL_PFINFO_LTAB_SHIFT    28
#define XEN_DOMCTL_PFINFO_NOTAB         (0x0U << 28)
#define XEN_DOMCTL_PFINFO_L1TAB         (0x1U << 28)
#define XEN_DOMCTL_PFINFO_L2TAB         (0x2U << 28)
#define XEN_DOMCTL_PFINFO_L3TAB         (0x3U << 28)
#define XEN_DOMCTL_PFINFO_L4TAB         (0x4U << 28)
#define XEN_DOMCTL_PFINFO_LTABTYPE_MASK (0x7U << 28)
#define XEN_DOMCTL_PFINFO_LPINTAB       (0x1U << 31)
#define XEN_DOMCTL_PFINFO_XTAB          (0xfU << 28) /* no page */
#define XEN_DOMCTL_PFINFO_XALLOC        (0xeU << 28) /* a page without content */
#define XEN_DOMCTL_PFINFO_BROKEN        (0xdU << 28) /* hardware failure */
#define XEN_DOMCTL_PFINFO_LTAB_MASK     (0xfU << 28)

struct xen_domctl_getpageframeinfo3 {
    uint64_t num;   /* IN/OUT: entries */
    uint64_t array; /* guest pointer, xen_pfn_t[num]: IN frames, OUT kinds */
};

/* xen_domctl_shadow_op.op */
#define XEN_DOMCTL_SHADOW_OP_OFF             0
#define XEN_DOMCTL_SHADOW_OP_ENABLE_TEST     1
#define XEN_DOMCTL_SHADOW_OP_ENABLE_LOGDIRTY 2
#define XEN_DOMCTL_SHADOW_OP_CLEAN           11 /* fetch the bitmap and start again */
#define XEN_DOMCTL_SHADOW_OP_PEEK            12 /* fetch it only */
#define XEN_DOMCTL_SHADOW_OP_GET_ALLOCATION  30
#define XEN_DOMCTL_SHADOW_OP_SET_ALLOCATION  31
#define XEN_DOMCTL_SHADOW_OP_ENABLE          32

/* .mode with ENABLE */
#define XEN_DOMCTL_SHADOW_ENABLE_REFCOUNT  (1 << 1)
#define XEN_DOMCTL_SHADOW_ENABLE_LOG_DIRTY (1 << 2)
#define XEN_DOMCTL_SHADOW_ENABLE_TRANSLATE (1 << 3)
#define XEN_DOMCTL_SHADOW_ENABLE_EXTERNAL  (1 << 4)

/* .mode with CLEAN and PEEK: include what the hypervisor itself may write */
#define XEN_DOMCTL_SHADOW_LOGDIRTY_FINAL (1 << 0)

struct xen_domctl_shadow_op_stats {
    uint32_t fault_count;
    uint32_t dirty_count;
};

/* IN/OUT: log-dirty tracking and memory for shadow page tables. */
struct xen_domctl_shadow_op {
    uint32_t op;
    uint32_t mode;
    uint32_t mb;           /* IN/OUT: allocation, MiB */
    uint64_t dirty_bitmap; /* guest pointer, a bit per frame, OUT; 0: statistics only */
    uint64_t pages;        /* IN size of the bitmap, OUT bits written */
    struct xen_domctl_shadow_op_stats stats; /* OUT */
};

struct xen_domctl_max_mem {
    uint64_t max_memkb;
};

/* A PV vCPU's state; see vcpu_guest_context. */
struct xen_domctl_vcpucontext {
    uint32_t vcpu;
    uint64_t ctxt; /* guest pointer, vcpu_guest_context, IN for set, OUT for get */
};

struct xen_domctl_getvcpuinfo {
    uint32_t vcpu;
    uint8_t online; /* OUT from here */
    uint8_t blocked;
    uint8_t running;
    uint64_t cpu_time; /* ns */
    uint32_t cpu;      /* current or last */
};

/* NUMA nodes to take memory from. */
struct xen_domctl_nodeaffinity {
    struct xenctl_bitmap nodemap; /* IN for set, OUT for get */
};

#define _XEN_VCPUAFFINITY_HARD  0
#define XEN_VCPUAFFINITY_HARD   (1U << _XEN_VCPUAFFINITY_HARD)
#define _XEN_VCPUAFFINITY_SOFT  1
#define XEN_VCPUAFFINITY_SOFT   (1U << _XEN_VCPUAFFINITY_SOFT)
#define _XEN_VCPUAFFINITY_FORCE 2 /* undo SCHEDOP_pin_override */
#define XEN_VCPUAFFINITY_FORCE  (1U << _XEN_VCPUAFFINITY_FORCE)

/* CPUs a vCPU may run on, and those it prefers.  set returns what took effect. */
struct xen_domctl_vcpuaffinity {
    uint32_t vcpu;
    uint32_t flags; /* XEN_VCPUAFFINITY_* */
    struct xenctl_bitmap cpumap_hard;
    struct xenctl_bitmap cpumap_soft;
};

/* Allocate the vCPUs.  -EINVAL: differs from createdomain. */
struct xen_domctl_max_vcpus {
    uint32_t max;
};

/* Schedulers. */
#define XEN_SCHEDULER_CREDIT   5
#define XEN_SCHEDULER_CREDIT2  6
#define XEN_SCHEDULER_ARINC653 7
#define XEN_SCHEDULER_RTDS     8
#define XEN_SCHEDULER_NULL     9

struct xen_domctl_sched_credit {
    uint16_t weight; /* share of CPU time */
    uint16_t cap;    /* percent of one CPU; 0: no limit */
};

struct xen_domctl_sched_credit2 {
    uint16_t weight;
    uint16_t cap;
};

/* .flags: may run beyond its budget */
#define _XEN_DOMCTL_SCHEDRT_extra 0
#define XEN_DOMCTL_SCHEDRT_extra  (1U << _XEN_DOMCTL_SCHEDRT_extra)

struct xen_domctl_sched_rtds {
    uint32_t period; /* us */
    uint32_t budget; /* us */
    uint32_t flags;
};

typedef struct xen_domctl_schedparam_vcpu {
    union {
        struct xen_domctl_sched_credit credit;
        struct xen_domctl_sched_credit2 credit2;
        struct xen_domctl_sched_rtds rtds;
    } u;
    uint32_t vcpuid;
} xen_domctl_schedparam_vcpu_t;

#define XEN_DOMCTL_SCHEDOP_putinfo     0
#define XEN_DOMCTL_SCHEDOP_getinfo     1
#define XEN_DOMCTL_SCHEDOP_putvcpuinfo 2 /* schedulers with settings per vCPU */
#define XEN_DOMCTL_SCHEDOP_getvcpuinfo 3

/* Scheduling parameters.  -EINVAL: sched_id is not the domain's scheduler. */
struct xen_domctl_scheduler_op {
    uint32_t sched_id; /* XEN_SCHEDULER_* */
    uint32_t cmd;      /* XEN_DOMCTL_SCHEDOP_* */
    union {
        struct xen_domctl_sched_credit credit;
        struct xen_domctl_sched_credit2 credit2;
        struct xen_domctl_sched_rtds rtds;
        struct {
            uint64_t vcpus;    /* guest pointer, xen_domctl_schedparam_vcpu[], IN/OUT */
            uint32_t nr_vcpus; /* IN entries, OUT entries done */
            uint32_t padding;
        } v;
    } u; /* IN for put, OUT for get */
};

struct xen_domctl_setdomainhandle {
    xen_domain_handle_t handle;
};

struct xen_domctl_setdebugging {
    uint8_t enable; /* a breakpoint pauses the domain */
};

struct xen_domctl_irq_permission {
    uint32_t pirq;
    uint8_t allow_access; /* 0 or 1 */
    uint8_t pad[3];
};

struct xen_domctl_iomem_permission {
    uint64_t first_mfn;
    uint64_t nr_mfns;
    uint8_t allow_access;
};

struct xen_domctl_ioport_permission {
    uint32_t first_port;
    uint32_t nr_ports;
    uint8_t allow_access;
};

/* Write the hypercall stubs into a page of the domain. */
struct xen_domctl_hypercall_init {
    uint64_t gmfn;
};

struct xen_domctl_settimeoffset {
    int64_t time_offset_seconds; /* added to Unix time for the guest's wall clock */
};

/* The whole HVM state. */
struct xen_domctl_hvmcontext {
    uint32_t size;   /* IN/OUT: bytes */
    uint64_t buffer; /* guest pointer, IN for set, OUT for get; get with 0: size only */
};

struct xen_domctl_address_size {
    uint32_t size; /* bits of a PV guest's words: 32 or 64 */
};

#define XEN_DOMCTL_SENDTRIGGER_NMI   0
#define XEN_DOMCTL_SENDTRIGGER_RESET 1
#define XEN_DOMCTL_SENDTRIGGER_INIT  2
#define XEN_DOMCTL_SENDTRIGGER_POWER 3 /* ACPI power button */
#define XEN_DOMCTL_SENDTRIGGER_SLEEP 4 /* ACPI sleep button */
struct xen_domctl_sendtrigger {
    uint32_t trigger;
    uint32_t vcpu;
};

#define XEN_DOMCTL_DEV_PCI         0
#define XEN_DOMCTL_DEV_DT          1 /* not on x86 */
#define XEN_DOMCTL_DEV_RDM_RELAXED 1 /* .flags: reserved memory conflicts only warn */

/* assign, deassign and test_assign.  -ENODEV: no such device; -EBUSY: somebody has it. */
struct xen_domctl_assign_device {
    uint32_t dev; /* XEN_DOMCTL_DEV_* */
    uint32_t flags;
    union {
        struct {
            uint32_t machine_sbdf; /* segment 31:16, bus 15:8, devfn 7:0 */
        } pci;
        struct {
            uint32_t size;
            uint64_t path;
        } dt;
    } u;
};

/* Devices that can only be assigned together. */
struct xen_domctl_get_device_group {
    uint32_t machine_sbdf;
    uint32_t max_sdevs;
    uint32_t num_sdevs;  /* OUT */
    uint64_t sdev_array; /* guest pointer, uint32_t[max_sdevs], OUT */
};

enum pt_irq_type {
    PT_IRQ_TYPE_PCI,
    PT_IRQ_TYPE_ISA,
    PT_IRQ_TYPE_MSI,
    PT_IRQ_TYPE_MSI_TRANSLATE,
    PT_IRQ_TYPE_SPI /* not on x86 */
};

/* .u.msi.gflags: parts of a guest's MSI address and data */
#define XEN_DOMCTL_VMSI_X86_DEST_ID_MASK 0x0000ff
#define XEN_DOMCTL_VMSI_X86_RH_MASK      0x000100
#define XEN_DOMCTL_VMSI_X86_DM_MASK      0x000200
#define XEN_DOMCTL_VMSI_X86_DELIV_MASK   0x007000
#define XEN_DOMCTL_VMSI_X86_TRIG_MASK    0x008000
#define XEN_DOMCTL_VMSI_X86_UNMASKED     0x010000

/* Deliver a host interrupt to an HVM guest. */
struct xen_domctl_bind_pt_irq {
    uint32_t machine_irq; /* pirq */
    uint32_t irq_type;    /* enum pt_irq_type */
    union {
        struct {
            uint8_t isa_irq;
        } isa;
        struct {
            uint8_t bus;
            uint8_t device;
            uint8_t intx;
        } pci;
        struct {
            uint8_t gvec;
            uint32_t gflags;
            uint64_t gtable; /* guest-physical address of the MSI-X table, or 0 */
        } msi;
        struct {
            uint16_t spi;
        } spi;
    } u;
};

#define DPCI_ADD_MAPPING    1
#define DPCI_REMOVE_MAPPING 0

/* Map device memory into an HVM guest.  Positive result: only so many; -E2BIG: ask for less. */
struct xen_domctl_memory_mapping {
    uint64_t first_gfn;
    uint64_t first_mfn;
    uint64_t nr_mfns;
    uint32_t add_mapping; /* DPCI_* */
    uint32_t padding;
};

/* Map host ports into an HVM guest. */
struct xen_domctl_ioport_mapping {
    uint32_t first_gport;
    uint32_t first_mport;
    uint32_t nr_ports;
    uint32_t add_mapping;
};

/* Memory types, as in x86 PAT. */
#define XEN_DOMCTL_MEM_CACHEATTR_UC     0
#define XEN_DOMCTL_MEM_CACHEATTR_WC     1
#define XEN_DOMCTL_MEM_CACHEATTR_WT     4
#define XEN_DOMCTL_MEM_CACHEATTR_WP     5
#define XEN_DOMCTL_MEM_CACHEATTR_WB     6
#define XEN_DOMCTL_MEM_CACHEATTR_UCM    7
#define XEN_DOMCTL_DELETE_MEM_CACHEATTR (~(uint32_t)0)

/* PV vCPU state that vcpu_guest_context has no room for. */
struct xen_domctl_ext_vcpucontext {
    uint32_t vcpu;
    uint32_t size; /* IN for set, OUT for get: bytes of this struct */
    uint64_t syscall32_callback_eip;
    uint64_t sysenter_callback_eip;
    uint16_t syscall32_callback_cs;
    uint16_t sysenter_callback_cs;
    uint8_t syscall32_disables_events;
    uint8_t sysenter_disables_events;
    struct hvm_vmce_vcpu vmce;
};

/* The domain may control target: device models. */
struct xen_domctl_set_target {
    domid_t target;
};

#define XEN_CPUID_INPUT_UNUSED 0xFFFFFFFF

/* What CPUID and MSRs a guest sees.  -ENOBUFS: a count was too small. */
struct xen_domctl_cpu_policy {
    uint32_t nr_leaves;   /* IN/OUT */
    uint32_t nr_msrs;     /* IN/OUT */
    uint64_t leaves;      /* guest pointer, xen_cpuid_leaf[], IN for set, OUT for get */
    uint64_t msrs;        /* guest pointer, xen_msr_entry[], IN for set, OUT for get */
    uint32_t err_leaf;    /* OUT of a failed set: the culprit, or all ones */
    uint32_t err_subleaf; /* OUT */
    uint32_t err_msr;     /* OUT */
};
typedef struct xen_domctl_cpu_policy xen_domctl_cpu_policy_t;

/* Signal this port of the caller when the domain suspends, instead of VIRQ_DOM_EXC. */
struct xen_domctl_subscribe {
    uint32_t port;
};

#define XEN_DOMCTL_DEBUG_OP_SINGLE_STEP_OFF 0
#define XEN_DOMCTL_DEBUG_OP_SINGLE_STEP_ON  1
struct xen_domctl_debug_op {
    uint32_t op;
    uint32_t vcpu;
};

/* One record of the HVM state. */
struct xen_domctl_hvmcontext_partial {
    uint32_t type;
    uint32_t instance;
    uint64_t bufsz;  /* IN/OUT: bytes */
    uint64_t buffer; /* guest pointer, OUT */
};

/* IN for set, OUT for get. */
struct xen_domctl_tsc_info {
    uint32_t tsc_mode; /* 0 default, 1 always emulated, 2 never, 3 paravirtual RDTSCP */
    uint32_t gtsc_khz;
    uint32_t incarnation; /* raised by each migration */
    uint32_t pad;
    uint64_t elapsed_nsec; /* guest time at TSC 0 */
};

/* Debugger: guest memory by linear address. */
struct xen_domctl_gdbsx_memio {
    uint64_t pgd3val; /* page table entry to use for kernel addresses; 0: none */
    uint64_t gva;     /* in the guest */
    uint64_t uva;     /* in the caller */
    uint32_t len;     /* bytes */
    uint8_t gwr;      /* 1: write to the guest */
    uint32_t remain;  /* OUT: bytes not done */
};

struct xen_domctl_gdbsx_pauseunp_vcpu {
    uint32_t vcpu;
};

/* OUT: has a vCPU hit something? */
struct xen_domctl_gdbsx_domstatus {
    uint8_t paused;
    uint32_t vcpu_id;
    uint32_t vcpu_ev;
};

/* xen_domctl_vm_event_op: op, and the ring it is about (mode). */
#define XEN_VM_EVENT_ENABLE            0
#define XEN_VM_EVENT_DISABLE           1
#define XEN_VM_EVENT_RESUME            2
#define XEN_VM_EVENT_GET_VERSION       3
#define XEN_DOMCTL_VM_EVENT_OP_PAGING  1
#define XEN_DOMCTL_VM_EVENT_OP_MONITOR 2
#define XEN_DOMCTL_VM_EVENT_OP_SHARING 3

/* -ENODEV: no nested paging; -EBUSY: the ring is in use; -EXDEV, -EMLINK: other features clash. */
struct xen_domctl_vm_event_op {
    uint32_t op;
    uint32_t mode;
    union {
        struct {
            uint32_t port;
        } enable;
        uint32_t version;
    } u; /* OUT */
};

#define XEN_DOMCTL_MEM_SHARING_CONTROL 0
struct xen_domctl_mem_sharing_op {
    uint8_t op;
    union {
        uint8_t enable;
    } u;
};

/* OUT: entries that disagree. */
struct xen_domctl_audit_p2m {
    uint64_t orphans;
    uint64_t m2p_bad;
    uint64_t p2m_bad;
};

/* The domain gets this global virtual interrupt in place of Dom0. */
struct xen_domctl_set_virq_handler {
    uint32_t virq;
};

/* XSAVE state of a vCPU. */
struct xen_domctl_vcpuextstate {
    uint32_t vcpu;
    uint64_t xfeature_mask; /* OUT for get: components */
    uint64_t size;          /* IN/OUT: bytes; get with 0: size only */
    uint64_t buffer;        /* guest pointer, IN for set, OUT for get */
};

/* Page access faults pause the vCPU when no monitor listens. */
struct xen_domctl_set_access_required {
    uint8_t access_required;
};

struct xen_domctl_set_broken_page_p2m {
    uint64_t pfn;
};

struct xen_domctl_cacheflush {
    xen_pfn_t start_pfn;
    xen_pfn_t nr_pfns;
};

/* Memory for nested page tables and the like.  set can stop half-way (-ENOMEM). */
struct xen_domctl_paging_mempool {
    uint64_t size; /* bytes */
};

struct xen_domctl_vcpu_msr {
    uint32_t index;
    uint32_t reserved; /* 0 */
    uint64_t value;
};
typedef struct xen_domctl_vcpu_msr xen_domctl_vcpu_msr_t;

/* Migrated MSRs.  get: -ENOBUFS with the count needed; set: -EINVAL with the index at fault. */
struct xen_domctl_vcpu_msrs {
    uint32_t vcpu;
    uint32_t msr_count; /* IN/OUT */
    uint64_t msrs;      /* guest pointer, xen_domctl_vcpu_msr[], IN for set, OUT for get */
};

/* The NUMA layout the guest sees. */
struct xen_domctl_vnuma {
    uint32_t nr_vnodes;
    uint32_t nr_vmemranges;
    uint32_t nr_vcpus;
    uint32_t pad;            /* 0 */
    uint64_t vdistance;      /* guest pointer, unsigned int[nr_vnodes * nr_vnodes] */
    uint64_t vcpu_to_vnode;  /* guest pointer, unsigned int[nr_vcpus] */
    uint64_t vnode_to_pnode; /* guest pointer, unsigned int[nr_vnodes] */
    uint64_t vmemrange;      /* guest pointer, xen_vmemrange[nr_vmemranges] */
};

/* Cache monitoring: attach, detach, or OUT the monitoring id. */
#define XEN_DOMCTL_PSR_CMT_OP_DETACH     0
#define XEN_DOMCTL_PSR_CMT_OP_ATTACH     1
#define XEN_DOMCTL_PSR_CMT_OP_QUERY_RMID 2
struct xen_domctl_psr_cmt_op {
    uint32_t cmd;
    uint32_t data;
};

/* xen_domctl_monitor_op.op and .event */
#define XEN_DOMCTL_MONITOR_OP_ENABLE                 0
#define XEN_DOMCTL_MONITOR_OP_DISABLE                1
#define XEN_DOMCTL_MONITOR_OP_GET_CAPABILITIES       2 /* event: OUT bit per event */
#define XEN_DOMCTL_MONITOR_OP_EMULATE_EACH_REP       3
#define XEN_DOMCTL_MONITOR_OP_CONTROL_REGISTERS      4
#define XEN_DOMCTL_MONITOR_EVENT_WRITE_CTRLREG       0
#define XEN_DOMCTL_MONITOR_EVENT_MOV_TO_MSR          1
#define XEN_DOMCTL_MONITOR_EVENT_SINGLESTEP          2
#define XEN_DOMCTL_MONITOR_EVENT_SOFTWARE_BREAKPOINT 3
#define XEN_DOMCTL_MONITOR_EVENT_GUEST_REQUEST       4
#define XEN_DOMCTL_MONITOR_EVENT_DEBUG_EXCEPTION     5
#define XEN_DOMCTL_MONITOR_EVENT_CPUID               6
#define XEN_DOMCTL_MONITOR_EVENT_PRIVILEGED_CALL     7
#define XEN_DOMCTL_MONITOR_EVENT_INTERRUPT           8
#define XEN_DOMCTL_MONITOR_EVENT_DESC_ACCESS         9
#define XEN_DOMCTL_MONITOR_EVENT_EMUL_UNIMPLEMENTED  10
#define XEN_DOMCTL_MONITOR_EVENT_INGUEST_PAGEFAULT   11
#define XEN_DOMCTL_MONITOR_EVENT_VMEXIT              12

/* sync in the options: the vCPU waits for the answer. */
struct xen_domctl_monitor_op {
    uint32_t op;
    uint32_t event;
    union {
        struct {
            uint8_t index; /* control register */
            uint8_t sync;
            uint8_t onchangeonly;
            uint8_t pad1;
            uint32_t pad2;
            uint64_t bitmask; /* changes in these bits do not count */
        } mov_to_cr;
        struct {
            uint32_t msr;
            uint8_t onchangeonly;
        } mov_to_msr;
        struct {
            uint8_t sync;
            uint8_t allow_userspace;
        } guest_request;
        struct {
            uint8_t sync;
        } debug_exception;
        struct {
            uint8_t sync;
        } vmexit;
    } u;
};

/* Cache and memory bandwidth allocation on one socket. */
#define XEN_DOMCTL_PSR_SET_L3_CBM    0
#define XEN_DOMCTL_PSR_GET_L3_CBM    1
#define XEN_DOMCTL_PSR_SET_L3_CODE   2
#define XEN_DOMCTL_PSR_SET_L3_DATA   3
#define XEN_DOMCTL_PSR_GET_L3_CODE   4
#define XEN_DOMCTL_PSR_GET_L3_DATA   5
#define XEN_DOMCTL_PSR_SET_L2_CBM    6
#define XEN_DOMCTL_PSR_GET_L2_CBM    7
#define XEN_DOMCTL_PSR_SET_MBA_THRTL 8
#define XEN_DOMCTL_PSR_GET_MBA_THRTL 9
struct xen_domctl_psr_alloc {
    uint32_t cmd;
    uint32_t target; /* socket */
    uint64_t data;   /* IN for set, OUT for get */
};

/* An emulated serial port; not on x86 (-EOPNOTSUPP). */
#define XEN_DOMCTL_VUART_OP_INIT     0
#define XEN_DOMCTL_VUART_TYPE_VPL011 0
struct xen_domctl_vuart_op {
    uint32_t cmd;
    uint32_t type;
    uint64_t gfn; /* of the ring */
    domid_t console_domid;
    uint8_t pad[2];
    evtchn_port_t evtchn; /* OUT */
};

/* Processor trace of a vCPU.  key and value depend on cmd; value is OUT for position and get. */
#define XEN_DOMCTL_vmtrace_enable           1
#define XEN_DOMCTL_vmtrace_disable          2
#define XEN_DOMCTL_vmtrace_reset_and_enable 3
#define XEN_DOMCTL_vmtrace_output_position  4
#define XEN_DOMCTL_vmtrace_get_option       5
#define XEN_DOMCTL_vmtrace_set_option       6
struct xen_domctl_vmtrace_op {
    uint32_t cmd;
    uint32_t vcpu;
    uint64_t key;
    uint64_t value;
};
typedef struct xen_domctl_vmtrace_op xen_domctl_vmtrace_op_t;

/* IN/OUT: the argument. */
struct xen_domctl {
    uint32_t cmd;               /* XEN_DOMCTL_* */
    uint32_t interface_version; /* XEN_DOMCTL_INTERFACE_VERSION */
    domid_t domain;
    uint16_t _pad[3];
    union {
        struct xen_domctl_createdomain createdomain;
        struct xen_domctl_getdomaininfo getdomaininfo;
        struct xen_domctl_getpageframeinfo3 getpageframeinfo3;
        struct xen_domctl_nodeaffinity nodeaffinity;
        struct xen_domctl_vcpuaffinity vcpuaffinity;
        struct xen_domctl_shadow_op shadow_op;
        struct xen_domctl_max_mem max_mem;
        struct xen_domctl_vcpucontext vcpucontext;
        struct xen_domctl_getvcpuinfo getvcpuinfo;
        struct xen_domctl_max_vcpus max_vcpus;
        struct xen_domctl_scheduler_op scheduler_op;
        struct xen_domctl_setdomainhandle setdomainhandle;
        struct xen_domctl_setdebugging setdebugging;
        struct xen_domctl_irq_permission irq_permission;
        struct xen_domctl_iomem_permission iomem_permission;
        struct xen_domctl_ioport_permission ioport_permission;
        struct xen_domctl_hypercall_init hypercall_init;
        struct xen_domctl_settimeoffset settimeoffset;
        struct xen_domctl_tsc_info tsc_info;
        struct xen_domctl_hvmcontext hvmcontext;
        struct xen_domctl_hvmcontext_partial hvmcontext_partial;
        struct xen_domctl_address_size address_size;
        struct xen_domctl_sendtrigger sendtrigger;
        struct xen_domctl_get_device_group get_device_group;
        struct xen_domctl_assign_device assign_device;
        struct xen_domctl_bind_pt_irq bind_pt_irq;
        struct xen_domctl_memory_mapping memory_mapping;
        struct xen_domctl_ioport_mapping ioport_mapping;
        struct xen_domctl_ext_vcpucontext ext_vcpucontext;
        struct xen_domctl_set_target set_target;
        struct xen_domctl_subscribe subscribe;
        struct xen_domctl_debug_op debug_op;
        struct xen_domctl_vm_event_op vm_event_op;
        struct xen_domctl_mem_sharing_op mem_sharing_op;
        struct xen_domctl_cpu_policy cpu_policy;
        struct xen_domctl_vcpuextstate vcpuextstate;
        struct xen_domctl_vcpu_msrs vcpu_msrs;
        struct xen_domctl_set_access_required access_required;
        struct xen_domctl_audit_p2m audit_p2m;
        struct xen_domctl_set_virq_handler set_virq_handler;
        struct xen_domctl_gdbsx_memio gdbsx_guest_memio;
        struct xen_domctl_set_broken_page_p2m set_broken_page_p2m;
        struct xen_domctl_cacheflush cacheflush;
        struct xen_domctl_gdbsx_pauseunp_vcpu gdbsx_pauseunp_vcpu;
        struct xen_domctl_gdbsx_domstatus gdbsx_domstatus;
        struct xen_domctl_vnuma vnuma;
        struct xen_domctl_psr_cmt_op psr_cmt_op;
        struct xen_domctl_monitor_op monitor_op;
        struct xen_domctl_psr_alloc psr_alloc;
        struct xen_domctl_vuart_op vuart_op;
        struct xen_domctl_vmtrace_op vmtrace_op;
        struct xen_domctl_paging_mempool paging_mempool;
        uint8_t pad[128];
    } u;
};
typedef struct xen_domctl xen_domctl_t;

#endif /* XEN_PUBLIC_DOMCTL_H */

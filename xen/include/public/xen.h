/* SPDX-License-Identifier: MIT */
/*
 * Public ABI: hypercall numbers and the types every guest uses.
 *
 * Guest pointers in these headers are uint64_t: a guest linear address, read
 * and written with the rights of the guest kernel (-EFAULT otherwise).
 * Hypercalls return 0 or a positive result, or a negative errno.h value.
 */
#ifndef XEN_PUBLIC_XEN_H
#define XEN_PUBLIC_XEN_H

#include "xen-compat.h"
#include "arch-x86/xen.h"

#define __HYPERVISOR_set_trap_table                0
#define __HYPERVISOR_mmu_update                    1
#define __HYPERVISOR_set_gdt                       2
#define __HYPERVISOR_stack_switch                  3
#define __HYPERVISOR_set_callbacks                 4
#define __HYPERVISOR_fpu_taskswitch                5
#define __HYPERVISOR_sched_op_compat               6
#define __HYPERVISOR_platform_op                   7
#define __HYPERVISOR_set_debugreg                  8
#define __HYPERVISOR_get_debugreg                  9
#define __HYPERVISOR_update_descriptor             10
#define __HYPERVISOR_memory_op                     12
#define __HYPERVISOR_multicall                     13
#define __HYPERVISOR_update_va_mapping             14
#define __HYPERVISOR_set_timer_op                  15
#define __HYPERVISOR_event_channel_op_compat       16
#define __HYPERVISOR_xen_version                   17
#define __HYPERVISOR_console_io                    18
#define __HYPERVISOR_physdev_op_compat             19
#define __HYPERVISOR_grant_table_op                20
#define __HYPERVISOR_vm_assist                     21
#define __HYPERVISOR_update_va_mapping_otherdomain 22
#define __HYPERVISOR_iret                          23
#define __HYPERVISOR_vcpu_op                       24
#define __HYPERVISOR_set_segment_base              25
#define __HYPERVISOR_mmuext_op                     26
#define __HYPERVISOR_xsm_op                        27
#define __HYPERVISOR_nmi_op                        28
#define __HYPERVISOR_sched_op                      29
#define __HYPERVISOR_callback_op                   30
#define __HYPERVISOR_xenoprof_op                   31
#define __HYPERVISOR_event_channel_op              32
#define __HYPERVISOR_physdev_op                    33
#define __HYPERVISOR_hvm_op                        34
#define __HYPERVISOR_sysctl                        35
#define __HYPERVISOR_domctl                        36
#define __HYPERVISOR_kexec_op                      37
#define __HYPERVISOR_tmem_op                       38
#define __HYPERVISOR_argo_op                       39
#define __HYPERVISOR_xenpmu_op                     40
#define __HYPERVISOR_dm_op                         41
#define __HYPERVISOR_hypfs_op                      42
#define __HYPERVISOR_arch_0                        48
#define __HYPERVISOR_arch_1                        49
#define __HYPERVISOR_arch_2                        50
#define __HYPERVISOR_arch_3                        51
#define __HYPERVISOR_arch_4                        52
#define __HYPERVISOR_arch_5                        53
#define __HYPERVISOR_arch_6                        54
#define __HYPERVISOR_arch_7                        55

/*
 * Virtual interrupts.  A per-vCPU one is bound once on each vCPU; a global
 * one is bound once per domain, on vCPU 0, and can then be moved.
 */
#define VIRQ_TIMER      0  /* per vCPU: a timer the vCPU set has expired */
#define VIRQ_DEBUG      1  /* per vCPU: print your state */
#define VIRQ_CONSOLE    2  /* global, control domain: serial input has arrived */
#define VIRQ_DOM_EXC    3  /* global, xenstore domain: some domain stopped or died */
#define VIRQ_TBUF       4  /* global, control domain: trace records are ready */
#define VIRQ_DEBUGGER   6  /* global, control domain: a domain hit a breakpoint */
#define VIRQ_XENOPROF   7  /* per vCPU: profile sample */
#define VIRQ_CON_RING   8  /* global, control domain: console ring has new text */
#define VIRQ_PCPU_STATE 9  /* global, control domain: a physical CPU came or went */
#define VIRQ_MEM_EVENT  10 /* global, control domain: a memory event */
#define VIRQ_ARGO       11 /* global: a message has arrived */
#define VIRQ_ENOMEM     12 /* global, control domain: free memory is low */
#define VIRQ_XENPMU     13 /* per vCPU: performance counter interrupt */
#define VIRQ_ARCH_0     16
#define VIRQ_ARCH_1     17
#define VIRQ_ARCH_2     18
#define VIRQ_ARCH_3     19
#define VIRQ_ARCH_4     20
#define VIRQ_ARCH_5     21
#define VIRQ_ARCH_6     22
#define VIRQ_ARCH_7     23
#define NR_VIRQS        24

/*
 * mmu_update(reqs, count, ret_done, foreigndom): the low two bits of ptr
 * choose the command.  foreigndom bits 15:0 name the owner of the mapped
 * frames (DOMID_SELF, DOMID_IO for device memory), bits 31:16 hold 0 or the
 * owner of the page tables plus 1.  Bit 31 of count marks a continued call.
 */
#define MMU_NORMAL_PT_UPDATE       0 /* write the entry at machine address ptr, after checks */
#define MMU_MACHPHYS_UPDATE        1 /* set the M2P entry of the frame holding ptr to val */
#define MMU_PT_UPDATE_PRESERVE_AD  2 /* like 0, but keep accessed and dirty bits set meanwhile */
#define MMU_PT_UPDATE_NO_TRANSLATE 3 /* like 0, val is a machine address even if translated */

/* mmuext_op commands; the field used is in brackets.  Frames are machine frames. */
#define MMUEXT_PIN_L1_TABLE       0  /* [arg1.mfn] check and hold as a level 1 table */
#define MMUEXT_PIN_L2_TABLE       1  /* [arg1.mfn] */
#define MMUEXT_PIN_L3_TABLE       2  /* [arg1.mfn] */
#define MMUEXT_PIN_L4_TABLE       3  /* [arg1.mfn] */
#define MMUEXT_UNPIN_TABLE        4  /* [arg1.mfn] drop the hold */
#define MMUEXT_NEW_BASEPTR        5  /* [arg1.mfn] load the kernel page table */
#define MMUEXT_TLB_FLUSH_LOCAL    6  /* [] this vCPU */
#define MMUEXT_INVLPG_LOCAL       7  /* [arg1.linear_addr] one page, this vCPU */
#define MMUEXT_TLB_FLUSH_MULTI    8  /* [arg2.vcpumask] */
#define MMUEXT_INVLPG_MULTI       9  /* [arg1.linear_addr, arg2.vcpumask] */
#define MMUEXT_TLB_FLUSH_ALL      10 /* [] every vCPU of the domain */
#define MMUEXT_INVLPG_ALL         11 /* [arg1.linear_addr] */
#define MMUEXT_FLUSH_CACHE        12 /* [] write back this CPU's cache; needs device access */
#define MMUEXT_SET_LDT            13 /* [arg1.linear_addr page aligned, arg2.nr_ents] */
#define MMUEXT_NEW_USER_BASEPTR   15 /* [arg1.mfn] page table for user mode; 0: none */
#define MMUEXT_CLEAR_PAGE         16 /* [arg1.mfn] fill with zeroes */
#define MMUEXT_COPY_PAGE          17 /* [arg1.mfn from arg2.src_mfn] */
#define MMUEXT_FLUSH_CACHE_GLOBAL 18 /* [] write back the caches of all CPUs */
#define MMUEXT_MARK_SUPER         19 /* [arg1.mfn] obsolete */
#define MMUEXT_UNMARK_SUPER       20 /* [arg1.mfn] obsolete */

/*
 * Flags of update_va_mapping: one flush kind, then one scope.  With MULTI the
 * remaining bits are the address of a vCPU bitmap; none means LOCAL.
 */
#define UVMF_NONE           (0UL)
#define UVMF_TLB_FLUSH      (1UL)
#define UVMF_INVLPG         (2UL)
#define UVMF_FLUSHTYPE_MASK (3UL)
#define UVMF_MULTI          (0UL << 2)
#define UVMF_LOCAL          (0UL << 2)
#define UVMF_ALL            (1UL << 2)

/* console_io(cmd, count in bytes, buffer); read returns the number of bytes. */
#define CONSOLEIO_write 0
#define CONSOLEIO_read  1

/* vm_assist(cmd, type) */
#define VMASST_CMD_enable  0
#define VMASST_CMD_disable 1

/* Types 0, 1 and 3 concern 32-bit guests only. */
#define VMASST_TYPE_4gb_segments         0
#define VMASST_TYPE_4gb_segments_notify  1
#define VMASST_TYPE_writable_pagetables  2 /* emulate stores to level 1 tables */
#define VMASST_TYPE_pae_extended_cr3     3
#define VMASST_TYPE_architectural_iopl   4  /* I/O privilege level lives in the rflags frames */
#define VMASST_TYPE_runstate_update_flag 5  /* mark runstate areas while they change */
#define VMASST_TYPE_m2p_strict           32 /* hide the M2P table from user mode */

/* Domain ids from 0x7FF0 up never name an ordinary domain. */
#define DOMID_FIRST_RESERVED (0x7FF0U)
#define DOMID_SELF           (0x7FF0U) /* the caller */
#define DOMID_IO             (0x7FF1U) /* owner of device memory */
#define DOMID_XEN            (0x7FF2U) /* owner of shareable hypervisor memory (M2P table) */
#define DOMID_COW            (0x7FF3U) /* owner of pages shared by deduplication */
#define DOMID_INVALID        (0x7FF4U) /* owner unknown, or no domain */
#define DOMID_IDLE           (0x7FFFU)
#define DOMID_MASK           (0x7FFFU)

/* vcpu_time_info.flags */
#define XEN_PVCLOCK_TSC_STABLE_BIT (1 << 0) /* readings agree between vCPUs */
#define XEN_PVCLOCK_GUEST_STOPPED  (1 << 1)

/* start_info.flags */
#define SIF_PRIVILEGED      (1 << 0)    /* has hardware access */
#define SIF_INITDOMAIN      (1 << 1)    /* is the first domain */
#define SIF_MULTIBOOT_MOD   (1 << 2)    /* mod_start is a xen_multiboot_mod_list array */
#define SIF_MOD_START_PFN   (1 << 3)    /* mod_start is a pfn: the module is not mapped */
#define SIF_VIRT_P2M_4TOOLS (1 << 4)    /* the toolstack accepts a linear p2m list */
#define SIF_PM_MASK         (0xFF << 8) /* power management: XEN_PROCESSOR_PM_* */

#define MAX_GUEST_CMDLINE 1024 /* bytes, with the terminating zero */

/* dom0_vga_console_info.video_type */
#define XEN_VGATYPE_TEXT_MODE_3 0x03
#define XEN_VGATYPE_VESA_LFB    0x23
#define XEN_VGATYPE_EFI_LFB     0x70

#ifndef __ASSEMBLER__

typedef uint16_t domid_t;

/* IN: one request of mmuext_op(uops, count, ret_done, foreigndom); MMUEXT_* above. */
struct mmuext_op {
    unsigned int cmd;
    union {
        xen_pfn_t mfn;
        unsigned long linear_addr;
    } arg1;
    union {
        unsigned int nr_ents;
        uint64_t vcpumask; /* guest linear address of a bitmap, bit per vCPU id */
        xen_pfn_t src_mfn;
    } arg2;
};
typedef struct mmuext_op mmuext_op_t;

/* IN: one request of mmu_update; MMU_* above. */
struct mmu_update {
    uint64_t ptr; /* machine address, command in bits 1:0 */
    uint64_t val; /* new entry */
};
typedef struct mmu_update mmu_update_t;

/* IN/OUT: one call of multicall(list, count); result is filled in for each. */
struct multicall_entry {
    xen_ulong_t op;     /* __HYPERVISOR_*; a nested multicall gives -EINVAL */
    xen_ulong_t result; /* OUT: what the call returned */
    xen_ulong_t args[6];
};
typedef struct multicall_entry multicall_entry_t;

/*
 * OUT: how to turn a TSC reading into system time (ns since boot):
 *   system_time + ((((tsc - tsc_timestamp) << tsc_shift) * tsc_to_system_mul) >> 32)
 * A negative tsc_shift shifts right.  version is odd while an update is in
 * progress; a reader repeats until it sees the same even value twice.
 */
struct vcpu_time_info {
    uint32_t version;
    uint32_t pad0;
    uint64_t tsc_timestamp; /* cycles */
    uint64_t system_time;   /* ns */
    uint32_t tsc_to_system_mul;
    int8_t tsc_shift;
    uint8_t flags; /* XEN_PVCLOCK_* */
    uint8_t pad1[2];
};
typedef struct vcpu_time_info vcpu_time_info_t;

/*
 * IN/OUT, shared with the guest, one per vCPU.  The hypervisor sets pending
 * and calls the guest's event entry unless mask is set; the guest clears
 * pending before it scans.
 */
struct vcpu_info {
    uint8_t evtchn_upcall_pending;
    uint8_t evtchn_upcall_mask;
    xen_ulong_t evtchn_pending_sel; /* bit per word of shared_info.evtchn_pending */
    struct arch_vcpu_info arch;
    vcpu_time_info_t time;
};
typedef struct vcpu_info vcpu_info_t;

/*
 * IN/OUT, the page shared by the hypervisor and one domain.  The two bitmaps
 * are those of the 2-level event ABI: the hypervisor sets pending bits, the
 * guest clears them and owns the mask.
 */
struct shared_info {
    struct vcpu_info vcpu_info[XEN_LEGACY_MAX_VCPUS];
    xen_ulong_t evtchn_pending[sizeof(xen_ulong_t) * 8];
    xen_ulong_t evtchn_mask[sizeof(xen_ulong_t) * 8];
    uint32_t wc_version; /* odd while the wall clock is updated */
    uint32_t wc_sec;     /* Unix time at system time 0, low 32 bits of seconds */
    uint32_t wc_nsec;
    uint32_t wc_sec_hi;
    struct arch_shared_info arch;
};
typedef struct shared_info shared_info_t;
#define xen_wc_sec_hi wc_sec_hi

/*
 * OUT: boot information of a PV guest, in its own page; rsi holds its linear
 * address at entry.  Fields from pt_base on are valid at first boot only, not
 * after a resume.
 */
struct start_info {
    char magic[32];            /* "xen-<major>.<minor>-<architecture>" */
    unsigned long nr_pages;    /* frames allocated to the domain */
    unsigned long shared_info; /* machine address */
    uint32_t flags;            /* SIF_* */
    xen_pfn_t store_mfn;       /* xenstore ring, machine frame; 0 for Dom0 */
    uint32_t store_evtchn;
    union {
        struct {
            xen_pfn_t mfn; /* console ring, machine frame */
            uint32_t evtchn;
        } domU;
        struct {
            uint32_t info_off;  /* bytes from start_info to dom0_vga_console_info */
            uint32_t info_size; /* bytes; 0: no display */
        } dom0;
    } console;
    unsigned long pt_base; /* linear address of the boot level 4 table */
    unsigned long nr_pt_frames;
    unsigned long mfn_list;  /* linear address of the p2m list */
    unsigned long mod_start; /* linear address, or pfn with SIF_MOD_START_PFN; 0: none */
    unsigned long mod_len;   /* bytes */
    int8_t cmd_line[MAX_GUEST_CMDLINE];
    unsigned long first_p2m_pfn; /* frames of the p2m list when it is outside the boot mapping */
    unsigned long nr_p2m_frames;
};
typedef struct start_info start_info_t;

/* OUT: a module in a SIF_MULTIBOOT_MOD area; offsets from its start.  mod_start 0 ends the list. */
struct xen_multiboot_mod_list {
    uint32_t mod_start;
    uint32_t mod_end; /* last byte, inclusive */
    uint32_t cmdline; /* zero-terminated string */
    uint32_t pad;     /* 0 */
};

/* OUT: the display as the boot loader left it, for Dom0; follows start_info. */
typedef struct dom0_vga_console_info {
    uint8_t video_type; /* XEN_VGATYPE_* */
    union {
        struct {
            uint16_t font_height; /* pixels */
            uint16_t cursor_x;
            uint16_t cursor_y;
            uint16_t rows;
            uint16_t columns;
        } text_mode_3;
        struct {
            uint16_t width; /* pixels */
            uint16_t height;
            uint16_t bytes_per_line;
            uint16_t bits_per_pixel;
            uint32_t lfb_base; /* physical address, low half */
            uint32_t lfb_size; /* units of 64 KiB */
            uint8_t red_pos;   /* colour fields: bit position and width */
            uint8_t red_size;
            uint8_t green_pos;
            uint8_t green_size;
            uint8_t blue_pos;
            uint8_t blue_size;
            uint8_t rsvd_pos;
            uint8_t rsvd_size;
            uint32_t gbl_caps;   /* VBE controller capabilities; 0 for EFI */
            uint16_t mode_attrs; /* VBE mode attributes; 0 for EFI */
            uint16_t pad;
            uint32_t ext_lfb_base; /* physical address, high half */
        } vesa_lfb;
    } u;
} dom0_vga_console_info_t;
#define xen_vga_console_info   dom0_vga_console_info
#define xen_vga_console_info_t dom0_vga_console_info_t

typedef uint8_t xen_domain_handle_t[16]; /* UUID chosen by the toolstack */

/* A UUID in network byte order. */
typedef struct {
    uint8_t a[16];
} xen_uuid_t;

/* IN or OUT: a bitmap in guest memory, little-endian bytes, bit 0 first. */
struct xenctl_bitmap {
    uint64_t bitmap;  /* guest linear address; may be 0 where a call says so */
    uint32_t nr_bits; /* bits in the buffer; missing ones count as 0 */
};
typedef struct xenctl_bitmap xenctl_bitmap_t;

#endif /* !__ASSEMBLER__ */
#endif /* XEN_PUBLIC_XEN_H */

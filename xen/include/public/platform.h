/* SPDX-License-Identifier: MIT */
/*
 * Public ABI: platform_op(op), host services for the hardware domain (-EPERM
 * for others): wall clock, firmware, power management, CPU hotplug.
 * -EACCES: wrong interface_version; -ENOSYS: unknown command.
 */
#ifndef XEN_PUBLIC_PLATFORM_H
#define XEN_PUBLIC_PLATFORM_H

#include "xen.h"

#define XENPF_INTERFACE_VERSION 0x03000001

#define XENPF_settime32            17
#define XENPF_add_memtype          31
#define XENPF_del_memtype          32
#define XENPF_read_memtype         33
#define XENPF_microcode_update     35
#define XENPF_platform_quirk       39
#define XENPF_get_cpu_version      48
#define XENPF_efi_runtime_call     49
#define XENPF_firmware_info        50
#define XENPF_enter_acpi_sleep     51
#define XENPF_change_freq          52
#define XENPF_getidletime          53
#define XENPF_set_processor_pminfo 54
#define XENPF_get_cpuinfo          55
#define XENPF_cpu_online           56
#define XENPF_cpu_offline          57
#define XENPF_cpu_hotadd           58
#define XENPF_mem_hotadd           59
#define XENPF_core_parking         60
#define XENPF_resource_op          61
#define XENPF_settime64            62
#define XENPF_get_symbol           63
#define XENPF_settime              XENPF_settime64
#define xenpf_settime              xenpf_settime64

/* IN: the Unix time that it was at a given system time. */
struct xenpf_settime32 {
    uint32_t secs;
    uint32_t nsecs;
    uint64_t system_time; /* ns */
};
typedef struct xenpf_settime32 xenpf_settime32_t;

struct xenpf_settime64 {
    uint64_t secs;
    uint32_t nsecs;
    uint32_t mbz; /* must be 0: -EINVAL */
    uint64_t system_time;
};
typedef struct xenpf_settime64 xenpf_settime64_t;
typedef struct xenpf_settime xenpf_settime_t;

/* Set the memory type of a range through an MTRR. */
struct xenpf_add_memtype {
    xen_pfn_t mfn;    /* IN */
    uint64_t nr_mfns; /* IN */
    uint32_t type;    /* IN: x86 memory type */
    uint32_t handle;  /* OUT */
    uint32_t reg;     /* OUT: MTRR number */
};
typedef struct xenpf_add_memtype xenpf_add_memtype_t;

/* IN: free an MTRR. */
struct xenpf_del_memtype {
    uint32_t handle; /* 0: not known */
    uint32_t reg;
};
typedef struct xenpf_del_memtype xenpf_del_memtype_t;

/* Read an MTRR.  -EINVAL: no such register. */
struct xenpf_read_memtype {
    uint32_t reg;     /* IN */
    xen_pfn_t mfn;    /* OUT */
    uint64_t nr_mfns; /* OUT; 0: unused */
    uint32_t type;    /* OUT */
};
typedef struct xenpf_read_memtype xenpf_read_memtype_t;

/* IN: microcode for all CPUs. */
struct xenpf_microcode_update {
    uint64_t data;   /* guest linear address */
    uint32_t length; /* bytes */
};
typedef struct xenpf_microcode_update xenpf_microcode_update_t;

#define QUIRK_NOIRQBALANCING     1 /* leave I/O APIC targets alone */
#define QUIRK_IOAPIC_BAD_REGSEL  2 /* the index register must be written each time */
#define QUIRK_IOAPIC_GOOD_REGSEL 3 /* it keeps its value */

/* IN */
struct xenpf_platform_quirk {
    uint32_t quirk_id;
};
typedef struct xenpf_platform_quirk xenpf_platform_quirk_t;

/* xenpf_efi_runtime_call.function */
#define XEN_EFI_get_time                      1
#define XEN_EFI_set_time                      2
#define XEN_EFI_get_wakeup_time               3
#define XEN_EFI_set_wakeup_time               4
#define XEN_EFI_get_next_high_monotonic_count 5
#define XEN_EFI_get_variable                  6
#define XEN_EFI_set_variable                  7
#define XEN_EFI_get_next_variable_name        8
#define XEN_EFI_query_variable_info           9
#define XEN_EFI_query_capsule_capabilities    10
#define XEN_EFI_update_capsule                11

/* misc bits, by function */
#define XEN_EFI_GET_TIME_SET_CLEARS_NS      0x00000001
#define XEN_EFI_GET_WAKEUP_TIME_ENABLED     0x00000001
#define XEN_EFI_GET_WAKEUP_TIME_PENDING     0x00000002
#define XEN_EFI_SET_WAKEUP_TIME_ENABLE      0x00000001
#define XEN_EFI_SET_WAKEUP_TIME_ENABLE_ONLY 0x00000002
#define XEN_EFI_VARIABLE_NON_VOLATILE       0x00000001
#define XEN_EFI_VARIABLE_BOOTSERVICE_ACCESS 0x00000002
#define XEN_EFI_VARIABLE_RUNTIME_ACCESS     0x00000004
#define XEN_EFI_VARINFO_BOOT_SNAPSHOT       0x00000001

/* As EFI_TIME of the UEFI specification, packed differently. */
struct xenpf_efi_time {
    uint16_t year;
    uint8_t month;
    uint8_t day;
    uint8_t hour;
    uint8_t min;
    uint8_t sec;
    uint32_t ns;
    int16_t tz; /* minutes from UTC; 2047: local */
    uint8_t daylight;
};

struct xenpf_efi_guid {
    uint32_t data1;
    uint16_t data2;
    uint16_t data3;
    uint8_t data4[8];
};

/* IN/OUT: a call of the EFI runtime services.  -EOPNOTSUPP: not booted by EFI. */
struct xenpf_efi_runtime_call {
    uint32_t function;  /* IN: XEN_EFI_* */
    uint32_t misc;      /* flags; OUT for the monotonic count */
    xen_ulong_t status; /* OUT: EFI status */
    union {
        struct {
            struct xenpf_efi_time time;
            uint32_t resolution; /* counts per second */
            uint32_t accuracy;   /* parts per million of a second */
        } get_time;
        struct xenpf_efi_time set_time;
        struct xenpf_efi_time get_wakeup_time;
        struct xenpf_efi_time set_wakeup_time;
        struct {
            uint64_t name;    /* guest pointer, UTF-16 */
            xen_ulong_t size; /* bytes */
            uint64_t data;    /* guest pointer */
            struct xenpf_efi_guid vendor_guid;
        } get_variable, set_variable;
        struct {
            xen_ulong_t size;
            uint64_t name; /* guest pointer, UTF-16 */
            struct xenpf_efi_guid vendor_guid;
        } get_next_variable_name;
        struct {
            uint32_t attr;
            uint64_t max_store_size; /* bytes */
            uint64_t remain_store_size;
            uint64_t max_size;
        } query_variable_info;
        struct {
            uint64_t capsule_header_array; /* guest pointer */
            xen_ulong_t capsule_count;
            uint64_t max_capsule_size;
            uint32_t reset_type;
        } query_capsule_capabilities;
        struct {
            uint64_t capsule_header_array; /* guest pointer */
            xen_ulong_t capsule_count;
            uint64_t sg_list; /* machine address */
        } update_capsule;
    } u;
};
typedef struct xenpf_efi_runtime_call xenpf_efi_runtime_call_t;

/* xenpf_firmware_info.type; index counts the entries of that type. */
#define XEN_FW_DISK_INFO            1
#define XEN_FW_DISK_MBR_SIGNATURE   2
#define XEN_FW_VBEDDC_INFO          3
#define XEN_FW_EFI_INFO             4 /* index below */
#define XEN_FW_EFI_VERSION          0
#define XEN_FW_EFI_CONFIG_TABLE     1
#define XEN_FW_EFI_VENDOR           2
#define XEN_FW_EFI_MEM_INFO         3 /* mem.addr is IN too: the address to describe */
#define XEN_FW_EFI_RT_VERSION       4
#define XEN_FW_EFI_PCI_ROM          5
#define XEN_FW_EFI_APPLE_PROPERTIES 6
#define XEN_FW_KBD_SHIFT_FLAGS      5

/* What the firmware said at boot.  -ESRCH: index past the last entry. */
struct xenpf_firmware_info {
    uint32_t type;  /* IN: XEN_FW_* */
    uint32_t index; /* IN */
    union {
        struct {
            uint8_t device; /* BIOS drive number */
            uint8_t version;
            uint16_t interface_support;
            uint16_t legacy_max_cylinder;
            uint8_t legacy_max_head;
            uint8_t legacy_sectors_per_track;
            uint64_t edd_params; /* guest pointer; its first 16 bits hold its size */
        } disk_info;
        struct {
            uint8_t device;
            uint32_t mbr_signature;
        } disk_mbr_signature;
        struct {
            uint8_t capabilities;
            uint8_t edid_transfer_time;
            uint64_t edid; /* guest pointer, 128 bytes */
        } vbeddc_info;
        union xenpf_efi_info {
            uint32_t version;
            struct {
                uint64_t addr; /* physical */
                uint32_t nent;
            } cfg;
            struct {
                uint32_t revision;
                uint32_t bufsz; /* IN: bytes */
                uint64_t name;  /* guest pointer, UTF-16 */
            } vendor;
            struct {
                uint64_t addr;
                uint64_t size;
                uint64_t attr;
                uint32_t type;
            } mem;
            struct {
                uint16_t segment; /* IN, up to devid */
                uint8_t bus;
                uint8_t devfn;
                uint16_t vendor;
                uint16_t devid;
                uint64_t address; /* OUT, physical */
                xen_ulong_t size;
            } pci_rom;
            struct {
                uint64_t address;
                xen_ulong_t size;
            } apple_properties;
        } efi_info;
        uint8_t kbd_shift_flags;
    } u; /* OUT */
};
typedef struct xenpf_firmware_info xenpf_firmware_info_t;

/* xenpf_enter_acpi_sleep.flags: val_a and val_b are sleep types (hardware-reduced ACPI). */
#define XENPF_ACPI_SLEEP_EXTENDED 0x00000001

/* IN: put the host to sleep, or power it off with state 5. */
struct xenpf_enter_acpi_sleep {
    uint16_t val_a; /* for the PM1a control register */
    uint16_t val_b; /* for the PM1b control register */
    uint32_t sleep_state;
    uint32_t flags;
};
typedef struct xenpf_enter_acpi_sleep xenpf_enter_acpi_sleep_t;

/* IN: the hardware domain has changed the clock of a CPU. */
struct xenpf_change_freq {
    uint32_t flags; /* 0 */
    uint32_t cpu;
    uint64_t freq; /* Hz */
};
typedef struct xenpf_change_freq xenpf_change_freq_t;

/* Idle time of CPUs. */
struct xenpf_getidletime {
    uint64_t cpumap_bitmap;  /* guest pointer: IN wanted, OUT those present */
    uint32_t cpumap_nr_cpus; /* IN: bits */
    uint64_t idletime;       /* guest pointer, uint64_t per CPU, OUT, ns */
    uint64_t now;            /* OUT: system time, ns */
};
typedef struct xenpf_getidletime xenpf_getidletime_t;

/* Kinds of management as bits, and as xenpf_set_processor_pminfo.type. */
#define XEN_PROCESSOR_PM_CX 1
#define XEN_PROCESSOR_PM_PX 2
#define XEN_PROCESSOR_PM_TX 4
#define XEN_PM_CX           0
#define XEN_PM_PX           1
#define XEN_PM_TX           2
#define XEN_PM_PDC          3

/* xen_processor_performance.flags: which parts are given. */
#define XEN_PX_PCT 1
#define XEN_PX_PSS 2
#define XEN_PX_PPC 4
#define XEN_PX_PSD 8

/* xen_processor_performance.shared_type: who coordinates dependent CPUs. */
#define XEN_CPUPERF_SHARED_TYPE_HW  1
#define XEN_CPUPERF_SHARED_TYPE_ALL 2
#define XEN_CPUPERF_SHARED_TYPE_ANY 3

/* An ACPI generic address. */
struct xen_power_register {
    uint32_t space_id;
    uint32_t bit_width;
    uint32_t bit_offset;
    uint32_t access_size;
    uint64_t address;
};

/* ACPI _CSD: CPUs that change idle state together. */
struct xen_processor_csd {
    uint32_t domain;
    uint32_t coord_type;
    uint32_t num;
};
typedef struct xen_processor_csd xen_processor_csd_t;

/* ACPI _CST: one idle state. */
struct xen_processor_cx {
    struct xen_power_register reg;
    uint8_t type;     /* C-state number */
    uint32_t latency; /* us */
    uint32_t power;   /* mW */
    uint32_t dpcnt;
    uint64_t dp; /* guest pointer, xen_processor_csd[dpcnt] or 0 */
};
typedef struct xen_processor_cx xen_processor_cx_t;

struct xen_processor_flags {
    uint32_t bm_control : 1; /* bus master control exists */
    uint32_t bm_check : 1;
    uint32_t has_cst : 1;
    uint32_t power_setup_done : 1;
    uint32_t bm_rld_set : 1;
};

struct xen_processor_power {
    uint32_t count;
    struct xen_processor_flags flags;
    uint64_t states; /* guest pointer, xen_processor_cx[count] */
};

/* ACPI _PCT: a register for performance states. */
struct xen_pct_register {
    uint8_t descriptor;
    uint16_t length;
    uint8_t space_id;
    uint8_t bit_width;
    uint8_t bit_offset;
    uint8_t reserved;
    uint64_t address;
};

/* ACPI _PSS: one performance state. */
struct xen_processor_px {
    uint64_t core_frequency;     /* MHz */
    uint64_t power;              /* mW */
    uint64_t transition_latency; /* us */
    uint64_t bus_master_latency; /* us */
    uint64_t control;            /* value to write */
    uint64_t status;             /* value to expect */
};
typedef struct xen_processor_px xen_processor_px_t;

/* ACPI _PSD: CPUs that change performance state together. */
struct xen_psd_package {
    uint64_t num_entries;
    uint64_t revision;
    uint64_t domain;
    uint64_t coord_type;
    uint64_t num_processors;
};

struct xen_processor_performance {
    uint32_t flags;          /* XEN_PX_* */
    uint32_t platform_limit; /* _PPC: first state allowed */
    struct xen_pct_register control_register;
    struct xen_pct_register status_register;
    uint32_t state_count;
    uint64_t states; /* guest pointer, xen_processor_px[state_count] */
    struct xen_psd_package domain_info;
    uint32_t shared_type; /* XEN_CPUPERF_SHARED_TYPE_* */
};
typedef struct xen_processor_performance xen_processor_performance_t;

/* IN: what ACPI says about one CPU. */
struct xenpf_set_processor_pminfo {
    uint32_t id;   /* ACPI processor id */
    uint32_t type; /* XEN_PM_* */
    union {
        struct xen_processor_power power;
        struct xen_processor_performance perf;
        uint64_t pdc; /* guest pointer, uint32_t[]: revision, count, bits; IN/OUT */
    } u;
};
typedef struct xenpf_set_processor_pminfo xenpf_set_processor_pminfo_t;

/* xenpf_pcpuinfo.flags */
#define XEN_PCPU_FLAGS_ONLINE  1
#define XEN_PCPU_FLAGS_INVALID 2 /* no such CPU */

struct xenpf_pcpuinfo {
    uint32_t xen_cpuid;   /* IN */
    uint32_t max_present; /* OUT: highest CPU number */
    uint32_t flags;       /* OUT */
    uint32_t apic_id;     /* OUT */
    uint32_t acpi_id;     /* OUT */
};
typedef struct xenpf_pcpuinfo xenpf_pcpuinfo_t;

struct xenpf_pcpu_version {
    uint32_t xen_cpuid;   /* IN */
    uint32_t max_present; /* OUT */
    char vendor_id[12];   /* OUT, not terminated */
    uint32_t family;
    uint32_t model;
    uint32_t stepping;
};
typedef struct xenpf_pcpu_version xenpf_pcpu_version_t;

/* IN: bring a CPU up or down. */
struct xenpf_cpu_ol {
    uint32_t cpuid;
};
typedef struct xenpf_cpu_ol xenpf_cpu_ol_t;

/* IN: a CPU has been plugged in; the call returns its number. */
struct xenpf_cpu_hotadd {
    uint32_t apic_id;
    uint32_t acpi_id;
    uint32_t pxm;
};
typedef struct xenpf_cpu_hotadd xenpf_cpu_hotadd_t;

/* IN: memory has been plugged in. */
struct xenpf_mem_hotadd {
    uint64_t spfn; /* machine frames, end not included */
    uint64_t epfn;
    uint32_t pxm;
    uint32_t flags;
};
typedef struct xenpf_mem_hotadd xenpf_mem_hotadd_t;

#define XEN_CORE_PARKING_SET 1
#define XEN_CORE_PARKING_GET 2

/* Number of CPUs that shall stay idle. */
struct xenpf_core_parking {
    uint32_t type;      /* IN: XEN_CORE_PARKING_* */
    uint32_t idle_nums; /* IN for set, OUT for get */
};
typedef struct xenpf_core_parking xenpf_core_parking_t;

#define XEN_RESOURCE_OP_MSR_READ  0 /* of the TSC: system time instead, ns */
#define XEN_RESOURCE_OP_MSR_WRITE 1

struct xenpf_resource_entry {
    union {
        uint32_t cmd; /* IN: XEN_RESOURCE_OP_* */
        int32_t ret;  /* OUT: why it failed */
    } u;
    uint32_t rsvd; /* 0 */
    uint64_t idx;  /* IN: MSR number */
    uint64_t val;  /* IN/OUT */
};
typedef struct xenpf_resource_entry xenpf_resource_entry_t;

/* Up to a few accesses in order on one CPU; returns how many succeeded. */
struct xenpf_resource_op {
    uint32_t nr_entries; /* IN */
    uint32_t cpu;        /* IN */
    uint64_t entries;    /* guest pointer, xenpf_resource_entry[nr_entries] */
};
typedef struct xenpf_resource_op xenpf_resource_op_t;

/* One symbol of the hypervisor. */
struct xenpf_symdata {
    uint32_t namelen; /* IN: bytes at name; OUT: length of the name */
    uint32_t symnum;  /* IN: number; OUT: next one, or the same at the end */
    uint64_t name;    /* guest pointer, OUT */
    uint64_t address; /* OUT */
    char type;        /* OUT, as printed by nm */
};
typedef struct xenpf_symdata xenpf_symdata_t;

/* IN/OUT: the argument. */
struct xen_platform_op {
    uint32_t cmd;               /* XENPF_* */
    uint32_t interface_version; /* XENPF_INTERFACE_VERSION */
    union {
        xenpf_settime_t settime;
        xenpf_settime32_t settime32;
        xenpf_settime64_t settime64;
        xenpf_add_memtype_t add_memtype;
        xenpf_del_memtype_t del_memtype;
        xenpf_read_memtype_t read_memtype;
        xenpf_microcode_update_t microcode;
        xenpf_platform_quirk_t platform_quirk;
        xenpf_efi_runtime_call_t efi_runtime_call;
        xenpf_firmware_info_t firmware_info;
        xenpf_enter_acpi_sleep_t enter_acpi_sleep;
        xenpf_change_freq_t change_freq;
        xenpf_getidletime_t getidletime;
        xenpf_set_processor_pminfo_t set_pminfo;
        xenpf_pcpuinfo_t pcpu_info;
        xenpf_pcpu_version_t pcpu_version;
        xenpf_cpu_ol_t cpu_ol;
        xenpf_cpu_hotadd_t cpu_add;
        xenpf_mem_hotadd_t mem_add;
        xenpf_core_parking_t core_parking;
        xenpf_resource_op_t resource_op;
        xenpf_symdata_t symdata;
        uint8_t pad[128];
    } u;
};
typedef struct xen_platform_op xen_platform_op_t;

#endif /* XEN_PUBLIC_PLATFORM_H */

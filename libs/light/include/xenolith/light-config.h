/* SPDX-License-Identifier: MIT */
/*
 * light-config.h - the configuration of a virtual machine: a plain structure, read from and
 * written to xl.cfg(5) files and JSON. The rules of light.h apply; no host is needed.
 *
 * Each structure here has a table of its fields, reached from xlight_config_type() in
 * light-field.h. Strings and lists are memory of malloc(), owned by the structure they are in:
 * whoever replaces one frees the old one. A string that is NULL has not been given.
 *
 * A field that has not been given keeps a value that says so, and the toolstack chooses when the
 * domain is created: XLIGHT_DEFAULT, XLIGHT_UNSET_KB, 0 of an enumeration, or what a comment says.
 */
#ifndef XENOLITH_LIGHT_CONFIG_H
#define XENOLITH_LIGHT_CONFIG_H

#include <xenolith/light-field.h>
#include <xenolith/light-message.h>
#include <xenolith/light.h>

#ifdef __cplusplus
extern "C" {
#endif

enum xlight_tristate { XLIGHT_NO = -1, XLIGHT_DEFAULT = 0, XLIGHT_YES = 1 };

#define XLIGHT_UNSET_KB  UINT64_MAX
#define XLIGHT_UNSET_U32 UINT32_MAX

/* As the id of a new domain: one that nobody can foretell. */
#define XLIGHT_RANDOM_DOMAIN 0xfffffffeU

enum xlight_type_of_domain { XLIGHT_HVM = 1, XLIGHT_PV = 2, XLIGHT_PVH = 3 };

/* What happens when the domain ends by itself. */
enum xlight_action {
    XLIGHT_DESTROY = 1,
    XLIGHT_RESTART,
    XLIGHT_RESTART_RENAME,
    XLIGHT_PRESERVE,
    XLIGHT_COREDUMP_DESTROY,
    XLIGHT_COREDUMP_RESTART,
    XLIGHT_SOFT_RESET
};

enum xlight_tsc_mode {
    XLIGHT_TSC_DEFAULT = 0,
    XLIGHT_TSC_ALWAYS_EMULATE,
    XLIGHT_TSC_NATIVE,
    XLIGHT_TSC_NATIVE_PARAVIRT
};

enum xlight_passthrough {
    XLIGHT_PASSTHROUGH_DEFAULT = 0,
    XLIGHT_PASSTHROUGH_DISABLED,
    XLIGHT_PASSTHROUGH_ENABLED,
    XLIGHT_PASSTHROUGH_SYNC_PT,
    XLIGHT_PASSTHROUGH_SHARE_PT
};

enum xlight_disk_format {
    XLIGHT_FORMAT_QCOW = 1,
    XLIGHT_FORMAT_QCOW2,
    XLIGHT_FORMAT_VHD,
    XLIGHT_FORMAT_RAW,
    XLIGHT_FORMAT_EMPTY,
    XLIGHT_FORMAT_QED
};

enum xlight_disk_backend {
    XLIGHT_DISK_PHY = 1,
    XLIGHT_DISK_TAP,
    XLIGHT_DISK_QDISK,
    XLIGHT_DISK_STANDALONE
};

enum xlight_nic_type { XLIGHT_NIC_IOEMU = 1, XLIGHT_NIC_VIF };
enum xlight_channel_connection { XLIGHT_CHANNEL_PTY = 1, XLIGHT_CHANNEL_SOCKET };
enum xlight_vkb_backend { XLIGHT_VKB_QEMU = 1, XLIGHT_VKB_LINUX };

/*
 * A set of numbers, bit 0 of byte 0 first. A set of CPUs that depends on the host ("all",
 * "node:1") is text, as xl.cfg(5) has it, and bytes is NULL then.
 */
struct xlight_bits {
    uint8_t *bytes;
    uint32_t nr; /* bits that bytes has */
    char *text;
};

/* Policy for the bits of one CPUID leaf, 32 characters for each register, bit 31 first. */
struct xlight_cpuid {
    uint32_t leaf, subleaf; /* subleaf XLIGHT_UNSET_U32: the leaf has none */
    char *eax, *ebx, *ecx, *edx;
};

/* The same for 64 bits of an MSR. */
struct xlight_msr {
    uint32_t index;
    char *policy;
};

struct xlight_vnuma_node {
    uint64_t memory_kb;
    uint32_t *distances;
    unsigned int nr_distances;
    uint32_t pnode;
    struct xlight_bits vcpus;
};

struct xlight_ioports {
    uint32_t first, number;
};

struct xlight_iomem {
    uint64_t start, number, gfn; /* frames; gfn UINT64_MAX: as start */
};

struct xlight_disk {
    uint32_t backend_domid;
    char *backend_domain;
    char *target;
    char *vdev;
    int backend; /* enum xlight_disk_backend */
    int format;  /* enum xlight_disk_format */
    char *script;
    int removable, readwrite, cdrom; /* 0 or 1 */
    bool direct_io_safe;
    int8_t discard, trusted; /* enum xlight_tristate */
    int specification;       /* 0, 1: xen, 2: virtio */
};

struct xlight_nic {
    uint32_t backend_domid;
    char *backend_domain;
    int devid; /* -1: the next free one */
    int mtu;
    char *model;
    uint8_t mac[6]; /* all 0: a random one */
    char *ip, *bridge, *ifname, *script;
    int type;                         /* enum xlight_nic_type */
    uint64_t rate_bytes_per_interval; /* 0: no limit */
    uint32_t rate_interval_usecs;
    char *gatewaydev;
    int8_t trusted;
};

struct xlight_pci {
    uint32_t function, device, bus; /* what the device is called on the host */
    int domain;
    uint32_t vdevfn; /* in the guest; 0: the next free one */
    uint32_t vfunc_mask;
    bool msitranslate, power_mgmt, permissive, seize;
    int rdm_policy; /* -1, 0: strict, 1: relaxed */
    char *name;     /* among the assignable devices, instead of the place */
};

struct xlight_vnc {
    int8_t enable;
    char *listen, *password;
    int display;
    int8_t find_unused;
};

struct xlight_sdl {
    int8_t enable, opengl;
    char *display, *xauthority;
};

struct xlight_vfb {
    uint32_t backend_domid;
    char *backend_domain;
    int devid;
    struct xlight_vnc vnc;
    struct xlight_sdl sdl;
    char *keymap;
};

struct xlight_vkb {
    uint32_t backend_domid;
    char *backend_domain;
    int devid;
    int backend_type; /* enum xlight_vkb_backend */
    char *unique_id;
    bool disable_keyboard, disable_pointer, abs_pointer, raw_pointer, multi_touch;
    uint32_t width, height;
    uint32_t multi_touch_width, multi_touch_height, multi_touch_contacts;
};

struct xlight_vtpm {
    uint32_t backend_domid;
    char *backend_domain;
    int devid;
    uint8_t uuid[16];
};

struct xlight_p9 {
    uint32_t backend_domid;
    char *backend_domain;
    char *tag, *path, *security_model;
    int devid;
};

struct xlight_pvcalls {
    uint32_t backend_domid;
    char *backend_domain;
    int devid;
};

/* A console with a name, for programs. */
struct xlight_channel {
    uint32_t backend_domid;
    char *backend_domain;
    int devid;
    char *name;
    int connection; /* enum xlight_channel_connection */
    char *path;     /* of a socket */
};

struct xlight_usbctrl {
    int type; /* 0: auto, 1: pv, 2: devicemodel, 3: qusb */
    int devid;
    int version, ports;
    uint32_t backend_domid;
    char *backend_domain;
};

struct xlight_usbdev {
    int controller; /* -1: any */
    int port;
    uint32_t hostbus, hostaddr;
};

struct xlight_config {
    int type; /* enum xlight_type_of_domain */
    int8_t hap, oos;
    char *seclabel, *name;
    uint32_t domid; /* the one that is wanted; 0: any; or XLIGHT_RANDOM_DOMAIN */
    uint8_t uuid[16];
    char *pool;
    int8_t run_hotplug_scripts, driver_domain;
    int passthrough; /* enum xlight_passthrough */
    int8_t xend_suspend_evtchn_compat;

    int max_vcpus;                                     /* 0: 1 */
    struct xlight_bits avail_vcpus;                    /* that are online at first */
    struct xlight_bits *hard_affinity, *soft_affinity; /* for each vCPU */
    unsigned int nr_hard_affinity, nr_soft_affinity;
    int8_t numa_placement;
    int tsc_mode; /* enum xlight_tsc_mode */
    uint64_t max_memory_kb, memory_kb, video_memory_kb, shadow_memory_kb, iommu_memory_kb;
    uint32_t rtc_timeoffset; /* seconds, as two's complement */
    char *exec_seclabel;
    int8_t localtime, no_migrate;
    struct xlight_cpuid *cpuid;
    unsigned int nr_cpuid;
    struct xlight_msr *msrs;
    unsigned int nr_msrs;
    char *blkdev_start;
    struct xlight_vnuma_node *vnuma;
    unsigned int nr_vnuma;
    uint32_t max_grant_frames, max_maptrack_frames; /* or XLIGHT_UNSET_U32 */
    int max_grant_version;                          /* or -1 */
    int device_model_version;                       /* 0, 1: traditional, 2: qemu-xen */
    int8_t device_model_stubdomain;
    uint64_t stubdomain_memory_kb;
    char *stubdomain_kernel, *stubdomain_cmdline, *stubdomain_ramdisk;
    char *device_model, *device_model_seclabel, *device_model_user;
    char **device_model_args, **device_model_args_pv, **device_model_args_hvm;
    unsigned int nr_device_model_args, nr_device_model_args_pv, nr_device_model_args_hvm;
    int scheduler;                                 /* XEN_SCHEDULER_*; 0: the pool's */
    int cpu_weight, cap;                           /* -1: not given, as the next four */
    int period, budget, extratime, slice, latency; /* microseconds; extratime 0 or 1 */
    struct xlight_ioports *ioports;
    unsigned int nr_ioports;
    uint32_t *irqs;
    unsigned int nr_irqs;
    struct xlight_iomem *iomem;
    unsigned int nr_iomem;
    int8_t claim_mode;
    uint32_t event_channels; /* 0: the default */
    char *kernel, *cmdline, *ramdisk, *device_tree;
    int8_t acpi;
    char *bootloader, **bootloader_args;
    unsigned int nr_bootloader_args;
    int timer_mode; /* -1: not given */
    int8_t nested_hvm, apic, dm_restrict;
    int altp2m; /* 0: disabled, 1: mixed, 2: external, 3: limited */
    int vmtrace_buf_kb;
    int8_t vpmu, msr_relaxed;

    struct {
        int8_t e820_host;
    } pv;

    struct {
        int8_t pvshim;
        char *pvshim_path, *pvshim_cmdline, *pvshim_extra;
    } pvh;

    struct {
        char *firmware;
        int bios; /* 0, 1: rombios, 2: seabios, 3: ovmf */
        int8_t pae, acpi_s3, acpi_s4, acpi_laptop_slate, nx;
        int8_t viridian;
        struct xlight_bits viridian_enable, viridian_disable;
        int8_t hpet, vpt_align;
        uint64_t mmio_hole_kb;
        int8_t altp2m;
        char *system_firmware, *smbios_firmware, *acpi_firmware;
        int hdtype; /* 1: IDE, 2: AHCI */
        int8_t nographic;
        int vga; /* 0, 1: cirrus, 2: std, 3: none, 4: qxl */
        struct xlight_vnc vnc;
        char *keymap;
        struct xlight_sdl sdl;
        struct {
            int8_t enable;
            int port, tls_port;
            char *host;
            int8_t disable_ticketing;
            char *password;
            int8_t agent_mouse, vdagent, clipboard_sharing;
            int usbredirection;
            char *image_compression, *streaming_video;
        } spice;
        int8_t gfx_passthru;
        int gfx_passthru_kind; /* 0, 1: igd */
        char *serial, *boot;
        int8_t usb;
        int usbversion;
        char *usbdevice;
        int8_t vkb_device;
        char *soundhw;
        int8_t xen_platform_pci;
        char **usbdevices, **serials;
        unsigned int nr_usbdevices, nr_serials;
        int vendor_device; /* 0: none, 1: xenserver */
        char *ms_vm_genid; /* "generate" or "none" */
        int rdm_strategy;  /* 0: ignore, 1: host */
        int rdm_policy;    /* -1, 0: strict, 1: relaxed */
        uint64_t rdm_mem_boundary_kb;
        uint64_t mca_caps; /* bit 0: LMCE */
    } hvm;

    struct xlight_disk *disks;
    struct xlight_nic *nics;
    struct xlight_pci *pcis;
    struct xlight_vfb *vfbs;
    struct xlight_vkb *vkbs;
    struct xlight_vtpm *vtpms;
    struct xlight_p9 *p9s;
    struct xlight_pvcalls *pvcalls;
    struct xlight_channel *channels;
    struct xlight_usbctrl *usbctrls;
    struct xlight_usbdev *usbdevs;
    unsigned int nr_disks, nr_nics, nr_pcis, nr_vfbs, nr_vkbs, nr_vtpms, nr_p9s, nr_pvcalls;
    unsigned int nr_channels, nr_usbctrls, nr_usbdevs;

    int on_poweroff, on_reboot, on_watchdog, on_crash, on_soft_reset; /* enum xlight_action */
};

/* A configuration in which nothing has been given. The caller frees it; NULL is fine there. */
XLIGHT_CHECK int xlight_config_new(struct xlight_config **ret_c);
XLIGHT_API void xlight_config_free(struct xlight_config *c);

/*
 * One structure of any type that light-field.h describes: to the state in which nothing has been
 * given, from any; and from there, freeing what it holds.
 */
XLIGHT_API void xlight_type_init(const struct xlight_type *type, void *obj);
XLIGHT_API void xlight_type_clear(const struct xlight_type *type, void *obj);
/*
 * One structure from JSON, an object as xlight_type_to_json() writes it, into obj, which is in some
 * valid state, as after xlight_type_init(). What the text does not have stays; what is unknown is
 * ignored, with a warning to m, which may be NULL. -EINVAL: there are errors; obj may have changed,
 * and is to be cleared in any case.
 */
XLIGHT_CHECK int xlight_type_from_json(const struct xlight_type *type, const char *text,
                                       xlight_messages *m, void *obj);
/* Whether two structures of a type say the same. */
XLIGHT_API bool xlight_type_equal(const struct xlight_type *type, const void *a, const void *b);

/*
 * Reads a configuration file, xl.cfg(5). What is wrong is added to m, which may be NULL; file is
 * the name for it there. A configuration without a UUID gets a random one. The caller frees *ret_c.
 * -EINVAL: there are errors. Of read: -ENOENT, -EACCES and others when there is no such file.
 */
XLIGHT_CHECK int xlight_config_parse(const char *file, const char *text, size_t len,
                                     xlight_messages *m, struct xlight_config **ret_c);
XLIGHT_CHECK int xlight_config_read(const char *path, xlight_messages *m,
                                    struct xlight_config **ret_c);

/*
 * The other way round. The caller frees *ret_text. -EDOM: the configuration is not complete, or
 * says what files cannot; m, which may be NULL, tells what.
 */
XLIGHT_CHECK int xlight_config_to_text(const struct xlight_config *c, xlight_messages *m,
                                       char **ret_text);

/*
 * A configuration as JSON, as Xen's toolstack writes it (xl -N create); a set of CPUs that depends
 * on the host is a text there. The caller frees *ret_text. -EILSEQ: a string is not UTF-8.
 */
XLIGHT_CHECK int xlight_config_to_json(const struct xlight_config *c, char **ret_text);

/*
 * The other way round. text ends with a zero. What is unknown is ignored, with a warning; nothing
 * is made up for what is missing. -EINVAL: there are errors.
 */
XLIGHT_CHECK int xlight_config_from_json(const char *file, const char *text, xlight_messages *m,
                                         struct xlight_config **ret_c);

#ifdef __cplusplus
}
#endif

#endif /* XENOLITH_LIGHT_CONFIG_H */

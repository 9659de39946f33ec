/* SPDX-License-Identifier: MIT */
/*
 * version.c - hypercall xen_version, and the first line of the boot log. No state, no locks.
 *
 * The build may define the XENOLITH_COMPILE* macros; the defaults say nothing about the machine it
 * ran on, so that the same source gives the same binary.
 */
#include <xen/guest-access.h>
#include <xen/hypercall.h>
#include <xen/init.h>
#include <xen/lib.h>
#include <xen/sched.h>
#include <public/features.h>
#include <public/version.h>
#include "private.h"

#ifndef XENOLITH_COMPILER
#define XENOLITH_COMPILER "gcc " __VERSION__
#endif
#ifndef XENOLITH_COMPILE_BY
#define XENOLITH_COMPILE_BY "xenolith"
#endif
#ifndef XENOLITH_COMPILE_DOMAIN
#define XENOLITH_COMPILE_DOMAIN "localdomain"
#endif
#ifndef XENOLITH_COMPILE_DATE
#define XENOLITH_COMPILE_DATE "reproducible"
#endif
#ifndef XENOLITH_CHANGESET
#define XENOLITH_CHANGESET "unknown"
#endif

#define VERSION_MAJOR 4
#define VERSION_MINOR 17
#define EXTRA_VERSION "-xenolith"
#define CAPABILITIES  "xen-3.0-x86_64 "
#define DENIED        "<denied>"

const struct version_info version_info = {
    .major = VERSION_MAJOR,
    .minor = VERSION_MINOR,
    .extra = EXTRA_VERSION,
    .changeset = XENOLITH_CHANGESET,
    .compiler = XENOLITH_COMPILER,
    .compile_by = XENOLITH_COMPILE_BY,
    .compile_domain = XENOLITH_COMPILE_DOMAIN,
    .compile_date = XENOLITH_COMPILE_DATE,
};

/* Header of an ELF note; the name (padded to 4) and the contents follow. */
struct elf_note {
    u32 name_size, desc_size, type;
};
#define NT_GNU_BUILD_ID 3

extern const u8 __note_gnu_build_id_start[], __note_gnu_build_id_end[];

/* Copies a string and the zeroes behind it: the ABI has arrays of fixed size. */
#define copy_string_to_guest(arg, type, text)          \
    ({                                                 \
        type cs_buf_;                                  \
        memset(&cs_buf_, 0, sizeof(cs_buf_));          \
        strlcpy(cs_buf_, text, sizeof(cs_buf_));       \
        copy_to_guest(arg, &cs_buf_, sizeof(cs_buf_)); \
    })

static long get_compile_info(unsigned long arg)
{
    struct xen_compile_info info;

    memset(&info, 0, sizeof(info));
    strlcpy(info.compiler, XENOLITH_COMPILER, sizeof(info.compiler));
    strlcpy(info.compile_by, XENOLITH_COMPILE_BY, sizeof(info.compile_by));
    strlcpy(info.compile_domain, XENOLITH_COMPILE_DOMAIN, sizeof(info.compile_domain));
    strlcpy(info.compile_date, XENOLITH_COMPILE_DATE, sizeof(info.compile_date));
    return copy_to_guest(arg, &info, sizeof(info));
}

/*
 * What a PV guest may rely on. Writable page tables and the auto-translated mode stay clear: either
 * would make Linux leave the checked path.
 */
static u32 pv_features(const struct domain *d)
{
    u32 f = 1U << XENFEAT_mmu_pt_update_preserve_ad | 1U << XENFEAT_highmem_assist |
            1U << XENFEAT_gnttab_map_avail_bits | 1U << XENFEAT_memory_op_vnode_supported |
            1U << XENFEAT_direct_mapped;

    if (d->is_hardware)
        f |= 1U << XENFEAT_dom0;
    return f;
}

static long get_features(unsigned long arg)
{
    struct xen_feature_info info;

    if (copy_from_guest(&info, arg, sizeof(info)))
        return -EFAULT;
    if (info.submap_idx >= XENFEAT_NR_SUBMAPS)
        return -EINVAL;
    info.submap = pv_features(current->domain);
    return copy_to_guest(arg, &info, sizeof(info));
}

/* The linker's hash of the image: 0 bytes when it was linked without one. */
static size_t find_build_id(const u8 **ret_id)
{
    size_t room = (size_t)(__note_gnu_build_id_end - __note_gnu_build_id_start);
    struct elf_note note;
    size_t at;

    if (room < sizeof(note))
        return 0;
    memcpy(&note, __note_gnu_build_id_start, sizeof(note));
    at = sizeof(note) + ROUNDUP((size_t)note.name_size, 4);
    if (note.type != NT_GNU_BUILD_ID || at > room || note.desc_size > room - at)
        return 0;
    *ret_id = __note_gnu_build_id_start + at;
    return note.desc_size;
}

static long get_build_id(unsigned long arg)
{
    const u8 *id = NULL;
    size_t size;
    u32 room;

    if (!current->domain->is_control)
        return -EPERM;
    size = find_build_id(&id);
    if (!size)
        return -ENODATA;
    if (!arg)
        return (long)size;
    if (copy_from_guest(&room, arg, sizeof(room)))
        return -EFAULT;
    if (!room)
        return -EINVAL;
    if (room < size)
        return -ENOBUFS;
    if (copy_to_guest(arg + offsetof(struct xen_build_id, buf), id, size))
        return -EFAULT;
    return (long)size;
}

static long get_platform_parameters(unsigned long arg)
{
    struct xen_platform_parameters params = {.virt_start = HYPERVISOR_VIRT_START};

    return copy_to_guest(arg, &params, sizeof(params));
}

long do_xen_version(unsigned long cmd, unsigned long arg)
{
    const struct domain *d = current->domain;

    switch ((u32)cmd) {
    case XENVER_version:
        return VERSION_MAJOR << 16 | VERSION_MINOR;
    case XENVER_extraversion:
        return copy_string_to_guest(arg, xen_extraversion_t, EXTRA_VERSION);
    case XENVER_compile_info:
        return get_compile_info(arg);
    case XENVER_capabilities:
        return copy_string_to_guest(arg, xen_capabilities_info_t, CAPABILITIES);
    case XENVER_changeset:
        return copy_string_to_guest(arg, xen_changeset_info_t, XENOLITH_CHANGESET);
    case XENVER_platform_parameters:
        return get_platform_parameters(arg);
    case XENVER_get_features:
        return get_features(arg);
    case XENVER_pagesize:
        return arg ? -EINVAL : (long)PAGE_SIZE;
    case XENVER_guest_handle:
        return copy_to_guest(arg, d->handle, sizeof(d->handle));
    case XENVER_commandline:
        /* It may tell more about the host than a guest needs to know. */
        return copy_string_to_guest(arg, xen_commandline_t, d->is_control ? saved_cmdline : DENIED);
    case XENVER_build_id:
        return get_build_id(arg);
    default:
        return -ENOSYS;
    }
}

void print_banner(void)
{
#ifdef XENOLITH_DEBUG
    const char debug = 'y';
#else
    const char debug = 'n';
#endif

    printk("Xen version %d.%d%s (%s@%s) (%s) debug=%c %s\n", VERSION_MAJOR, VERSION_MINOR,
           EXTRA_VERSION, XENOLITH_COMPILE_BY, XENOLITH_COMPILE_DOMAIN, XENOLITH_COMPILER, debug,
           XENOLITH_COMPILE_DATE);
}

/* SPDX-License-Identifier: MIT */
/*
 * xen_version: every command of 4.17, the feature word a PV Dom0 depends on,
 * and what happens with bad arguments.
 */
#include "guest.h"

static void check_numbers(void)
{
    CHECK_EQ(hypercall(xen_version, XENVER_version, 0), 0x40011);
    CHECK_EQ(hypercall(xen_version, XENVER_pagesize, 0), 4096);
    /* The argument is not looked at. */
    CHECK_EQ(hypercall(xen_version, XENVER_version, NONCANON), 0x40011);
}

static void check_strings(void)
{
    static xen_extraversion_t extra;
    static xen_capabilities_info_t caps;
    static xen_changeset_info_t changeset;
    static xen_commandline_t command;
    static struct xen_compile_info info;

    CHECK_EQ(hypercall(xen_version, XENVER_extraversion, extra), 0);
    CHECK(extra[0] != '\0');
    CHECK_EQ(hypercall(xen_version, XENVER_capabilities, caps), 0);
    CHECK(strstr(caps, "xen-3.0-x86_64 "));
    CHECK_EQ(hypercall(xen_version, XENVER_changeset, changeset), 0);
    CHECK_EQ(hypercall(xen_version, XENVER_commandline, command), 0);
    CHECK(strstr(command, "com1=115200"));
    CHECK_EQ(hypercall(xen_version, XENVER_compile_info, &info), 0);
    CHECK(info.compiler[0] != '\0');
}

static void check_features(void)
{
    struct xen_feature_info f = {.submap_idx = 0};
    const uint32_t must = 1U << XENFEAT_mmu_pt_update_preserve_ad | 1U << XENFEAT_highmem_assist |
                          1U << XENFEAT_gnttab_map_avail_bits | 1U << XENFEAT_dom0;
    const uint32_t must_not =
        1U << XENFEAT_writable_page_tables | 1U << XENFEAT_writable_descriptor_tables |
        1U << XENFEAT_auto_translated_physmap | 1U << XENFEAT_supervisor_mode_kernel |
        1U << XENFEAT_hvm_callback_vector | 1U << XENFEAT_hvm_safe_pvclock |
        1U << XENFEAT_hvm_pirqs;

    CHECK_EQ(hypercall(xen_version, XENVER_get_features, &f), 0);
    CHECK_EQ(f.submap & must, must);
    CHECK_EQ(f.submap & must_not, 0);
    f.submap_idx = XENFEAT_NR_SUBMAPS;
    CHECK_EQ(hypercall(xen_version, XENVER_get_features, &f), -XEN_EINVAL);
}

static void check_others(void)
{
    struct xen_platform_parameters p = {0};
    static const uint8_t zero[16];
    xen_domain_handle_t handle;
    long len;

    CHECK_EQ(hypercall(xen_version, XENVER_platform_parameters, &p), 0);
    CHECK_EQ(p.virt_start, HYPERVISOR_VIRT_START);
    memset(handle, 0xff, sizeof(handle));
    CHECK_EQ(hypercall(xen_version, XENVER_guest_handle, handle), 0);
    CHECK_EQ(memcmp(handle, zero, sizeof(zero)), 0);
    len = hypercall(xen_version, XENVER_build_id, 0);
    CHECK(len == 20 || len == -XEN_ENODATA);
}

static void check_misuse(void)
{
    unsigned int cmd;

    for (cmd = 11; cmd < 20; cmd++)
        CHECK_EQ(hypercall(xen_version, cmd, 0), -XEN_ENOSYS);
    CHECK_EQ(hypercall(xen_version, 0x7fffffff, 0), -XEN_ENOSYS);
    CHECK_EQ(hypercall(xen_version, XENVER_extraversion, UNMAPPED), -XEN_EFAULT);
    CHECK_EQ(hypercall(xen_version, XENVER_get_features, 0), -XEN_EFAULT);
    CHECK_EQ(hypercall(xen_version, XENVER_capabilities, HYPERVISOR_VIRT_START), -XEN_EFAULT);
    CHECK_EQ(hypercall(xen_version, XENVER_guest_handle, NONCANON), -XEN_EFAULT);
}

void test_main(void)
{
    check_numbers();
    check_strings();
    check_features();
    check_others();
    check_misuse();
    success();
}

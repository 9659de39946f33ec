/* SPDX-License-Identifier: MIT */
/*
 * platform_op, mca, and the calls of old guests: what Domain 0 may ask and tell about the machine,
 * and the errors for what is not there.
 */
#include "guest.h"
#include <public/platform.h>
#include <public/arch-x86/xen-mca.h>

static struct xen_platform_op plat;

static void clear(void)
{
    memset(&plat, 0, sizeof(plat));
}

static long platform(unsigned int cmd)
{
    plat.cmd = cmd;
    plat.interface_version = XENPF_INTERFACE_VERSION;
    return hypercall(platform_op, &plat);
}

static uint64_t wallclock_seconds(void)
{
    return (uint64_t)shared_info->wc_sec_hi << 32 | shared_info->wc_sec;
}

/* The page that all guests read changes with it. */
static void check_time(void)
{
    uint64_t now = system_time(), before = wallclock_seconds();
    uint32_t version = shared_info->wc_version;

    clear();
    plat.u.settime64.secs = 2000000000;
    plat.u.settime64.nsecs = 500000000;
    plat.u.settime64.system_time = now;
    CHECK_EQ(platform(XENPF_settime64), 0);
    CHECK(shared_info->wc_version != version && !(shared_info->wc_version & 1));
    CHECK_EQ(wallclock_seconds(), 2000000000 - (now + 500000000) / 1000000000);
    plat.u.settime64.mbz = 1;
    CHECK_EQ(platform(XENPF_settime64), -XEN_EINVAL);
    clear();
    plat.u.settime32.secs = (uint32_t)before;
    plat.u.settime32.system_time = 0;
    CHECK_EQ(platform(XENPF_settime32), 0);
    CHECK_EQ(wallclock_seconds(), before);
}

static void check_cpus(void)
{
    uint32_t last;

    clear();
    CHECK_EQ(platform(XENPF_get_cpuinfo), 0);
    last = plat.u.pcpu_info.max_present;
    CHECK_EQ(plat.u.pcpu_info.flags, XEN_PCPU_FLAGS_ONLINE);
    clear();
    plat.u.pcpu_info.xen_cpuid = last;
    CHECK_EQ(platform(XENPF_get_cpuinfo), 0);
    CHECK_EQ(plat.u.pcpu_info.flags, XEN_PCPU_FLAGS_ONLINE);
    clear();
    plat.u.pcpu_info.xen_cpuid = ~0U;
    CHECK_EQ(platform(XENPF_get_cpuinfo), 0);
    CHECK_EQ(plat.u.pcpu_info.flags, XEN_PCPU_FLAGS_INVALID);
    CHECK_EQ(plat.u.pcpu_info.max_present, last);
    clear();
    CHECK_EQ(platform(XENPF_get_cpu_version), 0);
    CHECK_EQ(plat.u.pcpu_version.max_present, last);
    CHECK(plat.u.pcpu_version.vendor_id[0] != 0);
    clear();
    CHECK_EQ(platform(XENPF_cpu_online), 0); /* it is */
    plat.u.cpu_ol.cpuid = ~0U;
    CHECK_EQ(platform(XENPF_cpu_online), -XEN_EINVAL);
    CHECK_EQ(platform(XENPF_cpu_offline), -XEN_EINVAL);
    plat.u.cpu_ol.cpuid = 0;
    CHECK_EQ(platform(XENPF_cpu_offline), -XEN_EOPNOTSUPP);
    clear(); /* the boot CPU's number */
    CHECK_EQ(platform(XENPF_cpu_hotadd), -XEN_EEXIST);
    clear();
    CHECK_EQ(platform(XENPF_mem_hotadd), -XEN_EINVAL);
}

static long firmware(unsigned int type, unsigned int index)
{
    clear();
    plat.u.firmware_info.type = type;
    plat.u.firmware_info.index = index;
    return platform(XENPF_firmware_info);
}

static void check_firmware(void)
{
    CHECK_EQ(firmware(XEN_FW_DISK_INFO, 100), -XEN_ESRCH);
    CHECK_EQ(firmware(XEN_FW_DISK_MBR_SIGNATURE, 100), -XEN_ESRCH);
    CHECK_EQ(firmware(XEN_FW_KBD_SHIFT_FLAGS, 0), 0);
    CHECK_EQ(firmware(XEN_FW_KBD_SHIFT_FLAGS, 1), -XEN_ESRCH);
    CHECK_EQ(firmware(XEN_FW_VBEDDC_INFO, 1), -XEN_ESRCH);
    CHECK_EQ(firmware(XEN_FW_EFI_INFO, 0), -XEN_ENOSYS);
    CHECK_EQ(firmware(6, 0), -XEN_EINVAL);
    CHECK_EQ(firmware(~0U, 0), -XEN_EINVAL);
}

static void check_power(void)
{
    clear();
    plat.u.set_pminfo.type = 77;
    CHECK_EQ(platform(XENPF_set_processor_pminfo), -XEN_EINVAL);
    clear();
    plat.u.set_pminfo.type = XEN_PM_CX;
    CHECK_EQ(platform(XENPF_set_processor_pminfo), 0);
    clear();
    plat.u.microcode.data = UNMAPPED;
    plat.u.microcode.length = 4096;
    CHECK(platform(XENPF_microcode_update) < 0);
}

static void check_misuse(void)
{
    clear();
    plat.cmd = XENPF_settime64;
    plat.interface_version = XENPF_INTERFACE_VERSION + 1;
    CHECK_EQ(hypercall(platform_op, &plat), -XEN_EACCES);
    CHECK_EQ(hypercall(platform_op, UNMAPPED), -XEN_EFAULT);
    CHECK_EQ(hypercall(platform_op, HYPERVISOR_VIRT_START), -XEN_EFAULT);
    CHECK_EQ(hypercall(platform_op, HYPERVISOR_VIRT_START - 8), -XEN_EFAULT);
    CHECK_EQ(hypercall(platform_op, NONCANON), -XEN_EFAULT);
    CHECK_EQ(hypercall(platform_op, ~0UL - 7), -XEN_EFAULT);
    clear();
    CHECK_EQ(platform(0), -XEN_ENOSYS);
    CHECK_EQ(platform(99), -XEN_ENOSYS);
    CHECK_EQ(platform(~0U), -XEN_ENOSYS);
}

static struct xen_mc mc;

static long do_mca(unsigned int cmd)
{
    mc.cmd = cmd;
    mc.interface_version = XEN_MCA_INTERFACE_VERSION;
    return hypercall(mca, &mc);
}

static void check_mca(void)
{
    memset(&mc, 0, sizeof(mc));
    CHECK_EQ(do_mca(XEN_MC_fetch), -XEN_EINVAL);
    CHECK_EQ(do_mca(99), -XEN_EINVAL);
    memset(&mc, 0, sizeof(mc));
    CHECK_EQ(do_mca(XEN_MC_physcpuinfo), 0);
    CHECK_EQ(mc.u.mc_physcpuinfo.ncpus, 2);
    mc.u.mc_physcpuinfo.info = UNMAPPED;
    CHECK_EQ(do_mca(XEN_MC_physcpuinfo), -XEN_EFAULT);
    CHECK_EQ(hypercall(mca, UNMAPPED), -XEN_EFAULT);
    mc.cmd = XEN_MC_physcpuinfo;
    mc.interface_version = 1;
    CHECK_EQ(hypercall(mca, &mc), -XEN_EACCES);
}

/* Calls that no guest of today makes: still answered, or not known. */
static void check_old(void)
{
    static const unsigned int unknown[] = {11, 27, 38, 39, 43, 47, 50, 55, 63};
    size_t i;

    CHECK_EQ(hypercall(set_callbacks, event_entry, failsafe_entry, syscall_entry), 0);
    CHECK_EQ(hypercall(sched_op_compat, SCHEDOP_yield, 0), 0);
    CHECK_EQ(hypercall(sched_op_compat, 99, 0), -XEN_ENOSYS);
    for (i = 0; i < ARRAY_SIZE(unknown); i++)
        if (hypercall_nr(unknown[i], 0, UNMAPPED, 0) != -XEN_ENOSYS)
            failure("hypercall %u gives %ld", unknown[i], hypercall_nr(unknown[i], 0, UNMAPPED, 0));
    CHECK_EQ(hypercall_nr(64, 0, 0), -XEN_ENOSYS);
    CHECK_EQ(hypercall_nr(~0UL, 0, 0), -XEN_ENOSYS);
    CHECK_EQ(hypercall(xen_version, XENVER_pagesize, UNMAPPED), -XEN_EINVAL);
    CHECK_EQ(hypercall(physdev_op, PHYSDEVOP_apic_write, UNMAPPED), -XEN_EFAULT);
    CHECK_EQ(hypercall(physdev_op, PHYSDEVOP_free_irq_vector, UNMAPPED), -XEN_ENOSYS);
}

void test_main(void)
{
    check_time();
    check_cpus();
    check_firmware();
    check_power();
    check_misuse();
    check_mca();
    check_old();
}

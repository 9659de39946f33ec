/* SPDX-License-Identifier: MIT */
/*
 * mca.c - mca: machine-check reports for the hardware domain. A machine check of the host is fatal
 * here, so that there is never a report to fetch; the CPUs can be listed.
 */
#include <xen/guest-access.h>
#include <xen/hypercall.h>
#include <xen/lib.h>
#include <xen/sched.h>
#include <public/arch-x86/xen-mca.h>
#include <asm/setup.h>
#include <asm/system.h>

static void describe_cpu(unsigned int cpu, struct mcinfo_logical_cpu *info)
{
    struct cpuid_regs l1 = cpuid(1, 0);

    memset(info, 0, sizeof(*info));
    info->mc_cpunr = cpu;
    info->mc_apicid = cpu_apicid[cpu];
    info->mc_coreid = (u16)cpu;
    info->mc_ncores = info->mc_ncores_active = info->mc_nthreads = 1;
    info->mc_cpuid_level = (s32)cpuid(0, 0).a;
    info->mc_family = (l1.a >> 8 & 0xf) + (l1.a >> 20 & 0xff);
    info->mc_model = (l1.a >> 4 & 0xf) | (l1.a >> 12 & 0xf0);
    info->mc_step = l1.a & 0xf;
    memcpy(info->mc_vendorid, cpu_caps.vendor, sizeof(cpu_caps.vendor));
    memcpy(info->mc_brandid, cpu_caps.model, sizeof(cpu_caps.model));
    info->mc_cpu_caps[0] = l1.d;
    info->mc_cpu_caps[4] = l1.c;
    info->mc_cache_alignment = (l1.b >> 8 & 0xff) * 8;
}

static long physcpuinfo(struct xen_mc_physcpuinfo *p)
{
    struct mcinfo_logical_cpu info;
    u32 n = MIN(p->ncpus, nr_cpus);

    for (u32 cpu = 0; p->info && cpu < n; cpu++) {
        describe_cpu(cpu, &info);
        if (copy_elem_to_guest(p->info, cpu, &info, sizeof(info)))
            return -EFAULT;
    }
    p->ncpus = nr_cpus;
    return 0;
}

long do_mca(unsigned long arg)
{
    struct xen_mc op;
    long rc = 0;

    if (!current->domain->is_hardware)
        return -EPERM;
    if (copy_from_guest(&op, arg, sizeof(op)))
        return -EFAULT;
    if (op.interface_version != XEN_MCA_INTERFACE_VERSION)
        return -EACCES;
    switch (op.cmd) {
    case XEN_MC_fetch:
        if (!(op.u.mc_fetch.flags & (XEN_MC_URGENT | XEN_MC_NONURGENT)))
            return -EINVAL;
        op.u.mc_fetch.flags = XEN_MC_NODATA;
        break;
    case XEN_MC_physcpuinfo:
        rc = physcpuinfo(&op.u.mc_physcpuinfo);
        break;
    default:
        return -EINVAL;
    }
    return rc ? rc : copy_to_guest(arg, &op, sizeof(op));
}

/* SPDX-License-Identifier: MIT */
/* platform-op.c - platform_op: what the hardware domain tells and asks about the machine. */
#include <xen/acpi.h>
#include <xen/guest-access.h>
#include <xen/hypercall.h>
#include <xen/lib.h>
#include <xen/sched.h>
#include <xen/smp.h>
#include <xen/time.h>
#include <public/platform.h>
#include <asm/setup.h>
#include <asm/system.h>

static long set_time(u64 secs, u32 nsecs, u64 system_time)
{
    if (nsecs >= NSEC_PER_SEC)
        return -EINVAL;
    wallclock_set(secs, nsecs, (s_time_t)system_time);
    return 0;
}

static long firmware_info(struct xenpf_firmware_info *fi)
{
    switch (fi->type) {
    case XEN_FW_DISK_INFO:
    case XEN_FW_DISK_MBR_SIGNATURE:
        return -ESRCH; /* end of the list: we asked the firmware for none */
    case XEN_FW_KBD_SHIFT_FLAGS:
        fi->u.kbd_shift_flags = 0;
        return fi->index ? -ESRCH : 0;
    case XEN_FW_VBEDDC_INFO:
        return fi->index ? -ESRCH : -EOPNOTSUPP;
    case XEN_FW_EFI_INFO:
        return -ENOSYS; /* not started by EFI */
    }
    return -EINVAL;
}

static long enter_sleep(const struct xenpf_enter_acpi_sleep *s)
{
    if (s->sleep_state != 5)
        return -EPERM; /* no suspend to RAM */
    printk("Domain 0 asks for ACPI state S5: powering off.\n");
    smp_stop_others();
    acpi_enter_sleep(s->val_a, s->val_b);
    machine_power_off();
}

static long cpu_info(struct xenpf_pcpuinfo *info)
{
    u32 cpu = info->xen_cpuid;

    info->max_present = nr_cpus - 1;
    if (cpu >= nr_cpus) {
        info->flags = XEN_PCPU_FLAGS_INVALID;
        return 0;
    }
    info->flags = cpumask_test(cpu, &cpu_online_map) ? XEN_PCPU_FLAGS_ONLINE : 0;
    info->apic_id = cpu_apicid[cpu];
    info->acpi_id = cpu;
    for (unsigned int i = 0; i < acpi.nr_cpus; i++)
        if (acpi.cpu[i].apicid == cpu_apicid[cpu])
            info->acpi_id = acpi.cpu[i].acpi_uid;
    return 0;
}

static long cpu_version(struct xenpf_pcpu_version *ver)
{
    if (ver->xen_cpuid >= nr_cpus)
        return -EINVAL;
    ver->max_present = nr_cpus - 1;
    memcpy(ver->vendor_id, cpu_caps.vendor, sizeof(ver->vendor_id));
    ver->family = (cpu_caps.signature >> 8 & 0xf) + (cpu_caps.signature >> 20 & 0xff);
    ver->model = (cpu_caps.signature >> 4 & 0xf) | (cpu_caps.signature >> 12 & 0xf0);
    ver->stepping = cpu_caps.signature & 0xf;
    return 0;
}

/* All CPUs come up at boot and stay. */
static long cpu_online(u32 cpu, bool online)
{
    if (cpu >= nr_cpus)
        return -EINVAL;
    return online ? 0 : -EOPNOTSUPP;
}

static long cpu_hotadd(const struct xenpf_cpu_hotadd *add)
{
    for (unsigned int i = 0; i < nr_cpus; i++)
        if (cpu_apicid[i] == add->apic_id)
            return -EEXIST;
    return -EOPNOTSUPP;
}

/* Power states stay as the firmware left them: what ACPI knows about them is taken note of. */
static long processor_pminfo(const struct xenpf_set_processor_pminfo *info)
{
    switch (info->type) {
    case XEN_PM_CX:
    case XEN_PM_PX:
    case XEN_PM_PDC:
        return 0;
    case XEN_PM_TX:
        return -ENOSYS;
    }
    return -EINVAL;
}

long do_platform_op(unsigned long arg)
{
    struct xen_platform_op op;
    bool write_back = false;
    long rc;

    if (!current->domain->is_hardware)
        return -EPERM;
    if (copy_from_guest(&op, arg, sizeof(op)))
        return -EFAULT;
    if (op.interface_version != XENPF_INTERFACE_VERSION)
        return -EACCES;
    switch (op.cmd) {
    case XENPF_settime32:
        rc = set_time(op.u.settime32.secs, op.u.settime32.nsecs, op.u.settime32.system_time);
        break;
    case XENPF_settime64:
        rc = op.u.settime64.mbz
                 ? -EINVAL
                 : set_time(op.u.settime64.secs, op.u.settime64.nsecs, op.u.settime64.system_time);
        break;
    case XENPF_firmware_info:
        rc = firmware_info(&op.u.firmware_info);
        write_back = true;
        break;
    case XENPF_enter_acpi_sleep:
        rc = enter_sleep(&op.u.enter_acpi_sleep);
        break;
    case XENPF_get_cpuinfo:
        rc = cpu_info(&op.u.pcpu_info);
        write_back = true;
        break;
    case XENPF_get_cpu_version:
        rc = cpu_version(&op.u.pcpu_version);
        write_back = true;
        break;
    case XENPF_cpu_online:
    case XENPF_cpu_offline:
        rc = cpu_online(op.u.cpu_ol.cpuid, op.cmd == XENPF_cpu_online);
        break;
    case XENPF_cpu_hotadd:
        rc = cpu_hotadd(&op.u.cpu_add);
        break;
    case XENPF_mem_hotadd:
        rc = -EINVAL;
        break;
    case XENPF_set_processor_pminfo:
        rc = processor_pminfo(&op.u.set_pminfo);
        break;
    case XENPF_microcode_update:
        rc = -EINVAL; /* the host's microcode stays as the firmware left it */
        break;
    default:
        rc = -ENOSYS;
        break;
    }
    if (!rc && write_back && copy_to_guest(arg, &op, sizeof(op)))
        rc = -EFAULT;
    return rc;
}

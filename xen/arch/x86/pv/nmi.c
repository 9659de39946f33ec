/* SPDX-License-Identifier: MIT */
/* nmi.c - non-maskable interrupts: a CPU that stops for a panic, the platform's for Domain 0. */
#include <xen/lib.h>
#include <xen/param.h>
#include <xen/sched.h>
#include <xen/smp.h>
#include <public/nmi.h>
#include <asm/pv.h>
#include <asm/system.h>
#include <asm/traps.h>
#include "private.h"

#define PORT_61_SERR  0x80
#define PORT_61_IOCHK 0x40

/* What to do about an NMI of the platform. */
static enum { NMI_DOM0, NMI_FATAL, NMI_IGNORE } nmi_policy __read_mostly;

static int parse_nmi(const char *value)
{
    static const char *const name[] = {"dom0", "fatal", "ignore"};

    for (unsigned int i = 0; i < ARRAY_SIZE(name); i++) {
        if (strcmp(value, name[i]))
            continue;
        nmi_policy = i;
        return 0;
    }
    return -EINVAL;
}
PARAM_CUSTOM_DEF("nmi", parse_nmi,
                 "NMIs of the platform: dom0 (told, default), fatal (report and end), ignore");

/* Passes a platform NMI on to the hardware domain's first vCPU. */
static void report_platform_nmi(unsigned long reason_bit)
{
    struct vcpu *v = hardware_domain ? domain_vcpu(hardware_domain, 0) : NULL;

    if (!v)
        return;
    set_bit(reason_bit, &hardware_domain->shared_info->arch.nmi_reason);
    v->arch.nmi_pending = true;
    vcpu_kick(v);
}

static void __noreturn die_of_nmi(const struct cpu_user_regs *regs, u8 reason)
{
    panic_begin();
    show_regs(regs);
    panic("NMI on CPU %u: %s. The option nmi=fatal ends the machine at the first one.",
          smp_processor_id(),
          reason & PORT_61_SERR    ? "a device signals a system error"
          : reason & PORT_61_IOCHK ? "an I/O device signals an error"
                                   : "no device names a reason; perhaps the NMI button");
}

static void handle_nmi(struct cpu_user_regs *regs)
{
    u8 reason;

    if (smp_nmi_stop(regs) || nmi_policy == NMI_IGNORE)
        return;
    reason = inb(0x61);
    if (nmi_policy == NMI_FATAL)
        die_of_nmi(regs, reason);
    if (reason & PORT_61_SERR)
        report_platform_nmi(_XEN_NMIREASON_pci_serr);
    else if (reason & PORT_61_IOCHK)
        report_platform_nmi(_XEN_NMIREASON_io_error);
    else
        report_platform_nmi(_XEN_NMIREASON_unknown);
}

void nmi_in_hypervisor(struct cpu_user_regs *regs)
{
    handle_nmi(regs);
}

void nmi_from_guest(struct cpu_user_regs *regs)
{
    handle_nmi(regs);
}

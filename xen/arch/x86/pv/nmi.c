/* SPDX-License-Identifier: MIT */
/* nmi.c - non-maskable interrupts: a CPU that stops for a panic, the platform's for Domain 0. */
#include <xen/lib.h>
#include <xen/sched.h>
#include <xen/smp.h>
#include <public/nmi.h>
#include <asm/pv.h>
#include <asm/system.h>
#include "private.h"

#define PORT_61_SERR  0x80
#define PORT_61_IOCHK 0x40

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

static void handle_nmi(struct cpu_user_regs *regs)
{
    u8 reason;

    if (smp_nmi_stop(regs))
        return;
    reason = inb(0x61);
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

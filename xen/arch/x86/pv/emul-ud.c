/* SPDX-License-Identifier: MIT */
/*
 * emul-ud.c - the forced-emulation prefix: ud2, 'x', 'e', 'n' before CPUID asks for the answer that
 * the hypervisor wants the guest to see, since plain CPUID does not trap in ring 3.
 */
#include <xen/guest-access.h>
#include <xen/lib.h>
#include <xen/sched.h>
#include <asm/system.h>
#include "private.h"

static const u8 forced_cpuid[] = {0x0f, 0x0b, 'x', 'e', 'n', 0x0f, 0xa2};

bool pv_emulate_ud(struct cpu_user_regs *regs)
{
    u8 bytes[sizeof(forced_cpuid)];
    struct cpuid_regs r;

    if (copy_from_guest(bytes, regs->rip, sizeof(bytes)) ||
        memcmp(bytes, forced_cpuid, sizeof(bytes)))
        return false;
    pv_cpuid(current, (u32)regs->rax, (u32)regs->rcx, &r);
    regs->rax = r.a;
    regs->rbx = r.b;
    regs->rcx = r.c;
    regs->rdx = r.d;
    regs->rip += sizeof(bytes);
    pv_insn_done(regs);
    return true;
}

/* SPDX-License-Identifier: MIT */
/*
 * emul-priv.c - privileged instructions of PV guests.
 *
 * A PV kernel runs in ring 3, so what it does natively with control registers, MSRs, ports and the
 * interrupt flag arrives as #GP. This file connects the emulator to the vCPU's virtual state. All
 * of it runs on the vCPU itself; no locks here.
 */
#include <xen/guest-access.h>
#include <xen/hypercall.h>
#include <xen/lib.h>
#include <xen/mm.h>
#include <xen/sched.h>
#include <asm/fpu.h>
#include <asm/logdirty.h>
#include <asm/policy.h>
#include <asm/system.h>
#include <asm/traps.h>
#include "private.h"
#include "../emul/emulate.h"

/* What CR4 always shows to a guest, and what it may change. */
#define PV_CR4_FIXED (CR4_PAE | CR4_MCE | CR4_OSFXSR | CR4_OSXMMEXCPT)
#define PV_CR4_MASK  (CR4_TSD | CR4_DE | CR4_FSGSBASE)
/* The hypervisor has it on if there is XSAVE; a guest sees what it wrote. */
#define PV_CR4_SHOWN (PV_CR4_MASK | CR4_OSXSAVE)
#define CR4_KNOWN    0x01ff7fffUL /* bits that some processor defines */
#define DR6_BS       (1UL << 14)

/* The guest's code segment: 64-bit if the descriptor's L bit is set. */
static int code_mode(const struct cpu_user_regs *regs, enum x86_mode *ret_mode)
{
    u32 rights = 0;

    if (likely(regs->cs == FLAT_USER_CS64)) {
        *ret_mode = X86_MODE_64;
        return 0;
    }
    /* Leaves rights at 0 if there is no such descriptor; its page may be gone from the table. */
    __asm__ volatile("1: lar %1,%0\n2:\n" ASM_EXTABLE(1b, 2b)
                     : "+r"(rights)
                     : "r"((u32)regs->cs)
                     : "cc");
    if (!(rights & (3U << 21)))
        return -EOPNOTSUPP; /* stale selector, or 16-bit code */
    *ret_mode = rights & (1U << 21) ? X86_MODE_64 : X86_MODE_32;
    return 0;
}

int pv_fetch_insn(const struct cpu_user_regs *regs, struct x86_insn *ret_insn)
{
    u8 bytes[X86_INSN_MAX];
    size_t first = MIN(sizeof(bytes), PAGE_SIZE - (regs->rip & ~PAGE_MASK));
    enum x86_mode mode;
    int rc = code_mode(regs, &mode);

    if (rc)
        return rc;
    rc = copy_from_guest(bytes, regs->rip, first);
    if (rc)
        return rc;
    rc = x86_decode(bytes, first, mode, ret_insn);
    if (rc != -ENODATA || first == sizeof(bytes))
        return rc;
    rc = copy_from_guest(bytes + first, regs->rip + first, sizeof(bytes) - first);
    return rc ? rc : x86_decode(bytes, sizeof(bytes), mode, ret_insn);
}

void pv_insn_done(struct cpu_user_regs *regs)
{
    regs->rflags &= ~X86_EFLAGS_RF;
    if (regs->rflags & X86_EFLAGS_TF) {
        current->arch.dr[6] |= DR6_BS;
        pv_inject_exception(TRAP_DB, NO_ERROR_CODE);
    }
}

/* --- memory for ins and outs, segments --- */

static u32 fault_code(const struct x86_emul *e, bool write)
{
    return (write ? PFEC_W : 0) | (e->cpl == 3 ? PFEC_U : 0);
}

int pv_emul_read(struct x86_emul *e, unsigned long addr, unsigned int size, u64 *ret_val)
{
    u64 val = 0;

    if (copy_from_guest(&val, addr, size))
        return x86_emul_page_fault(e, fault_code(e, false), addr);
    *ret_val = val;
    return 0;
}

static int emul_write(struct x86_emul *e, unsigned long addr, unsigned int size, u64 val)
{
    if (copy_to_guest(addr, &val, size))
        return x86_emul_page_fault(e, fault_code(e, true), addr);
    return 0;
}

int pv_emul_seg_base(struct x86_emul *e, enum x86_seg seg, unsigned long *ret_base)
{
    (void)e;
    switch (seg) {
    case X86_SEG_FS:
        *ret_base = rdmsr(MSR_FS_BASE);
        return 0;
    case X86_SEG_GS:
        *ret_base = rdmsr(MSR_GS_BASE);
        return 0;
    default: /* 32-bit code: flat segments are all that is supported */
        *ret_base = 0;
        return 0;
    }
}

/* --- ports --- */

static int emul_port_in(struct x86_emul *e, u16 port, unsigned int size, u32 *ret_val)
{
    if (!pv_io_permitted(current, port, size))
        return x86_emul_fault(e, X86_FAULT_GP, 0);
    /* A device gives what it has only once: ins must be able to store it. */
    if (!logdirty_filled(current, e->regs->rdi, size))
        return -EAGAIN;
    *ret_val = pv_port_in(current, port, size);
    return 0;
}

static int emul_port_out(struct x86_emul *e, u16 port, unsigned int size, u32 val)
{
    if (!pv_io_permitted(current, port, size))
        return x86_emul_fault(e, X86_FAULT_GP, 0);
    pv_port_out(current, port, size, val);
    return 0;
}

/*
 * The event mask is the guest's interrupt flag; native cli and sti only come from code that does
 * not know it is paravirtualised. With the right to use them they do nothing.
 */
static int emul_set_if(struct x86_emul *e, bool on)
{
    (void)on;
    return pv_iopl_permits(current) ? 0 : x86_emul_fault(e, X86_FAULT_GP, 0);
}

/* --- control registers --- */

static unsigned long virtual_cr0(const struct vcpu *v)
{
    return (read_cr0() & ~CR0_TS) | (v->arch.guest_ts ? CR0_TS : 0);
}

static int emul_read_cr(struct x86_emul *e, unsigned int reg, u64 *ret_val)
{
    const struct vcpu *v = current;

    (void)e;
    switch (reg) {
    case 0:
        *ret_val = virtual_cr0(v);
        return 0;
    case 2:
        *ret_val = v->info->arch.cr2;
        return 0;
    case 3:
        *ret_val = mfn_to_maddr(v->arch.kernel_l4);
        return 0;
    case 4:
        *ret_val = PV_CR4_FIXED | (v->arch.guest_cr4 & PV_CR4_SHOWN);
        return 0;
    default:
        return -EOPNOTSUPP;
    }
}

void pv_set_cr4(struct vcpu *v, u64 val)
{
    if (!cpu_policy_xcr0_max(v->domain->arch.policy))
        val &= ~CR4_OSXSAVE;
    if (!(v->domain->arch.policy->feature[0].b & FEATURE_7B_FSGSBASE))
        val &= ~CR4_FSGSBASE;
    v->arch.guest_cr4 = PV_CR4_FIXED | (val & PV_CR4_SHOWN); /* the rest is the hypervisor's */
}

static int set_ts(bool set)
{
    return do_fpu_taskswitch(set) ? -EOPNOTSUPP : 0;
}

static int emul_write_cr(struct x86_emul *e, unsigned int reg, u64 val)
{
    struct vcpu *v = current;

    switch (reg) {
    case 0:
        if ((val ^ virtual_cr0(v)) & ~CR0_TS)
            return x86_emul_fault(e, X86_FAULT_GP, 0);
        return set_ts(val & CR0_TS);
    case 2:
        v->info->arch.cr2 = val;
        return 0;
    case 4:
        if ((val & ~CR4_KNOWN) ||
            ((val & CR4_OSXSAVE) && !cpu_policy_xcr0_max(v->domain->arch.policy)))
            return x86_emul_fault(e, X86_FAULT_GP, 0);
        pv_set_cr4(v, val);
        pv_cr4_load(v);
        return 0;
    default:
        return -EOPNOTSUPP;
    }
}

void pv_cr4_load(const struct vcpu *v)
{
    struct cpu_info *info = get_cpu_info();
    unsigned long irq = local_irq_save(), want; /* an interrupt handler may change CR4, too */

    want = (info->cr4 & ~PV_CR4_MASK) | (v->arch.guest_cr4 & PV_CR4_MASK);
    if (want != info->cr4) {
        info->cr4 = want;
        write_cr4(want);
    }
    local_irq_restore(irq);
}

static int emul_xsetbv(struct x86_emul *e, u32 index, u64 val)
{
    if (!cpu_policy_xcr0_max(current->domain->arch.policy))
        return x86_emul_fault(e, X86_FAULT_UD, 0);
    return vcpu_xsetbv(current, index, val) ? x86_emul_fault(e, X86_FAULT_GP, 0) : 0;
}

static int emul_clts(struct x86_emul *e)
{
    (void)e;
    return set_ts(false);
}

/* --- debug registers, MSRs, CPUID, TSC, caches --- */

static int emul_read_dr(struct x86_emul *e, unsigned int reg, u64 *ret_val)
{
    unsigned long val;

    if (pv_get_debugreg(current, reg, &val))
        return x86_emul_fault(e, X86_FAULT_UD, 0);
    *ret_val = val;
    return 0;
}

static int emul_write_dr(struct x86_emul *e, unsigned int reg, u64 val)
{
    switch (pv_set_debugreg(current, reg, val)) {
    case 0:
        return 0;
    case -ENODEV:
        return x86_emul_fault(e, X86_FAULT_UD, 0);
    default:
        return x86_emul_fault(e, X86_FAULT_GP, 0);
    }
}

/* A kernel without a #GP handler yet cannot survive the exception: it gets an answer instead. */
static bool has_gp_handler(const struct vcpu *v)
{
    return v->arch.traps && v->arch.traps[TRAP_GP].address;
}

static int emul_read_msr(struct x86_emul *e, u32 msr, u64 *ret_val)
{
    if (!pv_read_msr(current, msr, ret_val))
        return 0;
    if (has_gp_handler(current))
        return x86_emul_fault(e, X86_FAULT_GP, 0);
    *ret_val = 0;
    return 0;
}

static int emul_write_msr(struct x86_emul *e, u32 msr, u64 val)
{
    if (!pv_write_msr(current, msr, val) || !has_gp_handler(current))
        return 0;
    printk(XLOG_GUEST_DEBUG "d%uv%u: write of MSR %08x refused\n", current->domain->domain_id,
           current->vcpu_id, msr);
    return x86_emul_fault(e, X86_FAULT_GP, 0);
}

static int emul_cpuid(struct x86_emul *e, u32 leaf, u32 subleaf, u32 ret_abcd[4])
{
    struct cpuid_regs r;

    (void)e;
    pv_cpuid(current, leaf, subleaf, &r);
    ret_abcd[0] = r.a;
    ret_abcd[1] = r.b;
    ret_abcd[2] = r.c;
    ret_abcd[3] = r.d;
    return 0;
}

/* Traps only while the guest has CR4.TSD set, which concerns its user mode alone. */
static int emul_rdtsc(struct x86_emul *e, u64 *ret_tsc)
{
    if (e->cpl != 0 && (current->arch.guest_cr4 & CR4_TSD))
        return x86_emul_fault(e, X86_FAULT_GP, 0);
    *ret_tsc = rdtsc();
    return 0;
}

static int emul_rdtsc_aux(struct x86_emul *e, u32 *ret_aux)
{
    (void)e;
    *ret_aux = current->arch.msr_tsc_aux;
    return 0;
}

static int emul_flush_caches(struct x86_emul *e, bool writeback)
{
    (void)e;
    (void)writeback; /* discarding dirty lines would hit everybody's memory: always write back */
    if (current->domain->arch.has_io_rights)
        wbinvd();
    return 0;
}

static const struct x86_emul_ops priv_ops = {
    .read = pv_emul_read,
    .write = emul_write,
    .seg_base = pv_emul_seg_base,
    .port_in = emul_port_in,
    .port_out = emul_port_out,
    .set_if = emul_set_if,
    .read_cr = emul_read_cr,
    .write_cr = emul_write_cr,
    .clts = emul_clts,
    .read_dr = emul_read_dr,
    .write_dr = emul_write_dr,
    .read_msr = emul_read_msr,
    .write_msr = emul_write_msr,
    .xsetbv = emul_xsetbv,
    .flush_caches = emul_flush_caches,
    .cpuid = emul_cpuid,
    .rdtsc = emul_rdtsc,
    .rdtsc_aux = emul_rdtsc_aux,
};

/*
 * What a booting kernel does ten thousands of times, without the decoder: in and out by dx, cli and
 * sti, all from 64-bit kernel code.
 */
static bool fast_path(struct vcpu *v, struct cpu_user_regs *regs)
{
    u8 b[2];
    unsigned int size, i = 0;
    u16 port = (u16)regs->rdx;

    if (!v->arch.kernel_mode || regs->cs != FLAT_USER_CS64 ||
        copy_from_guest(b, regs->rip, sizeof(b)))
        return false;
    if (b[0] == 0x66)
        i = 1;
    if (i == 0 && (b[0] == 0xfa || b[0] == 0xfb)) {
        if (!pv_iopl_permits(v))
            return false;
        regs->rip += 1;
        return true;
    }
    if ((b[i] & 0xfc) != 0xec || !pv_io_permitted(v, port, 1))
        return false;
    size = !(b[i] & 1) ? 1 : i ? 2 : 4;
    if (b[i] & 2) {
        pv_port_out(v, port, size, (u32)regs->rax);
    } else {
        u32 val = pv_port_in(v, port, size);

        if (size == 4)
            regs->rax = val;
        else
            memcpy(&regs->rax, &val, size);
    }
    regs->rip += 1 + i;
    return true;
}

void pv_emul_inject(const struct x86_emul *e)
{
    if (e->fault.vector == X86_FAULT_PF)
        pv_inject_page_fault((int)e->fault.error_code, e->fault.cr2);
    else
        pv_inject_exception(e->fault.vector,
                            e->fault.has_error ? (int)e->fault.error_code : NO_ERROR_CODE);
}

bool pv_emulate_privileged(struct cpu_user_regs *regs)
{
    struct vcpu *v = current;
    struct x86_emul e = {.regs = regs, .ops = &priv_ops, .cpl = v->arch.kernel_mode ? 0 : 3};
    struct x86_insn insn;

    /* Exceptions by software interrupt or selector are not privileged instructions. */
    if (regs->error_code != 0)
        return false;
    if (fast_path(v, regs)) {
        pv_insn_done(regs);
        return true;
    }
    if (pv_fetch_insn(regs, &insn))
        return false;
    /* What accesses memory got #GP for its address, except for ins and outs. */
    if (insn.has_mem || (insn.map == X86_MAP_1BYTE && (insn.opcode & 0xf0) == 0xa0))
        return false;
    switch (x86_emulate(&e, &insn)) {
    case 0:
        pv_insn_done(regs);
        return true;
    case -EAGAIN:
        return true;
    case -EFAULT:
        pv_emul_inject(&e);
        return true;
    default:
        return false;
    }
}

/* SPDX-License-Identifier: MIT */
/* features.c - what the CPUs can do, and the control registers that follow from it. */
#include <xen/cpu-policy.h>
#include <xen/lib.h>
#include <xen/init.h>
#include <xen/mm.h>
#include <xen/param.h>
#include <xen/smp.h>
#include <xen/spinlock.h>
#include <xen/xstate.h>
#include <asm/setup.h>
#include <asm/system.h>
#include "private.h"

struct cpu_caps cpu_caps __read_mostly;

static bool opt_smep __initdata = true;
PARAM_BOOL_DEF("smep", opt_smep, "supervisor mode execution prevention (default: on if present)");
static bool opt_smap __initdata = true;
PARAM_BOOL_DEF("smap", opt_smap, "supervisor mode access prevention (default: on if present)");

static bool opt_xsave __initdata = true;
PARAM_BOOL_DEF("xsave", opt_xsave, "XSAVE, and with it AVX for guests (default: on if present)");

/* Components that the CPU has and guests may use; AVX-512 only whole. */
static u64 __init usable_xstate(void)
{
    struct cpuid_regs d = cpuid(0xd, 0);
    u64 xcr0 = ((u64)d.d << 32 | d.a) & XSTATE_GUEST;

    if ((xcr0 & XSTATE_AVX512) != XSTATE_AVX512 || !(xcr0 & XSTATE_AVX))
        xcr0 &= ~XSTATE_AVX512;
    return xcr0;
}

static void __init read_names(void)
{
    struct cpuid_regs r = cpuid(0, 0);
    u32 *m = (u32 *)cpu_caps.model;

    memcpy(cpu_caps.vendor, &r.b, 4);
    memcpy(cpu_caps.vendor + 4, &r.d, 4);
    memcpy(cpu_caps.vendor + 8, &r.c, 4);
    cpu_caps.amd = !strcmp(cpu_caps.vendor, "AuthenticAMD");
    cpu_caps.intel = !strcmp(cpu_caps.vendor, "GenuineIntel");
    if (cpuid(0x80000000, 0).a < 0x80000004)
        return;
    for (u32 leaf = 0x80000002; leaf <= 0x80000004; leaf++) {
        r = cpuid(leaf, 0);
        *m++ = r.a, *m++ = r.b, *m++ = r.c, *m++ = r.d;
    }
}

void __init cpu_features_init(void)
{
    u32 max = cpuid(0, 0).a, max_ext = cpuid(0x80000000, 0).a;
    struct cpuid_regs l1 = cpuid(1, 0), e1 = cpuid(0x80000001, 0), l7 = {0};

    read_names();
    if (max >= 7)
        l7 = cpuid(7, 0);
    cpu_caps.signature = l1.a;
    cpu_caps.nx = e1.d >> 20 & 1;
    cpu_caps.gb_pages = e1.d >> 26 & 1;
    cpu_caps.rdtscp = e1.d >> 27 & 1;
    cpu_caps.tsc_aux = cpu_caps.rdtscp || (l7.c >> 22 & 1);
    cpu_caps.pge = l1.d >> 13 & 1;
    cpu_caps.xsave = opt_xsave && max >= 0xd && (l1.c >> 26 & 1);
    cpu_caps.xcr0 = cpu_caps.xsave ? usable_xstate() : 0;
    cpu_caps.x2apic = l1.c >> 21 & 1;
    cpu_caps.tsc_deadline = l1.c >> 24 & 1;
    cpu_caps.smep = opt_smep && (l7.b >> 7 & 1);
    cpu_caps.smap = opt_smap && (l7.b >> 20 & 1);
    cpu_caps.paddr_bits = max_ext >= 0x80000008 ? cpuid(0x80000008, 0).a & 0xff : 36;
    if (l1.c >> 31 & 1) /* reserved for hypervisors to say that they are there */
        spin_locks_unfair();
    cpu_caps.invariant_tsc = max_ext >= 0x80000007 && (cpuid(0x80000007, 0).d >> 8 & 1);
    if (!(l1.d >> 16 & 1))
        panic("This CPU has no page attribute table (PAT), which PV guests need.");
    if (!(l1.d >> 9 & 1))
        panic("This CPU has no usable local APIC. Enable it in the firmware set-up.");
    if (!(l1.d >> 24 & 1) || !(l1.d >> 26 & 1))
        panic("This CPU lacks FXSAVE or SSE2, which 64-bit guests need.");
    printk("CPU: %s %s (%08x), %u physical address bits\n", cpu_caps.vendor, cpu_caps.model,
           cpu_caps.signature, cpu_caps.paddr_bits);
}

/*
 * AMD: LFENCE waits for what was issued before only when it is told to, or always (then CPUID says
 * so); guests and the hypervisor rely on it against speculation. The oldest have neither the MSR
 * nor the problem.
 */
static void lfence_setup(void)
{
    u64 val;

    if (!cpu_caps.amd)
        return;
    if (cpuid(CPUID_EXT, 0).a >= CPUID_EXT + 0x21 &&
        cpuid(CPUID_EXT + 0x21, 0).a & EXT21_LFENCE_SERIAL) {
        cpu_caps.lfence_serial = true;
        return;
    }
    if (rdmsr_safe(MSR_AMD_DE_CFG, &val))
        return;
    val |= DE_CFG_LFENCE;
    if (!msr_access(MSR_AMD_DE_CFG, &val, true))
        cpu_caps.lfence_serial = true;
}

/* Same values on every CPU. UMIP stays off: PV guests may read the descriptor registers. */
void cpu_setup_registers(void)
{
    unsigned long cr4 = CR4_PAE | CR4_MCE | CR4_OSFXSR | CR4_OSXMMEXCPT | CR4_DE;

    if (cpu_caps.pge)
        cr4 |= CR4_PGE;
    if (cpu_caps.smep)
        cr4 |= CR4_SMEP;
    if (cpu_caps.smap)
        cr4 |= CR4_SMAP;
    if (cpu_caps.xsave)
        cr4 |= CR4_OSXSAVE;
    write_cr4(cr4);
    get_cpu_info()->cr4 = cr4;
    wrmsr(MSR_PAT, HV_PAT_VALUE);
    wrmsr(MSR_EFER, rdmsr(MSR_EFER) | EFER_SCE | EFER_NXE);
    if (cpu_caps.tsc_aux)
        wrmsr(MSR_TSC_AUX, 0);
    lfence_setup();
    mce_init_cpu();
}

/* Puts STAC and CLAC where entry.S and the copy routines left room for them. */
void __init smap_patch(void)
{
    extern const struct {
        u64 addr, insn;
    } __patch_smap_start[], __patch_smap_end[];

    if (!cpu_caps.smap)
        return;
    for (const __typeof__(__patch_smap_start[0]) *p = __patch_smap_start; p < __patch_smap_end;
         p++) {
        u8 *at = maddr_to_virt(virt_to_maddr((void *)p->addr));

        memcpy(at, &p->insn, 3);
    }
}

int rdmsr_safe(u32 msr, u64 *ret_val)
{
    return msr_access(msr, ret_val, false) ? -EFAULT : 0;
}

/* Interrupts off, as for every change of CR4 and its copy. */
static void clear_smap(void *unused)
{
    (void)unused;
    get_cpu_info()->cr4 &= ~CR4_SMAP;
    write_cr4(get_cpu_info()->cr4);
}

void smap_give_up(void)
{
    if (!__atomic_exchange_n(&cpu_caps.smap, false, __ATOMIC_SEQ_CST))
        return;
    printk(XLOG_WARN "SMAP turned off: this CPU applies it to IRET in ring 3 (a fault of some "
                     "emulators), which PV kernels use. Option no-smap avoids this message.\n");
    smp_call_on(&cpu_online_map, clear_smap, NULL);
}

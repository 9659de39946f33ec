/* SPDX-License-Identifier: MIT */
/*
 * domain.c - the PV part of a domain and a vCPU, and switching a CPU between vCPUs.
 *
 * A vCPU has no hypervisor stack: while it runs, its registers are at the top of the CPU's stack;
 * otherwise in arch.user_regs. A switch copies them and jumps to the way out with an empty stack.
 */
#include <xen/domain.h>
#include <xen/hypercall.h>
#include <xen/lib.h>
#include <xen/mm.h>
#include <xen/rangeset.h>
#include <xen/softirq.h>
#include <xen/time.h>
#include <asm/fpu.h>
#include <asm/logdirty.h>
#include <asm/mm.h>
#include <asm/page.h>
#include <asm/policy.h>
#include <asm/pv.h>
#include <asm/setup.h>
#include <asm/traps.h>
#include "private.h"

struct domain *dom_io, *dom_xen;

void __init special_domains_init(void)
{
    dom_io = special_domain_create(DOMID_IO);
    dom_xen = special_domain_create(DOMID_XEN);
    m2p_share(dom_xen);
    mmio_ro_ranges = rangeset_new("read-only I/O memory", 0);
    if (!mmio_ro_ranges)
        panic("Out of memory while creating the hypervisor's own domains.");
}

/* --- per-domain area: one L3, one L2, an L1 for each 16 vCPUs --- */

static unsigned long *perdomain_l1(struct domain *d, unsigned int vcpu_id)
{
    unsigned long *l2 = maddr_to_virt(d->arch.perdomain_l3[0] & PTE_MFN_MASK);
    unsigned long *e = &l2[vcpu_id / 16];
    unsigned long *l1;

    if (!(*e & PTE_P)) {
        l1 = alloc_xenheap_page();
        if (!l1)
            return NULL;
        *e = virt_to_maddr(l1) | HV_PTE_TABLE;
    }
    l1 = maddr_to_virt(*e & PTE_MFN_MASK);
    return l1 + (vcpu_id % 16) * 32;
}

int pv_domain_init(struct domain *d)
{
    unsigned long *l2 = alloc_xenheap_page();

    d->arch.perdomain_l3 = alloc_xenheap_page();
    if (!l2 || !d->arch.perdomain_l3) {
        free_xenheap_page(l2);
        return -ENOMEM;
    }
    d->arch.perdomain_l3[0] = virt_to_maddr(l2) | HV_PTE_TABLE;
    d->arch.perdomain_l3_mfn = virt_to_mfn(d->arch.perdomain_l3);
    d->arch.policy = xzalloc(struct cpu_policy);
    if (!d->arch.policy)
        return -ENOMEM;
    *d->arch.policy = pv_policy;
    d->arch.tsc_khz = cpu_khz;
    return 0;
}

void pv_domain_free(struct domain *d)
{
    unsigned long *l3 = d->arch.perdomain_l3, *l2;

    logdirty_free(d);
    xfree(d->arch.policy);
    d->arch.policy = NULL;
    if (!l3)
        return;
    if (l3[0] & PTE_P) {
        l2 = maddr_to_virt(l3[0] & PTE_MFN_MASK);
        for (unsigned int i = 0; i < 512; i++)
            if (l2[i] & PTE_P)
                free_xenheap_page(maddr_to_virt(l2[i] & PTE_MFN_MASK));
        free_xenheap_page(l2);
    }
    free_xenheap_page(l3);
    d->arch.perdomain_l3 = NULL;
}

void pv_init_l4_slots(struct domain *d, unsigned long *l4)
{
    for (unsigned int i = HV_SLOT_FIRST; i <= HV_SLOT_LAST; i++)
        WRITE_ONCE(l4[i], i == PERDOMAIN_SLOT
                              ? mfn_to_maddr(d->arch.perdomain_l3_mfn) | HV_PTE_TABLE
                              : hv_l4[i]);
}

int pv_vcpu_init(struct vcpu *v)
{
    v->dirty_cpu = NR_CPUS;
    v->arch.kernel_l4 = v->arch.user_l4 = INVALID_MFN;
    v->arch.dr[6] = 0xffff0ff0;
    v->arch.dr[7] = 0x400;
    hypercalls_when_filled(v, false);
    v->arch.traps = xzalloc_array(struct trap_info, 256);
    v->arch.gdt_l1 = perdomain_l1(v->domain, v->vcpu_id);
    if (!v->arch.traps || !v->arch.gdt_l1)
        return -ENOMEM;
    return vcpu_fpu_init(v);
}

void pv_load_bases(struct vcpu *v)
{
    if (!v->arch.kernel_cr3)
        v->arch.kernel_cr3 = logdirty_base_get(v->domain, v->arch.kernel_l4);
    if (!v->arch.user_cr3)
        v->arch.user_cr3 = logdirty_base_get(v->domain, v->arch.user_l4);
    v->arch.cr3 = v->arch.kernel_mode ? v->arch.kernel_cr3 : v->arch.user_cr3;
}

int pv_put_base(struct vcpu *v, mfn_t *l4, bool preempt)
{
    unsigned long *cr3 = l4 == &v->arch.user_l4 ? &v->arch.user_cr3 : &v->arch.kernel_cr3;

    /* The L4 may be held without having been worked out. */
    if (*cr3)
        logdirty_base_put(v->domain, *l4);
    *cr3 = 0;
    return pt_put_l4(l4, preempt);
}

int pv_vcpu_reset(struct vcpu *v, bool preempt)
{
    int rc;

    if (v->arch.gdt_l1) {
        pv_forget_gdt(v);
        pv_forget_ldt(v);
        v->arch.ldt_ents = 0;
    }
    v->arch.initialised = false;
    /* One step at a time: each may leave work to the current vCPU, which has done all from before.
     */
    rc = preempt ? pt_drain(current) : 0;
    if (!rc && v != current)
        rc = pt_drain(v);
    if (!rc)
        rc = pv_put_base(v, &v->arch.kernel_l4, preempt);
    if (!rc)
        rc = pv_put_base(v, &v->arch.user_l4, preempt);
    return rc;
}

void pv_vcpu_free(struct vcpu *v)
{
    BUG_ON(pv_vcpu_reset(v, false)); /* domain_kill has left little to do */
    vcpu_info_drop(v);
    vcpu_fpu_destroy(v);
    xfree(v->arch.traps);
    v->arch.traps = NULL;
}

/* --- switching --- */

/* A GDT that every address space maps: to be loaded while CR3 changes. */
static void load_own_gdt(void)
{
    lgdt((u64)cpu_gdt_page(smp_processor_id()) - FIRST_RESERVED_GDT_ENTRY * 8, GDT_LIMIT);
}

static void save_segments(struct vcpu *v, struct cpu_user_regs *r)
{
    __asm__ volatile("mov %%ds,%0; mov %%es,%1; mov %%fs,%2; mov %%gs,%3"
                     : "=m"(r->ds), "=m"(r->es), "=m"(r->fs), "=m"(r->gs));
    v->arch.fs_base = rdmsr(MSR_FS_BASE);
    if (v->arch.kernel_mode) {
        v->arch.gs_base_kernel = rdmsr(MSR_GS_BASE);
        v->arch.gs_base_user = rdmsr(MSR_SHADOW_GS_BASE);
    } else {
        v->arch.gs_base_user = rdmsr(MSR_GS_BASE);
        v->arch.gs_base_kernel = rdmsr(MSR_SHADOW_GS_BASE);
    }
}

/* A selector whose descriptor is gone becomes the null selector. */
#define LOAD_SEGMENT(seg, sel)                               \
    do {                                                     \
        u32 ls_ = (sel);                                     \
        __asm__ volatile("1: mov %w0,%%" #seg "\n"           \
                         ".pushsection .text.fixup,\"ax\"\n" \
                         "2: xor %0,%0\n"                    \
                         "   jmp 1b\n"                       \
                         ".popsection\n" ASM_EXTABLE(1b, 2b) \
                         : "+r"(ls_));                       \
    } while (0)

static void load_segments(struct vcpu *v, const struct cpu_user_regs *r)
{
    LOAD_SEGMENT(ds, r->ds);
    LOAD_SEGMENT(es, r->es);
    LOAD_SEGMENT(fs, r->fs);
    LOAD_SEGMENT(gs, r->gs);
    wrmsr(MSR_FS_BASE, v->arch.fs_base);
    wrmsr(MSR_GS_BASE, v->arch.kernel_mode ? v->arch.gs_base_kernel : v->arch.gs_base_user);
    wrmsr(MSR_SHADOW_GS_BASE, v->arch.kernel_mode ? v->arch.gs_base_user : v->arch.gs_base_kernel);
}

/* What this CPU's TSC_AUX holds; each CPU starts with 0. */
static DEFINE_PER_CPU(u32, loaded_tsc_aux);

void pv_tsc_aux_load(const struct vcpu *v)
{
    u32 *loaded = &this_cpu(loaded_tsc_aux);

    if (!cpu_caps.tsc_aux || *loaded == v->arch.msr_tsc_aux)
        return;
    wrmsr(MSR_TSC_AUX, v->arch.msr_tsc_aux);
    *loaded = v->arch.msr_tsc_aux;
}

static void save_guest(struct vcpu *v)
{
    v->arch.user_regs = *guest_cpu_regs();
    save_segments(v, &v->arch.user_regs);
    vcpu_fpu_save(v);
}

static void load_guest(struct vcpu *v)
{
    struct cpu_user_regs *regs = guest_cpu_regs();

    tlb_note_guest(v);
    pv_map_cpu_gdt(v);
    load_cr3(v->arch.cr3);
    pv_load_gdt(v);
    pv_load_ldt(v);
    *regs = v->arch.user_regs;
    load_segments(v, regs);
    vcpu_fpu_load(v);
    pv_debugregs_load(v);
    pv_tsc_aux_load(v);
}

/* First thing a vCPU does on a CPU, on the way to its guest. */
static void __noreturn resume_guest(void)
{
    vcpu_time_update(current);
    vcpu_runstate_publish(current);
    local_irq_disable();
    reset_stack_and_jump(exit_to_guest);
}

void context_switch(struct vcpu *prev, struct vcpu *next)
{
    ASSERT(!local_irq_is_enabled() && prev != next);
    if (!is_idle_vcpu(prev))
        save_guest(prev);
    load_own_gdt();
    get_cpu_info()->current_vcpu = next;
    if (is_idle_vcpu(next)) {
        load_cr3(virt_to_maddr(hv_l4));
        lldt(0);
    } else {
        load_guest(next);
    }
    tlb_note_left(prev, next);
    context_saved(prev);
    local_irq_enable();
    if (is_idle_vcpu(next))
        reset_stack_and_jump(idle_loop);
    resume_guest();
}

void continue_running(struct vcpu *v)
{
    (void)v;
}

void idle_loop(void)
{
    for (;;) {
        local_irq_disable();
        if (softirq_is_pending())
            local_irq_enable();
        else
            safe_halt();
        do_softirq();
    }
}

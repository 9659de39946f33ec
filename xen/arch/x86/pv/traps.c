/* SPDX-License-Identifier: MIT */
/*
 * traps.c - exceptions that a PV guest caused: what we handle ourselves, what becomes an exception
 * of the guest, and how that is written to the guest's stack (the bounce frame of the 4.17 ABI).
 */
#include <xen/domain.h>
#include <xen/event.h>
#include <xen/fill.h>
#include <xen/guest-access.h>
#include <xen/hypercall.h>
#include <xen/lib.h>
#include <xen/mm.h>
#include <xen/softirq.h>
#include <asm/fpu.h>
#include <asm/logdirty.h>
#include <asm/mm.h>
#include <asm/page.h>
#include <asm/pv.h>
#include <asm/setup.h>
#include <asm/traps.h>
#include <asm/vectors.h>
#include "private.h"

/* Flags that a handler starts without. */
#define CLEARED_FLAGS \
    (X86_EFLAGS_AC | X86_EFLAGS_VM | X86_EFLAGS_RF | X86_EFLAGS_NT | X86_EFLAGS_TF)

static const u32 has_error_code = 1u << TRAP_DF | 1u << TRAP_TS | 1u << TRAP_NP | 1u << TRAP_SS |
                                  1u << TRAP_GP | 1u << TRAP_PF | 1u << TRAP_AC | 1u << 21;

/* Switches between guest kernel and guest user: page tables, GS base. Current vCPU. */
static void toggle_mode(struct vcpu *v)
{
    v->arch.kernel_mode = !v->arch.kernel_mode;
    __asm__ volatile("swapgs");
    v->arch.cr3 = v->arch.kernel_mode ? v->arch.kernel_cr3 : v->arch.user_cr3;
    load_cr3(v->arch.cr3);
}

/* What the guest sees as its flags: IF is the event mask, IOPL is virtual. */
static u64 guest_rflags(const struct vcpu *v, const struct cpu_user_regs *regs, bool masked)
{
    u64 f = regs->rflags & ~(X86_EFLAGS_IF | X86_EFLAGS_IOPL);

    if (!masked)
        f |= X86_EFLAGS_IF;
    if (v->domain->arch.vm_assist & (1u << VMASST_TYPE_architectural_iopl))
        f |= (u64)v->arch.iopl << 12;
    return f;
}

/*
 * Interrupts are off, so faults are not served: a frame that the shadows of log-dirty do not map
 * for writing yet is asked for first.
 */
static bool write_frame(struct vcpu *v, unsigned long sp, const void *frame, unsigned long len)
{
    bool ready = true;

    while (ready && unlikely(copy_to_guest(sp, frame, len))) {
        local_irq_enable();
        ready = logdirty_touch(v, sp, len);
        local_irq_disable();
    }
    return ready;
}

/*
 * Makes the guest's kernel continue at a handler, with a frame on its stack:
 *   rcx, r11, [error code,] rip, cs and event mask, rflags, rsp, ss
 * False: nothing has happened, for the stack's content has yet to come; do it again afterwards.
 */
static bool bounce(struct vcpu *v, struct cpu_user_regs *regs, const struct bounce_target *t)
{
    bool from_kernel = v->arch.kernel_mode, masked = v->info->evtchn_upcall_mask != 0;
    u64 frame[8], sp;
    unsigned int n = 0;

    if (unlikely(!t->rip)) {
        local_irq_enable(); /* ending a domain waits for locks */
        domain_crash(v->domain, "no handler for exception %u at %04x:%016lx", t->vector, regs->cs,
                     (unsigned long)regs->rip);
        return true;
    }
    frame[n++] = regs->rcx;
    frame[n++] = regs->r11;
    if (t->has_error)
        frame[n++] = t->error;
    frame[n++] = regs->rip;
    frame[n++] = (from_kernel ? regs->cs & ~3u : regs->cs) | (u64)masked << 32;
    frame[n++] = guest_rflags(v, regs, masked);
    frame[n++] = regs->rsp;
    frame[n++] = regs->ss;
    if (!from_kernel) {
        toggle_mode(v);
        sp = v->arch.kernel_sp;
    } else {
        sp = regs->rsp;
    }
    sp = (sp & ~15UL) - n * sizeof(u64);
    if (unlikely(!write_frame(v, sp, frame, n * sizeof(u64)))) {
        if (v->arch.waits_fill) {
            if (!from_kernel)
                toggle_mode(v);
            return false;
        }
        local_irq_enable();
        domain_crash(v->domain, "exception %u while its kernel stack at %016lx cannot be written",
                     t->vector, (unsigned long)sp);
        return true;
    }
    if (t->mask_events)
        v->info->evtchn_upcall_mask = 1;
    regs->entry_vector = 0; /* not back by SYSRET */
    regs->rflags = (regs->rflags & ~CLEARED_FLAGS) | X86_EFLAGS_IF;
    regs->rip = t->rip;
    regs->cs = FLAT_KERNEL_CS;
    regs->ss = FLAT_KERNEL_SS;
    regs->rsp = sp;
    return true;
}

/* Directly, when the exception is the guest's own at this moment. */
static void bounce_exception(struct vcpu *v, struct cpu_user_regs *regs, u8 vector, u32 error)
{
    const struct trap_info *ti = &v->arch.traps[vector];
    struct bounce_target t = {
        .rip = ti->address,
        .mask_events = TI_GET_IF(ti) != 0,
        .vector = vector,
        .has_error = vector < 32 && (has_error_code >> vector & 1),
        .error = error,
    };

    if (bounce(v, regs, &t))
        return;
    v->arch.exc_vector = vector;
    v->arch.exc_error = error;
    v->arch.pending_exception = true;
}

void pv_inject_exception(u8 vector, int error_code)
{
    struct vcpu *v = current;

    v->arch.exc_vector = vector;
    v->arch.exc_error = error_code == NO_ERROR_CODE ? 0 : (u32)error_code;
    v->arch.pending_exception = true;
}

void pv_inject_page_fault(int error_code, unsigned long cr2)
{
    struct vcpu *v = current;

    v->info->arch.cr2 = cr2;
    /* Guest kernels run in ring 3 too; they expect the user bit for user code only. */
    if (v->arch.kernel_mode)
        error_code &= ~(int)PFEC_U;
    else
        error_code |= (int)PFEC_U;
    pv_inject_exception(TRAP_PF, error_code);
}

/* --- faults --- */

/* The LDT window of the running vCPU is filled on first use. */
static bool ldt_fault(struct vcpu *v, unsigned long cr2)
{
    unsigned long off = cr2 - LDT_VIRT(v->vcpu_id);
    struct page_info *table, *pg;
    unsigned int index;
    unsigned long e, *slot;

    if (cr2 < LDT_VIRT(v->vcpu_id) || off >= v->arch.ldt_ents * 8UL)
        return false;
    if (pt_walk_l1(v, v->arch.ldt_base + off, &table, &index))
        return false;
    e = ((unsigned long *)page_to_virt(table))[index];
    if (!(e & PTE_P) || !mfn_valid(_mfn(pte_mfn(e))))
        return false;
    pg = mfn_to_page(_mfn(pte_mfn(e)));
    if (get_page_and_type(pg, v->domain, PGT_SEG_DESC))
        return false;
    slot = &v->arch.gdt_l1[16 + (off >> PAGE_SHIFT)];
    if (cmpxchg(slot, 0, page_to_maddr(pg) | PTE_P | PTE_RW | PTE_A | PTE_D | PTE_NX))
        put_page_and_type(pg);
    return true;
}

/* A selector of a descriptor that is not there: the guest sees the #GP that a short table gives. */
static bool descriptor_window_fault(const struct vcpu *v, unsigned long cr2)
{
    unsigned long off = cr2 - GDT_VIRT(v->vcpu_id);

    if (cr2 < GDT_VIRT(v->vcpu_id) || off >= 32 * PAGE_SIZE)
        return false;
    if (off < 16 * PAGE_SIZE)
        pv_inject_exception(TRAP_GP, (int)(off & 0xfff8));
    else
        pv_inject_exception(TRAP_GP, (int)(off & 0xfff8) | 4);
    return true;
}

/* True: that was all; the guest's own tables had nothing against it. */
static bool shadow_fault(struct vcpu *v, struct cpu_user_regs *regs, unsigned long cr2, u32 error)
{
    switch (logdirty_fault(v, cr2, error)) {
    case LOGDIRTY_REFUSED:
        return false;
    case LOGDIRTY_GRANTS:
        pv_grant_write(regs, cr2);
        break;
    default: /* it is there, or waited for on the way out */
        break;
    }
    return true;
}

static void page_fault(struct vcpu *v, struct cpu_user_regs *regs)
{
    unsigned long cr2 = read_cr2();
    u32 error = regs->error_code;

    local_irq_enable();
    if (logdirty_on(v->domain) && shadow_fault(v, regs, cr2, error))
        return;
    if (unlikely(is_hv_address(cr2))) {
        /* Only the CPU itself reads descriptors: not present, and not as ring 3. */
        if (!(error & (PFEC_P | PFEC_U)) && (ldt_fault(v, cr2) || descriptor_window_fault(v, cr2)))
            return;
    } else if (unlikely((error & (PFEC_P | PFEC_U)) == PFEC_P) && cpu_caps.smap) {
        /* Ring 3 touched its own memory, and the fault says supervisor. */
        smap_give_up();
        return;
    } else if (v->arch.kernel_mode &&
               (error & (PFEC_P | PFEC_W | PFEC_RSV | PFEC_I)) == (PFEC_P | PFEC_W)) {
        if (pv_ptwr_fault(regs, cr2))
            return;
    }
    pv_inject_page_fault((int)(error & ~PFEC_RSV), cr2);
}

/* Whether the guest's own gate lets its present code raise vector by instruction. */
static bool software_int_allowed(const struct vcpu *v, u8 vector)
{
    const struct trap_info *ti = &v->arch.traps[vector];

    return ti->address && TI_GET_DPL(ti) >= (v->arch.kernel_mode ? 1 : 3);
}

/* int3, into, int 0x80: our gates let them through, but the guest's may not. */
static void software_interrupt(struct vcpu *v, struct cpu_user_regs *regs, u8 vector)
{
    if (software_int_allowed(v, vector)) {
        pv_inject_exception(vector, NO_ERROR_CODE);
        return;
    }
    regs->rip -= vector == VECTOR_GUEST_SYSCALL ? 2 : 1;
    pv_inject_exception(TRAP_GP, vector << 3 | 2);
}

static void general_protection(struct vcpu *v, struct cpu_user_regs *regs)
{
    u32 error = regs->error_code;
    u8 insn[2];

    local_irq_enable();
    /* INT n through a gate of ours: allowed if the guest's own gate allows it. */
    if ((error & 7) == 2) {
        /* The vector as the instruction has it: QEMU 7.2 puts twice its number into the code. */
        if (!copy_from_guest(insn, regs->rip, sizeof(insn)) && insn[0] == 0xcd) {
            error = (u32)insn[1] << 3 | 2;
            if (software_int_allowed(v, insn[1])) {
                regs->rip += 2;
                pv_inject_exception(insn[1], NO_ERROR_CODE);
                return;
            }
        }
    } else if (!error && pv_emulate_privileged(regs)) {
        return;
    }
    pv_inject_exception(TRAP_GP, (int)error);
}

static void debug_trap(struct vcpu *v)
{
    unsigned long dr6;

    __asm__ volatile("mov %%db6,%0" : "=r"(dr6));
    __asm__ volatile("mov %0,%%db6" ::"r"(0xffff0ff0UL));
    v->arch.dr[6] |= dr6 & 0xe00f;
    pv_inject_exception(TRAP_DB, NO_ERROR_CODE);
}

/*
 * The instruction at rip could not be read, or its operands, only because their content has yet to
 * come: no exception, the guest executes it again. If it has been executed, all is well.
 */
static void cancel_if_unfilled(struct vcpu *v, const struct cpu_user_regs *regs, unsigned long rip)
{
    if (unlikely(v->arch.waits_fill && regs->rip == rip))
        v->arch.pending_exception = false;
}

void pv_trap(struct cpu_user_regs *regs)
{
    struct vcpu *v = current;
    unsigned long rip = regs->rip;

    switch (regs->entry_vector) {
    case TRAP_PF:
        page_fault(v, regs);
        break;
    case TRAP_GP:
        general_protection(v, regs);
        break;
    case TRAP_NMI:
        nmi_from_guest(regs);
        break;
    case TRAP_DB:
        debug_trap(v);
        break;
    case TRAP_UD:
        local_irq_enable();
        if (!pv_emulate_ud(regs))
            pv_inject_exception(TRAP_UD, NO_ERROR_CODE);
        break;
    case TRAP_BP:
    case TRAP_OF:
    case VECTOR_GUEST_SYSCALL:
        software_interrupt(v, regs, (u8)regs->entry_vector);
        break;
    case TRAP_NM:
        /* The guest asked for this; the fault handler finds the bit clear, as on hardware. */
        vcpu_fpu_set_ts(v, false);
        pv_inject_exception(TRAP_NM, NO_ERROR_CODE);
        break;
    default:
        pv_inject_exception((u8)regs->entry_vector, (int)regs->error_code);
        break;
    }
    cancel_if_unfilled(v, regs, rip);
    local_irq_disable();
}

void pv_syscall_from_user(struct cpu_user_regs *regs)
{
    struct vcpu *v = current;
    struct bounce_target t = {
        .rip = v->arch.syscall_cb.rip,
        .mask_events = v->arch.syscall_cb.mask_events,
        .vector = TRAP_UD,
    };

    if (unlikely(!t.rip)) {
        regs->rip -= 2;
        pv_inject_exception(TRAP_UD, NO_ERROR_CODE);
        return;
    }
    if (!bounce(v, regs, &t))
        regs->rip -= 2;
}

void pv_syscall_frame_fault(struct cpu_user_regs *regs)
{
    struct vcpu *v = current;

    local_irq_enable();
    /* While log-dirty is on, entry.S does so only for system calls: once more, the long way. */
    if (logdirty_touch(v, v->arch.fast_syscall_sp, 7 * sizeof(u64)) || v->arch.waits_fill) {
        local_irq_disable();
        toggle_mode(v);
        pv_syscall_from_user(regs);
        return;
    }
    domain_crash(v->domain, "entry to its kernel while the stack at %016lx cannot be written",
                 v->arch.fast_syscall_sp);
}

/*
 * entry.S builds the frames of system calls and user page faults by itself if the callback masks
 * events, the stack is outside our range and the flags need no virtual IOPL.
 */
void pv_update_fast_path(struct vcpu *v)
{
    unsigned long sp = (v->arch.kernel_sp & ~15UL) - 7 * sizeof(u64);
    const struct trap_info *pf = &v->arch.traps[TRAP_PF];
    bool ok = v->arch.syscall_cb.rip && v->arch.syscall_cb.mask_events &&
              guest_range_ok(sp, 7 * sizeof(u64)) && is_canonical(sp) &&
              !(v->domain->arch.vm_assist & (1u << VMASST_TYPE_architectural_iopl));

    WRITE_ONCE(v->arch.fast_syscall_sp, ok ? sp : 0);
    /* The handlers of faults mask events too, as a rule; their frame is one word longer. Faults
     * that only the shadows of log-dirty cause are ours. */
    sp = ((v->arch.kernel_sp & ~15UL) - 8 * sizeof(u64));
    ok = ok && !logdirty_on(v->domain) && pf->address && TI_GET_IF(pf) &&
         guest_range_ok(sp, 8 * sizeof(u64)) && is_canonical(sp);
    v->arch.fast_fault_rip = pf->address;
    WRITE_ONCE(v->arch.fast_fault_sp, ok ? sp : 0);
}

/* --- on the way out --- */

static void deliver_nmi(struct vcpu *v, struct cpu_user_regs *regs)
{
    const struct trap_info *ti = &v->arch.traps[TRAP_NMI];
    struct bounce_target t = {
        .rip = ti->address, .mask_events = TI_GET_IF(ti) != 0, .vector = TRAP_NMI};

    v->arch.nmi_pending = false;
    if (!t.rip)
        return;
    v->arch.nmi_in_progress = bounce(v, regs, &t);
    if (unlikely(!v->arch.nmi_in_progress))
        v->arch.nmi_pending = true;
}

static void deliver_event(struct vcpu *v, struct cpu_user_regs *regs)
{
    struct bounce_target t = {.rip = v->arch.event_cb.rip, .mask_events = true, .vector = 0xff};

    (void)bounce(v, regs, &t); /* if not, it is still pending */
}

/* Interrupts are off, before and after unless something was done: then look again. */
static bool do_urgent_work(struct vcpu *v)
{
    if (softirq_is_pending()) {
        local_irq_enable();
        do_softirq(); /* may switch to another vCPU: then it does not return */
        return true;
    }
    if (unlikely(v->domain->is_shut_down)) {
        raise_softirq(SOFTIRQ_SCHEDULE);
        return true;
    }
    if (unlikely(v->arch.waits_fill)) {
        local_irq_enable();
        fill_wait(v);
        return true;
    }
    return false;
}

void pv_exit_work(struct cpu_user_regs *regs)
{
    struct vcpu *v = current;

    for (;;) {
        local_irq_disable();
        if (do_urgent_work(v))
            continue;
        if (v->arch.pending_exception) {
            v->arch.pending_exception = false;
            bounce_exception(v, regs, v->arch.exc_vector, v->arch.exc_error);
            continue;
        }
        if (v->arch.nmi_pending && !v->arch.nmi_in_progress) {
            deliver_nmi(v, regs);
            continue;
        }
        if (!vcpu_events_pending(v))
            return;
        /* Before the guest has set a callback, its events just wait. */
        if (!v->arch.event_cb.rip)
            return;
        deliver_event(v, regs);
        if (!v->domain->is_shut_down && !softirq_is_pending() && !v->arch.waits_fill)
            return;
    }
}

bool vcpu_events_pending(const struct vcpu *v)
{
    const struct vcpu_info *info = v->info;

    return READ_ONCE(info->evtchn_upcall_pending) && !READ_ONCE(info->evtchn_upcall_mask);
}

/* --- iret --- */

long do_iret(void)
{
    struct cpu_user_regs *regs = guest_cpu_regs();
    struct vcpu *v = current;
    struct iret_context f;

    if (unlikely(copy_from_guest(&f, regs->rsp, sizeof(f)))) {
        domain_crash(v->domain, "iret frame at %016lx cannot be read", (unsigned long)regs->rsp);
        return 0;
    }
    if ((f.cs & 3) == 3) {
        if (unlikely(mfn_eq(v->arch.user_l4, INVALID_MFN))) {
            domain_crash(v->domain, "iret to user mode without user page tables");
            return 0;
        }
        toggle_mode(v);
    }
    regs->entry_vector = 0;
    regs->rip = f.rip;
    regs->cs = (u16)f.cs | 3;
    regs->rflags = (f.rflags & ~(X86_EFLAGS_IOPL | X86_EFLAGS_VM)) | X86_EFLAGS_IF | 2;
    regs->rsp = f.rsp;
    regs->ss = (u16)f.ss | 3;
    if (!(f.flags & VGCF_in_syscall)) {
        regs->rcx = f.rcx;
        regs->r11 = f.r11;
    }
    if (v->domain->arch.vm_assist & (1u << VMASST_TYPE_architectural_iopl))
        v->arch.iopl = (f.rflags & X86_EFLAGS_IOPL) >> 12;
    v->arch.nmi_in_progress = false;
    v->info->evtchn_upcall_mask = !(f.rflags & X86_EFLAGS_IF);
    return (long)f.rax;
}

/*
 * IRETQ faulted in our context with the guest's registers loaded; the fault's frame may overlap
 * guest_regs below rip. Put the registers back; the guest gets the fault in the context that it
 * wanted to return to, as 4.17 does. A descriptor of its LDT may just not have been looked at yet.
 */
void pv_iret_fault(struct cpu_user_regs *regs)
{
    struct cpu_user_regs *guest = guest_cpu_regs();
    struct vcpu *v = current;
    struct cpu_user_regs saved = *regs;
    const u64 *iret_frame = (const u64 *)saved.rsp;
    unsigned long cr2 = read_cr2();
    u8 vector = (u8)saved.entry_vector;

    guest->rip = iret_frame[0];
    guest->cs = (u16)iret_frame[1];
    guest->rflags = iret_frame[2];
    guest->rsp = iret_frame[3];
    guest->ss = (u16)iret_frame[4];
    memcpy(guest, &saved, offsetof(struct cpu_user_regs, error_code));
    guest->entry_vector = 0;
    local_irq_enable();
    if (vector == TRAP_PF) {
        if (!ldt_fault(v, cr2) && !descriptor_window_fault(v, cr2))
            pv_inject_exception(TRAP_GP, 0);
    } else {
        pv_inject_exception(vector, (int)saved.error_code);
    }
    cancel_if_unfilled(v, guest, guest->rip);
    reset_stack_and_jump(exit_to_guest);
}

void show_guest(const struct vcpu *v)
{
    if (v == current && !is_idle_vcpu(v))
        show_regs(guest_cpu_regs());
}

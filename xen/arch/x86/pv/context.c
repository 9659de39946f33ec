/* SPDX-License-Identifier: MIT */
/* context.c - a vCPU's context as VCPUOP_initialise and domctl give and take it. */
#include <xen/lib.h>
#include <xen/mm.h>
#include <xen/sched.h>
#include <xen/time.h>
#include <asm/fpu.h>
#include <asm/mm.h>
#include <asm/page.h>
#include <asm/pv.h>
#include "private.h"

/* Values that need no reference: checked here, so that nothing fails after references are taken. */
static int check_values(const struct vcpu_guest_context *c)
{
    if (c->vm_assist & ~VM_ASSIST_VALID)
        return -EINVAL;
    if (c->gdt_ents > FIRST_RESERVED_GDT_ENTRY || c->ldt_ents > 8192)
        return -EINVAL;
    if (c->ldt_ents && ((c->ldt_base & ~PAGE_MASK) || is_hv_address(c->ldt_base)))
        return -EINVAL;
    if (!pv_code_address_ok(c->user_regs.rip) || !pv_code_address_ok(c->event_callback_eip) ||
        !pv_code_address_ok(c->failsafe_callback_eip) ||
        !pv_code_address_ok(c->syscall_callback_eip))
        return -EINVAL;
    if (!is_canonical(c->fs_base) || !is_canonical(c->gs_base_kernel) ||
        !is_canonical(c->gs_base_user))
        return -EINVAL;
    return 0;
}

static int take_l4(struct vcpu *v, mfn_t *l4, mfn_t want)
{
    int rc = 0;

    if (mfn_eq(*l4, want))
        return 0;
    if (!mfn_eq(*l4, INVALID_MFN))
        return pv_put_base(v, l4, true) ? -ERESTART : take_l4(v, l4, want);
    rc = pt_get_l4(v->domain, mfn_x(want));
    if (!rc)
        *l4 = want;
    return rc;
}

/*
 * Checking tables may take several calls. The vCPU, which has no context yet, holds meanwhile what
 * was done; an error gives it up.
 */
static int take_tables(struct vcpu *v, const struct vcpu_guest_context *c)
{
    unsigned long kernel = c->ctrlreg[3] >> PAGE_SHIFT, user = c->ctrlreg[1] >> PAGE_SHIFT;
    int rc = take_l4(v, &v->arch.kernel_l4, _mfn(kernel));

    if (!rc)
        rc = take_l4(v, &v->arch.user_l4, user ? _mfn(user) : INVALID_MFN);
    if (!rc)
        pv_load_bases(v);
    return rc;
}

static void set_registers(struct vcpu *v, const struct vcpu_guest_context *c)
{
    struct cpu_user_regs *r = &v->arch.user_regs;

    *r = c->user_regs;
    r->entry_vector = 0;
    r->cs |= 3;
    r->ss |= 3;
    v->arch.iopl = (r->rflags & X86_EFLAGS_IOPL) >> 12;
    r->rflags &= ~(X86_EFLAGS_IOPL | X86_EFLAGS_VM | X86_EFLAGS_NT | X86_EFLAGS_RF);
    r->rflags |= X86_EFLAGS_IF | 2;
    v->arch.kernel_mode = (c->flags & VGCF_in_kernel) || mfn_eq(v->arch.user_l4, INVALID_MFN);
    v->arch.cr3 = v->arch.kernel_mode ? v->arch.kernel_cr3 : v->arch.user_cr3;
    v->arch.fs_base = c->fs_base;
    v->arch.gs_base_kernel = c->gs_base_kernel;
    v->arch.gs_base_user = c->gs_base_user;
    v->arch.kernel_sp = c->kernel_sp;
    v->arch.kernel_ss = c->kernel_ss | 3;
    pv_set_cr4(v, c->ctrlreg[4]);
}

static const void *fpu_of(const struct vcpu_guest_context *c)
{
    return c->flags & VGCF_I387_VALID ? c->fpu_ctxt.x : NULL;
}

/* What both calls do in the end. */
static void finish_context(struct vcpu *v)
{
    pv_update_fast_path(v);
    /* A kernel that was saved elsewhere, too, reads the time when it goes on. */
    if (v->vcpu_id == 0)
        domain_wallclock_update(v->domain);
}

static void set_callbacks(struct vcpu *v, const struct vcpu_guest_context *c)
{
    for (unsigned int i = 0; i < 256; i++) {
        v->arch.traps[i] = c->trap_ctxt[i];
        pv_fix_trap(&v->arch.traps[i]);
    }
    v->arch.event_cb = (struct pv_callback){c->event_callback_eip, true};
    v->arch.failsafe_cb = (struct pv_callback){c->failsafe_callback_eip,
                                               !!(c->flags & VGCF_failsafe_disables_events)};
    v->arch.syscall_cb =
        (struct pv_callback){c->syscall_callback_eip, !!(c->flags & VGCF_syscall_disables_events)};
}

/* Bad values leave the reset state, as 4.17 does. */
static void set_debugregs(struct vcpu *v, const struct vcpu_guest_context *c)
{
    for (unsigned int i = 0; i < 8; i++)
        if (i != 4 && i != 5 && pv_set_debugreg(v, i, c->debugreg[i]))
            printk(XLOG_GUEST_DEBUG "d%uv%u: debug register %u ignored\n", v->domain->domain_id,
                   v->vcpu_id, i);
}

static int take_references(struct vcpu *v, const struct vcpu_guest_context *c)
{
    unsigned int frames = DIV_ROUND_UP((unsigned int)c->gdt_ents, 512u);
    int rc = pv_take_gdt_frames(v->domain, c->gdt_frames, frames);

    if (rc)
        return rc;
    rc = take_tables(v, c);
    if (rc)
        for (unsigned int i = 0; i < frames; i++)
            put_page_and_type(mfn_to_page(_mfn(c->gdt_frames[i])));
    return rc;
}

int pv_vcpu_set_context(struct vcpu *v, const struct vcpu_guest_context *c)
{
    int rc = pt_drain(current);

    if (!rc)
        rc = check_values(c);
    if (!rc)
        rc = take_references(v, c);
    if (rc) {
        /*
         * An earlier part of this call may have got this far. With a table parked, taking another
         * one apart could not stop: then the vCPU keeps it, for the next call or its end.
         */
        if (rc != -ERESTART && !current->arch.parked_levels)
            (void)pv_put_base(v, &v->arch.kernel_l4, true);
        return rc;
    }
    pv_install_gdt(v, c->gdt_frames, (unsigned int)c->gdt_ents);
    v->arch.ldt_base = c->ldt_base;
    v->arch.ldt_ents = (unsigned int)c->ldt_ents;
    set_registers(v, c);
    vcpu_fpu_set(v, fpu_of(c));
    set_callbacks(v, c);
    set_debugregs(v, c);
    finish_context(v);
    if (v->vcpu_id == 0)
        v->domain->arch.vm_assist = (u32)c->vm_assist;
    v->arch.initialised = true;
    return 0;
}

static bool same_tables(const struct vcpu *v, const struct vcpu_guest_context *c)
{
    unsigned long user = c->ctrlreg[1] >> PAGE_SHIFT;

    if (!mfn_eq(v->arch.kernel_l4, _mfn(c->ctrlreg[3] >> PAGE_SHIFT)) ||
        !mfn_eq(v->arch.user_l4, user ? _mfn(user) : INVALID_MFN))
        return false;
    if (c->gdt_ents != v->arch.gdt_ents || c->ldt_base != v->arch.ldt_base ||
        c->ldt_ents != v->arch.ldt_ents)
        return false;
    for (unsigned int i = 0; i < DIV_ROUND_UP(v->arch.gdt_ents, 512); i++)
        if (c->gdt_frames[i] != v->arch.gdt_mfns[i])
            return false;
    return true;
}

int pv_vcpu_change_context(struct vcpu *v, const struct vcpu_guest_context *c)
{
    int rc = check_values(c);

    if (rc)
        return rc;
    if (!same_tables(v, c))
        return -EOPNOTSUPP;
    set_registers(v, c);
    vcpu_fpu_change(v, fpu_of(c));
    set_callbacks(v, c);
    set_debugregs(v, c);
    finish_context(v);
    return 0;
}

/* --- taking --- */

static u64 flags_of(const struct vcpu *v)
{
    return VGCF_i387_valid | (v->arch.kernel_mode ? VGCF_in_kernel : 0) |
           (v->arch.failsafe_cb.mask_events ? VGCF_failsafe_disables_events : 0) |
           (v->arch.syscall_cb.mask_events ? VGCF_syscall_disables_events : 0);
}

void pv_vcpu_get_context(const struct vcpu *v, struct vcpu_guest_context *c)
{
    vcpu_fpu_get(v, c->fpu_ctxt.x);
    c->flags = flags_of(v);
    c->user_regs = v->arch.user_regs;
    c->user_regs.rflags |= (unsigned long)v->arch.iopl << 12;
    memcpy(c->trap_ctxt, v->arch.traps, sizeof(c->trap_ctxt));
    c->ldt_base = v->arch.ldt_base;
    c->ldt_ents = v->arch.ldt_ents;
    for (unsigned int i = 0; i < DIV_ROUND_UP(v->arch.gdt_ents, 512); i++)
        c->gdt_frames[i] = v->arch.gdt_mfns[i];
    c->gdt_ents = v->arch.gdt_ents;
    c->kernel_ss = v->arch.kernel_ss;
    c->kernel_sp = v->arch.kernel_sp;
    c->ctrlreg[0] = (read_cr0() & ~CR0_TS) | (v->arch.guest_ts ? CR0_TS : 0);
    c->ctrlreg[3] = mfn_to_maddr(v->arch.kernel_l4);
    c->ctrlreg[1] = mfn_eq(v->arch.user_l4, INVALID_MFN) ? 0 : mfn_to_maddr(v->arch.user_l4);
    c->ctrlreg[4] = v->arch.guest_cr4;
    for (unsigned int i = 0; i < 8; i++)
        c->debugreg[i] = i == 4 || i == 5 ? 0 : v->arch.dr[i];
    c->event_callback_eip = v->arch.event_cb.rip;
    c->failsafe_callback_eip = v->arch.failsafe_cb.rip;
    c->syscall_callback_eip = v->arch.syscall_cb.rip;
    c->vm_assist = v->domain->arch.vm_assist;
    c->fs_base = v->arch.fs_base;
    c->gs_base_kernel = v->arch.gs_base_kernel;
    c->gs_base_user = v->arch.gs_base_user;
}

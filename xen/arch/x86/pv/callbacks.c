/* SPDX-License-Identifier: MIT */
/* callbacks.c - hypercalls by which a PV kernel says where it wants to be entered, and how. */
#include <xen/guest-access.h>
#include <xen/hypercall.h>
#include <xen/lib.h>
#include <xen/sched.h>
#include <public/callback.h>
#include <asm/fpu.h>
#include <asm/page.h>
#include <asm/pv.h>
#include <asm/traps.h>
#include "private.h"

/* A jump to our range from ring 3 would only fault, but refuse such handlers anyway. */
bool pv_code_address_ok(unsigned long addr)
{
    return is_canonical(addr) && !is_hv_address(addr);
}

void pv_fix_trap(struct trap_info *t)
{
    t->cs |= 3;
    if (!pv_code_address_ok(t->address))
        t->address = 0;
}

long do_set_trap_table(unsigned long traps)
{
    struct vcpu *v = current;
    struct trap_info t;

    if (!traps) {
        memset(v->arch.traps, 0, 256 * sizeof(t));
        pv_update_fast_path(v);
        return 0;
    }
    for (unsigned long i = 0;; i++) {
        if (copy_elem_from_guest(&t, traps, i, sizeof(t)))
            return -EFAULT;
        if (!t.address) {
            pv_update_fast_path(v);
            return 0;
        }
        if (!pv_code_address_ok(t.address))
            return -EINVAL;
        pv_fix_trap(&t);
        v->arch.traps[t.vector] = t;
        /* A list without end must not hold the CPU. */
        if (i >= 255 && hypercall_preempt_check())
            return hypercall_continue(__HYPERVISOR_set_trap_table, 1, traps + (i + 1) * sizeof(t));
    }
}

static struct pv_callback *callback_of(struct vcpu *v, u16 type)
{
    switch (type) {
    case CALLBACKTYPE_event:
        return &v->arch.event_cb;
    case CALLBACKTYPE_failsafe:
        return &v->arch.failsafe_cb;
    case CALLBACKTYPE_syscall:
        return &v->arch.syscall_cb;
    }
    /* 32-bit entry instructions fall back to int 0x80; NMIs go through the trap table. */
    return NULL;
}

static long set_nmi_callback(struct vcpu *v, unsigned long address)
{
    v->arch.traps[TRAP_NMI].address = address;
    return 0;
}

long do_callback_op(unsigned long cmd, unsigned long arg)
{
    struct vcpu *v = current;
    struct callback_register r = {0};
    struct callback_unregister u;
    struct pv_callback *cb;

    if (cmd == CALLBACKOP_register) {
        if (copy_from_guest(&r, arg, sizeof(r)))
            return -EFAULT;
        if (!pv_code_address_ok(r.address))
            return -EINVAL;
    } else if (cmd == CALLBACKOP_unregister) {
        if (copy_from_guest(&u, arg, sizeof(u)))
            return -EFAULT;
        /* A guest without these could not be entered any more. */
        if (u.type == CALLBACKTYPE_event || u.type == CALLBACKTYPE_failsafe ||
            u.type == CALLBACKTYPE_syscall)
            return -EINVAL;
        r.type = u.type;
    } else {
        return -ENOSYS;
    }
    if (r.type == CALLBACKTYPE_nmi)
        return set_nmi_callback(v, r.address);
    cb = callback_of(v, r.type);
    if (!cb)
        return r.type == CALLBACKTYPE_sysenter || r.type == CALLBACKTYPE_syscall32 ? -EINVAL
                                                                                   : -ENOSYS;
    cb->rip = r.address;
    cb->mask_events = r.type == CALLBACKTYPE_event || (r.flags & CALLBACKF_mask_events);
    pv_update_fast_path(v);
    return 0;
}

/* The form of old guests. What is no address of theirs is left out: the call itself never fails. */
long do_set_callbacks(unsigned long event, unsigned long failsafe, unsigned long syscall)
{
    struct vcpu *v = current;

    if (pv_code_address_ok(event))
        v->arch.event_cb = (struct pv_callback){event, true};
    if (pv_code_address_ok(failsafe))
        v->arch.failsafe_cb = (struct pv_callback){failsafe, false};
    if (pv_code_address_ok(syscall))
        v->arch.syscall_cb = (struct pv_callback){syscall, false};
    pv_update_fast_path(v);
    return 0;
}

long do_stack_switch(unsigned long ss, unsigned long sp)
{
    struct vcpu *v = current;

    v->arch.kernel_ss = ss | 3;
    v->arch.kernel_sp = sp;
    pv_update_fast_path(v);
    return 0;
}

long do_fpu_taskswitch(unsigned long set)
{
    vcpu_fpu_set_ts(current, set != 0);
    return 0;
}

long do_vm_assist(unsigned long cmd, unsigned long type)
{
    struct domain *d = current->domain;
    struct vcpu *v;

    if (type == VMASST_TYPE_m2p_strict)
        return cmd <= VMASST_CMD_disable ? 0 : -ENOSYS; /* the M2P is never in user tables' way */
    if (type >= 32 || !(VM_ASSIST_VALID >> type & 1))
        return -EINVAL;
    switch (cmd) {
    case VMASST_CMD_enable:
        __atomic_fetch_or(&d->arch.vm_assist, 1u << type, __ATOMIC_SEQ_CST);
        if (type == VMASST_TYPE_architectural_iopl)
            for_each_vcpu (d, v)
                pv_update_fast_path(v);
        return 0;
    case VMASST_CMD_disable:
        __atomic_fetch_and(&d->arch.vm_assist, ~(1u << type), __ATOMIC_SEQ_CST);
        return 0;
    }
    return -ENOSYS;
}

long do_xenpmu_op(unsigned long op, unsigned long arg)
{
    (void)op;
    (void)arg;
    return -EOPNOTSUPP; /* as 4.17 without vpmu= */
}

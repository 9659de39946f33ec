/* SPDX-License-Identifier: MIT */
/*
 * multicall.c - several hypercalls in one, and hypercalls that go on later.
 *
 * A preempted hypercall is made again: its registers hold the new arguments and the instruction
 * pointer stands on the SYSCALL again. Inside a multicall the entry's arguments are rewritten in
 * guest memory instead, and the multicall itself goes on at that entry.
 */
#include <xen/event.h>
#include <xen/guest-access.h>
#include <xen/hypercall.h>
#include <xen/lib.h>
#include <xen/param.h>
#include <xen/sched.h>
#include <xen/softirq.h>
#include <public/xen.h>
#include "private.h"

/* The call in progress of a multicall, on this CPU: a hypercall never moves. */
static DEFINE_PER_CPU(struct multicall_entry, mc_call);

#ifdef XENOLITH_DEBUG
static u32 opt_force_preempt;
PARAM_UINT_DEF("force_preempt", opt_force_preempt,
               "for tests: every n-th check stops a long hypercall (default: none)");

static bool preempt_forced(void)
{
    static u32 checks;

    return unlikely(opt_force_preempt) &&
           __atomic_add_fetch(&checks, 1, __ATOMIC_RELAXED) % opt_force_preempt == 0;
}
#else
static bool preempt_forced(void)
{
    return false;
}
#endif

bool hypercall_preempt_check(void)
{
    const struct vcpu_info *info = current->info;

    return preempt_forced() || softirq_is_pending() ||
           (info->evtchn_upcall_pending && !info->evtchn_upcall_mask);
}

long hypercall_continue(unsigned int op, unsigned int nr_args, ...)
{
    struct cpu_user_regs *regs = guest_cpu_regs();
    u64 *const reg[] = {&regs->rdi, &regs->rsi, &regs->rdx, &regs->r10, &regs->r8, &regs->r9};
    struct vcpu *v = current;
    va_list ap;

    ASSERT(nr_args <= ARRAY_SIZE(reg));
    va_start(ap, nr_args);
    for (unsigned int i = 0; i < nr_args; i++) {
        unsigned long arg = va_arg(ap, unsigned long);

        if (v->in_multicall)
            this_cpu(mc_call).args[i] = arg;
        else
            *reg[i] = arg;
    }
    va_end(ap);
    if (v->in_multicall)
        v->multicall_preempted = true;
    else
        regs->rip -= 2; /* SYSCALL: rax is set to op by the return value */
    return (long)op;
}

static void run_one(struct multicall_entry *c)
{
    if (c->op >= NR_HYPERCALLS || !hypercall_table[c->op])
        c->result = (unsigned long)-ENOSYS;
    else if (c->op == __HYPERVISOR_multicall || c->op == __HYPERVISOR_iret)
        c->result = (unsigned long)-EINVAL;
    else if (unlikely(current->arch.hypercalls != hypercall_table))
        c->result = (unsigned long)hypercall_when_filled(c->op, c->args);
    else
        c->result = (unsigned long)hypercall_table[c->op](c->args[0], c->args[1], c->args[2],
                                                          c->args[3], c->args[4], c->args[5]);
}

long do_multicall(unsigned long list, unsigned long nr)
{
    struct multicall_entry *c = &this_cpu(mc_call);
    struct vcpu *v = current;
    unsigned long i;

    if (v->in_multicall)
        return -EINVAL;
    nr = (u32)nr;
    if (!guest_range_ok(list, nr * sizeof(*c)))
        return -EFAULT;
    for (i = 0; i < nr; i++) {
        unsigned long at = list + i * sizeof(*c);

        if (i && hypercall_preempt_check())
            goto preempted;
        if (copy_from_guest(c, at, sizeof(*c)))
            return -EFAULT;
        v->in_multicall = true;
        v->multicall_preempted = false;
        run_one(c);
        v->in_multicall = false;
        if (v->multicall_preempted) {
            if (copy_to_guest(at + offsetof(struct multicall_entry, args), c->args,
                              sizeof(c->args)))
                return -EFAULT;
            goto preempted;
        }
        if (copy_to_guest(at + offsetof(struct multicall_entry, result), &c->result,
                          sizeof(c->result)))
            return -EFAULT;
    }
    return 0;
preempted:
    return hypercall_continue(__HYPERVISOR_multicall, 2, list + i * sizeof(*c), nr - i);
}

/* SPDX-License-Identifier: MIT */
/*
 * filled.c - hypercalls of a domain with pages whose content has yet to come (<xen/fill.h>).
 *
 * A hypercall that meets such a page in the memory of its caller fails, and is made again when the
 * page is filled. What does something before it has read all of its arguments (lists, mostly) must
 * not come that far: here the memory of these is looked at before.
 */
#include <xen/errno.h>
#include <xen/fill.h>
#include <xen/grant-table.h>
#include <xen/guest-access.h>
#include <xen/hypercall.h>
#include <xen/sched.h>
#include <public/memory.h>
#include <public/xen.h>
#include <asm/current.h>
#include <asm/logdirty.h>
#include "private.h"

/* A list longer than this only harms its caller: it may be done in part twice. */
#define MOST_BYTES (1UL << 20)

static bool list_filled(unsigned long list, unsigned long nr, size_t size)
{
    return logdirty_filled(current, list, MIN((nr & UINT32_MAX) * size, MOST_BYTES));
}

static bool reservation_filled(const struct xen_memory_reservation *r)
{
    return !r->extent_start || list_filled(r->extent_start, r->nr_extents, sizeof(u64));
}

static bool memory_op_filled(unsigned long cmd, unsigned long arg)
{
    struct xen_memory_exchange x;

    switch (cmd & ((1UL << MEMOP_EXTENT_SHIFT) - 1)) {
    case XENMEM_increase_reservation:
    case XENMEM_decrease_reservation:
    case XENMEM_populate_physmap:
        return logdirty_filled(current, arg, sizeof(x.in)) &&
               (copy_from_guest(&x.in, arg, sizeof(x.in)) || reservation_filled(&x.in));
    case XENMEM_exchange:
        return logdirty_filled(current, arg, sizeof(x)) &&
               (copy_from_guest(&x, arg, sizeof(x)) ||
                (reservation_filled(&x.in) && reservation_filled(&x.out)));
    }
    return true;
}

static bool arguments_filled(unsigned long nr, const unsigned long a[6])
{
    switch (nr) {
    case __HYPERVISOR_iret:
        return logdirty_filled(current, guest_cpu_regs()->rsp, sizeof(struct iret_context));
    case __HYPERVISOR_mmu_update:
        return list_filled(a[0], a[1] & INT32_MAX, sizeof(struct mmu_update)) &&
               (!a[2] || list_filled(a[2], 1, sizeof(u32)));
    case __HYPERVISOR_mmuext_op:
        return list_filled(a[0], a[1] & INT32_MAX, sizeof(struct mmuext_op)) &&
               (!a[2] || list_filled(a[2], 1, sizeof(u32)));
    case __HYPERVISOR_multicall:
        return list_filled(a[0], a[1], sizeof(struct multicall_entry));
    case __HYPERVISOR_grant_table_op:
        return list_filled(a[1], a[2], gnttab_element_size(a[0]));
    case __HYPERVISOR_memory_op:
        return memory_op_filled(a[0], a[1]);
    case __HYPERVISOR_console_io:
        return list_filled(a[2], a[1], 1);
    }
    return true;
}

/* Nothing was done: the same again. */
static long again(unsigned long nr, const unsigned long a[6])
{
    return hypercall_continue((unsigned int)nr, 6, a[0], a[1], a[2], a[3], a[4], a[5]);
}

long hypercall_when_filled(unsigned long nr, const unsigned long a[6])
{
    struct vcpu *v = current;
    bool noted = v->arch.waits_fill; /* by an entry before, in a multicall: that has its result */
    u32 mfn = v->arch.fill_noted;
    long rc;

    if (nr >= NR_HYPERCALLS || !hypercall_table[nr])
        return -ENOSYS;
    v->arch.waits_fill = false;
    if (!arguments_filled(nr, a))
        return again(nr, a);
    rc = hypercall_table[nr](a[0], a[1], a[2], a[3], a[4], a[5]);
    if (v->arch.waits_fill)
        return rc < 0 ? again(nr, a) : rc;
    if (noted)
        fill_note(v, mfn);
    return rc;
}

static long any_hypercall(unsigned long a1, unsigned long a2, unsigned long a3, unsigned long a4,
                          unsigned long a5, unsigned long a6)
{
    const unsigned long a[] = {a1, a2, a3, a4, a5, a6};

    return hypercall_when_filled(guest_cpu_regs()->rax, a);
}

static hypercall_fn *const watching_table[NR_HYPERCALLS] = {[0 ... NR_HYPERCALLS - 1] =
                                                                any_hypercall};

void hypercalls_when_filled(struct vcpu *v, bool on)
{
    v->arch.hypercalls = on ? watching_table : hypercall_table;
}

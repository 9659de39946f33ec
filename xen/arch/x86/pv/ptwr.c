/* SPDX-License-Identifier: MIT */
/*
 * ptwr.c - stores of a PV kernel to its own level-1 tables.
 *
 * Such a table is mapped read-only, so the store faults. If the fault is that and nothing else, the
 * instruction is executed here with the store replaced by a validated update of the entry. Anything
 * that does not fit goes to the guest as the page fault it is.
 */
#include <xen/lib.h>
#include <xen/guest-access.h>
#include <xen/mm.h>
#include <xen/sched.h>
#include <asm/layout.h>
#include <asm/mm.h>
#include "private.h"
#include "../emul/emulate.h"

#define PTE_PRESENT 0x1UL
#define PTE_RW      0x2UL
#define PTE_FRAME   0x000ffffffffff000UL

/*
 * The level-1 table of v's domain that is mapped read-only at va, with a reference and a type
 * reference; NULL if it is something else.
 */
static struct page_info *get_own_l1(struct vcpu *v, unsigned long va)
{
    struct page_info *pg;
    unsigned long l1e;
    mfn_t mfn;

    if (pv_walk_l1e(v, va, &l1e) || (l1e & (PTE_PRESENT | PTE_RW)) != PTE_PRESENT)
        return NULL;
    mfn = _mfn((l1e & PTE_FRAME) >> PAGE_SHIFT);
    if (!mfn_valid(mfn))
        return NULL;
    pg = mfn_to_page(mfn);
    /* Only a table that is one already: nothing is to be checked for this. */
    if ((READ_ONCE(pg->type_info) & PGT_TYPE_MASK) != PGT_L1)
        return NULL;
    return get_page_and_type(pg, v->domain, PGT_L1) ? NULL : pg;
}

/*
 * Replaces `size` bytes at addr inside one naturally aligned entry. check_old: only if they are
 * `old` now. A narrower store always checks the rest of the entry, which it must not disturb.
 */
static int update_slot(struct x86_emul *e, unsigned long addr, unsigned int size, u64 old,
                       bool check_old, u64 val)
{
    const unsigned long *page = e->ctx;
    unsigned long slot = addr & ~7UL;
    unsigned int shift = 8 * (unsigned int)(addr & 7);
    u64 whole, mask;

    if ((slot & PAGE_MASK) != *page || (addr & (size - 1)))
        return -EOPNOTSUPP; /* another page needs its own check; unaligned ones span entries */
    if (size == 8)
        return pv_l1_update_by_va(current, slot, old, check_old, val);
    if (copy_from_guest(&whole, slot, sizeof(whole)))
        return -EOPNOTSUPP;
    mask = ((1ULL << (8 * size)) - 1) << shift;
    if (check_old && (whole & mask) != old << shift)
        return -EAGAIN;
    return pv_l1_update_by_va(current, slot, whole, true, (whole & ~mask) | val << shift);
}

/* A refused entry is the guest's mistake, shown to it as the fault that brought us here. */
static int update_result(int rc)
{
    return rc == 0 || rc == -EAGAIN ? rc : -EOPNOTSUPP;
}

static int ptwr_write(struct x86_emul *e, unsigned long addr, unsigned int size, u64 val)
{
    return update_result(update_slot(e, addr, size, 0, false, val));
}

static int ptwr_cmpxchg(struct x86_emul *e, unsigned long addr, unsigned int size, u64 old, u64 val)
{
    return update_result(update_slot(e, addr, size, old, true, val));
}

/* Reads may fault on their own; let the guest see that fault first. */
static int ptwr_read(struct x86_emul *e, unsigned long addr, unsigned int size, u64 *ret_val)
{
    int rc = pv_emul_read(e, addr, size, ret_val);

    return rc == -EFAULT ? -EOPNOTSUPP : rc;
}

static const struct x86_emul_ops ptwr_ops = {
    .read = ptwr_read,
    .write = ptwr_write,
    .cmpxchg = ptwr_cmpxchg,
    .seg_base = pv_emul_seg_base,
};

static u64 *gpr(struct cpu_user_regs *regs, unsigned int reg)
{
    switch (reg) {
    case 0:
        return &regs->rax;
    case 1:
        return &regs->rcx;
    case 2:
        return &regs->rdx;
    case 3:
        return &regs->rbx;
    case 4:
        return &regs->rsp;
    case 5:
        return &regs->rbp;
    case 6:
        return &regs->rsi;
    case 7:
        return &regs->rdi;
    default: /* r8 is the highest address of r8 to r11, r12 of the rest */
        return reg < 12 ? &regs->r8 - (reg - 8) : &regs->r12 - (reg - 12);
    }
}

/*
 * mov r64, m64 and xchg r64, m64, which is nearly every case. The address needs no decoding: for an
 * aligned access it is the faulting address. Returns the instruction's length, 0 if it is another.
 */
static unsigned int match_mov_xchg(const u8 *b, unsigned int *ret_reg, bool *ret_xchg)
{
    unsigned int mod = b[2] >> 6, rm = b[2] & 7, len = 3;

    if ((b[0] & 0xf8) != 0x48 || (b[1] != 0x89 && b[1] != 0x87) || mod == 3)
        return 0;
    if (rm == 4) {
        len++;
        if (mod == 0 && (b[3] & 7) == 5)
            len += 4;
    } else if (mod == 0 && rm == 5) {
        len += 4;
    }
    len += mod == 1 ? 1 : mod == 2 ? 4 : 0;
    *ret_reg = (b[2] >> 3 & 7) | (b[0] & 4 ? 8 : 0);
    *ret_xchg = b[1] == 0x87;
    return len;
}

/* 0 done, -ENOENT: not this instruction, else the update's error. */
static int fast_path(struct vcpu *v, struct cpu_user_regs *regs, unsigned long addr,
                     struct page_info *table)
{
    unsigned int len, reg = 0;
    unsigned long old;
    bool is_xchg = false;
    u8 b[4];
    int rc;

    if (regs->cs != FLAT_USER_CS64 || (addr & 7) || copy_from_guest(b, regs->rip, sizeof(b)))
        return -ENOENT;
    len = match_mov_xchg(b, &reg, &is_xchg);
    if (!len)
        return -ENOENT;
    rc = pt_swap_l1_entry(table, (addr & ~PAGE_MASK) / 8, *gpr(regs, reg), v->domain, &old);
    if (rc)
        return rc;
    if (is_xchg)
        *gpr(regs, reg) = old;
    regs->rip += len;
    return 0;
}

static int emulate_store(struct cpu_user_regs *regs, unsigned long addr)
{
    unsigned long page = addr & PAGE_MASK;
    struct x86_emul e = {.regs = regs, .ops = &ptwr_ops, .ctx = &page, .cpl = 0};
    struct x86_insn insn;

    if (pv_fetch_insn(regs, &insn))
        return -EOPNOTSUPP;
    return x86_emulate(&e, &insn);
}

bool pv_ptwr_fault(struct cpu_user_regs *regs, unsigned long addr)
{
    struct vcpu *v = current;
    struct page_info *table;
    int rc;

    if (!v->arch.kernel_mode || !guest_range_ok(addr, 1))
        return false;
    table = get_own_l1(v, addr);
    if (!table)
        return false;
    rc = fast_path(v, regs, addr, table);
    if (rc == -ENOENT)
        rc = emulate_store(regs, addr);
    put_page_and_type(table);
    if (rc == -EAGAIN)
        return true; /* the entry changed meanwhile: the guest tries again */
    if (rc)
        return false;
    pv_insn_done(regs);
    return true;
}

/* SPDX-License-Identifier: MIT */
/*
 * grant-write.c - stores of a PV kernel to its own grant table, while some of its pages are not
 * filled (<xen/fill.h>).
 *
 * The table is mapped read-only then, so each store faults and is executed here. Before it would
 * put the number of a frame without content into an entry, in either version of the table, the
 * guest waits: those who may use a grant need not, and often could not.
 */
#include <xen/fill.h>
#include <xen/lib.h>
#include <xen/sched.h>
#include <asm/page.h>
#include "private.h"
#include "../emul/emulate.h"

struct table_page {
    unsigned long va;
    char *page;
};

/* A word of the table as it would be. Version 1 has a frame in its upper half, version 2 in the
 * whole; to wait for one that is not meant does no harm. */
static bool frames_filled(struct vcpu *v, u64 word)
{
    const unsigned long frame[] = {word, word >> 32};

    for (unsigned int i = 0; i < ARRAY_SIZE(frame); i++) {
        const struct page_info *pg = mfn_to_page(_mfn(frame[i]));

        if (mfn_valid(_mfn(frame[i])) && page_owner(pg) == v->domain && !page_filled(pg))
            return false;
    }
    return true;
}

/* Another vCPU may write to the rest of the word: a narrow store stays narrow. */
#define STORE(type)                                                                \
    do {                                                                           \
        type old_ = (type)old;                                                     \
        if (!check_old)                                                            \
            WRITE_ONCE(*(type *)p, (type)val);                                     \
        else if (!__atomic_compare_exchange_n((type *)p, &old_, (type)val, false,  \
                                              __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST)) \
            return -EAGAIN;                                                        \
        return 0;                                                                  \
    } while (0)

static int store_part(char *p, unsigned int size, u64 old, bool check_old, u64 val)
{
    switch (size) {
    case 1:
        STORE(u8);
    case 2:
        STORE(u16);
    case 4:
        STORE(u32);
    default:
        STORE(u64);
    }
}

static int store(struct x86_emul *e, unsigned long addr, unsigned int size, u64 old, bool check_old,
                 u64 val)
{
    const struct table_page *t = e->ctx;
    unsigned int shift = 8 * (unsigned int)(addr & 7);
    u64 mask = size == 8 ? ~0ULL : ((1ULL << (8 * size)) - 1) << shift;
    char *p = t->page + (addr & ~PAGE_MASK);
    u64 word;

    if ((addr & PAGE_MASK) != t->va || (addr & (size - 1)))
        return -EOPNOTSUPP;
    word = READ_ONCE(*(u64 *)((unsigned long)p & ~7UL));
    if (!frames_filled(current, (word & ~mask) | (val << shift & mask)))
        return -EAGAIN;
    return store_part(p, size, old, check_old, val);
}

static int table_write(struct x86_emul *e, unsigned long addr, unsigned int size, u64 val)
{
    return store(e, addr, size, 0, false, val);
}

static int table_cmpxchg(struct x86_emul *e, unsigned long addr, unsigned int size, u64 old,
                         u64 val)
{
    return store(e, addr, size, old, true, val);
}

static const struct x86_emul_ops table_ops = {
    .read = pv_emul_read,
    .write = table_write,
    .cmpxchg = table_cmpxchg,
    .seg_base = pv_emul_seg_base,
};

/* The frame of ours that v's domain has mapped writable at va, with a reference, or NULL. */
static struct page_info *get_table(struct vcpu *v, unsigned long va)
{
    struct page_info *pg;
    unsigned long e;

    if (pv_walk_l1e(v, va, &e) || (e & (PTE_P | PTE_RW)) != (PTE_P | PTE_RW) ||
        !mfn_valid(_mfn(pte_mfn(e))))
        return NULL;
    pg = mfn_to_page(_mfn(pte_mfn(e)));
    if (!(pg->count_info & PGC_XEN_HEAP) || !get_page(pg, v->domain))
        return NULL;
    return pg;
}

void pv_grant_write(struct cpu_user_regs *regs, unsigned long addr)
{
    struct vcpu *v = current;
    struct page_info *pg = get_table(v, addr);
    struct table_page t = {.va = addr & PAGE_MASK};
    struct x86_emul e = {.regs = regs, .ops = &table_ops, .ctx = &t, .cpl = 0};
    struct x86_insn insn;
    bool fetched;
    int rc;

    if (!pg)
        return; /* another vCPU has changed the mapping: the guest finds what is there now */
    t.page = page_to_virt(pg);
    rc = pv_fetch_insn(regs, &insn);
    fetched = !rc;
    if (!rc)
        rc = x86_emulate(&e, &insn);
    put_page(pg);
    if (!rc)
        pv_insn_done(regs);
    else if (v->arch.waits_fill || rc == -EAGAIN)
        return;
    else if (rc != -EFAULT)
        fill_note(v, 0); /* an instruction that we do not know: the CPU executes it, later */
    else if (fetched)
        pv_emul_inject(&e); /* an operand of its own; else the CPU finds no code either */
}

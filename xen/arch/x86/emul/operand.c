/* SPDX-License-Identifier: MIT */
/* operand.c - the emulator's access to registers and memory operands. */
#include "private.h"

static const u16 reg_offset[16] = {
    offsetof(struct cpu_user_regs, rax), offsetof(struct cpu_user_regs, rcx),
    offsetof(struct cpu_user_regs, rdx), offsetof(struct cpu_user_regs, rbx),
    offsetof(struct cpu_user_regs, rsp), offsetof(struct cpu_user_regs, rbp),
    offsetof(struct cpu_user_regs, rsi), offsetof(struct cpu_user_regs, rdi),
    offsetof(struct cpu_user_regs, r8),  offsetof(struct cpu_user_regs, r9),
    offsetof(struct cpu_user_regs, r10), offsetof(struct cpu_user_regs, r11),
    offsetof(struct cpu_user_regs, r12), offsetof(struct cpu_user_regs, r13),
    offsetof(struct cpu_user_regs, r14), offsetof(struct cpu_user_regs, r15),
};

static u64 *reg_slot(struct cpu_user_regs *regs, unsigned int reg)
{
    return (u64 *)((char *)regs + reg_offset[reg & 15]);
}

static bool is_high_byte(unsigned int reg, unsigned int size, bool rex)
{
    return size == 1 && !rex && reg >= 4 && reg < 8;
}

u64 __reg_read(const struct cpu_user_regs *regs, unsigned int reg, unsigned int size, bool rex)
{
    struct cpu_user_regs *r = (struct cpu_user_regs *)regs;

    if (is_high_byte(reg, size, rex))
        return (*reg_slot(r, reg - 4) >> 8) & 0xff;
    return *reg_slot(r, reg) & size_mask(size);
}

void __reg_write(struct cpu_user_regs *regs, unsigned int reg, unsigned int size, bool rex, u64 val)
{
    u64 *slot = reg_slot(regs, reg);

    if (is_high_byte(reg, size, rex)) {
        slot = reg_slot(regs, reg - 4);
        *slot = (*slot & ~0xff00ULL) | (val & 0xff) << 8;
    } else if (size >= 4) {
        *slot = val & size_mask(size); /* 32-bit results clear the upper half */
    } else {
        *slot = (*slot & ~size_mask(size)) | (val & size_mask(size));
    }
}

int __seg_addr(struct x86_emul *e, const struct x86_insn *insn, enum x86_seg seg, u64 offset,
               unsigned long *ret_addr)
{
    unsigned long base = 0;
    int rc;

    offset &= size_mask(insn->addr_size);
    if (insn->mode == X86_MODE_32 || seg >= X86_SEG_FS) {
        if (!e->ops->seg_base)
            return -EOPNOTSUPP;
        rc = e->ops->seg_base(e, seg, &base);
        if (rc)
            return rc;
    }
    offset += base;
    *ret_addr = insn->mode == X86_MODE_32 ? (u32)offset : offset;
    return 0;
}

int __mem_addr(struct x86_emul *e, const struct x86_insn *insn, s64 offset, unsigned long *ret_addr)
{
    u64 ea = (u64)insn->disp + (u64)offset;

    if (insn->base != X86_REG_NONE)
        ea += *reg_slot(e->regs, insn->base);
    if (insn->index != X86_REG_NONE)
        ea += *reg_slot(e->regs, insn->index) << insn->scale;
    if (insn->rip_relative)
        ea += e->regs->rip + insn->length;
    return __seg_addr(e, insn, insn->seg, ea, ret_addr);
}

int __mem_read(struct x86_emul *e, unsigned long addr, unsigned int size, u64 *ret_val)
{
    return e->ops->read ? e->ops->read(e, addr, size, ret_val) : -EOPNOTSUPP;
}

int __mem_write(struct x86_emul *e, unsigned long addr, unsigned int size, u64 val)
{
    return e->ops->write ? e->ops->write(e, addr, size, val & size_mask(size)) : -EOPNOTSUPP;
}

int __mem_cmpxchg(struct x86_emul *e, unsigned long addr, unsigned int size, u64 old, u64 val)
{
    if (!e->ops->cmpxchg)
        return -EOPNOTSUPP;
    return e->ops->cmpxchg(e, addr, size, old & size_mask(size), val & size_mask(size));
}

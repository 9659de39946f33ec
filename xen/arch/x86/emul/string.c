/* SPDX-License-Identifier: MIT */
/*
 * string.c - string instructions, also repeated.
 *
 * Each iteration is complete in itself, as in hardware: a failure after the first one ends the run
 * with the progress made, and the guest meets the cause again when it continues the instruction.
 */
#include "private.h"

/* So that a long run does not delay interrupts. */
#define MAX_ITERATIONS 1024

bool __is_string(const struct x86_insn *insn)
{
    if (insn->map != X86_MAP_1BYTE)
        return false;
    return (insn->opcode >= 0x6c && insn->opcode <= 0x6f) ||
           (insn->opcode >= 0xa4 && insn->opcode <= 0xa5) ||
           (insn->opcode >= 0xaa && insn->opcode <= 0xad);
}

static u64 index_read(struct x86_emul *e, const struct x86_insn *insn, unsigned int reg)
{
    return __reg_read(e->regs, reg, insn->addr_size, true);
}

static void index_advance(struct x86_emul *e, const struct x86_insn *insn, unsigned int reg)
{
    u64 step = e->regs->rflags & FLAG_DF ? -(u64)insn->op_size : insn->op_size;

    __reg_write(e->regs, reg, insn->addr_size, true, index_read(e, insn, reg) + step);
}

static int load_source(struct x86_emul *e, const struct x86_insn *insn, u64 *ret_val)
{
    unsigned long addr;
    int rc = __seg_addr(e, insn, insn->seg, index_read(e, insn, X86_REG_SI), &addr);

    return rc ? rc : __mem_read(e, addr, insn->op_size, ret_val);
}

static int store_dest(struct x86_emul *e, const struct x86_insn *insn, u64 val)
{
    unsigned long addr;
    int rc = __seg_addr(e, insn, X86_SEG_ES, index_read(e, insn, X86_REG_DI), &addr);

    return rc ? rc : __mem_write(e, addr, insn->op_size, val);
}

static int step_ins(struct x86_emul *e, const struct x86_insn *insn)
{
    u32 val = 0;
    int rc;

    if (!e->ops->port_in)
        return -EOPNOTSUPP;
    rc = e->ops->port_in(e, (u16)e->regs->rdx, insn->op_size, &val);
    if (!rc)
        rc = store_dest(e, insn, val);
    if (!rc)
        index_advance(e, insn, X86_REG_DI);
    return rc;
}

static int step_outs(struct x86_emul *e, const struct x86_insn *insn)
{
    u64 val = 0;
    int rc;

    if (!e->ops->port_out)
        return -EOPNOTSUPP;
    rc = load_source(e, insn, &val);
    if (!rc)
        rc = e->ops->port_out(e, (u16)e->regs->rdx, insn->op_size, (u32)val);
    if (!rc)
        index_advance(e, insn, X86_REG_SI);
    return rc;
}

static int step_movs(struct x86_emul *e, const struct x86_insn *insn)
{
    u64 val = 0;
    int rc = load_source(e, insn, &val);

    if (!rc)
        rc = store_dest(e, insn, val);
    if (rc)
        return rc;
    index_advance(e, insn, X86_REG_SI);
    index_advance(e, insn, X86_REG_DI);
    return 0;
}

static int step_stos(struct x86_emul *e, const struct x86_insn *insn)
{
    int rc = store_dest(e, insn, __reg_read(e->regs, X86_REG_AX, insn->op_size, true));

    if (!rc)
        index_advance(e, insn, X86_REG_DI);
    return rc;
}

static int step_lods(struct x86_emul *e, const struct x86_insn *insn)
{
    u64 val = 0;
    int rc = load_source(e, insn, &val);

    if (rc)
        return rc;
    __reg_write(e->regs, X86_REG_AX, insn->op_size, true, val);
    index_advance(e, insn, X86_REG_SI);
    return 0;
}

static int step(struct x86_emul *e, const struct x86_insn *insn)
{
    switch (insn->opcode & 0xfe) {
    case 0x6c:
        return step_ins(e, insn);
    case 0x6e:
        return step_outs(e, insn);
    case 0xa4:
        return step_movs(e, insn);
    case 0xaa:
        return step_stos(e, insn);
    default:
        return step_lods(e, insn);
    }
}

int __emulate_string(struct x86_emul *e, const struct x86_insn *insn)
{
    bool repeated = insn->rep || insn->repne;
    /* A single-step trap follows every iteration. */
    unsigned int budget = e->regs->rflags & FLAG_TF ? 1 : MAX_ITERATIONS;
    u64 count = repeated ? index_read(e, insn, X86_REG_CX) : 1;
    bool progress = false;

    for (; count && budget; budget--) {
        int rc = step(e, insn);

        if (rc)
            return progress ? 0 : rc;
        progress = true;
        count--;
        if (repeated)
            __reg_write(e->regs, X86_REG_CX, insn->addr_size, true, count);
    }
    if (!count) {
        e->regs->rip += insn->length;
        if (insn->mode == X86_MODE_32)
            e->regs->rip = (u32)e->regs->rip;
    }
    return 0;
}

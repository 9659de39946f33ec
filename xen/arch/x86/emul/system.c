/* SPDX-License-Identifier: MIT */
/* system.c - port, control-register, MSR and other system instructions; each is one callback. */
#include "private.h"

static int gp(struct x86_emul *e)
{
    return x86_emul_fault(e, X86_FAULT_GP, 0);
}

static u64 edx_eax(const struct cpu_user_regs *regs)
{
    return (regs->rdx & 0xffffffff) << 32 | (regs->rax & 0xffffffff);
}

static void set_edx_eax(struct cpu_user_regs *regs, u64 val)
{
    regs->rax = (u32)val;
    regs->rdx = val >> 32;
}

int __emulate_port(struct x86_emul *e, const struct x86_insn *insn)
{
    u16 port = insn->imm_size ? (u8)insn->imm : (u16)e->regs->rdx;
    u32 val = 0;
    int rc;

    if (insn->opcode & 2) {
        if (!e->ops->port_out)
            return -EOPNOTSUPP;
        val = (u32)__reg_read(e->regs, X86_REG_AX, insn->op_size, true);
        return e->ops->port_out(e, port, insn->op_size, val);
    }
    if (!e->ops->port_in)
        return -EOPNOTSUPP;
    rc = e->ops->port_in(e, port, insn->op_size, &val);
    if (!rc)
        __reg_write(e->regs, X86_REG_AX, insn->op_size, true, val);
    return rc;
}

static int move_cr_dr(struct x86_emul *e, const struct x86_insn *insn)
{
    const struct x86_emul_ops *ops = e->ops;
    bool to = insn->opcode & 2, dr = insn->opcode & 1;
    int (*rd)(struct x86_emul *, unsigned int, u64 *) = dr ? ops->read_dr : ops->read_cr;
    int (*wr)(struct x86_emul *, unsigned int, u64) = dr ? ops->write_dr : ops->write_cr;
    u64 val = 0;
    int rc;

    /* There are CR0, 2, 3, 4, 8 and DR0 to DR7. */
    if (dr ? insn->reg > 7 : insn->reg == 1 || (insn->reg > 4 && insn->reg != 8))
        return x86_emul_fault(e, X86_FAULT_UD, 0);
    if (e->cpl != 0)
        return gp(e);
    if (to)
        return wr ? wr(e, insn->reg, __reg_read(e->regs, insn->rm, insn->op_size, true))
                  : -EOPNOTSUPP;
    rc = rd ? rd(e, insn->reg, &val) : -EOPNOTSUPP;
    if (!rc)
        __reg_write(e->regs, insn->rm, insn->op_size, true, val);
    return rc;
}

static int read_msr(struct x86_emul *e)
{
    u64 val = 0;
    int rc;

    if (e->cpl != 0)
        return gp(e);
    rc = e->ops->read_msr ? e->ops->read_msr(e, (u32)e->regs->rcx, &val) : -EOPNOTSUPP;
    if (!rc)
        set_edx_eax(e->regs, val);
    return rc;
}

static int write_msr(struct x86_emul *e)
{
    if (e->cpl != 0)
        return gp(e);
    if (!e->ops->write_msr)
        return -EOPNOTSUPP;
    return e->ops->write_msr(e, (u32)e->regs->rcx, edx_eax(e->regs));
}

static int read_tsc(struct x86_emul *e, bool with_aux)
{
    u32 aux = 0;
    u64 tsc = 0;
    int rc = e->ops->rdtsc ? e->ops->rdtsc(e, &tsc) : -EOPNOTSUPP;

    if (!rc && with_aux)
        rc = e->ops->rdtsc_aux ? e->ops->rdtsc_aux(e, &aux) : -EOPNOTSUPP;
    if (rc)
        return rc;
    set_edx_eax(e->regs, tsc);
    if (with_aux)
        e->regs->rcx = aux;
    return 0;
}

static int read_pmc(struct x86_emul *e)
{
    u64 val = 0;
    int rc = e->ops->rdpmc ? e->ops->rdpmc(e, (u32)e->regs->rcx, &val) : -EOPNOTSUPP;

    if (!rc)
        set_edx_eax(e->regs, val);
    return rc;
}

static int do_cpuid(struct x86_emul *e)
{
    struct cpu_user_regs *regs = e->regs;
    u32 r[4] = {0};
    int rc;

    rc = e->ops->cpuid ? e->ops->cpuid(e, (u32)regs->rax, (u32)regs->rcx, r) : -EOPNOTSUPP;
    if (rc)
        return rc;
    regs->rax = r[0];
    regs->rbx = r[1];
    regs->rcx = r[2];
    regs->rdx = r[3];
    return 0;
}

/* 0F 01 with a register form: the whole ModRM byte selects. */
static int group7(struct x86_emul *e, const struct x86_insn *insn)
{
    u64 val = 0;
    int rc;

    switch (insn->modrm) {
    case 0xd0:
        rc = e->ops->xgetbv ? e->ops->xgetbv(e, (u32)e->regs->rcx, &val) : -EOPNOTSUPP;
        if (!rc)
            set_edx_eax(e->regs, val);
        return rc;
    case 0xd1:
        if (e->cpl != 0)
            return gp(e);
        if (!e->ops->xsetbv)
            return -EOPNOTSUPP;
        return e->ops->xsetbv(e, (u32)e->regs->rcx, edx_eax(e->regs));
    case 0xf9:
        return read_tsc(e, true);
    default:
        return -EOPNOTSUPP;
    }
}

static int system_0f(struct x86_emul *e, const struct x86_insn *insn)
{
    const struct x86_emul_ops *ops = e->ops;

    switch (insn->opcode) {
    case 0x01:
        return group7(e, insn);
    case 0x06:
        if (e->cpl != 0)
            return gp(e);
        return ops->clts ? ops->clts(e) : -EOPNOTSUPP;
    case 0x08:
    case 0x09:
        if (e->cpl != 0)
            return gp(e);
        return ops->flush_caches ? ops->flush_caches(e, insn->opcode == 0x09) : -EOPNOTSUPP;
    case 0x20 ... 0x23:
        return move_cr_dr(e, insn);
    case 0x30:
        return write_msr(e);
    case 0x31:
        return read_tsc(e, false);
    case 0x32:
        return read_msr(e);
    case 0x33:
        return read_pmc(e);
    case 0xa2:
        return do_cpuid(e);
    default:
        return -EOPNOTSUPP;
    }
}

int __emulate_system(struct x86_emul *e, const struct x86_insn *insn)
{
    if (insn->map == X86_MAP_0F)
        return system_0f(e, insn);
    switch (insn->opcode) {
    case 0xf4:
        if (e->cpl != 0)
            return gp(e);
        return e->ops->halt ? e->ops->halt(e) : -EOPNOTSUPP;
    case 0xfa:
    case 0xfb:
        return e->ops->set_if ? e->ops->set_if(e, insn->opcode == 0xfb) : -EOPNOTSUPP;
    default:
        return -EOPNOTSUPP;
    }
}

/* SPDX-License-Identifier: MIT */
/*
 * emulate.c - executes one decoded instruction: data movement, arithmetic, bit and exchange
 * instructions here; strings in string.c, system instructions in system.c.
 *
 * Order within an instruction: read operands, compute, write memory, and only then registers and
 * flags, so that a failing memory access leaves the register file alone.
 */
#include "private.h"

/* The ModRM r/m operand: a register, or a memory location with its linear address. */
struct operand {
    unsigned int size;
    unsigned long addr;
    u64 val;
};

int x86_emul_fault(struct x86_emul *e, u8 vector, u32 error_code)
{
    e->fault.vector = vector;
    e->fault.has_error = vector == X86_FAULT_GP || vector == X86_FAULT_PF;
    e->fault.error_code = error_code;
    e->fault.cr2 = 0;
    return -EFAULT;
}

int x86_emul_page_fault(struct x86_emul *e, u32 error_code, unsigned long addr)
{
    x86_emul_fault(e, X86_FAULT_PF, error_code);
    e->fault.cr2 = addr;
    return -EFAULT;
}

static u64 get_reg(struct x86_emul *e, const struct x86_insn *insn, unsigned int reg,
                   unsigned int size)
{
    return __reg_read(e->regs, reg, size, insn->rex != 0);
}

static void set_reg(struct x86_emul *e, const struct x86_insn *insn, unsigned int reg,
                    unsigned int size, u64 val)
{
    __reg_write(e->regs, reg, size, insn->rex != 0, val);
}

static int read_rm(struct x86_emul *e, const struct x86_insn *insn, unsigned int size,
                   struct operand *op)
{
    int rc;

    op->size = size;
    if (!insn->has_mem) {
        op->val = get_reg(e, insn, insn->rm, size);
        return 0;
    }
    rc = __mem_addr(e, insn, 0, &op->addr);
    return rc ? rc : __mem_read(e, op->addr, size, &op->val);
}

/* Puts the result of a read-modify-write where read_rm() found the old value. */
static int update_rm(struct x86_emul *e, const struct x86_insn *insn, const struct operand *op,
                     u64 val)
{
    if (insn->has_mem)
        return __mem_cmpxchg(e, op->addr, op->size, op->val, val);
    set_reg(e, insn, insn->rm, op->size, val);
    return 0;
}

static int store_rm(struct x86_emul *e, const struct x86_insn *insn, u64 val)
{
    unsigned long addr;
    int rc;

    if (!insn->has_mem) {
        set_reg(e, insn, insn->rm, insn->op_size, val);
        return 0;
    }
    rc = __mem_addr(e, insn, 0, &addr);
    return rc ? rc : __mem_write(e, addr, insn->op_size, val);
}

static void commit_flags(struct x86_emul *e, unsigned long f)
{
    e->regs->rflags = f;
}

/* op r/m, src */
static int alu_rm(struct x86_emul *e, const struct x86_insn *insn, enum alu_op op, u64 src)
{
    unsigned long f = e->regs->rflags;
    struct operand rm;
    u64 res;
    int rc = read_rm(e, insn, insn->op_size, &rm);

    if (rc)
        return rc;
    res = __alu(op, insn->op_size, rm.val, src, &f);
    if (op != ALU_CMP)
        rc = update_rm(e, insn, &rm, res);
    if (!rc)
        commit_flags(e, f);
    return rc;
}

/* op reg, val */
static void alu_reg(struct x86_emul *e, const struct x86_insn *insn, enum alu_op op,
                    unsigned int reg, u64 src)
{
    unsigned long f = e->regs->rflags;
    u64 res = __alu(op, insn->op_size, get_reg(e, insn, reg, insn->op_size), src, &f);

    if (op != ALU_CMP)
        set_reg(e, insn, reg, insn->op_size, res);
    commit_flags(e, f);
}

/* Opcodes 00 to 3D. */
static int alu_opcode(struct x86_emul *e, const struct x86_insn *insn)
{
    enum alu_op op = (enum alu_op)(insn->opcode >> 3);
    struct operand rm;
    int rc;

    switch (insn->opcode & 7) {
    case 0:
    case 1:
        return alu_rm(e, insn, op, get_reg(e, insn, insn->reg, insn->op_size));
    case 2:
    case 3:
        rc = read_rm(e, insn, insn->op_size, &rm);
        if (!rc)
            alu_reg(e, insn, op, insn->reg, rm.val);
        return rc;
    default:
        alu_reg(e, insn, op, X86_REG_AX, (u64)insn->imm);
        return 0;
    }
}

static void test_flags(struct x86_emul *e, unsigned int size, u64 a, u64 b)
{
    unsigned long f = e->regs->rflags;

    __alu(ALU_AND, size, a, b, &f);
    commit_flags(e, f);
}

static int test_rm(struct x86_emul *e, const struct x86_insn *insn, u64 src)
{
    struct operand rm;
    int rc = read_rm(e, insn, insn->op_size, &rm);

    if (!rc)
        test_flags(e, insn->op_size, rm.val, src);
    return rc;
}

/* F6, F7: test, not, neg. */
static int group3(struct x86_emul *e, const struct x86_insn *insn)
{
    unsigned long f = e->regs->rflags;
    struct operand rm;
    u64 res;
    int rc;

    if (x86_insn_ext(insn) < 2)
        return test_rm(e, insn, (u64)insn->imm);
    rc = read_rm(e, insn, insn->op_size, &rm);
    if (rc)
        return rc;
    res = x86_insn_ext(insn) == 2 ? ~rm.val : __alu(ALU_SUB, insn->op_size, 0, rm.val, &f);
    rc = update_rm(e, insn, &rm, res);
    if (!rc)
        commit_flags(e, f);
    return rc;
}

static int inc_dec(struct x86_emul *e, const struct x86_insn *insn)
{
    unsigned long f = e->regs->rflags;
    struct operand rm;
    int rc = read_rm(e, insn, insn->op_size, &rm);

    if (rc)
        return rc;
    rc = update_rm(e, insn, &rm, __alu_inc_dec(x86_insn_ext(insn) == 1, insn->op_size, rm.val, &f));
    if (!rc)
        commit_flags(e, f);
    return rc;
}

static int exchange(struct x86_emul *e, const struct x86_insn *insn)
{
    struct operand rm;
    int rc = read_rm(e, insn, insn->op_size, &rm);

    if (!rc)
        rc = update_rm(e, insn, &rm, get_reg(e, insn, insn->reg, insn->op_size));
    if (!rc)
        set_reg(e, insn, insn->reg, insn->op_size, rm.val);
    return rc;
}

static int exchange_add(struct x86_emul *e, const struct x86_insn *insn)
{
    unsigned long f = e->regs->rflags;
    struct operand rm;
    u64 sum;
    int rc = read_rm(e, insn, insn->op_size, &rm);

    if (rc)
        return rc;
    sum = __alu(ALU_ADD, insn->op_size, rm.val, get_reg(e, insn, insn->reg, insn->op_size), &f);
    if (insn->has_mem) {
        rc = update_rm(e, insn, &rm, sum);
        if (rc)
            return rc;
    }
    set_reg(e, insn, insn->reg, insn->op_size, rm.val);
    if (!insn->has_mem) /* last, for xadd of a register with itself leaves the sum */
        update_rm(e, insn, &rm, sum);
    commit_flags(e, f);
    return 0;
}

static int compare_exchange(struct x86_emul *e, const struct x86_insn *insn)
{
    u64 acc = get_reg(e, insn, X86_REG_AX, insn->op_size);
    unsigned long f = e->regs->rflags;
    struct operand rm;
    int rc = read_rm(e, insn, insn->op_size, &rm);

    if (rc)
        return rc;
    __alu(ALU_CMP, insn->op_size, acc, rm.val, &f);
    if (f & FLAG_ZF)
        rc = update_rm(e, insn, &rm, get_reg(e, insn, insn->reg, insn->op_size));
    else
        set_reg(e, insn, X86_REG_AX, insn->op_size, rm.val);
    if (!rc)
        commit_flags(e, f);
    return rc;
}

static int compare_exchange_8b(struct x86_emul *e, const struct x86_insn *insn)
{
    struct cpu_user_regs *regs = e->regs;
    u64 expect = (regs->rdx & 0xffffffff) << 32 | (u32)regs->rax;
    u64 val = (regs->rcx & 0xffffffff) << 32 | (u32)regs->rbx;
    struct operand rm;
    int rc = read_rm(e, insn, 8, &rm);

    if (rc)
        return rc;
    if (rm.val != expect) {
        regs->rax = (u32)rm.val;
        regs->rdx = rm.val >> 32;
        regs->rflags &= ~FLAG_ZF;
        return 0;
    }
    rc = update_rm(e, insn, &rm, val);
    if (!rc)
        regs->rflags |= FLAG_ZF;
    return rc;
}

/*
 * bt, bts, btr, btc. A bit number in a register reaches beyond a memory operand: it selects the
 * operand-sized unit relative to the address, signed.
 */
static int bit_test(struct x86_emul *e, const struct x86_insn *insn, unsigned int op, u64 bit_reg,
                    bool far)
{
    unsigned int bits = 8U * insn->op_size, bit = (unsigned int)bit_reg & (bits - 1);
    s64 offset = far ? ((s64)sign_extend(bit_reg, insn->op_size) >> 3) & -(s64)insn->op_size : 0;
    unsigned long f = e->regs->rflags;
    struct operand rm = {.size = insn->op_size};
    u64 res;
    int rc;

    if (insn->has_mem) {
        rc = __mem_addr(e, insn, offset, &rm.addr);
        if (!rc)
            rc = __mem_read(e, rm.addr, rm.size, &rm.val);
    } else {
        rc = read_rm(e, insn, insn->op_size, &rm);
    }
    if (rc)
        return rc;
    res = __alu_bit(op, bit, rm.val, &f);
    if (op != 0)
        rc = update_rm(e, insn, &rm, res);
    if (!rc)
        commit_flags(e, f);
    return rc;
}

/* movzx, movsx, movsxd: a smaller source. */
static int move_extend(struct x86_emul *e, const struct x86_insn *insn, unsigned int src_size,
                       bool is_signed)
{
    struct operand rm;
    int rc = read_rm(e, insn, src_size, &rm);

    if (!rc)
        set_reg(e, insn, insn->reg, insn->op_size,
                is_signed ? sign_extend(rm.val, src_size) : rm.val);
    return rc;
}

static int load_reg(struct x86_emul *e, const struct x86_insn *insn, unsigned int reg)
{
    struct operand rm;
    int rc = read_rm(e, insn, insn->op_size, &rm);

    if (!rc)
        set_reg(e, insn, reg, insn->op_size, rm.val);
    return rc;
}

static int execute_1byte(struct x86_emul *e, const struct x86_insn *insn)
{
    if (insn->opcode < 0x40)
        return alu_opcode(e, insn);
    switch (insn->opcode) {
    case 0x63:
        return move_extend(e, insn, MIN(insn->op_size, 4), true);
    case 0x80:
    case 0x81:
    case 0x83:
        return alu_rm(e, insn, (enum alu_op)x86_insn_ext(insn), (u64)insn->imm);
    case 0x84:
    case 0x85:
        return test_rm(e, insn, get_reg(e, insn, insn->reg, insn->op_size));
    case 0x86:
    case 0x87:
        return exchange(e, insn);
    case 0x88:
    case 0x89:
        return store_rm(e, insn, get_reg(e, insn, insn->reg, insn->op_size));
    case 0x8a:
    case 0x8b:
        return load_reg(e, insn, insn->reg);
    case 0xa0:
    case 0xa1:
        return load_reg(e, insn, X86_REG_AX);
    case 0xa2:
    case 0xa3:
        return store_rm(e, insn, get_reg(e, insn, X86_REG_AX, insn->op_size));
    case 0xa8:
    case 0xa9:
        test_flags(e, insn->op_size, get_reg(e, insn, X86_REG_AX, insn->op_size), (u64)insn->imm);
        return 0;
    case 0xc6:
    case 0xc7:
        return store_rm(e, insn, (u64)insn->imm);
    case 0xe4 ... 0xe7:
    case 0xec ... 0xef:
        return __emulate_port(e, insn);
    case 0xf6:
    case 0xf7:
        return group3(e, insn);
    case 0xfe:
    case 0xff:
        return inc_dec(e, insn);
    default:
        return __emulate_system(e, insn);
    }
}

static int execute_0f(struct x86_emul *e, const struct x86_insn *insn)
{
    switch (insn->opcode) {
    case 0xa3: /* the operation is in bits 3 and 4 of the opcode */
    case 0xab:
    case 0xb3:
    case 0xbb:
        return bit_test(e, insn, insn->opcode >> 3 & 3, get_reg(e, insn, insn->reg, insn->op_size),
                        true);
    case 0xba:
        return bit_test(e, insn, x86_insn_ext(insn) & 3, (u64)insn->imm, false);
    case 0xb0:
    case 0xb1:
        return compare_exchange(e, insn);
    case 0xb6:
    case 0xb7:
    case 0xbe:
    case 0xbf:
        return move_extend(e, insn, 1U + (insn->opcode & 1), insn->opcode >= 0xbe);
    case 0xc0:
    case 0xc1:
        return exchange_add(e, insn);
    case 0xc3:
        return store_rm(e, insn, get_reg(e, insn, insn->reg, insn->op_size));
    case 0xc7:
        return compare_exchange_8b(e, insn);
    default:
        return __emulate_system(e, insn);
    }
}

int x86_emulate(struct x86_emul *e, const struct x86_insn *insn)
{
    int rc;

    if (__is_string(insn)) {
        rc = __emulate_string(e, insn);
    } else {
        rc = insn->map == X86_MAP_0F ? execute_0f(e, insn) : execute_1byte(e, insn);
        if (!rc) {
            e->regs->rip += insn->length;
            if (insn->mode == X86_MODE_32)
                e->regs->rip = (u32)e->regs->rip;
        }
    }
    if (!rc)
        e->regs->rflags &= ~FLAG_RF;
    return rc;
}

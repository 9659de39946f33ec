/* SPDX-License-Identifier: MIT */
/* private.h - what the files of the emulator share. */
#ifndef EMUL_PRIVATE_H
#define EMUL_PRIVATE_H

#include <xen/errno.h>
#include "emulate.h"

#define FLAG_CF 0x001UL
#define FLAG_PF 0x004UL
#define FLAG_AF 0x010UL
#define FLAG_ZF 0x040UL
#define FLAG_SF 0x080UL
#define FLAG_TF 0x100UL
#define FLAG_DF 0x400UL
#define FLAG_OF 0x800UL
#define FLAG_RF 0x10000UL

/* In the order of the opcode's operation field. */
enum alu_op {
    ALU_ADD,
    ALU_OR,
    ALU_ADC,
    ALU_SBB,
    ALU_AND,
    ALU_SUB,
    ALU_XOR,
    ALU_CMP,
};

static inline u64 size_mask(unsigned int size)
{
    return size == 8 ? ~0ULL : (1ULL << (8 * size)) - 1;
}
static inline u64 sign_extend(u64 val, unsigned int size)
{
    unsigned int shift = 64 - 8 * size;

    return (u64)((s64)(val << shift) >> shift);
}

/* --- alu.c --- */
/* dst op src; *rflags gives the carry in and gets the six status flags. */
u64 __alu(enum alu_op op, unsigned int size, u64 dst, u64 src, unsigned long *rflags);
/* Like add or sub of 1, but CF stays. */
u64 __alu_inc_dec(bool dec, unsigned int size, u64 dst, unsigned long *rflags);
/* op: 0 test, 1 set, 2 reset, 3 complement; CF gets the old bit. */
u64 __alu_bit(unsigned int op, unsigned int bit, u64 dst, unsigned long *rflags);

/* --- operand.c --- */
/* Register number with REX; size 1 without a REX prefix means ah, ch, dh, bh for 4 to 7. */
u64 __reg_read(const struct cpu_user_regs *regs, unsigned int reg, unsigned int size, bool rex);
void __reg_write(struct cpu_user_regs *regs, unsigned int reg, unsigned int size, bool rex,
                 u64 val);
/* Linear address of the ModRM memory operand, or of `offset` bytes beyond it. */
int __mem_addr(struct x86_emul *e, const struct x86_insn *insn, s64 offset,
               unsigned long *ret_addr);
/* Linear address of [seg:offset] with a segment override taken into account by the caller. */
int __seg_addr(struct x86_emul *e, const struct x86_insn *insn, enum x86_seg seg, u64 offset,
               unsigned long *ret_addr);
/* Callbacks, or -EOPNOTSUPP without them. */
int __mem_read(struct x86_emul *e, unsigned long addr, unsigned int size, u64 *ret_val);
int __mem_write(struct x86_emul *e, unsigned long addr, unsigned int size, u64 val);
int __mem_cmpxchg(struct x86_emul *e, unsigned long addr, unsigned int size, u64 old, u64 val);

/* --- string.c: ins, outs, movs, stos, lods with rep; moves rip itself --- */
bool __is_string(const struct x86_insn *insn);
int __emulate_string(struct x86_emul *e, const struct x86_insn *insn);
/* --- system.c: -EOPNOTSUPP for what is not one of theirs --- */
int __emulate_port(struct x86_emul *e, const struct x86_insn *insn);
int __emulate_system(struct x86_emul *e, const struct x86_insn *insn);

#endif /* EMUL_PRIVATE_H */

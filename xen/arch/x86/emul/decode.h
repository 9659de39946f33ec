/* SPDX-License-Identifier: MIT */
/*
 * decode.h - from instruction bytes to a description of the instruction.
 *
 * Pure: no guest, no memory access, no state. It knows the instructions that emulate.c executes and
 * refuses all others, so a decoded instruction is always one that can be emulated.
 */
#ifndef EMUL_DECODE_H
#define EMUL_DECODE_H

#include <xen/types.h>

#define X86_INSN_MAX 15

enum x86_mode {
    X86_MODE_64,
    X86_MODE_32, /* protected or compatibility mode, 32-bit code segment */
};

enum x86_map {
    X86_MAP_1BYTE,
    X86_MAP_0F,
};

/* Numbered as in the segment field of instructions. */
enum x86_seg {
    X86_SEG_ES,
    X86_SEG_CS,
    X86_SEG_SS,
    X86_SEG_DS,
    X86_SEG_FS,
    X86_SEG_GS,
};

#define X86_REG_NONE 0xff

/* Register numbers: 0 rax, 1 rcx, 2 rdx, 3 rbx, 4 rsp, 5 rbp, 6 rsi, 7 rdi, 8 to 15. */
#define X86_REG_AX 0
#define X86_REG_CX 1
#define X86_REG_DX 2
#define X86_REG_BX 3
#define X86_REG_SP 4
#define X86_REG_BP 5
#define X86_REG_SI 6
#define X86_REG_DI 7

#define X86_REX_B 1
#define X86_REX_X 2
#define X86_REX_R 4
#define X86_REX_W 8

struct x86_insn {
    enum x86_mode mode;
    enum x86_map map;
    u8 opcode;
    u8 length; /* bytes, prefixes included */
    u8 rex;    /* 0: no REX prefix */
    bool lock;
    bool rep;     /* F3 */
    bool repne;   /* F2 */
    u8 op_size;   /* 1, 2, 4, 8 */
    u8 addr_size; /* 2 (implicit addresses only), 4, 8 */

    bool has_modrm;
    u8 modrm;
    u8 reg, rm; /* ModRM fields with their REX bit; rm only when the operand is a register */

    bool has_mem; /* ModRM or opcode names a memory operand: */
    enum x86_seg seg;
    u8 base, index; /* X86_REG_NONE: absent */
    u8 scale;       /* shift count for the index */
    bool rip_relative;
    s64 disp;

    u8 imm_size; /* 0: no immediate */
    s64 imm;     /* sign-extended */
};

/*
 * Decodes the instruction at the start of bytes[0..len).
 * -ENODATA: it goes on beyond len; -EINVAL: no legal encoding (raises #UD); -EOPNOTSUPP: not known.
 */
int x86_decode(const u8 *bytes, size_t len, enum x86_mode mode,
               struct x86_insn *ret_insn) __must_check;

/* The opcode extension in ModRM.reg, without REX. */
static inline unsigned int x86_insn_ext(const struct x86_insn *insn)
{
    return (insn->modrm >> 3) & 7;
}

#endif /* EMUL_DECODE_H */

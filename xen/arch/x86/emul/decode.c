/* SPDX-License-Identifier: MIT */
/*
 * decode.c - x86 instruction decoder: prefixes, opcode tables, ModRM and SIB, immediates.
 *
 * Two sparse tables say for each opcode what follows it; groups that choose by ModRM.reg are
 * checked in code. References: Intel SDM volume 2, chapter 2 and appendix A.
 */
#include <xen/errno.h>
#include "decode.h"

#define D_OK       0x0001
#define D_MODRM    0x0002
#define D_IMM8     0x0004
#define D_IMMZ     0x0008 /* 2 or 4 bytes by operand size */
#define D_BYTE     0x0010 /* operand size is one byte */
#define D_MOFFS    0x0020 /* absolute address follows */
#define D_LOCK     0x0040 /* LOCK is allowed with a memory destination */
#define D_REGONLY  0x0080 /* ModRM.mod is ignored: always registers */
#define D_NOREXW   0x0100 /* REX.W has no effect */
#define D_NATIVE   0x0200 /* operand size is that of the mode */
#define D_IMPLICIT 0x0400 /* string instruction: default segment may be overridden */

#define M  (D_OK | D_MODRM)
#define MB (D_OK | D_MODRM | D_BYTE)

/* The six encodings of one arithmetic operation; l is D_LOCK unless memory is not written. */
#define ALU_ROW(first, l)                                                               \
    [first] = MB | (l), [(first) + 1] = M | (l), [(first) + 2] = MB, [(first) + 3] = M, \
    [(first) + 4] = D_OK | D_BYTE | D_IMM8, [(first) + 5] = D_OK | D_IMMZ

static const u16 table_1byte[256] = {
    ALU_ROW(0x00, D_LOCK),  /* add */
    ALU_ROW(0x08, D_LOCK),  /* or */
    ALU_ROW(0x10, D_LOCK),  /* adc */
    ALU_ROW(0x18, D_LOCK),  /* sbb */
    ALU_ROW(0x20, D_LOCK),  /* and */
    ALU_ROW(0x28, D_LOCK),  /* sub */
    ALU_ROW(0x30, D_LOCK),  /* xor */
    ALU_ROW(0x38, 0),       /* cmp */
    [0x63] = M,             /* movsxd; arpl in 32-bit mode, refused below */
    [0x6c] = D_OK | D_BYTE, /* ins: always to ES */
    [0x6d] = D_OK | D_NOREXW,
    [0x6e] = D_OK | D_BYTE | D_IMPLICIT, /* outs */
    [0x6f] = D_OK | D_NOREXW | D_IMPLICIT,
    [0x80] = MB | D_IMM8 | D_LOCK, /* group 1 */
    [0x81] = M | D_IMMZ | D_LOCK,
    [0x83] = M | D_IMM8 | D_LOCK,
    [0x84] = MB, /* test */
    [0x85] = M,
    [0x86] = MB | D_LOCK, /* xchg */
    [0x87] = M | D_LOCK,
    [0x88] = MB, /* mov */
    [0x89] = M,
    [0x8a] = MB,
    [0x8b] = M,
    [0xa0] = D_OK | D_BYTE | D_MOFFS, /* mov, absolute */
    [0xa1] = D_OK | D_MOFFS,
    [0xa2] = D_OK | D_BYTE | D_MOFFS,
    [0xa3] = D_OK | D_MOFFS,
    [0xa4] = D_OK | D_BYTE | D_IMPLICIT, /* movs */
    [0xa5] = D_OK | D_IMPLICIT,
    [0xa8] = D_OK | D_BYTE | D_IMM8, /* test */
    [0xa9] = D_OK | D_IMMZ,
    [0xaa] = D_OK | D_BYTE, /* stos */
    [0xab] = D_OK,
    [0xac] = D_OK | D_BYTE | D_IMPLICIT, /* lods */
    [0xad] = D_OK | D_IMPLICIT,
    [0xc6] = MB | D_IMM8, /* group 11: mov */
    [0xc7] = M | D_IMMZ,
    [0xe4] = D_OK | D_BYTE | D_IMM8, /* in, out */
    [0xe5] = D_OK | D_NOREXW | D_IMM8,
    [0xe6] = D_OK | D_BYTE | D_IMM8,
    [0xe7] = D_OK | D_NOREXW | D_IMM8,
    [0xec] = D_OK | D_BYTE,
    [0xed] = D_OK | D_NOREXW,
    [0xee] = D_OK | D_BYTE,
    [0xef] = D_OK | D_NOREXW,
    [0xf4] = D_OK,        /* hlt */
    [0xf6] = MB | D_LOCK, /* group 3: test, not, neg */
    [0xf7] = M | D_LOCK,
    [0xfa] = D_OK,        /* cli */
    [0xfb] = D_OK,        /* sti */
    [0xfe] = MB | D_LOCK, /* groups 4 and 5: inc, dec */
    [0xff] = M | D_LOCK,
};

static const u16 table_0f[256] = {
    [0x01] = M,                                 /* group 7: xgetbv, xsetbv, rdtscp */
    [0x06] = D_OK,                              /* clts */
    [0x08] = D_OK,                              /* invd */
    [0x09] = D_OK,                              /* wbinvd */
    [0x20 ... 0x23] = M | D_REGONLY | D_NATIVE, /* mov to and from cr, dr */
    [0x30 ... 0x33] = D_OK,                     /* wrmsr, rdtsc, rdmsr, rdpmc */
    [0xa2] = D_OK,                              /* cpuid */
    [0xa3] = M,                                 /* bt */
    [0xab] = M | D_LOCK,                        /* bts */
    [0xb0] = MB | D_LOCK,                       /* cmpxchg */
    [0xb1] = M | D_LOCK,
    [0xb3] = M | D_LOCK,          /* btr */
    [0xb6 ... 0xb7] = M,          /* movzx */
    [0xba] = M | D_IMM8 | D_LOCK, /* group 8: bit tests */
    [0xbb] = M | D_LOCK,          /* btc */
    [0xbe ... 0xbf] = M,          /* movsx */
    [0xc0] = MB | D_LOCK,         /* xadd */
    [0xc1] = M | D_LOCK,
    [0xc3] = M,          /* movnti */
    [0xc7] = M | D_LOCK, /* group 9: cmpxchg8b */
};

/* Reading position; after an overrun it yields zeros and remembers. */
struct cursor {
    const u8 *bytes;
    size_t pos, len;
    bool overrun;
};

static u64 take(struct cursor *c, unsigned int n)
{
    u64 val = 0;

    if (c->len - c->pos < n) {
        c->overrun = true;
        c->pos = c->len;
        return 0;
    }
    for (unsigned int i = 0; i < n; i++)
        val |= (u64)c->bytes[c->pos++] << (8 * i);
    return val;
}

static s64 take_signed(struct cursor *c, unsigned int n)
{
    unsigned int shift = 64 - 8 * n;

    return (s64)(take(c, n) << shift) >> shift;
}

struct prefixes {
    bool opsize, addrsize, has_seg;
    enum x86_seg seg;
};

static bool note_prefix(u8 b, struct x86_insn *insn, struct prefixes *p)
{
    switch (b) {
    case 0x26: /* 64-bit mode ignores the overrides of flat segments */
    case 0x2e:
    case 0x36:
    case 0x3e:
        if (insn->mode == X86_MODE_32) {
            p->has_seg = true;
            p->seg = (enum x86_seg)((b >> 3) & 3);
        }
        return true;
    case 0x64:
    case 0x65:
        p->has_seg = true;
        p->seg = (enum x86_seg)(b - 0x60);
        return true;
    case 0x66:
        p->opsize = true;
        return true;
    case 0x67:
        p->addrsize = true;
        return true;
    case 0xf0:
        insn->lock = true;
        return true;
    case 0xf2:
        insn->repne = true;
        insn->rep = false;
        return true;
    case 0xf3:
        insn->rep = true;
        insn->repne = false;
        return true;
    default:
        return false;
    }
}

/* Consumes prefixes and REX; returns the first opcode byte. */
static u8 decode_prefixes(struct cursor *c, struct x86_insn *insn, struct prefixes *p)
{
    u8 b = (u8)take(c, 1);

    while (!c->overrun) {
        if (insn->mode == X86_MODE_64 && (b & 0xf0) == 0x40)
            insn->rex = b;
        else if (note_prefix(b, insn, p))
            insn->rex = 0; /* REX counts only right before the opcode */
        else
            break;
        b = (u8)take(c, 1);
    }
    return b;
}

static void decode_sib(struct cursor *c, struct x86_insn *insn, u8 mod)
{
    u8 sib = (u8)take(c, 1);
    u8 index = (u8)((sib >> 3 & 7) | (insn->rex & X86_REX_X ? 8 : 0));

    insn->scale = sib >> 6;
    if (index != X86_REG_SP)
        insn->index = index;
    if ((sib & 7) == X86_REG_BP && mod == 0)
        insn->disp = take_signed(c, 4);
    else
        insn->base = (u8)((sib & 7) | (insn->rex & X86_REX_B ? 8 : 0));
}

/* The memory forms of ModRM for 32- and 64-bit addresses. */
static void decode_mem(struct cursor *c, struct x86_insn *insn)
{
    u8 mod = insn->modrm >> 6, rm = insn->modrm & 7;

    insn->has_mem = true;
    if (rm == X86_REG_SP) {
        decode_sib(c, insn, mod);
    } else if (rm == X86_REG_BP && mod == 0) {
        insn->rip_relative = insn->mode == X86_MODE_64;
        insn->disp = take_signed(c, 4);
    } else {
        insn->base = (u8)(rm | (insn->rex & X86_REX_B ? 8 : 0));
    }
    if (mod == 1)
        insn->disp = take_signed(c, 1);
    else if (mod == 2)
        insn->disp = take_signed(c, 4);
    if (insn->base == X86_REG_SP || insn->base == X86_REG_BP)
        insn->seg = X86_SEG_SS;
}

static int decode_modrm(struct cursor *c, struct x86_insn *insn, u16 flags)
{
    insn->has_modrm = true;
    insn->modrm = (u8)take(c, 1);
    insn->reg = (u8)((insn->modrm >> 3 & 7) | (insn->rex & X86_REX_R ? 8 : 0));
    insn->rm = (u8)((insn->modrm & 7) | (insn->rex & X86_REX_B ? 8 : 0));
    if ((flags & D_REGONLY) || insn->modrm >> 6 == 3)
        return 0;
    if (insn->addr_size == 2)
        return -EOPNOTSUPP; /* 16-bit addressing forms */
    decode_mem(c, insn);
    return 0;
}

static void set_sizes(struct x86_insn *insn, u16 flags, bool opsize)
{
    if (flags & D_BYTE)
        insn->op_size = 1;
    else if (flags & D_NATIVE)
        insn->op_size = insn->mode == X86_MODE_64 ? 8 : 4;
    else if ((insn->rex & X86_REX_W) && !(flags & D_NOREXW))
        insn->op_size = 8;
    else
        insn->op_size = opsize ? 2 : 4;
}

static void decode_immediate(struct cursor *c, struct x86_insn *insn, u16 flags)
{
    if (flags & D_MOFFS) {
        insn->has_mem = true;
        insn->disp = insn->addr_size == 8 ? (s64)take(c, 8) : (s64)take(c, insn->addr_size);
    }
    if (flags & D_IMM8)
        insn->imm_size = 1;
    else if (flags & D_IMMZ)
        insn->imm_size = insn->op_size == 2 ? 2 : 4;
    /* Of group 3 only test has an immediate. */
    if (insn->map == X86_MAP_1BYTE && (insn->opcode & 0xfe) == 0xf6 && x86_insn_ext(insn) < 2)
        insn->imm_size = insn->op_size == 8 ? 4 : insn->op_size;
    if (insn->imm_size)
        insn->imm = take_signed(c, insn->imm_size);
}

static int check_group_1byte(const struct x86_insn *insn)
{
    unsigned int ext = x86_insn_ext(insn);

    switch (insn->opcode) {
    case 0x63:
        return insn->mode == X86_MODE_64 ? 0 : -EOPNOTSUPP;
    case 0xc6:
    case 0xc7:
        return ext == 0 ? 0 : -EOPNOTSUPP;
    case 0xf6:
    case 0xf7: /* mul and div do not write memory: left out */
        return ext <= 3 ? 0 : -EOPNOTSUPP;
    case 0xfe:
    case 0xff:
        return ext <= 1 ? 0 : -EOPNOTSUPP;
    default:
        return 0;
    }
}

static int check_group_0f(const struct x86_insn *insn)
{
    switch (insn->opcode) {
    case 0x01: /* xgetbv, xsetbv, rdtscp */
        return insn->modrm == 0xd0 || insn->modrm == 0xd1 || insn->modrm == 0xf9 ? 0 : -EOPNOTSUPP;
    case 0xba:
        return x86_insn_ext(insn) >= 4 ? 0 : -EINVAL;
    case 0xc3:
        return !insn->has_mem || insn->op_size == 2 ? -EINVAL : 0;
    case 0xc7: /* cmpxchg8b; the 16-byte form is not known */
        if (x86_insn_ext(insn) != 1 || !insn->has_mem || insn->op_size == 8)
            return -EOPNOTSUPP;
        return 0;
    default:
        return 0;
    }
}

/* Group members that only read their operand do not take LOCK either. */
static bool lock_allowed(const struct x86_insn *insn, u16 flags)
{
    unsigned int ext = x86_insn_ext(insn);

    if (!(flags & D_LOCK) || !insn->has_mem)
        return false;
    if (insn->map == X86_MAP_0F)
        return insn->opcode != 0xba || ext != 4;
    if (insn->opcode >= 0x80 && insn->opcode <= 0x83)
        return ext != 7;
    if ((insn->opcode & 0xfe) == 0xf6)
        return ext >= 2;
    return true;
}

/* Everything after the opcode byte. */
static int decode_operands(struct cursor *c, struct x86_insn *insn, const struct prefixes *p)
{
    u16 flags = (insn->map == X86_MAP_0F ? table_0f : table_1byte)[insn->opcode];
    int rc;

    if (!(flags & D_OK))
        return -EOPNOTSUPP;
    set_sizes(insn, flags, p->opsize);
    if (flags & D_MODRM) {
        rc = decode_modrm(c, insn, flags);
        if (rc)
            return c->overrun ? -ENODATA : rc;
    }
    decode_immediate(c, insn, flags);
    if (c->overrun)
        return -ENODATA;
    if (p->has_seg && (insn->has_mem || (flags & D_IMPLICIT)))
        insn->seg = p->seg;
    rc = insn->map == X86_MAP_0F ? check_group_0f(insn) : check_group_1byte(insn);
    if (rc)
        return rc;
    return insn->lock && !lock_allowed(insn, flags) ? -EINVAL : 0;
}

int x86_decode(const u8 *bytes, size_t len, enum x86_mode mode, struct x86_insn *ret_insn)
{
    struct cursor c = {.bytes = bytes, .len = MIN(len, (size_t)X86_INSN_MAX)};
    struct x86_insn insn = {
        .mode = mode, .seg = X86_SEG_DS, .base = X86_REG_NONE, .index = X86_REG_NONE};
    struct prefixes p = {0};
    int rc;

    insn.opcode = decode_prefixes(&c, &insn, &p);
    insn.addr_size = mode == X86_MODE_64 ? (p.addrsize ? 4 : 8) : (p.addrsize ? 2 : 4);
    if (insn.opcode == 0x0f && !c.overrun) {
        insn.map = X86_MAP_0F;
        insn.opcode = (u8)take(&c, 1);
    }
    rc = c.overrun ? -ENODATA : decode_operands(&c, &insn, &p);
    if (rc == -ENODATA && len >= X86_INSN_MAX)
        rc = -EINVAL; /* longer than any instruction may be */
    if (rc)
        return rc;
    insn.length = (u8)c.pos;
    *ret_insn = insn;
    return 0;
}

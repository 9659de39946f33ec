/* SPDX-License-Identifier: MIT */
/* alu.c - integer arithmetic with the status flags of the real instructions. */
#include "private.h"

#define FLAGS_STATUS (FLAG_CF | FLAG_PF | FLAG_AF | FLAG_ZF | FLAG_SF | FLAG_OF)

static unsigned long flags_szp(u64 res, u64 sign)
{
    unsigned long f = 0;

    if (!res)
        f |= FLAG_ZF;
    if (res & sign)
        f |= FLAG_SF;
    if (!__builtin_parity((unsigned int)(res & 0xff)))
        f |= FLAG_PF;
    return f;
}

u64 __alu(enum alu_op op, unsigned int size, u64 dst, u64 src, unsigned long *rflags)
{
    u64 mask = size_mask(size), sign = mask ^ (mask >> 1), res, carry = 0, over = 0, half = 0;
    u64 carry_in = (op == ALU_ADC || op == ALU_SBB) && (*rflags & FLAG_CF);
    unsigned long f;

    dst &= mask;
    src &= mask;
    switch (op) {
    case ALU_OR:
        res = dst | src;
        break;
    case ALU_AND:
        res = dst & src;
        break;
    case ALU_XOR:
        res = dst ^ src;
        break;
    case ALU_ADD:
    case ALU_ADC:
        res = (dst + src + carry_in) & mask;
        carry = (dst & src) | ((dst | src) & ~res);
        over = (dst ^ res) & (src ^ res);
        half = dst ^ src ^ res;
        break;
    default:
        res = (dst - src - carry_in) & mask;
        carry = (~dst & src) | (~(dst ^ src) & res);
        over = (dst ^ src) & (dst ^ res);
        half = dst ^ src ^ res;
        break;
    }
    f = flags_szp(res, sign) | (half & FLAG_AF);
    if (carry & sign)
        f |= FLAG_CF;
    if (over & sign)
        f |= FLAG_OF;
    *rflags = (*rflags & ~FLAGS_STATUS) | f;
    return res;
}

u64 __alu_inc_dec(bool dec, unsigned int size, u64 dst, unsigned long *rflags)
{
    unsigned long cf = *rflags & FLAG_CF;
    u64 res = __alu(dec ? ALU_SUB : ALU_ADD, size, dst, 1, rflags);

    *rflags = (*rflags & ~FLAG_CF) | cf;
    return res;
}

u64 __alu_bit(unsigned int op, unsigned int bit, u64 dst, unsigned long *rflags)
{
    u64 b = 1ULL << bit;

    *rflags = (*rflags & ~FLAG_CF) | (dst & b ? FLAG_CF : 0);
    switch (op) {
    case 1:
        return dst | b;
    case 2:
        return dst & ~b;
    case 3:
        return dst ^ b;
    default:
        return dst;
    }
}

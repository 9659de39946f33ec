/* SPDX-License-Identifier: MIT */
/*
 * bcj-x86.c - undoes the x86 branch filter of xz.
 *
 * Before compression the filter replaces the 32-bit operand of near calls and jumps (opcodes E8 and
 * E9) by an absolute address when its top byte is 00 or FF, because many calls of one function then
 * look alike. Some E8 and E9 bytes are really parts of operands. The filter guesses by looking at
 * the opcodes among the three bytes before that were left alone: `recent` has bit k set when the
 * byte k + 1 positions back was such an opcode. The decoder must guess exactly like the encoder.
 */
#include "private.h"

#define INSN_LEN 5 /* opcode and operand; the operand is relative to the end of both */

static always_inline bool is_sign_byte(u8 b)
{
    return b == 0x00 || b == 0xff;
}

/* The next E8 or E9 in [p, end), or end. Words without one are skipped whole. */
static always_inline u8 *find_opcode(u8 *p, u8 *end)
{
    const u64 ones = 0x0101010101010101ull;

    while (end - p >= 8) {
        u64 diff = (load64(p) & (ones * 0xfe)) ^ (ones * 0xe8);
        u64 zero = (diff - ones) & ~diff & (ones * 0x80);

        if (zero)
            return p + (__builtin_ctzll(zero) >> 3);
        p += 8;
    }
    while (p < end && (*p & 0xfe) != 0xe8)
        p++;
    return p;
}

/*
 * Absolute to relative; age: how far back the one recent opcode is, 0 for none. When the result
 * would have made the encoder see a sign byte at that opcode's operand end, the encoder had
 * inverted the bits below; inverting them once is enough, as the caller knows the byte in `value`
 * is no sign.
 */
static always_inline u32 to_relative(u32 value, u32 next_ip, unsigned int age)
{
    u32 relative = value - next_ip;

    if (age && is_sign_byte((u8)(relative >> (24 - 8 * age))))
        relative = (relative ^ (0xffffffffu >> (8 * age))) - next_ip;
    /* The top byte repeats bit 24. */
    return (u32)((s32)(relative << 7) >> 7);
}

void bcj_x86_decode(u8 *buf, size_t len, u32 start)
{
    u8 *p = buf, *after = buf, *end;
    unsigned int recent = 0; /* as seen from `after` */

    if (len < INSN_LEN)
        return;
    end = buf + len - (INSN_LEN - 1);
    while ((p = find_opcode(p, end)) < end) {
        unsigned int age;

        recent = p - after > 2 ? 0 : (recent << (p - after)) & 7;
        age = recent ? 32 - (unsigned int)__builtin_clz(recent) : 0;
        if (!is_sign_byte(p[4]) || (recent & (recent - 1)) || (age && is_sign_byte(p[4 - age]))) {
            recent = (recent << 1) | 1;
            p++;
        } else {
            store32(p + 1, to_relative(load32(p + 1), start + (u32)(p - buf) + INSN_LEN, age));
            recent = 0;
            p += INSN_LEN;
        }
        after = p;
    }
}

/* SPDX-License-Identifier: MIT */
/*
 * fuzz-emul.c - the emulator on arbitrary bytes (libFuzzer entry point).
 *
 * Input: one byte of settings, the register file, then instruction bytes. Checked: the decoder
 * never reads past its input and reports a sane length; decoding does not depend on the bytes after
 * the instruction; a failing emulation moves neither rip nor flags; memory sizes are legal.
 */
#include <stdlib.h>
#include <string.h>
#include <xen/types.h>
#include <xen/errno.h>
#include "../../xen/arch/x86/emul/emulate.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t len);

static void require(bool c)
{
    if (!c)
        abort();
}

static u64 cell; /* all of memory */
static bool flaky;

static bool size_ok(unsigned int size)
{
    return size == 1 || size == 2 || size == 4 || size == 8;
}
static int f_read(struct x86_emul *e, unsigned long addr, unsigned int size, u64 *ret_val)
{
    require(size_ok(size));
    if (flaky && (addr & 8))
        return x86_emul_page_fault(e, 0, addr);
    *ret_val = size == 8 ? cell : cell & ((1ULL << (8 * size)) - 1);
    return 0;
}
static int f_write(struct x86_emul *e, unsigned long addr, unsigned int size, u64 val)
{
    require(size_ok(size) && (size == 8 || !(val >> (8 * size))));
    if (flaky && (addr & 16))
        return x86_emul_page_fault(e, 2, addr);
    cell = val;
    return 0;
}
static int f_cmpxchg(struct x86_emul *e, unsigned long addr, unsigned int size, u64 old, u64 val)
{
    require(size_ok(size) && (size == 8 || !(old >> (8 * size))));
    return flaky && (addr & 32) ? -EAGAIN : f_write(e, addr, size, val);
}
static int f_seg_base(struct x86_emul *e, enum x86_seg seg, unsigned long *ret_base)
{
    (void)e;
    require(seg <= X86_SEG_GS);
    *ret_base = (unsigned long)seg << 32;
    return 0;
}
static int f_in(struct x86_emul *e, u16 port, unsigned int size, u32 *ret_val)
{
    require(size_ok(size) && size < 8);
    if (flaky && (port & 1))
        return x86_emul_fault(e, X86_FAULT_GP, 0);
    *ret_val = port;
    return 0;
}
static int f_out(struct x86_emul *e, u16 port, unsigned int size, u32 val)
{
    (void)val;
    return f_in(e, port, size, &(u32){0});
}
static int f_reg_read(struct x86_emul *e, unsigned int reg, u64 *ret_val)
{
    require(reg <= 8);
    if (flaky)
        return x86_emul_fault(e, X86_FAULT_UD, 0);
    *ret_val = reg;
    return 0;
}
static int f_reg_write(struct x86_emul *e, unsigned int reg, u64 val)
{
    (void)val;
    return f_reg_read(e, reg, &(u64){0});
}

static const struct x86_emul_ops ops = {
    .read = f_read,
    .write = f_write,
    .cmpxchg = f_cmpxchg,
    .seg_base = f_seg_base,
    .port_in = f_in,
    .port_out = f_out,
    .read_cr = f_reg_read,
    .write_cr = f_reg_write,
    .read_dr = f_reg_read,
    .write_dr = f_reg_write,
};

/* Decodes from a buffer of exactly n bytes, so that a sanitizer sees any byte too much. */
static int decode_exact(const u8 *bytes, size_t n, enum x86_mode mode, struct x86_insn *ret_insn)
{
    u8 *copy = malloc(n ? n : 1);
    int rc;

    require(copy != NULL);
    memcpy(copy, bytes, n);
    rc = x86_decode(copy, n, mode, ret_insn);
    free(copy);
    return rc;
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t len)
{
    struct cpu_user_regs regs = {0}, before;
    struct x86_emul e = {.regs = &regs, .ops = &ops};
    struct x86_insn insn, again;
    enum x86_mode mode;
    int rc;

    if (len < 1 + sizeof(regs))
        return 0;
    mode = data[0] & 1 ? X86_MODE_32 : X86_MODE_64;
    e.cpl = data[0] & 2 ? 3 : 0;
    flaky = data[0] & 4;
    memcpy(&regs, data + 1, sizeof(regs));
    data += 1 + sizeof(regs);
    len -= 1 + sizeof(regs);

    rc = decode_exact(data, len, mode, &insn);
    if (rc) {
        require(rc == -ENODATA || rc == -EINVAL || rc == -EOPNOTSUPP);
        return 0;
    }
    require(insn.length >= 1 && insn.length <= X86_INSN_MAX && insn.length <= len);
    require(decode_exact(data, insn.length, mode, &again) == 0 && again.length == insn.length);
    require(decode_exact(data, insn.length - 1U, mode, &again) == -ENODATA);

    before = regs;
    rc = x86_emulate(&e, &insn);
    require(rc == 0 || rc == -EFAULT || rc == -EAGAIN || rc == -EOPNOTSUPP);
    if (rc)
        require(memcmp(&regs, &before, sizeof(regs)) == 0);
    else
        require(regs.rip == before.rip || insn.mode == X86_MODE_32 ||
                regs.rip == before.rip + insn.length);
    return 0;
}

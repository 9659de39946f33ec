/* SPDX-License-Identifier: MIT */
/*
 * emulate.h - executes decoded instructions on a register file and a table of callbacks.
 *
 * The unit sees neither domains nor vCPUs: what an instruction needs beyond general registers comes
 * from the callbacks, and a callback that is NULL makes the instructions that need it unknown.
 *
 * Callbacks return 0; -EFAULT after recording an exception with x86_emul_fault(); -EAGAIN: nothing
 * was done, let the guest execute the instruction again; -EOPNOTSUPP: cannot. x86_emulate() returns
 * the same values. Unless it returns 0, registers are as before; the memory and port accesses made
 * up to then stay done.
 */
#ifndef EMUL_EMULATE_H
#define EMUL_EMULATE_H

#include <xen/types.h>
#include <public/xen.h>
#include "decode.h"

#define X86_FAULT_DB 1
#define X86_FAULT_UD 6
#define X86_FAULT_GP 13
#define X86_FAULT_PF 14

struct x86_emul;

struct x86_emul_ops {
    /* Memory by linear address; size 1, 2, 4, 8, any alignment. */
    int (*read)(struct x86_emul *e, unsigned long addr, unsigned int size, u64 *ret_val);
    int (*write)(struct x86_emul *e, unsigned long addr, unsigned int size, u64 val);
    /* Read-modify-write instructions end here, LOCK or not; -EAGAIN when memory is not `old`. */
    int (*cmpxchg)(struct x86_emul *e, unsigned long addr, unsigned int size, u64 old, u64 val);
    /* FS and GS in 64-bit mode, every segment in 32-bit mode. */
    int (*seg_base)(struct x86_emul *e, enum x86_seg seg, unsigned long *ret_base);

    /* They check the right to use the port too. size 1, 2, 4. */
    int (*port_in)(struct x86_emul *e, u16 port, unsigned int size, u32 *ret_val);
    int (*port_out)(struct x86_emul *e, u16 port, unsigned int size, u32 val);
    int (*set_if)(struct x86_emul *e, bool on); /* cli, sti; checks IOPL */

    /* Only called at CPL 0. */
    int (*read_cr)(struct x86_emul *e, unsigned int reg, u64 *ret_val);
    int (*write_cr)(struct x86_emul *e, unsigned int reg, u64 val);
    int (*clts)(struct x86_emul *e);
    int (*read_dr)(struct x86_emul *e, unsigned int reg, u64 *ret_val);
    int (*write_dr)(struct x86_emul *e, unsigned int reg, u64 val);
    int (*read_msr)(struct x86_emul *e, u32 msr, u64 *ret_val);
    int (*write_msr)(struct x86_emul *e, u32 msr, u64 val);
    int (*xsetbv)(struct x86_emul *e, u32 index, u64 val);
    int (*flush_caches)(struct x86_emul *e, bool writeback); /* wbinvd, invd */
    int (*halt)(struct x86_emul *e);

    /* At any CPL; they check rights themselves. */
    int (*xgetbv)(struct x86_emul *e, u32 index, u64 *ret_val);
    int (*cpuid)(struct x86_emul *e, u32 leaf, u32 subleaf, u32 ret_abcd[4]);
    int (*rdtsc)(struct x86_emul *e, u64 *ret_tsc);
    int (*rdtsc_aux)(struct x86_emul *e, u32 *ret_aux); /* for rdtscp, besides rdtsc */
    int (*rdpmc)(struct x86_emul *e, u32 index, u64 *ret_val);
};

struct x86_emul {
    struct cpu_user_regs *regs;
    const struct x86_emul_ops *ops;
    void *ctx;        /* for the callbacks */
    unsigned int cpl; /* 0 or 3, as the guest sees it */

    /* Filled when -EFAULT is returned. */
    struct {
        u8 vector;
        bool has_error;
        u32 error_code;
        unsigned long cr2;
    } fault;
};

/*
 * Executes insn, which must have been decoded from the bytes at regs->rip, and moves rip past it.
 * A repeated string instruction may stop part way: then 0 is returned with the registers of the
 * finished iterations and rip unmoved, and executing it again continues.
 */
int x86_emulate(struct x86_emul *e, const struct x86_insn *insn) __must_check;

/* Records an exception with error code; returns -EFAULT. */
int x86_emul_fault(struct x86_emul *e, u8 vector, u32 error_code);
int x86_emul_page_fault(struct x86_emul *e, u32 error_code, unsigned long addr);

#endif /* EMUL_EMULATE_H */

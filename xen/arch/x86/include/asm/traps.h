/* SPDX-License-Identifier: MIT */
/* traps.h - exceptions: descriptor tables per CPU, fix-up table, delivery to PV guests. */
#ifndef ASM_TRAPS_H
#define ASM_TRAPS_H

#include <xen/types.h>
#include <asm/current.h>

#define TRAP_DE  0
#define TRAP_DB  1
#define TRAP_NMI 2
#define TRAP_BP  3
#define TRAP_OF  4
#define TRAP_BR  5
#define TRAP_UD  6
#define TRAP_NM  7
#define TRAP_DF  8
#define TRAP_TS  10
#define TRAP_NP  11
#define TRAP_SS  12
#define TRAP_GP  13
#define TRAP_PF  14
#define TRAP_MF  16
#define TRAP_AC  17
#define TRAP_MC  18
#define TRAP_XM  19

#define PFEC_P   0x01U
#define PFEC_W   0x02U
#define PFEC_U   0x04U
#define PFEC_RSV 0x08U
#define PFEC_I   0x10U

/* cpu_user_regs.entry_vector on entry by SYSCALL: the way out may use SYSRET. */
#define TRAP_SYSCALL 0x100

/* Error code given, or this when the vector has none. */
#define NO_ERROR_CODE (-1)

/* Fixed-purpose interrupt handlers (IPIs, local timer); run with interrupts off, must not EOI. */
void set_direct_vector(u8 vector, void (*handler)(struct cpu_user_regs *regs));

/*
 * Queues an exception for the current PV vCPU, delivered on the way out. error_code is
 * NO_ERROR_CODE for vectors without one; cr2 only matters for TRAP_PF.
 */
void pv_inject_exception(u8 vector, int error_code);
void pv_inject_page_fault(int error_code, unsigned long cr2);

/* Prints registers, code bytes, the top of the stack and, for our own code, the call trace. */
void show_regs(const struct cpu_user_regs *regs);
/* The call trace alone. */
void show_stack(const struct cpu_user_regs *regs);

/* Adds an exception-table row: a fault at label `insn` continues at label `fix`. */
#define ASM_EXTABLE(insn, fix) \
    ".pushsection .extable,\"a\"; .balign 8; .quad " #insn ", " #fix "; .popsection\n"

#endif /* ASM_TRAPS_H */

/* SPDX-License-Identifier: MIT */
/*
 * shim.h - what host tests can see and steer of the stand-ins.
 *
 *   shim.c        messages, BUG and panic, locks, one CPU
 *   shim-mem.c    frame table, direct map, ACPI nodes: for code that uses struct page_info
 *   shim-alloc.c  xzalloc_bytes and xfree from the host, with failures on demand
 */
#ifndef TESTS_SHIM_H
#define TESTS_SHIM_H

#include <setjmp.h>
#include <xen/types.h>

/* True if running stmt ends in BUG, panic or a failed ASSERT. */
#define SHIM_BUGS(stmt)               \
    ({                                \
        volatile bool sb_hit_ = true; \
        shim_bug_expected = true;     \
        if (!setjmp(shim_bug_jmp)) {  \
            stmt;                     \
            sb_hit_ = false;          \
        }                             \
        shim_bug_expected = false;    \
        sb_hit_;                      \
    })
extern jmp_buf shim_bug_jmp;
extern bool shim_bug_expected;
extern unsigned int shim_warnings;
extern unsigned int shim_locks_held;
extern bool shim_irqs_on; /* the interrupt flag */
/* Last line that printk was given. */
extern char shim_last_message[256];

/* A repeatable random number. */
u64 shim_random(void);

/* Memory of nr frames, and their struct page_info, all zero; anything earlier is gone. */
void shim_memory_init(unsigned long nr_frames);

/* The TLB of the one CPU: clock, time of its last flush, number of flushes. */
extern u32 shim_tlb_clock, shim_flushed_at;
extern unsigned int shim_flushes;

/* Makes the n-th call of xzalloc_bytes from now fail (1: the next one), 0: none. */
extern unsigned long shim_alloc_fail_at;
extern unsigned long shim_allocs_live;

#endif /* TESTS_SHIM_H */

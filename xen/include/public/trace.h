/* SPDX-License-Identifier: MIT */
/*
 * Public ABI: layout of the trace buffers.  The event numbers that we emit are
 * added here together with the code that emits them.
 */
#ifndef XEN_PUBLIC_TRACE_H
#define XEN_PUBLIC_TRACE_H

#include <stdint.h>

#define TRACE_EXTRA_MAX   7 /* extra words of a record */
#define TRACE_EXTRA_SHIFT 28

/* Event number: class in bits 27:16, subclass in bits 15:12. */
#define TRC_CLS_SHIFT    16
#define TRC_SUBCLS_SHIFT 12
#define TRC_GEN          0x0001f000
#define TRC_SCHED        0x0002f000
#define TRC_DOM0OP       0x0004f000
#define TRC_HVM          0x0008f000
#define TRC_MEM          0x0010f000
#define TRC_PV           0x0020f000
#define TRC_SHADOW       0x0040f000
#define TRC_HW           0x0080f000
#define TRC_GUEST        0x0800f000
#define TRC_ALL          0x0ffff000
#define TRC_64_FLAG      0x100 /* addresses in the record are 64-bit */

#define TRC_HD_CYCLE_FLAG              (1UL << 31)
#define TRC_HD_TO_EVENT(x)             ((x)&0x0fffffff)
#define TRC_HD_INCLUDES_CYCLE_COUNT(x) (((x)&TRC_HD_CYCLE_FLAG) != 0)
#define TRC_HD_EXTRA(x)                (((x) >> TRACE_EXTRA_SHIFT) & TRACE_EXTRA_MAX)

#define TRC_LOST_RECORDS      (TRC_GEN + 1)
#define TRC_TRACE_WRAP_BUFFER (TRC_GEN + 2)
#define TRC_TRACE_CPU_CHANGE  (TRC_GEN + 3)

#define TRC_SCHED_MIN     0x00021000
#define TRC_SCHED_CLASS   0x00022000
#define TRC_SCHED_VERBOSE 0x00028000
#define TRC_DOM0_DOMOPS   0x00041000
#define TRC_PV_ENTRY      0x00201000
#define TRC_PV_SUBCALL    0x00202000
#define TRC_HW_PM         0x00801000
#define TRC_HW_IRQ        0x00802000

#define TRC_SCHED_RUNSTATE_CHANGE  (TRC_SCHED_MIN + 1)
#define TRC_SCHED_CONTINUE_RUNNING (TRC_SCHED_MIN + 2)
#define TRC_SCHED_DOM_ADD          (TRC_SCHED_VERBOSE + 1)
#define TRC_SCHED_DOM_REM          (TRC_SCHED_VERBOSE + 2)
#define TRC_SCHED_SLEEP            (TRC_SCHED_VERBOSE + 3)
#define TRC_SCHED_WAKE             (TRC_SCHED_VERBOSE + 4)
#define TRC_SCHED_YIELD            (TRC_SCHED_VERBOSE + 5)
#define TRC_SCHED_BLOCK            (TRC_SCHED_VERBOSE + 6)
#define TRC_SCHED_SHUTDOWN         (TRC_SCHED_VERBOSE + 7)
#define TRC_SCHED_SWITCH           (TRC_SCHED_VERBOSE + 10)
#define TRC_DOM0_DOM_ADD           (TRC_DOM0_DOMOPS + 1)
#define TRC_DOM0_DOM_REM           (TRC_DOM0_DOMOPS + 2)
#define TRC_PV_HYPERCALL           (TRC_PV_ENTRY + 1)
#define TRC_PV_TRAP                (TRC_PV_ENTRY + 3)
#define TRC_PV_PAGE_FAULT          (TRC_PV_ENTRY + 4)
#define TRC_PV_EMULATE_PRIVOP      (TRC_PV_ENTRY + 6)
#define TRC_PV_HYPERCALL_V2        (TRC_PV_ENTRY + 13)

/* One record; a time in cycles is there if cycles_included. */
struct t_rec {
    uint32_t event : 28;
    uint32_t extra_u32 : 3; /* words that follow */
    uint32_t cycles_included : 1;
    union {
        struct {
            uint32_t cycles_lo;
            uint32_t cycles_hi;
            uint32_t extra_u32[7];
        } cycles;
        struct {
            uint32_t extra_u32[7];
        } nocycles;
    } u;
};

/* Start of a buffer.  Both indices run modulo twice the data size, in bytes. */
struct t_buf {
    uint32_t cons; /* written by the reader */
    uint32_t prod; /* written by the hypervisor */
};

/* The first shared page: size of each buffer, and where its frame numbers are in here. */
struct t_info {
    uint16_t tbuf_size;                  /* pages */
    __extension__ uint16_t mfn_offset[]; /* per CPU, units of 4 bytes */
};

#endif /* XEN_PUBLIC_TRACE_H */

/* SPDX-License-Identifier: MIT */
/* What the domain does whose pages are filled, on request; and what is in its pages. */
#ifndef WORKER_H
#define WORKER_H

#include "guest.h"

enum request {
    REQ_NOTHING,
    REQ_HYPERCALL, /* number nr, with these arguments */
    REQ_COMPARE,   /* [1] pages from pfn [0] on; result: words that are not as filled() says */
    REQ_ADD,       /* 1 to word 7 of each of [1] pages from pfn [0] on */
    REQ_PEEK,      /* result: the 8 bytes at address [0] */
    REQ_STORE,     /* to address [0], as enum store [1] says, [2]; compare with [3] */
    REQ_MOVE,      /* by one instruction: to address [0], from address [1], [2] bytes */
    REQ_CALL,      /* result: what the function at address [0] returns */
    REQ_TRAP,      /* an undefined instruction, rsp = [0]; result: vector */
    REQ_INT,       /* INT 0x21, rsp = [0]; result: vector, or that of what follows */
    REQ_IRET,      /* to the frame at [0]; result: vector of what comes of it */
    REQ_UPCALL,    /* of an event to itself, rsp = [0]; result: how many were seen */
    REQ_NMI,       /* the same with an NMI */
    REQ_EVENTS,    /* result: upcalls so far; events on from now on if [0], else off */
    REQ_USER,      /* reads page [1], then traps: system call if [2], or not, kernel's rsp = [0];
                    * result: what it read */
    REQ_LOAD_FS,   /* with selector [0]; result: vector or -1 */
    REQ_SECOND,    /* starts vCPU 1, which takes requests from the second box */
    REQ_LEAVE,     /* this vCPU takes no more requests */
    REQ_GRANTS,    /* maps its grant table; result: address */
};

enum store {
    STORE_8,
    STORE_16,
    STORE_32,
    STORE_64,
    STORE_IMM_32, /* 0x5a5a5a5a */
    STORE_CMPXCHG_16,
    STORE_CMPXCHG_64,
    STORE_XCHG_32,
    STORE_AND_16,
    STORE_BTS_32,
    STORE_STOSQ,  /* old times */
    STORE_SSE_16, /* the value twice */
};

struct box {
    volatile uint32_t asked, done; /* request numbers */
    volatile uint32_t request, nr;
    volatile uint64_t arg[6];
    volatile int64_t result;
};

static inline void *pfn_va(uint64_t pfn)
{
    return (void *)(VIRT_BASE + pfn * PAGE_SIZE);
}

/* Word i of a page whose content nobody has chosen. */
static inline uint64_t filled(uint64_t pfn, uint64_t i)
{
    return (pfn * 512 + i + 1) * 0x9e3779b97f4a7c15UL;
}

#define USER_DATA (USER_CODE + PAGE_SIZE)

extern char iret_landing[];
void worker_main(void);
void third_main(void); /* of vCPU 2: answers in word 29 of the letter box */

#endif /* WORKER_H */

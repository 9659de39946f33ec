/* SPDX-License-Identifier: MIT */
/* What the watched domain does on request: the letter box is in what both sides share. */
#ifndef WORKER_H
#define WORKER_H

#include "guest.h"

enum request {
    REQ_NOTHING,
    REQ_WRITE,      /* a word to each of b pages from pfn a on */
    REQ_READ,       /* the same, reading */
    REQ_VERSION,    /* a hypercall that writes to page a */
    REQ_SET_PTE,    /* entry of page a := its frame | b, by update_va_mapping */
    REQ_STORE_PTE,  /* the same by a plain store */
    REQ_GET_PTE,    /* result: flags of the entry of page a */
    REQ_TRY_WRITE,  /* result: vector of the fault, or -1; fault: its error code */
    REQ_TRAP_STACK, /* an exception whose frame goes to the end of page a */
    REQ_CLEAR_PAGE, /* MMUEXT_CLEAR_PAGE of page a */
    REQ_M2P,        /* MMU_MACHPHYS_UPDATE of page a to what it is */
    REQ_BASE,       /* runs on a copy of the L4 in page a, writes page b, goes back */
    REQ_TABLES,     /* makes b L1 tables of the pages from a on, each mapping page a + b */
    REQ_WALK,       /* writes through each of b such tables; result: sum of what it read */
    REQ_GRANT,      /* grants page a, to be written, by reference 8 + b */
    REQ_STORM,      /* two vCPUs write to the b pages from a on until told to stop */
    REQ_NUM,
};

struct box {
    volatile uint32_t asked, done; /* request numbers */
    volatile uint32_t request;
    volatile uint64_t a, b;
    volatile int64_t result;
    volatile uint64_t fault;
    volatile bool stop;
};

static inline void *pfn_va(uint64_t pfn)
{
    return (void *)(VIRT_BASE + pfn * PAGE_SIZE);
}

void worker_main(void);

#endif /* WORKER_H */

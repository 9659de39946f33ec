/* SPDX-License-Identifier: MIT */
/* fifo.h - the structures of the FIFO form, shared by fifo.c and fifo-setup.c. */
#ifndef EVTCHN_FIFO_H
#define EVTCHN_FIFO_H

#include "private.h"

#define WORDS_PER_PAGE (PAGE_SIZE / sizeof(event_word_t))
#define NR_WORD_PAGES  (PORTS_FIFO / WORDS_PER_PAGE)

/* Pages of event words. Written under the domain's lock, read by anyone: words first, then nr. */
struct evtchn_fifo_domain {
    u32 nr_words;
    u32 *words[NR_WORD_PAGES];
};

struct fifo_queue {
    spinlock_t lock;
    u32 tail; /* under the lock: port queued last, 0: none; it may be consumed already */
};

/* Exists once the guest gave a control block for the vCPU. */
struct evtchn_fifo_vcpu {
    struct evtchn_fifo_control_block *block; /* in the guest's page, which we hold writable */
    struct page_info *page;
    struct fifo_queue queue[NR_PRIORITIES];
};

#endif /* EVTCHN_FIFO_H */

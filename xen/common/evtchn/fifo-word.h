/* SPDX-License-Identifier: MIT */
/*
 * fifo-word.h - the steps on single event words of the FIFO form. The guest changes the same words
 * at the same time, maybe with ill will: every step is atomic and ends after a bounded time.
 */
#ifndef EVTCHN_FIFO_WORD_H
#define EVTCHN_FIFO_WORD_H

#include <xen/atomic.h>

#define FIFO_W_PENDING   (1U << 31)
#define FIFO_W_MASKED    (1U << 30)
#define FIFO_W_LINKED    (1U << 29)
#define FIFO_W_BUSY      (1U << 28)
#define FIFO_W_LINK_MASK ((1U << 17) - 1)

/* A guest that keeps to the protocol changes a word a few times at most while BUSY is set. */
#define FIFO_LINK_TRIES 8

enum fifo_link_result {
    FIFO_LINK_DONE,     /* port follows the word's port now */
    FIFO_LINK_NO_TAIL,  /* the word is on no queue any more: port starts a new one */
    FIFO_LINK_UNSTABLE, /* the guest changed the word all the time */
};

/* Sets some bits and returns the word as it was before. */
static inline u32 fifo_word_set(u32 *word, u32 bits)
{
    return __atomic_fetch_or(word, bits, __ATOMIC_SEQ_CST);
}

static inline u32 fifo_word_clear(u32 *word, u32 bits)
{
    return __atomic_fetch_and(word, ~bits, __ATOMIC_SEQ_CST);
}

/* Whether the event is to be queued now; if so it is LINKED afterwards and the caller queues it. */
static inline bool fifo_word_claim(u32 *word)
{
    u32 w = READ_ONCE(*word);

    if (!(w & FIFO_W_PENDING) || (w & FIFO_W_MASKED))
        return false;
    return !(fifo_word_set(word, FIFO_W_LINKED) & FIFO_W_LINKED);
}

/* One try: *w is what the word was seen to be, and is updated on failure. */
static inline bool fifo_word_try_link(u32 *word, u32 *w, u32 port)
{
    u32 seen = *w;

    *w = cmpxchg(word, seen, (seen & ~(FIFO_W_BUSY | FIFO_W_LINK_MASK)) | port);
    return *w == seen;
}

/* Appends port to the tail whose word this is. */
static inline enum fifo_link_result fifo_word_link(u32 *word, u32 port)
{
    u32 w = READ_ONCE(*word);

    if (!(w & FIFO_W_LINKED))
        return FIFO_LINK_NO_TAIL;
    if (fifo_word_try_link(word, &w, port))
        return FIFO_LINK_DONE;

    /* The guest is at work on it: BUSY makes it wait before it unmasks. */
    w = fifo_word_set(word, FIFO_W_BUSY) | FIFO_W_BUSY;
    for (int i = 0; i < FIFO_LINK_TRIES && (w & FIFO_W_LINKED); i++)
        if (fifo_word_try_link(word, &w, port))
            return FIFO_LINK_DONE;
    fifo_word_clear(word, FIFO_W_BUSY);
    return w & FIFO_W_LINKED ? FIFO_LINK_UNSTABLE : FIFO_LINK_NO_TAIL;
}

#endif /* EVTCHN_FIFO_WORD_H */

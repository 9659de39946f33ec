/* SPDX-License-Identifier: MIT */
/*
 * fifo.c - pending events as linked lists: one queue per vCPU and priority, linked through the
 * event words of the ports. We append, the guest consumes.
 *
 * For an append the tail of the queue must be known; only we know it (fifo_queue.tail). The guest
 * may have consumed it meanwhile: then its word is not LINKED and the queue starts anew at the
 * head. An event may go to another queue than last time (other vCPU or priority). If it is still
 * recorded as the tail of its old queue that record must go, or the old queue would be continued at
 * a word that is linked elsewhere. So both queues are locked.
 */
#include "fifo.h"
#include "fifo-word.h"

BUILD_BUG_ON(FIFO_W_LINK_MASK != EVTCHN_FIFO_LINK_MASK);
BUILD_BUG_ON(FIFO_W_BUSY != 1U << EVTCHN_FIFO_BUSY);
BUILD_BUG_ON(PORTS_FIFO != EVTCHN_FIFO_NR_CHANNELS);

static u32 *evtchn_fifo_word(const struct domain *d, u32 port)
{
    const struct evtchn_fifo_domain *fd = READ_ONCE(d->evtchn->fifo);

    if (!fd || port >= __atomic_load_n(&fd->nr_words, __ATOMIC_ACQUIRE))
        return NULL;
    return &fd->words[port / WORDS_PER_PAGE][port % WORDS_PER_PAGE];
}

/* Queue by its number (vCPU << 4 | priority); NULL while the vCPU has no control block. */
static struct fifo_queue *find_queue(const struct domain *d, u32 id)
{
    const struct vcpu *v = domain_vcpu(d, id / NR_PRIORITIES);
    struct evtchn_fifo_vcpu *fv =
        v && v->evtchn ? __atomic_load_n(&v->evtchn->fifo, __ATOMIC_ACQUIRE) : NULL;

    return fv ? &fv->queue[id % NR_PRIORITIES] : NULL;
}

static void lock_queues(struct fifo_queue *q, struct fifo_queue *old)
{
    spin_lock(&MIN(q, old)->lock);
    if (q != old)
        spin_lock_nested(&MAX(q, old)->lock);
}

static void unlock_queues(struct fifo_queue *q, struct fifo_queue *old)
{
    if (q != old)
        spin_unlock(&MAX(q, old)->lock);
    spin_unlock(&MIN(q, old)->lock);
}

/* Appends an event that was just claimed. True: it is the first of its queue. */
static bool append_locked(struct domain *d, struct fifo_queue *q, u32 id, u32 port)
{
    u32 *tail = q->tail ? evtchn_fifo_word(d, q->tail) : NULL;
    bool first = !tail || fifo_word_link(tail, port) != FIFO_LINK_DONE;

    if (first) {
        struct evtchn_fifo_vcpu *fv = domain_vcpu(d, id / NR_PRIORITIES)->evtchn->fifo;

        WRITE_ONCE(fv->block->head[id % NR_PRIORITIES], port);
    }
    q->tail = port;
    return first;
}

/* Queues the event if it is pending, unmasked and not queued yet. */
static void queue_event(struct domain *d, struct evtchn *chn, u32 *word)
{
    struct fifo_queue *q, *old;
    u32 id, last;
    bool first = false;
    unsigned long flags;

    for (;;) {
        id = READ_ONCE(chn->notify_vcpu) * NR_PRIORITIES + READ_ONCE(chn->priority);
        last = READ_ONCE(chn->last_queue);
        q = find_queue(d, id);
        if (!q)
            return; /* the vCPU's control block will come with a look at all ports */
        old = last == FIFO_QUEUE_NONE ? q : find_queue(d, last);

        flags = local_irq_save();
        lock_queues(q, old);
        if (READ_ONCE(chn->last_queue) == last)
            break;
        unlock_queues(q, old);
        local_irq_restore(flags);
    }
    if (fifo_word_claim(word)) {
        /* It was not linked, so the queue that it was the tail of is empty: also if old == q. */
        if (old->tail == chn->port)
            old->tail = 0;
        first = append_locked(d, q, id, chn->port);
        WRITE_ONCE(chn->last_queue, id);
    }
    unlock_queues(q, old);
    local_irq_restore(flags);

    if (first) {
        struct vcpu *v = domain_vcpu(d, id / NR_PRIORITIES);

        /* The guest reads ready before the head: it was written above. */
        if (!test_and_set_bit(id % NR_PRIORITIES, &v->evtchn->fifo->block->ready))
            vcpu_mark_events_pending(v);
    }
}

static void fifo_set_pending(struct domain *d, struct evtchn *chn)
{
    u32 *word = evtchn_fifo_word(d, chn->port);

    if (!word) {
        /* Remembered for expand_array, which may be adding the word just now. */
        xchg(&chn->saved_pending, 1);
        word = evtchn_fifo_word(d, chn->port);
        if (!word || !xchg(&chn->saved_pending, 0))
            return;
    }
    fifo_word_set(word, FIFO_W_PENDING);
    queue_event(d, chn, word);
}

static void fifo_clear_pending(struct domain *d, struct evtchn *chn)
{
    u32 *word = evtchn_fifo_word(d, chn->port);

    xchg(&chn->saved_pending, 0);
    if (word)
        fifo_word_clear(word, FIFO_W_PENDING);
}

void evtchn_fifo_relink(struct domain *d, struct evtchn *chn)
{
    u32 *word = evtchn_fifo_word(d, chn->port);

    if (word)
        queue_event(d, chn, word);
}

static void fifo_unmask(struct domain *d, struct evtchn *chn)
{
    u32 *word = evtchn_fifo_word(d, chn->port);

    if (!word)
        return;
    if (fifo_word_clear(word, FIFO_W_MASKED) & FIFO_W_PENDING)
        queue_event(d, chn, word);
}

static bool fifo_is_pending(const struct domain *d, const struct evtchn *chn)
{
    const u32 *word = evtchn_fifo_word(d, chn->port);

    return READ_ONCE(chn->saved_pending) || (word && (READ_ONCE(*word) & FIFO_W_PENDING));
}

static bool fifo_is_masked(const struct domain *d, const struct evtchn *chn)
{
    const u32 *word = evtchn_fifo_word(d, chn->port);

    return !word || (READ_ONCE(*word) & FIFO_W_MASKED);
}

static bool fifo_is_busy(const struct domain *d, const struct evtchn *chn)
{
    const u32 *word = evtchn_fifo_word(d, chn->port);

    return word && (READ_ONCE(*word) & FIFO_W_LINKED);
}

static int fifo_set_priority(struct domain *d __maybe_unused, struct evtchn *chn,
                             unsigned int priority)
{
    if (chn->state == ECS_FREE || priority > EVTCHN_FIFO_PRIORITY_MIN)
        return -EINVAL;
    /* Used when the event is queued next; until then it stays where it is. */
    WRITE_ONCE(chn->priority, (u8)priority);
    return 0;
}

const struct evtchn_ops evtchn_fifo_ops = {
    .nr_ports = PORTS_FIFO,
    .set_pending = fifo_set_pending,
    .clear_pending = fifo_clear_pending,
    .unmask = fifo_unmask,
    .is_pending = fifo_is_pending,
    .is_masked = fifo_is_masked,
    .is_busy = fifo_is_busy,
    .set_priority = fifo_set_priority,
};

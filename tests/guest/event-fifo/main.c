/* SPDX-License-Identifier: MIT */
/*
 * Event channels of the FIFO ABI: the way into it with events pending, queues by priority, masks,
 * what a guest may scribble into its own words, and the way back by reset.
 */
#include "guest.h"

#define op(cmd, arg) hypercall(event_channel_op, EVTCHNOP_##cmd, arg)

#define PENDING (1U << EVTCHN_FIFO_PENDING)
#define MASKED  (1U << EVTCHN_FIFO_MASKED)
#define LINKED  (1U << EVTCHN_FIFO_LINKED)
#define BUSY    (1U << EVTCHN_FIFO_BUSY)
#define LINK    EVTCHN_FIFO_LINK_MASK

static struct evtchn_fifo_control_block *block;
static volatile uint32_t *words;

static long init_control(uint64_t gfn, uint32_t offset, uint32_t vcpu)
{
    struct evtchn_init_control c = {.control_gfn = gfn, .offset = offset, .vcpu = vcpu};
    long rc = op(init_control, &c);

    if (!rc)
        CHECK_EQ(c.link_bits, EVTCHN_FIFO_LINK_BITS);
    return rc;
}

static long expand(uint64_t gfn)
{
    struct evtchn_expand_array e = {.array_gfn = gfn};

    return op(expand_array, &e);
}

static uint32_t ipi(uint32_t vcpu)
{
    struct evtchn_bind_ipi b = {.vcpu = vcpu};

    NEED(op(bind_ipi, &b) == 0);
    return b.port;
}

static long do_send(uint32_t port)
{
    struct evtchn_send s = {.port = port};

    return op(send, &s);
}

static long do_unmask(uint32_t port)
{
    struct evtchn_unmask u = {.port = port};

    return op(unmask, &u);
}

static long priority(uint32_t port, uint32_t prio)
{
    struct evtchn_set_priority p = {.port = port, .priority = prio};

    return op(set_priority, &p);
}

/* Takes all of a queue as a guest does; the ports in order. */
static unsigned int consume(unsigned int prio, uint32_t *ret_ports, unsigned int max)
{
    uint32_t port, word;
    unsigned int n = 0;

    __atomic_fetch_and(&block->ready, ~(1U << prio), __ATOMIC_SEQ_CST);
    for (port = block->head[prio]; port && n < max; port = word & LINK) {
        word = __atomic_fetch_and(&words[port], ~(LINKED | LINK), __ATOMIC_SEQ_CST);
        word &= __atomic_fetch_and(&words[port], ~PENDING, __ATOMIC_SEQ_CST) | LINK;
        ret_ports[n++] = port;
    }
    block->head[prio] = 0;
    return n;
}

static void check_errors(void)
{
    uint64_t own = mfn_of(block);

    CHECK_EQ(expand(mfn_of((void *)words)), -XEN_EOPNOTSUPP);
    CHECK_EQ(priority(1, 3), -XEN_ENOSYS);
    CHECK_EQ(init_control(own, 0, 77), -XEN_ENOENT);
    CHECK_EQ(init_control(own, 4, 0), -XEN_EINVAL);
    CHECK_EQ(init_control(own, PAGE_SIZE - sizeof(*block) + 8, 0), -XEN_EINVAL);
    CHECK_EQ(init_control(own, ~7U, 0), -XEN_EINVAL);
    CHECK_EQ(init_control(PTE_ADDR >> 12, 0, 0), -XEN_EINVAL);
    CHECK_EQ(init_control(~0UL, 0, 0), -XEN_EINVAL);
    CHECK_EQ(init_control(mfn_of((void *)start_info->pt_base), 0, 0), -XEN_EINVAL);
    CHECK_EQ(op(init_control, UNMAPPED), -XEN_EFAULT);
    CHECK_EQ(op(expand_array, UNMAPPED), -XEN_EFAULT);
}

/* What was pending before is pending afterwards, and queued once its word exists. */
static void check_switch(void)
{
    uint32_t early = ipi(0), got[4];

    event_mask(early);
    CHECK_EQ(do_send(early), 0);
    CHECK(event_pending(early));
    CHECK_EQ(init_control(mfn_of(block), 0, 0), 0);
    CHECK_EQ(init_control(mfn_of(block), 128, 0), -XEN_EINVAL);
    CHECK_EQ(expand(PTE_ADDR >> 12), -XEN_EINVAL);
    CHECK_EQ(expand(mfn_of((void *)start_info->pt_base)), -XEN_EINVAL);
    CHECK_EQ(expand(mfn_of((void *)words)), 0);
    CHECK_EQ(words[early], PENDING | LINKED);
    CHECK_EQ(block->ready, 1U << EVTCHN_FIFO_PRIORITY_DEFAULT);
    CHECK_EQ(this_vcpu_info()->evtchn_upcall_pending, 1);
    CHECK_EQ(consume(EVTCHN_FIFO_PRIORITY_DEFAULT, got, 4), 1);
    CHECK_EQ(got[0], early);
    /* Given to us for writing: no page table any more, nor a second control block. */
    CHECK(mmuext1(MMUEXT_PIN_L1_TABLE, mfn_of((void *)words), 0) < 0);
    CHECK_EQ(evtchn_close_port(early), 0);
}

static void check_order(void)
{
    uint32_t port[6], got[8];
    unsigned int i;

    for (i = 0; i < 6; i++)
        port[i] = ipi(0);
    CHECK_EQ(priority(port[4], 0), 0);
    CHECK_EQ(priority(port[5], EVTCHN_FIFO_PRIORITY_MIN), 0);
    CHECK_EQ(priority(port[5], EVTCHN_FIFO_PRIORITY_MIN + 1), -XEN_EINVAL);
    CHECK_EQ(priority(~0U, 1), -XEN_EINVAL);
    for (i = 0; i < 6; i++)
        CHECK_EQ(do_send(port[5 - i]), 0);
    CHECK_EQ(do_send(port[3]), 0); /* once more: no second place */
    CHECK_EQ(block->ready, 1U | 1U << 7 | 1U << 15);
    CHECK_EQ(consume(0, got, 8), 1);
    CHECK_EQ(got[0], port[4]);
    CHECK_EQ(consume(7, got, 8), 4);
    CHECK_EQ(got[0], port[3]);
    CHECK_EQ(got[3], port[0]);
    CHECK_EQ(consume(15, got, 8), 1);
    CHECK_EQ(got[0], port[5]);
    /* Moved to another queue while it waits: it stays where it is, the next goes there. */
    CHECK_EQ(do_send(port[0]), 0);
    CHECK_EQ(priority(port[0], 2), 0);
    CHECK_EQ(do_send(port[0]), 0);
    CHECK_EQ(consume(7, got, 8), 1);
    CHECK_EQ(do_send(port[0]), 0);
    CHECK_EQ(consume(7, got, 8), 0);
    CHECK_EQ(consume(2, got, 8), 1);
    for (i = 0; i < 6; i++)
        CHECK_EQ(evtchn_close_port(port[i]), 0);
}

static void check_masks(void)
{
    uint32_t port = ipi(0), got[2];

    words[port] = MASKED;
    CHECK_EQ(do_send(port), 0);
    CHECK_EQ(words[port], PENDING | MASKED);
    CHECK_EQ(block->ready, 0);
    CHECK_EQ(do_unmask(port), 0);
    CHECK_EQ(words[port], PENDING | LINKED);
    CHECK_EQ(consume(7, got, 2), 1);
    CHECK_EQ(do_unmask(port), 0);
    CHECK_EQ(words[port], 0);
    /* Closed while it is on a list: the number is not given out again before it is taken off. */
    CHECK_EQ(do_send(port), 0);
    CHECK_EQ(evtchn_close_port(port), 0);
    CHECK(ipi(0) != port);
    CHECK_EQ(evtchn_close_port(port), -XEN_EINVAL);
    CHECK_EQ(consume(7, got, 2), 1);
}

/* A port beyond the words there are: its event is kept for the day when they come. */
static void check_far_port(void *page)
{
    static uint32_t ports[1200];
    unsigned int n = 0;
    uint32_t got[2], far;

    do {
        NEED(n < ARRAY_SIZE(ports) && evtchn_alloc(&ports[n]) == 0);
        n++;
    } while (ports[n - 1] < 1024 + 8);
    far = ipi(0);
    CHECK(far > 1024 && far < 2048);
    CHECK_EQ(do_send(far), 0);
    CHECK_EQ(block->ready, 0);
    CHECK_EQ(expand(mfn_of(page)), 0);
    CHECK_EQ(((volatile uint32_t *)page)[far - 1024], PENDING | LINKED);
    CHECK_EQ(consume(7, got, 1), 1);
    CHECK_EQ(got[0], far);
    ((volatile uint32_t *)page)[far - 1024] = 0;
    CHECK_EQ(evtchn_close_port(far), 0);
    while (n)
        CHECK_EQ(evtchn_close_port(ports[--n]), 0);
}

/* Nothing that a guest writes to its words and its block concerns anybody else. */
static void scribble(void)
{
    uint32_t port[16];
    unsigned int i, round;

    for (i = 0; i < 16; i++)
        port[i] = ipi(0);
    for (round = 0; round < 64; round++) {
        for (i = 0; i < 16; i++) {
            words[port[i]] = (round * 0x9e3779b9U) ^ (i << 27) ^ (round << (i + 1));
            do_send(port[i]);
            block->head[i] = round * 12345 + i;
            if (round & 1)
                words[port[(i + 1) % 16]] = LINKED | BUSY | MASKED | (~i & LINK);
            do_unmask(port[i]);
            priority(port[i], (round + i) % 16);
            if (round % 4 == 0)
                block->ready = 0;
        }
    }
    for (i = 0; i < 16; i++)
        CHECK_EQ(evtchn_close_port(port[i]), 0);
    memset((void *)words, 0, PAGE_SIZE);
    memset(block, 0, PAGE_SIZE);
}

static void check_reset(void)
{
    struct evtchn_reset r = {.dom = DOMID_SELF};
    uint32_t port, got[2];

    CHECK_EQ(op(reset, &r), 0);
    port = ipi(0);
    event_mask(port);
    CHECK_EQ(do_send(port), 0);
    CHECK(event_pending(port));
    CHECK_EQ(words[port], 0);
    event_clear(port);
    /* And in again, with the same pages. */
    CHECK_EQ(init_control(mfn_of(block), 0, 0), 0);
    CHECK_EQ(expand(mfn_of((void *)words)), 0);
    CHECK_EQ(do_send(port), 0);
    CHECK_EQ(consume(7, got, 2), 1);
    CHECK_EQ(op(reset, &r), 0);
    /* All is given back: the page may become something else. */
    NEED(set_writable((void *)words, false) == 0);
    CHECK_EQ(mmuext1(MMUEXT_PIN_L1_TABLE, mfn_of((void *)words), 0), 0);
    CHECK_EQ(mmuext1(MMUEXT_UNPIN_TABLE, mfn_of((void *)words), 0), 0);
}

void test_main(void)
{
    struct evtchn_reset r = {.dom = DOMID_SELF};
    void *second = page_alloc();

    block = page_alloc();
    words = page_alloc();
    NEED(op(reset, &r) == 0);
    check_errors();
    check_switch();
    check_order();
    check_masks();
    check_far_port(second);
    scribble();
    check_reset();
}

/* SPDX-License-Identifier: MIT */
/*
 * test-evtchn-fifo.c - event channels with a model of the guest: single steps on event words, then
 * a domain of two vCPUs that takes its events off the queues. Nothing is lost, nothing is doubled.
 */
#include "test-main.h"
#include <stdlib.h>
#include <string.h>
#include <xen/domain.h>
#include <xen/fill.h>
#include <xen/hypercall.h>
#include <xen/irq.h>
#include "../../xen/common/evtchn/fifo.h"
#include "../../xen/common/evtchn/fifo-word.h"
#include "shim.h"

#define FRAMES   16UL
#define NR_VCPUS 2

/* --- what event channels call --- */
static struct domain dom;
static struct vcpu vcpus[NR_VCPUS];
static struct vcpu *vcpu_ptrs[NR_VCPUS] = {&vcpus[0], &vcpus[1]};
static struct vcpu_info infos[NR_VCPUS];
static struct shared_info shared;
static int pages_held;
static unsigned int unblocked;

struct domain *hardware_domain;
struct vcpu_info no_vcpu_info;

struct vcpu *domain_vcpu(const struct domain *d, unsigned int id)
{
    return id < d->max_vcpus ? d->vcpu[id] : NULL;
}
struct page_info *get_page_from_gfn(struct domain *d __maybe_unused, unsigned long gfn)
{
    return gfn && gfn < FRAMES ? (pages_held++, mfn_to_page(_mfn(gfn))) : NULL;
}
int get_page_type(struct page_info *pg __maybe_unused, unsigned long type)
{
    return type == PGT_WRITABLE ? 0 : -EINVAL;
}
bool fill_note_page(const struct page_info *pg __maybe_unused)
{
    return false;
}
void put_page(struct page_info *pg __maybe_unused)
{
    pages_held--;
}
void put_page_and_type(struct page_info *pg)
{
    put_page(pg);
}
maddr_t virt_to_maddr(const void *va)
{
    return (unsigned long)va - shim_directmap;
}
void vcpu_unblock(struct vcpu *v)
{
    unblocked++;
    clear_bit(VPF_BLOCKED, &v->pause_flags);
    clear_bit(VPF_POLLING, &v->pause_flags);
}
void vcpu_kick(struct vcpu *v __maybe_unused)
{
}
bool get_domain(struct domain *d __maybe_unused)
{
    return true;
}
void put_domain(struct domain *d __maybe_unused)
{
}
bool hypercall_preempt_check(void)
{
    return false;
}
void pirq_unbind_port(struct domain *d __maybe_unused, unsigned int pirq __maybe_unused)
{
}

/* --- set-up --- */
static u32 consumed_head[NR_VCPUS][NR_PRIORITIES];

static void build(void)
{
    free((void *)shim_directmap);
    free((void *)shim_frametable);
    shim_directmap = (unsigned long)aligned_alloc(PAGE_SIZE, FRAMES * PAGE_SIZE);
    shim_frametable = (unsigned long)calloc(FRAMES, sizeof(struct page_info));
    memset((void *)shim_directmap, 0, FRAMES * PAGE_SIZE);
    memset(&dom, 0, sizeof(dom));
    memset(vcpus, 0, sizeof(vcpus));
    memset(infos, 0, sizeof(infos));
    memset(&shared, 0, sizeof(shared));
    memset(consumed_head, 0, sizeof(consumed_head));
    pages_held = 0;
    unblocked = 0;
    dom.max_vcpus = NR_VCPUS;
    dom.vcpu = vcpu_ptrs;
    dom.shared_info = &shared;
    ck_assert_int_eq(evtchn_domain_init(&dom, PORTS_FIFO - 1), 0);
    for (unsigned int i = 0; i < NR_VCPUS; i++) {
        vcpus[i].domain = &dom;
        vcpus[i].vcpu_id = i;
        vcpus[i].info = &infos[i];
        ck_assert_int_eq(evtchn_vcpu_init(&vcpus[i]), 0);
    }
}

static void tear_down(void)
{
    evtchn_domain_close(&dom);
    for (unsigned int i = 0; i < NR_VCPUS; i++)
        evtchn_vcpu_free(&vcpus[i]);
    evtchn_domain_free(&dom);
    ck_assert_uint_eq(shim_allocs_live, 0);
    ck_assert_int_eq(pages_held, 0);
    ck_assert_uint_eq(shim_locks_held, 0);
}

/* Frames 1 and 2: control blocks; frame 3: the first event words. */
static void enter_fifo(void)
{
    ck_assert_int_eq(evtchn_fifo_init_control(&dom, 0, 1, 0), 0);
    ck_assert_int_eq(evtchn_fifo_init_control(&dom, 1, 2, 8), 0);
    ck_assert_int_eq(evtchn_fifo_expand_array(&dom, 3), 0);
}

/* --- the guest --- */
static event_word_t *word_of(u32 port)
{
    return (event_word_t *)mfn_to_virt(_mfn(3)) + port;
}

/* Takes one event of a queue; 0: none. */
static u32 consume_one(unsigned int vcpu, unsigned int prio)
{
    struct evtchn_fifo_control_block *cb =
        (void *)((char *)mfn_to_virt(_mfn(vcpu + 1)) + (vcpu ? 8 : 0));
    u32 *head = &consumed_head[vcpu][prio];
    u32 port, w;

    if (!*head)
        *head = cb->head[prio];
    port = *head;
    w = *word_of(port);
    ck_assert(port && (w & FIFO_W_LINKED));
    *word_of(port) = w & ~(FIFO_W_LINKED | FIFO_W_LINK_MASK);
    *head = w & FIFO_W_LINK_MASK;
    if (!*head)
        cb->ready &= ~(1U << prio);
    if (!(w & FIFO_W_PENDING) || (w & FIFO_W_MASKED))
        return 0;
    *word_of(port) &= ~FIFO_W_PENDING;
    return port;
}

/* Takes up to max events in order of priority, as upcalls do; counts them per port. */
static unsigned int consume(unsigned int vcpu, unsigned int *count, unsigned int max)
{
    struct evtchn_fifo_control_block *cb =
        (void *)((char *)mfn_to_virt(_mfn(vcpu + 1)) + (vcpu ? 8 : 0));
    unsigned int n = 0;

    infos[vcpu].evtchn_upcall_pending = 0;
    while (cb->ready && n < max) {
        u32 port = consume_one(vcpu, lowest_bit(cb->ready));

        if (port) {
            count[port]++;
            n++;
        }
    }
    return n;
}

/* --- single words --- */
START_TEST(test_word_claim)
{
    u32 w = 0;

    ck_assert(!fifo_word_claim(&w));
    ck_assert_uint_eq(w, 0);
    w = FIFO_W_PENDING | FIFO_W_MASKED;
    ck_assert(!fifo_word_claim(&w));
    ck_assert_uint_eq(w, FIFO_W_PENDING | FIFO_W_MASKED);
    w = FIFO_W_PENDING;
    ck_assert(fifo_word_claim(&w));
    ck_assert_uint_eq(w, FIFO_W_PENDING | FIFO_W_LINKED);
    ck_assert(!fifo_word_claim(&w));
}
END_TEST

START_TEST(test_word_link)
{
    u32 w = FIFO_W_PENDING;

    ck_assert_int_eq(fifo_word_link(&w, 5), FIFO_LINK_NO_TAIL);
    ck_assert_uint_eq(w, FIFO_W_PENDING);
    w = FIFO_W_MASKED | FIFO_W_LINKED | 77;
    ck_assert_int_eq(fifo_word_link(&w, 131071), FIFO_LINK_DONE);
    ck_assert_uint_eq(w, FIFO_W_MASKED | FIFO_W_LINKED | 131071);
    /* A word seen with an old value is left alone, and the new one is told. */
    u32 seen = FIFO_W_LINKED;

    ck_assert(!fifo_word_try_link(&w, &seen, 9));
    ck_assert_uint_eq(seen, w);
    /* BUSY goes with the link. */
    w = seen = FIFO_W_LINKED | FIFO_W_BUSY;
    ck_assert(fifo_word_try_link(&w, &seen, 9));
    ck_assert_uint_eq(w, FIFO_W_LINKED | 9);
}
END_TEST

/* --- the whole --- */
START_TEST(test_queue_order_and_upcall)
{
    unsigned int count[64] = {0};
    u32 port[3];

    build();
    enter_fifo();
    for (int i = 0; i < 3; i++)
        ck_assert_int_eq(evtchn_alloc_unbound_for(&dom, 0, &port[i]), 0);
    ck_assert_int_eq(evtchn_notify_local(&dom, port[2]), 0);
    ck_assert_uint_eq(infos[0].evtchn_upcall_pending, 1);
    ck_assert_int_eq(evtchn_notify_local(&dom, port[0]), 0);
    ck_assert_int_eq(evtchn_notify_local(&dom, port[2]), 0); /* merged with the first */
    ck_assert(evtchn_is_pending(&dom, port[0]));
    ck_assert(!evtchn_is_pending(&dom, port[1]));
    ck_assert_uint_eq(consume_one(0, 7), port[2]);
    ck_assert_uint_eq(consume_one(0, 7), port[0]);
    ck_assert_uint_eq(consume(0, count, 64), 0);
    ck_assert_int_eq(evtchn_notify_local(&dom, 999), -EINVAL);
    ck_assert_int_eq(evtchn_notify_local(&dom, 0), -EINVAL);
    tear_down();
}
END_TEST

START_TEST(test_masked_then_unmasked)
{
    unsigned int count[64] = {0};
    u32 port;

    build();
    enter_fifo();
    ck_assert_int_eq(evtchn_alloc_unbound_for(&dom, 0, &port), 0);
    *word_of(port) = FIFO_W_MASKED;
    vcpus[1].pause_flags = BIT(VPF_POLLING) | BIT(VPF_BLOCKED);
    vcpus[1].poll_port = port;
    ck_assert_int_eq(evtchn_notify_local(&dom, port), 0);
    ck_assert_uint_eq(vcpus[1].pause_flags, 0); /* a masked event ends a poll */
    ck_assert_uint_eq(infos[0].evtchn_upcall_pending, 0);
    ck_assert_uint_eq(*word_of(port), FIFO_W_MASKED | FIFO_W_PENDING);
    dom.evtchn->ops->unmask(&dom, evtchn_lookup(&dom, port));
    ck_assert_uint_eq(infos[0].evtchn_upcall_pending, 1);
    ck_assert_uint_eq(consume(0, count, 64), 1);
    ck_assert_uint_eq(count[port], 1);
    tear_down();
}
END_TEST

START_TEST(test_pending_migrates)
{
    unsigned int count[2048] = {0};
    u32 port = 0, early;

    build();
    ck_assert_int_eq(evtchn_alloc_unbound_for(&dom, 0, &early), 0);
    while (port < 1500)
        ck_assert_int_eq(evtchn_alloc_unbound_for(&dom, 0, &port), 0);
    shared.evtchn_mask[0] = ~0UL;
    ck_assert_int_eq(evtchn_notify_local(&dom, early), 0);
    ck_assert_uint_eq(infos[0].evtchn_upcall_pending, 0);
    ck_assert_int_eq(evtchn_notify_local(&dom, 1500), 0);
    ck_assert_uint_eq(infos[0].evtchn_upcall_pending, 1);
    ck_assert_uint_eq(infos[0].evtchn_pending_sel, 1UL << (1500 / 64));
    infos[0].evtchn_upcall_pending = 0;

    ck_assert_int_eq(evtchn_fifo_expand_array(&dom, 3), -EOPNOTSUPP);
    ck_assert_int_eq(evtchn_fifo_init_control(&dom, 0, 1, 4), -EINVAL);
    ck_assert_int_eq(evtchn_fifo_init_control(&dom, 0, 1, PAGE_SIZE - 64), -EINVAL);
    ck_assert_int_eq(evtchn_fifo_init_control(&dom, 2, 1, 0), -ENOENT);
    ck_assert_int_eq(evtchn_fifo_init_control(&dom, 0, FRAMES, 0), -EINVAL);
    ck_assert_int_eq(evtchn_fifo_init_control(&dom, 0, 1, 0), 0);
    ck_assert_int_eq(evtchn_fifo_init_control(&dom, 0, 2, 0), -EINVAL);
    ck_assert(evtchn_is_pending(&dom, early));
    ck_assert_uint_eq(shared.evtchn_pending[0], 0);
    ck_assert_int_eq(evtchn_fifo_expand_array(&dom, 3), 0);
    ck_assert_uint_eq(consume(0, count, 64), 1);
    ck_assert_uint_eq(count[early], 1);
    ck_assert(evtchn_is_pending(&dom, 1500));
    ck_assert_int_eq(evtchn_fifo_expand_array(&dom, 4), 0);
    ck_assert(*((event_word_t *)mfn_to_virt(_mfn(4)) + 1500 - 1024) & FIFO_W_LINKED);
    tear_down();
}
END_TEST

START_TEST(test_close_and_reuse)
{
    u32 port, again, virq_port;

    build();
    enter_fifo();
    ck_assert_int_eq(evtchn_alloc_unbound_for(&dom, 0, &port), 0);
    ck_assert_int_eq(evtchn_notify_local(&dom, port), 0);
    ck_assert_int_eq(evtchn_close_port(&dom, port), 0);
    ck_assert_int_eq(evtchn_close_port(&dom, port), -EINVAL);
    ck_assert(!evtchn_is_pending(&dom, port));
    /* Still on the guest's queue: another port is given out. */
    ck_assert_int_eq(evtchn_alloc_unbound_for(&dom, 0, &again), 0);
    ck_assert_uint_ne(again, port);
    ck_assert_uint_eq(consume_one(0, 7), 0);
    ck_assert_int_eq(evtchn_alloc_unbound_for(&dom, 0, &again), 0);
    ck_assert_uint_eq(again, port);

    ck_assert_int_eq(evtchn_bind_virq(&dom, 24, 0, &virq_port), -EINVAL);
    ck_assert_int_eq(evtchn_bind_virq(&dom, VIRQ_CONSOLE, 1, &virq_port), -EINVAL);
    ck_assert_int_eq(evtchn_bind_virq(&dom, VIRQ_TIMER, 2, &virq_port), -ENOENT);
    ck_assert_int_eq(evtchn_bind_virq(&dom, VIRQ_TIMER, 1, &virq_port), 0);
    ck_assert_int_eq(evtchn_bind_virq(&dom, VIRQ_TIMER, 1, &again), -EEXIST);
    send_vcpu_virq(&vcpus[0], VIRQ_TIMER);
    ck_assert(!evtchn_is_pending(&dom, virq_port));
    send_vcpu_virq(&vcpus[1], VIRQ_TIMER);
    ck_assert_uint_eq(consume_one(1, 7), virq_port);
    ck_assert_int_eq(evtchn_close_port(&dom, virq_port), 0);
    ck_assert_int_eq(evtchn_bind_virq(&dom, VIRQ_TIMER, 1, &again), 0);
    tear_down();
}
END_TEST

/* Ports change vCPU and priority while they are linked, closed queues are continued, and so on. */
START_TEST(test_random_against_model)
{
    enum { PORTS = 24 };
    unsigned int sent[PORTS + 1] = {0}, got[PORTS + 1] = {0};
    bool pending[PORTS + 1] = {false};
    u32 port;

    build();
    enter_fifo();
    for (int i = 0; i < PORTS; i++)
        ck_assert_int_eq(evtchn_alloc_unbound_for(&dom, 0, &port), 0);
    ck_assert_uint_eq(port, PORTS);
    for (int step = 0; step < 60000; step++) {
        u64 r = shim_random();
        struct evtchn *chn;

        port = 1 + (r >> 8) % PORTS;
        chn = evtchn_lookup(&dom, port);
        switch (r % 8) {
        case 0:
            chn->notify_vcpu = (r >> 32) % NR_VCPUS;
            break;
        case 1:
            ck_assert_int_eq(dom.evtchn->ops->set_priority(&dom, chn, (r >> 32) % 16), 0);
            break;
        case 2:
        case 3:
            consume((r >> 32) % NR_VCPUS, got, (r >> 40) % 6);
            break;
        case 4:
            *word_of(port) |= FIFO_W_MASKED;
            break;
        case 5:
            dom.evtchn->ops->unmask(&dom, chn);
            break;
        default:
            pending[port] = *word_of(port) & FIFO_W_PENDING;
            sent[port] += !pending[port];
            ck_assert_int_eq(evtchn_notify_local(&dom, port), 0);
            break;
        }
    }
    for (port = 1; port <= PORTS; port++)
        dom.evtchn->ops->unmask(&dom, evtchn_lookup(&dom, port));
    for (unsigned int v = 0; v < NR_VCPUS; v++)
        consume(v, got, ~0U);
    for (port = 1; port <= PORTS; port++)
        ck_assert_uint_eq(got[port], sent[port]);
    tear_down();
}
END_TEST

TEST_MAIN("evtchn-fifo", test_word_claim, test_word_link, test_queue_order_and_upcall,
          test_masked_then_unmasked, test_pending_migrates, test_close_and_reuse,
          test_random_against_model)

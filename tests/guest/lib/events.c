/* SPDX-License-Identifier: MIT */
/* Event upcalls of the two-level ABI, counted by port, and the system time. */
#include "guest.h"

volatile unsigned long event_count[4096];
volatile unsigned long upcall_count;

static struct vcpu_info *vcpu0_info;

struct vcpu_info *this_vcpu_info(void)
{
    return vcpu0_info;
}

void set_vcpu_info(struct vcpu_info *info)
{
    vcpu0_info = info;
}

void events_scan(void)
{
    volatile unsigned long *pending = shared_info->evtchn_pending;
    struct vcpu_info *vi = this_vcpu_info();
    unsigned long words, bits;
    unsigned int w, b;

    vi->evtchn_upcall_pending = 0;
    words = __atomic_exchange_n(&vi->evtchn_pending_sel, 0, __ATOMIC_SEQ_CST);
    for (; words; words &= words - 1) {
        w = (unsigned int)__builtin_ctzl(words);
        bits = pending[w] & ~shared_info->evtchn_mask[w];
        for (; bits; bits &= bits - 1) {
            b = (unsigned int)__builtin_ctzl(bits);
            event_clear(w * 64 + b);
            event_count[w * 64 + b]++;
        }
    }
}

void events_on(void)
{
    *(volatile uint8_t *)&this_vcpu_info()->evtchn_upcall_mask = 0;
    __sync_synchronize();
    if (*(volatile uint8_t *)&this_vcpu_info()->evtchn_upcall_pending)
        hypercall(xen_version, XENVER_version, 0);
}

void events_off(void)
{
    *(volatile uint8_t *)&this_vcpu_info()->evtchn_upcall_mask = 1;
    barrier();
}

bool event_pending(uint32_t port)
{
    return (*(volatile unsigned long *)&shared_info->evtchn_pending[port / 64] >> port % 64) & 1;
}

void event_clear(uint32_t port)
{
    __sync_fetch_and_and(&shared_info->evtchn_pending[port / 64], ~(1UL << port % 64));
}

void event_mask(uint32_t port)
{
    __sync_fetch_and_or(&shared_info->evtchn_mask[port / 64], 1UL << port % 64);
}

bool event_masked(uint32_t port)
{
    return (*(volatile unsigned long *)&shared_info->evtchn_mask[port / 64] >> port % 64) & 1;
}

long evtchn_alloc(uint32_t *ret_port)
{
    struct evtchn_alloc_unbound a = {.dom = DOMID_SELF, .remote_dom = DOMID_SELF};
    long rc = hypercall(event_channel_op, EVTCHNOP_alloc_unbound, &a);

    if (!rc)
        *ret_port = a.port;
    return rc;
}

long evtchn_close_port(uint32_t port)
{
    struct evtchn_close c = {.port = port};

    return hypercall(event_channel_op, EVTCHNOP_close, &c);
}

static uint64_t tsc(void)
{
    uint32_t low, high;

    __asm__ volatile("lfence; rdtsc" : "=a"(low), "=d"(high)::"memory");
    return (uint64_t)high << 32 | low;
}

uint64_t system_time(void)
{
    const volatile struct vcpu_time_info *t = &this_vcpu_info()->time;
    uint64_t delta, base;
    uint32_t version, mul;
    int shift;

    do {
        version = t->version & ~1U;
        barrier();
        delta = tsc() - t->tsc_timestamp;
        base = t->system_time;
        mul = t->tsc_to_system_mul;
        shift = t->tsc_shift;
        barrier();
    } while (version != t->version);
    delta = shift < 0 ? delta >> -shift : delta << shift;
    return base + (uint64_t)(((unsigned __int128)delta * mul) >> 32);
}

void wait_until(uint64_t ns)
{
    while (system_time() < ns)
        hypercall(sched_op, SCHEDOP_yield, 0);
}

/* SPDX-License-Identifier: MIT */
/*
 * vpit.c - the hardware domain's view of timer channel 2 and its gate in port 61.
 *
 * The chip itself belongs to the hypervisor. Kernels use channel 2 to measure time, so it counts on
 * the system clock here; it is never heard. The other channels are not there.
 */
#include <xen/spinlock.h>
#include <xen/time.h>
#include "private.h"

#define PORT_CHANNEL2 0x42
#define PORT_MODE     0x43
#define PORT_GATE     0x61
#define PIT_HZ        1193182ULL

#define GATE_ON      0x01
#define GATE_SPEAKER 0x02
#define GATE_REFRESH 0x10
#define GATE_OUT     0x20
#define REFRESH_NS   15085 /* memory refresh toggles its bit about this often */

#define RW_LATCH 0
#define RW_LOW   1
#define RW_BOTH  3

static DEFINE_SPINLOCK(pit_lock, LOCK_RANK_LEAF);
/* All under pit_lock. */
static struct {
    u8 rw, mode;
    u8 gate;           /* GATE_ON and GATE_SPEAKER as written */
    bool high_written; /* a two-byte count: the next write is its high byte */
    bool high_read;
    bool loaded, latched;
    u8 low;
    u16 latch;
    u32 reload;     /* 1 to 65536 */
    u64 ticks;      /* counted until the gate last closed */
    s_time_t since; /* when counting went on */
} pit;

static u64 ticks_now(void)
{
    u64 ns;

    if (!pit.loaded)
        return 0;
    if (!(pit.gate & GATE_ON))
        return pit.ticks;
    ns = (u64)(NOW() - pit.since);
    return pit.ticks + ns / NSEC_PER_SEC * PIT_HZ + ns % NSEC_PER_SEC * PIT_HZ / NSEC_PER_SEC;
}

static bool is_periodic(void)
{
    return (pit.mode & 3) >= 2 && pit.mode != 4 && pit.mode != 5;
}

static u16 count_now(void)
{
    u64 t = ticks_now();

    if (!pit.loaded)
        return 0;
    if (!is_periodic())
        return (u16)(pit.reload - t); /* wraps below zero as the chip does */
    t %= pit.reload;
    if ((pit.mode & 3) == 3) /* square wave: twice as fast, in even steps */
        return (u16)(pit.reload - (2 * t) % pit.reload);
    return (u16)(pit.reload - t);
}

static bool output_now(void)
{
    u64 t = ticks_now();

    if (!pit.loaded)
        return pit.mode != 0;
    if (!is_periodic())
        return t >= pit.reload;
    return (pit.mode & 3) == 2 || t % pit.reload < (pit.reload + 1) / 2;
}

static void load_count(u16 count)
{
    pit.reload = count ? count : 0x10000;
    pit.loaded = true;
    pit.ticks = 0;
    pit.since = NOW();
}

static void write_channel(u8 val)
{
    if (pit.rw != RW_BOTH) {
        load_count(pit.rw == RW_LOW ? val : (u16)(val << 8));
        return;
    }
    if (pit.high_written)
        load_count((u16)(val << 8 | pit.low));
    else
        pit.low = val;
    pit.high_written = !pit.high_written;
}

static u8 read_channel(void)
{
    u16 count = pit.latched ? pit.latch : count_now();
    bool high = pit.rw == RW_BOTH ? pit.high_read : pit.rw != RW_LOW;

    if (pit.rw == RW_BOTH)
        pit.high_read = !pit.high_read;
    if (pit.rw != RW_BOTH || high)
        pit.latched = false;
    return (u8)(high ? count >> 8 : count);
}

static void write_mode(u8 val)
{
    u8 rw = val >> 4 & 3;

    if (val >> 6 != 2)
        return;
    if (rw == RW_LATCH) {
        if (!pit.latched)
            pit.latch = count_now();
        pit.latched = true;
        return;
    }
    pit.rw = rw;
    pit.mode = val >> 1 & 7;
    pit.high_written = pit.high_read = pit.loaded = pit.latched = false;
}

static void write_gate(u8 val)
{
    u64 t = ticks_now();
    bool rises = (val & GATE_ON) && !(pit.gate & GATE_ON);

    /* Modes that the gate triggers begin again; the others go on where they stopped. */
    pit.ticks = rises && pit.mode != 0 && pit.mode != 4 ? 0 : t;
    pit.since = NOW();
    pit.gate = val & (GATE_ON | GATE_SPEAKER);
}

static u8 read_gate(void)
{
    u8 val = pit.gate;

    if (NOW() / REFRESH_NS & 1)
        val |= GATE_REFRESH;
    if (output_now())
        val |= GATE_OUT;
    return val;
}

bool pv_pit_in(u16 port, unsigned int size, u32 *ret_val)
{
    unsigned long flags;

    if (size != 1 || (port != PORT_CHANNEL2 && port != PORT_GATE))
        return false;
    spin_lock_irqsave(&pit_lock, flags);
    *ret_val = port == PORT_GATE ? read_gate() : read_channel();
    spin_unlock_irqrestore(&pit_lock, flags);
    return true;
}

bool pv_pit_out(u16 port, unsigned int size, u32 val)
{
    unsigned long flags;

    if (size != 1 || (port != PORT_CHANNEL2 && port != PORT_MODE && port != PORT_GATE))
        return false;
    spin_lock_irqsave(&pit_lock, flags);
    if (port == PORT_CHANNEL2)
        write_channel((u8)val);
    else if (port == PORT_MODE)
        write_mode((u8)val);
    else
        write_gate((u8)val);
    spin_unlock_irqrestore(&pit_lock, flags);
    return true;
}

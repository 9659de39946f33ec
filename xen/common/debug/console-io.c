/* SPDX-License-Identifier: MIT */
/*
 * console-io.c - hypercall console_io: guests write to and read from the hypervisor's console.
 *
 * The hardware domain writes raw bytes and reads what the serial port received. Other domains may
 * write only: their text is collected to lines, which are printed with "(dN) " in front at a
 * bounded rate. Unfinished lines wait in a few slots, one domain each, under line_lock; when slots
 * run out, the one that was used longest ago is printed as it is.
 */
#include <xen/guest-access.h>
#include <xen/hypercall.h>
#include <xen/lib.h>
#include <xen/sched.h>
#include <xen/spinlock.h>
#include "private.h"

#define CHUNK_SIZE    128
#define PASS_MAX      16384U /* bytes written before a forced look at softirqs */
#define NR_LINE_SLOTS 8
#define LINE_MAX      160

struct line_slot {
    bool used;
    domid_t domid;
    u64 last_use;
    unsigned int len;
    struct rate_limit rate;
    char text[LINE_MAX + 1];
};

static DEFINE_SPINLOCK(line_lock, LOCK_RANK_LEAF);
static struct line_slot slots[NR_LINE_SLOTS];
static u64 use_counter;

static void slot_flush(struct line_slot *slot)
{
    slot->text[slot->len] = '\0';
    slot->len = 0;
    console_guest_line(slot->domid, slot->text, &slot->rate);
}

static struct line_slot *slot_of(domid_t domid)
{
    struct line_slot *oldest = &slots[0];

    for (unsigned int i = 0; i < NR_LINE_SLOTS; i++) {
        if (slots[i].used && slots[i].domid == domid)
            return &slots[i];
        if (slots[i].last_use < oldest->last_use)
            oldest = &slots[i];
    }
    if (oldest->len)
        slot_flush(oldest);
    oldest->used = true;
    oldest->domid = domid;
    oldest->rate = (struct rate_limit){0};
    return oldest;
}

static void write_lines(domid_t domid, const char *s, size_t len)
{
    unsigned long flags;
    struct line_slot *slot;

    spin_lock_irqsave(&line_lock, flags);
    slot = slot_of(domid);
    slot->last_use = ++use_counter;
    for (size_t i = 0; i < len; i++) {
        if (s[i] == '\n' || slot->len == LINE_MAX)
            slot_flush(slot);
        /* Control characters could fake our own lines or confuse the terminal. */
        if ((s[i] >= 0x20 && s[i] < 0x7f) || s[i] == '\t')
            slot->text[slot->len++] = s[i];
    }
    spin_unlock_irqrestore(&line_lock, flags);
}

static void write_chunk(const struct domain *d, const char *s, size_t len)
{
    unsigned long flags;

    if (!d->is_hardware) {
        write_lines(d->domain_id, s, len);
    } else if (console_enter(&flags)) {
        console_write_raw_locked(s, len);
        console_leave(flags);
    }
}

static long console_write(u32 count, unsigned long buffer)
{
    const struct domain *d = current->domain;
    char chunk[CHUNK_SIZE];
    u32 done = 0;

    while (done < count) {
        size_t n = MIN(count - done, (u32)CHUNK_SIZE);

        if (done && (done >= PASS_MAX || hypercall_preempt_check()))
            return hypercall_continue(__HYPERVISOR_console_io, 3, (unsigned long)CONSOLEIO_write,
                                      (unsigned long)(count - done), buffer + done);
        if (copy_from_guest(chunk, buffer + done, n))
            return -EFAULT;
        write_chunk(d, chunk, n);
        done += (u32)n;
    }
    return 0;
}

static long console_read(u32 count, unsigned long buffer)
{
    char chunk[CHUNK_SIZE];
    u32 done = 0;

    while (done < count) {
        u32 pos;
        size_t n = console_input_peek(chunk, MIN(count - done, (u32)CHUNK_SIZE), &pos);

        if (!n)
            break;
        if (copy_to_guest(buffer + done, chunk, n))
            return done ? (long)done : -EFAULT;
        console_input_consume(pos, n);
        done += (u32)n;
    }
    return done;
}

long do_console_io(unsigned long cmd, unsigned long count, unsigned long buffer)
{
    /* The ABI passes both as int. */
    u32 len = (u32)count;

    if (len > INT32_MAX)
        return -EINVAL;
    if ((u32)cmd == CONSOLEIO_write)
        return console_write(len, buffer);
    if (!current->domain->is_hardware)
        return -EPERM;
    return (u32)cmd == CONSOLEIO_read ? console_read(len, buffer) : -ENOSYS;
}

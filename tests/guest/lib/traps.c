/* SPDX-License-Identifier: MIT */
/*
 * Trap table, recoverable faults and the last word on unexpected ones.
 * catch_trap() nests: the innermost call takes the trap.
 */
#include "guest.h"

struct trap_frame trap_last;
uint64_t trap_last_cr2;
trap_hook_t trap_hook[259];

static uint64_t catch_rsp; /* 0: nobody catches */

int catch_call(void (*fn)(void *), void *arg, uint64_t *ret_save);
extern char catch_landing[];
void trap_dispatch(struct trap_frame *frame);

int catch_trap(void (*fn)(void *), void *arg)
{
    uint64_t outer = catch_rsp;
    int vector = catch_call(fn, arg, &catch_rsp);

    catch_rsp = outer;
    return vector;
}

static void die(const struct trap_frame *f)
{
    error("unexpected trap %lu, code %lx, rip %lx, cs %x, rsp %lx, rflags %lx, cr2 %lx", f->vector,
          f->error_code, f->rip, f->cs, f->rsp, f->rflags, this_vcpu_info()->arch.cr2);
    finish();
}

/* Resume behind the catch_call() that is active; the flags stay clean. */
static void land(struct trap_frame *f)
{
    f->rip = (uintptr_t)catch_landing;
    f->rsp = catch_rsp;
    f->rax = f->vector;
    f->cs = 0xe030;
    f->ss = 0xe02b;
    f->rflags &= 0x200;
}

void trap_dispatch(struct trap_frame *frame)
{
    if (frame->vector == VEC_EVENT && !trap_hook[VEC_EVENT]) {
        upcall_count++;
        events_scan();
        return;
    }
    trap_last = *frame;
    trap_last_cr2 = this_vcpu_info()->arch.cr2;
    if (trap_hook[frame->vector] && trap_hook[frame->vector](frame))
        return;
    if (!catch_rsp)
        die(frame);
    land(frame);
}

void trap_info_fill(struct trap_info *info, unsigned int vector, unsigned int flags)
{
    info->vector = (uint8_t)vector;
    info->flags = (uint8_t)flags;
    info->cs = FLAT_KERNEL_CS;
    info->address = (uintptr_t)trap_stubs + vector * 16;
}

static void register_callback(unsigned int type, const void *entry)
{
    struct callback_register cb = {
        .type = (uint16_t)type, .flags = CALLBACKF_mask_events, .address = (uintptr_t)entry};

    NEED(hypercall(callback_op, CALLBACKOP_register, &cb) == 0);
}

void traps_init(void)
{
    static struct trap_info table[34];
    unsigned int v;

    for (v = 0; v < 32; v++)
        trap_info_fill(&table[v], v, (v == VEC_BP || v == VEC_OF) ? 3 : 0);
    trap_info_fill(&table[32], 0x80, 3);
    NEED(hypercall(set_trap_table, table) == 0);
    register_callback(CALLBACKTYPE_event, event_entry);
    register_callback(CALLBACKTYPE_failsafe, failsafe_entry);
    register_callback(CALLBACKTYPE_syscall, syscall_entry);
}

struct access {
    volatile uint64_t *at;
    uint64_t value;
};

static void do_read(void *arg)
{
    struct access *a = arg;

    a->value = *a->at;
}

static void do_write(void *arg)
{
    struct access *a = arg;

    *a->at = a->value;
}

int try_read(uint64_t va, uint64_t *ret_value)
{
    struct access a = {.at = (volatile uint64_t *)va};
    int vector = catch_trap(do_read, &a);

    if (vector < 0 && ret_value)
        *ret_value = a.value;
    return vector;
}

int try_write(uint64_t va, uint64_t value)
{
    struct access a = {.at = (volatile uint64_t *)va, .value = value};

    return catch_trap(do_write, &a);
}

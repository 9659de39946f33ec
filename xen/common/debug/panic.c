/* SPDX-License-Identifier: MIT */
/*
 * panic.c - the end of the hypervisor: says why, stops the other CPUs, reboots or halts.
 *
 * The first CPU that panics owns the end; others that panic halt. A panic within the panic skips
 * everything that could have caused it. Works in any context; takes no lock but the console's,
 * after breaking it.
 */
#include <xen/console.h>
#include <xen/lib.h>
#include <xen/param.h>
#include <xen/percpu.h>
#include <xen/sched.h>
#include <xen/smp.h>
#include <xen/time.h>
#include <asm/system.h>
#include <asm/traps.h>
#include "private.h"

#define NO_CPU               (-1)
#define REBOOT_DELAY_SECONDS 5
#define NR_WARN_SITES        64

static int panic_cpu = NO_CPU;
static unsigned int panic_depth;
static bool have_report; /* the registers that matter are on the console already */

bool opt_noreboot;
PARAM_BOOL_DEF("noreboot", opt_noreboot, "halt after a fatal error, default: reboot after 5 s");

static void __noreturn halt_forever(void)
{
    for (;;) {
        local_irq_disable();
        halt();
    }
}

static void wait_seconds(unsigned int seconds)
{
    u64 start;

    /* Before the clock is calibrated assume a fast CPU: a longer wait does no harm. */
    if (!cpu_khz) {
        start = rdtsc();
        while (rdtsc() - start < seconds * 4000000000ULL)
            cpu_relax();
        return;
    }
    for (unsigned int i = 0; i < seconds * 100; i++)
        udelay(10000);
}

static void __noreturn finish(void)
{
    if (opt_noreboot) {
        printk(XLOG_ERR "Halted (noreboot). Reset the machine by hand.\n");
        halt_forever();
    }
    printk(XLOG_ERR "Reboot in %d seconds; option noreboot keeps the screen.\n",
           REBOOT_DELAY_SECONDS);
    wait_seconds(REBOOT_DELAY_SECONDS);
    machine_restart();
}

/* Where we are, in the form that show_stack wants: a state inside the hypervisor. */
static noinline void show_own_stack(void)
{
    struct cpu_user_regs regs;

    memset(&regs, 0, sizeof(regs));
    regs.rip = (unsigned long)__builtin_return_address(0);
    regs.rsp = (unsigned long)__builtin_frame_address(0);
    regs.rbp = *(unsigned long *)__builtin_frame_address(0);
    regs.rflags = local_save_flags();
    regs.cs = HV_CS;
    regs.ss = HV_DS;
    show_stack(&regs);
}

static void print_frame(const char *msg)
{
    size_t len = strlen(msg);

    printk(XLOG_ERR "\n");
    printk(XLOG_ERR "****************************************\n");
    printk(XLOG_ERR "Panic on CPU %u:\n", smp_processor_id());
    printk(XLOG_ERR "%s%s", msg, len && msg[len - 1] == '\n' ? "" : "\n");
    printk(XLOG_ERR "****************************************\n");
    printk(XLOG_ERR "\n");
}

/* False: another CPU owns the end of the machine. */
static bool claim_panic(void)
{
    int self = (int)smp_processor_id();
    int owner = cmpxchg(&panic_cpu, NO_CPU, self);

    return owner == NO_CPU || owner == self;
}

static void take_the_end(void)
{
    local_irq_disable();
    if (!claim_panic())
        halt_forever();
    console_force_unlock();
}

void panic_begin(void)
{
    take_the_end();
    have_report = true;
}

void panic(const char *fmt, ...)
{
    char msg[400];
    va_list ap;

    take_the_end();
    va_start(ap, fmt);
    vsnprintf(msg, sizeof(msg), fmt, ap);
    va_end(ap);

    switch (panic_depth++) {
    case 0:
        print_frame(msg);
        if (cpumask_weight(&cpu_online_map) > 1)
            smp_stop_others();
        if (!have_report)
            show_own_stack();
        finish();
    case 1:
        printk(XLOG_ERR "Panic within panic: %s\n", msg);
        finish();
    default:
        halt_forever();
    }
}

void bug_at(const char *file, int line, const char *what)
{
    panic("BUG at %s:%d: %s. This is a fault of the hypervisor: please report it, with all lines "
          "above and below.",
          file, line, what);
}

/* Remembers the first NR_WARN_SITES places; each of them warns once. */
static bool warned_before(const char *file, int line)
{
    static u64 seen[NR_WARN_SITES]; /* atomic: 0 free, else the site's address and line, mixed */
    u64 site = (u64)(unsigned long)file * 0x9e3779b97f4a7c15ULL + (u32)line;

    for (unsigned int i = 0; i < NR_WARN_SITES; i++) {
        u64 old = cmpxchg(&seen[i], (u64)0, site);

        if (old == site)
            return true;
        if (!old)
            return false;
    }
    return true;
}

void warn_at(const char *file, int line, const char *what)
{
    if (warned_before(file, line))
        return;
    printk(XLOG_WARN "WARNING at %s:%d: %s (shown once)\n", file, line, what);
    show_own_stack();
}

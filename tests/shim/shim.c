/* SPDX-License-Identifier: MIT */
/* shim.c - host stand-ins for what nearly every hypervisor source needs; see shim.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xen/lib.h>
#include <xen/percpu.h>
#include <xen/spinlock.h>
#include "shim.h"

jmp_buf shim_bug_jmp;
bool shim_bug_expected;
unsigned int shim_warnings;
unsigned int shim_locks_held;
char shim_last_message[256];
bool shim_irqs_on = true;
struct cpu_info shim_cpu_info;

unsigned long per_cpu_offset[NR_CPUS];
unsigned int nr_cpus = 1;
cpumask_t cpu_online_map = {{1}};
u32 cpu_apicid[NR_CPUS];

u64 shim_random(void)
{
    static u64 state = 0x9e3779b97f4a7c15ULL;

    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state;
}

void printk(const char *fmt, ...)
{
    va_list ap;

    if (*fmt == '\001')
        fmt += 2;
    va_start(ap, fmt);
    vsnprintf(shim_last_message, sizeof(shim_last_message), fmt, ap);
    va_end(ap);
    if (!shim_bug_expected)
        fputs(shim_last_message, stderr);
}

static void __noreturn stop(void)
{
    if (!shim_bug_expected)
        abort();
    shim_locks_held = 0;
    shim_irqs_on = true;
    longjmp(shim_bug_jmp, 1);
}

void panic(const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(shim_last_message, sizeof(shim_last_message), fmt, ap);
    va_end(ap);
    if (!shim_bug_expected)
        fprintf(stderr, "panic: %s\n", shim_last_message);
    stop();
}

void bug_at(const char *file, int line, const char *what)
{
    if (!shim_bug_expected)
        fprintf(stderr, "%s:%d: %s\n", file, line, what);
    stop();
}

void warn_at(const char *file, int line, const char *what)
{
    fprintf(stderr, "%s:%d: warning: %s\n", file, line, what);
    shim_warnings++;
}

/* One thread only: a lock that is not free will never be. */
void spin_lock(spinlock_t *l)
{
    BUG_ON(l->locked);
    l->locked = 1;
    shim_locks_held++;
}

void spin_lock_nested(spinlock_t *l)
{
    spin_lock(l);
}

bool spin_trylock(spinlock_t *l)
{
    if (l->locked)
        return false;
    spin_lock(l);
    return true;
}

void spin_unlock(spinlock_t *l)
{
    BUG_ON(!l->locked);
    l->locked = 0;
    shim_locks_held--;
}

bool spin_is_locked(const spinlock_t *l)
{
    return l->locked != 0;
}

void spin_lock_break(spinlock_t *l)
{
    l->locked = 0;
}

/* What the host's C library lacks. */
size_t strlcpy(char *dst, const char *src, size_t size)
{
    size_t len = strlen(src);

    if (size) {
        size_t n = MIN(len, size - 1);

        memcpy(dst, src, n);
        dst[n] = '\0';
    }
    return len;
}

size_t strlcat(char *dst, const char *src, size_t size)
{
    size_t used = strnlen(dst, size);

    return used + strlcpy(dst + used, src, size - used);
}

int scnprintf(char *buf, size_t size, const char *fmt, ...)
{
    va_list ap;
    int n;

    if (!size)
        return 0;
    va_start(ap, fmt);
    n = vsnprintf(buf, size, fmt, ap);
    va_end(ap);
    return MIN(n, (int)size - 1);
}

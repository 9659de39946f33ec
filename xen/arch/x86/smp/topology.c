/* SPDX-License-Identifier: MIT */
/*
 * topology.c - core and socket of each CPU, from the fields of its APIC id as CPUID gives them.
 * See the Intel SDM, volume 3, "Detecting hardware multi-threading support".
 */
#include <xen/bitops.h>
#include <xen/lib.h>
#include <xen/percpu.h>
#include <xen/topology.h>
#include <asm/system.h>

struct widths {
    unsigned int thread, core; /* bits below the core number / below the socket number */
};

static unsigned int order_of(unsigned int n)
{
    return n <= 1 ? 0 : highest_bit(n - 1) + 1;
}

static struct widths apicid_widths(void)
{
    struct widths w = {0, 0};
    u32 max = cpuid(0, 0).a, logical, cores;

    if (max >= 0xb && cpuid(0xb, 0).b) {
        w.thread = cpuid(0xb, 0).a & 0x1f;
        w.core = cpuid(0xb, 1).a & 0x1f;
        return w;
    }
    if (!(cpuid(1, 0).d >> 28 & 1)) /* HTT: several logical processors in a package */
        return w;
    logical = cpuid(1, 0).b >> 16 & 0xff;
    cores = max >= 4 ? (cpuid(4, 0).a >> 26) + 1 : 1;
    w.core = order_of(logical);
    w.thread = w.core - MIN(w.core, order_of(cores));
    return w;
}

unsigned int topology_core(unsigned int cpu)
{
    struct widths w = apicid_widths();

    return (cpu_apicid[cpu] & ((1U << w.core) - 1)) >> w.thread;
}

unsigned int topology_socket(unsigned int cpu)
{
    return cpu_apicid[cpu] >> apicid_widths().core;
}

unsigned int topology_threads_per_core(void)
{
    unsigned int cpu, n = 0;

    for_each_online_cpu (cpu)
        n += topology_core(cpu) == topology_core(0) && topology_socket(cpu) == topology_socket(0);
    return MAX(n, 1U);
}

unsigned int topology_cores_per_socket(void)
{
    unsigned int cpu, n = 0;

    for_each_online_cpu (cpu)
        n += topology_socket(cpu) == topology_socket(0);
    return MAX(n / topology_threads_per_core(), 1U);
}

void cpu_feature_words(u32 *words, unsigned int nr)
{
    u32 max_ext = cpuid(0x80000000, 0).a;
    struct cpuid_regs l1 = cpuid(1, 0), l7 = {0}, e1 = cpuid(0x80000001, 0);
    u32 all[8] = {l1.d, l1.c, e1.d, e1.c};

    if (cpuid(0, 0).a >= 0xd)
        all[4] = cpuid(0xd, 1).a;
    if (cpuid(0, 0).a >= 7)
        l7 = cpuid(7, 0);
    all[5] = l7.b;
    all[6] = l7.c;
    if (max_ext >= 0x80000007)
        all[7] = cpuid(0x80000007, 0).d;
    for (unsigned int i = 0; i < nr; i++)
        words[i] = i < ARRAY_SIZE(all) ? all[i] : 0;
}

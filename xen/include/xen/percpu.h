/* SPDX-License-Identifier: MIT */
/*
 * percpu.h - variables that each CPU has a copy of, and sets of CPUs.
 *
 * CPU numbers are ours: 0 is the boot CPU, dense up to nr_cpus - 1.
 */
#ifndef XEN_PERCPU_H
#define XEN_PERCPU_H

#include <xen/types.h>
#include <xen/bitops.h>
#include <asm/current.h>

#define NR_CPUS 128

#define DEFINE_PER_CPU(type, name)  __section(".data.percpu") __typeof__(type) per_cpu__##name
#define DECLARE_PER_CPU(type, name) extern __typeof__(type) per_cpu__##name

/* Distance from the linked image of the per-CPU data to a CPU's copy. */
extern unsigned long per_cpu_offset[NR_CPUS];

#define PER_CPU_AT(name, off) \
    (*(__typeof__(per_cpu__##name) *)((unsigned long)&per_cpu__##name + (off)))
#define per_cpu(name, cpu) PER_CPU_AT(name, per_cpu_offset[cpu])
#define this_cpu(name)     PER_CPU_AT(name, get_cpu_info()->per_cpu_offset)

#define smp_processor_id() (get_cpu_info()->processor_id)

typedef struct cpumask {
    BITMAP(bits, NR_CPUS);
} cpumask_t;

extern unsigned int nr_cpus;     /* CPUs found in the MADT that we may use; fixed after boot */
extern cpumask_t cpu_online_map; /* CPUs that are up and run the scheduler */
extern u32 cpu_apicid[NR_CPUS];  /* local APIC id of each CPU */

static inline void cpumask_clear(cpumask_t *m)
{
    *m = (cpumask_t){{0}};
}
static inline void cpumask_setall(cpumask_t *m)
{
    for (unsigned int i = 0; i < BITS_TO_LONGS(NR_CPUS); i++)
        m->bits[i] = ~0UL;
}
static inline void cpumask_set(unsigned int cpu, cpumask_t *m)
{
    set_bit(cpu, m->bits);
}
static inline void cpumask_unset(unsigned int cpu, cpumask_t *m)
{
    clear_bit(cpu, m->bits);
}
static inline bool cpumask_test(unsigned int cpu, const cpumask_t *m)
{
    return test_bit(cpu, m->bits);
}
static inline bool cpumask_empty(const cpumask_t *m)
{
    for (unsigned int i = 0; i < BITS_TO_LONGS(NR_CPUS); i++)
        if (m->bits[i])
            return false;
    return true;
}
static inline void cpumask_and(cpumask_t *d, const cpumask_t *a, const cpumask_t *b)
{
    for (unsigned int i = 0; i < BITS_TO_LONGS(NR_CPUS); i++)
        d->bits[i] = a->bits[i] & b->bits[i];
}
static inline bool cpumask_intersects(const cpumask_t *a, const cpumask_t *b)
{
    for (unsigned int i = 0; i < BITS_TO_LONGS(NR_CPUS); i++)
        if (a->bits[i] & b->bits[i])
            return true;
    return false;
}
static inline unsigned int cpumask_next(unsigned int start, const cpumask_t *m)
{
    return (unsigned int)find_next_bit(m->bits, NR_CPUS, start);
}
static inline unsigned int cpumask_first(const cpumask_t *m)
{
    return cpumask_next(0, m); /* NR_CPUS when empty */
}
static inline unsigned int cpumask_weight(const cpumask_t *m)
{
    return (unsigned int)bitmap_weight(m->bits, NR_CPUS);
}
static inline cpumask_t cpumask_of(unsigned int cpu)
{
    cpumask_t m = {{0}};

    __set_bit(cpu, m.bits);
    return m;
}

#define for_each_cpu(cpu, mask) \
    for ((cpu) = cpumask_first(mask); (cpu) < NR_CPUS; (cpu) = cpumask_next((cpu) + 1, mask))
#define for_each_online_cpu(cpu) for_each_cpu (cpu, &cpu_online_map)

#endif /* XEN_PERCPU_H */

/* SPDX-License-Identifier: MIT */
/*
 * keyhandler.c - debug keys: typed on the serial console or sent by the toolstack.
 *
 * By convention a lower-case letter only shows something, and an upper-case letter acts; '*' runs
 * all of the former. Handlers are registered while booting or by the table below, and stay; so the
 * table is read without a lock. Plain handlers run in a tasklet, one after the other, in the order
 * of their codes.
 */
#include <xen/console.h>
#include <xen/lib.h>
#include <xen/mm.h>
#include <xen/sched.h>
#include <xen/smp.h>
#include <xen/softirq.h>
#include <xen/time.h>
#include <asm/traps.h>

#define NR_KEYS 128

struct key {
    const char *what;
    void (*fn)(unsigned char key);
    void (*irq_fn)(unsigned char key, struct cpu_user_regs *regs);
};

static void key_help(unsigned char key);
static void key_all(unsigned char key);
static void key_registers(unsigned char key, struct cpu_user_regs *regs);
static void key_domains(unsigned char key);
static void key_memory(unsigned char key);
static void key_time(unsigned char key);
static void key_reboot(unsigned char key);
static void key_crash(unsigned char key);

static struct key keys[NR_KEYS] = {
    ['h'] = {"list the keys", key_help, NULL},
    ['*'] = {"run all lower-case keys", key_all, NULL},
    ['d'] = {"registers of each CPU", NULL, key_registers},
    ['q'] = {"domains and their vCPUs", key_domains, NULL},
    ['m'] = {"memory use", key_memory, NULL},
    ['t'] = {"clock of each CPU", key_time, NULL},
    ['R'] = {"reboot the machine now", key_reboot, NULL},
    ['C'] = {"crash the hypervisor", key_crash, NULL},
};
static unsigned long pending[BITS_TO_LONGS(NR_KEYS)];

static void run_pending(void *unused __maybe_unused)
{
    for (unsigned int k = 0; k < NR_KEYS; k++)
        if (test_and_clear_bit(k, pending) && keys[k].fn)
            keys[k].fn((unsigned char)k);
}
static struct tasklet key_tasklet = {.fn = run_pending};

static struct key *key_slot(char key)
{
    BUG_ON((unsigned char)key >= NR_KEYS || keys[(unsigned char)key].what);
    return &keys[(unsigned char)key];
}

void register_keyhandler(char key, void (*fn)(unsigned char key), const char *what)
{
    *key_slot(key) = (struct key){.what = what, .fn = fn};
}

void handle_keypress(unsigned char key, struct cpu_user_regs *regs)
{
    if (key >= NR_KEYS || !keys[key].what)
        return;
    if (keys[key].irq_fn) {
        keys[key].irq_fn(key, regs ? regs : guest_cpu_regs());
        return;
    }
    set_bit(key, pending);
    tasklet_schedule(&key_tasklet);
}

/* --- the keys of this file --- */

static void key_help(unsigned char key __maybe_unused)
{
    printk("Debug keys:\n");
    for (unsigned int k = 0; k < NR_KEYS; k++)
        if (keys[k].what)
            printk("  %c: %s\n", k, keys[k].what);
}

static void key_all(unsigned char key __maybe_unused)
{
    for (unsigned int k = 'a'; k <= 'z'; k++) {
        if (!keys[k].what || k == 'h')
            continue;
        printk("['%c': %s]\n", k, keys[k].what);
        if (keys[k].irq_fn)
            keys[k].irq_fn((unsigned char)k, guest_cpu_regs());
        else
            keys[k].fn((unsigned char)k);
    }
}

/* What the CPU's guest was doing; on an idle CPU there is nothing to tell. */
static void show_this_cpu(void *unused __maybe_unused)
{
    if (is_idle_vcpu(current))
        printk("CPU %u: idle\n", smp_processor_id());
    else
        show_regs(guest_cpu_regs());
}

static void show_other_cpus(void *data)
{
    unsigned int asked_on = *(unsigned int *)data;
    unsigned int cpu;

    for_each_online_cpu (cpu) {
        cpumask_t one = cpumask_of(cpu);

        if (cpu != asked_on)
            smp_call_on(&one, show_this_cpu, NULL);
    }
}

/*
 * The own CPU at once, even if it never returns to a point where tasklets run; the others from a
 * tasklet, because calls to them need interrupts.
 */
static void key_registers(unsigned char key __maybe_unused, struct cpu_user_regs *regs)
{
    static unsigned int asked_on;
    static struct tasklet others = {.fn = show_other_cpus, .data = &asked_on};

    asked_on = smp_processor_id();
    if (regs != guest_cpu_regs())
        show_regs(regs);
    else
        show_this_cpu(NULL);
    tasklet_schedule(&others);
}

static void show_vcpu(const struct vcpu *v)
{
    printk("    v%u: CPU %u%s pause flags %lx count %d events %s hypercalls %llu\n", v->vcpu_id,
           v->processor, v->is_running ? " running" : "", READ_ONCE(v->pause_flags),
           atomic_read(&v->pause_count), v->info && vcpu_events_pending(v) ? "wait" : "none",
           (unsigned long long)v->nr_hypercalls);
}

static void show_domain(const struct domain *d)
{
    struct vcpu *v;

    printk("  %s: refs %d, pause count %d, pages %lu of %lu, shared %lu%s%s%s%s\n", d->name,
           atomic_read(&d->refcnt), atomic_read(&d->pause_count), d->tot_pages, d->max_pages,
           d->xenheap_pages, d->is_control ? ", control" : "", d->is_hardware ? ", hardware" : "",
           d->is_dying ? ", dying" : "", d->is_shut_down ? ", shut down" : "");
    for_each_vcpu (d, v)
        show_vcpu(v);
}

static void for_all_domains(void (*fn)(const struct domain *d))
{
    struct domain *d = get_domain_from(0);

    while (d) {
        domid_t next = (domid_t)(d->domain_id + 1);

        fn(d);
        put_domain(d);
        d = next ? get_domain_from(next) : NULL;
    }
}

static void key_domains(unsigned char key __maybe_unused)
{
    printk("Domains at %lld ns:\n", (long long)NOW());
    for_all_domains(show_domain);
}

static void show_domain_memory(const struct domain *d)
{
    printk("  %s: %lu pages (%lu MiB), limit %lu\n", d->name, d->tot_pages,
           d->tot_pages >> (20 - PAGE_SHIFT), d->max_pages);
}

static void key_memory(unsigned char key __maybe_unused)
{
    unsigned long free_pages = heap_free_pages();

    printk("Memory: %lu pages (%lu MiB), free %lu (%lu MiB), small objects %zu bytes\n",
           total_pages, total_pages >> (20 - PAGE_SHIFT), free_pages,
           free_pages >> (20 - PAGE_SHIFT), slab_bytes_in_use());
    slab_show();
    for_all_domains(show_domain_memory);
}

struct clock_sample {
    s_time_t system;
    u64 tsc;
};

static void sample_clock(void *data)
{
    struct clock_sample *s = data;

    s->tsc = rdtsc_ordered();
    s->system = NOW();
}

static void key_time(unsigned char key __maybe_unused)
{
    unsigned int cpu;

    printk("TSC %u.%03u MHz, UNIX time %llu\n", cpu_khz / 1000, cpu_khz % 1000,
           (unsigned long long)wallclock_seconds());
    for_each_online_cpu (cpu) {
        cpumask_t one = cpumask_of(cpu);
        struct clock_sample s = {0, 0};

        smp_call_on(&one, sample_clock, &s);
        printk("  CPU %u: %lld ns, TSC %llu\n", cpu, (long long)s.system,
               (unsigned long long)s.tsc);
    }
}

static void key_reboot(unsigned char key __maybe_unused)
{
    printk("Reboot by debug key\n");
    machine_restart();
}

static void key_crash(unsigned char key __maybe_unused)
{
    panic("Crash by debug key");
}

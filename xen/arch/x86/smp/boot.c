/* SPDX-License-Identifier: MIT */
/* boot.c - finding the CPUs in the MADT and starting them one after the other. */
#include <xen/acpi.h>
#include <xen/init.h>
#include <xen/lib.h>
#include <xen/mm.h>
#include <xen/param.h>
#include <xen/sched.h>
#include <xen/smp.h>
#include <xen/time.h>
#include <asm/apic.h>
#include <asm/mm.h>
#include <asm/setup.h>
#include <asm/system.h>

/* The page below 1 MiB where APs start; firmware leaves it free on every PC. */
#define TRAMPOLINE_PADDR 0x8000UL
/* The page after it: where a CPU ends that did not start in time. */
#define PARKING_PADDR 0x9000UL

unsigned int nr_cpus __read_mostly = 1;
cpumask_t cpu_online_map;
u32 cpu_apicid[NR_CPUS] __read_mostly;
unsigned long per_cpu_offset[NR_CPUS] __read_mostly;

static u32 opt_maxcpus __initdata = NR_CPUS;
PARAM_UINT_DEF("maxcpus", opt_maxcpus, "use at most this many CPUs (default: all)");

extern char ap_trampoline[], ap_trampoline_end[], ap_cr3[], ap_stack[], ap_start[];
extern unsigned long boot_l4[512];

static unsigned int starting_cpu;
static bool cpu_alive;

void __init smp_prepare(void)
{
    cpu_apicid[0] = lapic_id();
    cpumask_set(0, &cpu_online_map);
    for (unsigned int i = 0; i < acpi.nr_cpus; i++) {
        if (!acpi.cpu[i].enabled || acpi.cpu[i].apicid == cpu_apicid[0])
            continue;
        if (nr_cpus >= NR_CPUS || nr_cpus >= opt_maxcpus) {
            printk(XLOG_WARN "CPU with APIC id %u is left unused (limit %u)\n", acpi.cpu[i].apicid,
                   MIN(opt_maxcpus, (u32)NR_CPUS));
            continue;
        }
        cpu_apicid[nr_cpus++] = acpi.cpu[i].apicid;
    }
}

/* C entry of an AP, on its own stack with the boot page tables. */
static void __noreturn ap_main(void)
{
    unsigned int cpu = starting_cpu;

    write_cr3(virt_to_maddr(hv_l4));
    cpu_setup_registers();
    cpu_load_descriptors(cpu);
    get_cpu_info()->current_vcpu = per_cpu(idle_vcpu, cpu);
    lapic_init_ap();
    time_init_ap();
    cpumask_set(cpu, &cpu_online_map);
    smp_mb();
    WRITE_ONCE(cpu_alive, true);
    local_irq_enable();
    reset_stack_and_jump(idle_loop);
}

static void fill_trampoline(unsigned int cpu)
{
    char *page = maddr_to_virt(TRAMPOLINE_PADDR);
    u64 cr3 = virt_to_maddr(boot_l4), start = (u64)ap_main;
    u64 stack = (u64)cpu_stack(cpu) + STACK_SIZE - sizeof(struct cpu_info);

    memcpy(page, ap_trampoline, (size_t)(ap_trampoline_end - ap_trampoline));
    memcpy(page + (ap_cr3 - ap_trampoline), &cr3, sizeof(cr3));
    memcpy(page + (ap_stack - ap_trampoline), &stack, sizeof(stack));
    memcpy(page + (ap_start - ap_trampoline), &start, sizeof(start));
}

/*
 * A CPU that is only slow must not come up later, on the stack of the next one: INIT takes it out
 * of whatever it does, and it halts in a loop of its own.
 */
static void park_cpu(unsigned int cpu)
{
    static const u8 loop[] = {0xfa, 0xf4, 0xeb, 0xfc}; /* 1: cli; hlt; jmp 1b */

    memcpy(maddr_to_virt(PARKING_PADDR), loop, sizeof(loop));
    lapic_start_ap(cpu_apicid[cpu], PARKING_PADDR >> PAGE_SHIFT);
    cpumask_unset(cpu, &cpu_online_map);
}

static bool start_cpu(unsigned int cpu)
{
    s_time_t give_up;

    starting_cpu = cpu;
    WRITE_ONCE(cpu_alive, false);
    fill_trampoline(cpu);
    smp_mb();
    lapic_start_ap(cpu_apicid[cpu], TRAMPOLINE_PADDR >> PAGE_SHIFT);
    give_up = NOW() + SECONDS(5);
    while (!READ_ONCE(cpu_alive) && NOW() < give_up)
        cpu_relax();
    if (READ_ONCE(cpu_alive))
        return true;
    park_cpu(cpu);
    return false;
}

/*
 * The boot tables map the stack of an AP only if it lies in the first 4 GiB: its L4 borrows our
 * direct map and image for the few instructions before ap_main() loads the real one.
 */
static void __init prepare_boot_l4(void)
{
    for (unsigned int i = 256; i < 512; i++)
        boot_l4[i] = hv_l4[i];
}

void __init smp_boot_all(void)
{
    unsigned int up = 1;

    prepare_boot_l4();
    for (unsigned int cpu = 1; cpu < nr_cpus; cpu++) {
        if (start_cpu(cpu))
            up++;
        else
            printk(XLOG_ERR "CPU %u (APIC id %u) does not start; going on without it\n", cpu,
                   cpu_apicid[cpu]);
    }
    printk("Brought up %u CPU%s\n", up, up == 1 ? "" : "s");
}

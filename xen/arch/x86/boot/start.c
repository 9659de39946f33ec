/* SPDX-License-Identifier: MIT */
/*
 * start.c - start_xen(): from the boot loader's hands to Domain 0, one step a line.
 */
#include <xen/acpi.h>
#include <xen/console.h>
#include <xen/init.h>
#include <xen/irq.h>
#include <xen/lib.h>
#include <xen/mm.h>
#include <xen/sched.h>
#include <xen/smp.h>
#include <xen/softirq.h>
#include <xen/time.h>
#include <xen/timer.h>
#include <asm/apic.h>
#include <asm/mm.h>
#include <asm/setup.h>
#include <asm/system.h>

struct boot_info boot_info __ro_after_init;

void start_xen(u32 magic, maddr_t info) __noreturn;

/* The early page tables map the first 4 GiB at the direct map; loaders put everything below that.
 */
static const void *__init map_below_4g(void *unused __maybe_unused, u64 pa, size_t len)
{
    return pa <= 1UL << 32 && len <= (1UL << 32) - pa ? maddr_to_virt(pa) : NULL;
}

/* Registered by INITCALL(): what needs memory, interrupts and all CPUs. */
static void __init do_initcalls(void)
{
    extern const struct initcall __initcalls_start[], __initcalls_end[];

    for (const struct initcall *c = __initcalls_start; c < __initcalls_end; c++) {
        int rc = c->fn();

        if (rc)
            printk(XLOG_WARN "Start-up step %s failed (%d); going on without it\n", c->name, rc);
    }
}

static void __init say_what_was_found(void)
{
    const struct e820_map *map = &boot_info.e820;

    printk("Boot loader: %s\n", boot_info.loader[0] ? boot_info.loader : "unknown");
    printk("Command line: %s\n", boot_info.cmdline);
    for (unsigned int i = 0; i < map->nr; i++)
        printk(" [%016lx, %016lx] %s\n", (unsigned long)map->entry[i].addr,
               (unsigned long)(map->entry[i].addr + map->entry[i].size - 1),
               e820_type_name(map->entry[i].type));
    for (unsigned int i = 0; i < boot_info.nr_modules; i++)
        printk("Module %u: %016lx, %lu KiB: %s\n", i, (unsigned long)boot_info.module[i].start,
               (unsigned long)(boot_info.module[i].size >> 10), boot_info.module[i].cmdline);
}

static void __init init_cpus(void)
{
    smp_prepare();
    for (unsigned int cpu = 0; cpu < nr_cpus; cpu++) {
        if (cpu && cpu_alloc_area(cpu))
            panic("Out of memory while preparing CPU %u.", cpu);
        cpu_guard_stack(cpu);
        timer_init_cpu(cpu);
    }
}

static void __init init_scheduler(void)
{
    sched_init();
    for (unsigned int cpu = 0; cpu < nr_cpus; cpu++)
        sched_init_cpu(cpu);
    get_cpu_info()->current_vcpu = per_cpu(idle_vcpu, 0);
}

static void __init init_memory(void)
{
    paging_init();
    /* What the loader says may be damaged: then the firmware's own areas are searched. */
    if (acpi_tables_init(boot_info.rsdp) && (!boot_info.rsdp || acpi_tables_init(0)))
        panic("No ACPI tables found. Xenolith needs a machine with ACPI (QEMU: do not pass "
              "-no-acpi).");
    frametable_init();
}

/* Not start-up code itself: paging_seal() frees that. */
static noinline void __noreturn finish_boot(void)
{
    paging_seal();
    console_end_boot();
    reset_stack_and_jump(idle_loop);
}

void __init start_xen(u32 magic, maddr_t info)
{
    const struct mb_memory loader_memory = {map_below_4g, NULL};
    const char *why = "";
    int rc;

    cpu_load_descriptors(0);
    traps_init();
    rc = multiboot_parse(&loader_memory, magic, info, &boot_info, &why);
    cmdline_parse(boot_info.cmdline);
    console_init_early();
    print_banner();
    if (rc)
        panic("Cannot start: %s. Use GRUB 2 (multiboot2) or QEMU -kernel.", why);
    say_what_was_found();
    cpu_features_init();
    smap_patch();
    cpu_setup_registers();
    init_memory();
    smp_calls_init();
    tlb_init();
    frames_key_init();
    i8259_disable();
    lapic_init_bsp();
    init_cpus();
    irq_init();
    time_init_bsp();
    local_irq_enable();
    init_scheduler();
    smp_boot_all();
    console_init_late();
    special_domains_init();
    cpu_policy_init();
    do_initcalls();
    pv_dom0_build();
    finish_boot();
}

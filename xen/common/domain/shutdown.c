/* SPDX-License-Identifier: MIT */
/* shutdown.c - the end of the host: power off and restart, by way of ACPI and older means. */
#include <xen/acpi.h>
#include <xen/console.h>
#include <xen/domain.h>
#include <xen/lib.h>
#include <public/sched.h>
#include <xen/smp.h>
#include <xen/time.h>
#include <asm/system.h>

static void __noreturn stop_here(void)
{
    for (;;) {
        local_irq_disable();
        halt();
    }
}

void machine_power_off(void)
{
    printk("Powering off.\n");
    smp_stop_others();
    local_irq_disable();
    if (!acpi_power_off())
        printk("No way to power off: it is safe to switch off the machine now.\n");
    stop_here();
}

static void reset_by_keyboard_controller(void)
{
    for (unsigned int i = 0; i < 100 && (inb(0x64) & 2); i++)
        udelay(10);
    outb(0xfe, 0x64);
    udelay(1000);
}

void machine_restart(void)
{
    printk("Restarting the machine.\n");
    smp_stop_others();
    local_irq_disable();
    acpi_reset();
    udelay(1000);
    outb(0x06, 0xcf9);
    udelay(1000);
    reset_by_keyboard_controller();
    /* A triple fault resets any x86. */
    lidt(0, 0);
    __asm__ volatile("int3");
    stop_here();
}

void hardware_domain_shutdown(u8 reason)
{
    switch (reason) {
    case SHUTDOWN_poweroff:
        printk("Domain 0 has shut down: powering off.\n");
        machine_power_off();
    case SHUTDOWN_crash:
        printk(XLOG_ERR "Domain 0 has crashed: %s.\n",
               opt_noreboot ? "stopping (noreboot)" : "restarting");
        if (opt_noreboot) {
            smp_stop_others();
            stop_here();
        }
        break;
    case SHUTDOWN_watchdog:
        printk(XLOG_ERR "Domain 0's watchdog fired: restarting.\n");
        break;
    default:
        printk("Domain 0 has shut down: restarting.\n");
        break;
    }
    machine_restart();
}

/* SPDX-License-Identifier: MIT */
/*
 * power.c - off and reset by the ACPI fixed hardware. All addresses are resolved at boot, because
 * these functions run when the machine may be in a bad state: they take no lock and map nothing.
 */
#include <xen/acpi.h>
#include <xen/lib.h>
#include <xen/mm.h>
#include <xen/pci.h>
#include <xen/time.h>
#include <asm/system.h>
#include "private.h"

#define PM1_SLP_TYP_SHIFT 10
#define PM1_SLP_TYP_MASK  (7U << PM1_SLP_TYP_SHIFT)
#define PM1_SLP_EN        (1U << 13)

static struct acpi_s5 s5 __ro_after_init;
static volatile u8 *reset_mmio __ro_after_init;

void acpi_power_init(const struct acpi_reader *r)
{
    if (acpi.pm1a_cnt && acpi_read_s5(r, acpi.dsdt, &s5))
        printk(XLOG_WARN "ACPI: no usable \\_S5: only the hardware domain can power off\n");
    if (acpi.has_reset_reg && acpi.reset_space == 0)
        reset_mmio = ioremap(acpi.reset_addr, 1);
}

/* The hardware may need some time after the write; far longer than that means that it failed. */
static void wait_for_effect(void)
{
    for (unsigned int i = 0; i < 200; i++)
        udelay(1000);
}

void acpi_enter_sleep(u16 pm1a_value, u16 pm1b_value)
{
    if (!acpi.pm1a_cnt)
        return;
    local_irq_disable();
    wbinvd();
    outw(pm1a_value, acpi.pm1a_cnt);
    if (acpi.pm1b_cnt)
        outw(pm1b_value, acpi.pm1b_cnt);
    wait_for_effect();
}

static u16 sleep_value(u16 port, u8 typ)
{
    u16 keep = port ? inw(port) : 0;

    return (u16)((keep & ~(PM1_SLP_TYP_MASK | PM1_SLP_EN)) |
                 (unsigned int)typ << PM1_SLP_TYP_SHIFT | PM1_SLP_EN);
}

bool acpi_power_off(void)
{
    if (acpi.pm1a_cnt && s5.found)
        acpi_enter_sleep(sleep_value(acpi.pm1a_cnt, s5.typ_a),
                         sleep_value(acpi.pm1b_cnt, s5.typ_b));
    return false;
}

bool acpi_reset(void)
{
    if (!acpi.has_reset_reg)
        return false;
    switch (acpi.reset_space) {
    case 0:
        if (!reset_mmio)
            return false;
        *reset_mmio = acpi.reset_value;
        break;
    case 1:
        outb(acpi.reset_value, (u16)acpi.reset_addr);
        break;
    default: {
        /* PCI: device in bits 32-47, function in 16-31, register in 0-15, always bus 0. */
        unsigned int dev = acpi.reset_addr >> 32 & 31, fn = acpi.reset_addr >> 16 & 7;

        pci_write((pci_sbdf_t){.devfn = (u8)(dev << 3 | fn)}, acpi.reset_addr & 0xff, 1,
                  acpi.reset_value);
        break;
    }
    }
    wait_for_effect();
    return false;
}

/* SPDX-License-Identifier: MIT */
/*
 * mce.c - machine checks: turns their reporting on, and tells what the banks hold when one comes.
 *
 * A machine check means that the hardware found an error that it could not correct; nothing that
 * the CPU works on can be trusted any more, so it ends the machine. What each bank means is in the
 * architecture manuals (Intel SDM volume 3, chapter "Machine-Check Architecture"; AMD APM volume 2,
 * chapter 9).
 */
#include <xen/lib.h>
#include <asm/setup.h>
#include <asm/system.h>
#include "private.h"

#define MSR_MCG_CAP         0x179
#define MSR_MCG_STATUS      0x17a
#define MSR_MCG_CTL         0x17b
#define MSR_BANK(n, what)   (0x400 + 4 * (n) + (what))
#define MCG_CAP_CTL_P       BIT(8)
#define MCG_CAP_BANKS       0xffU
#define MCG_STATUS_RIPV     BIT(0)
#define MCG_STATUS_EIPV     BIT(1)
#define MAX_BANKS           32U
#define INTEL_FIRST_NEHALEM 0x1aU
#define CPUID_1_EDX_MCE     BIT(7)
#define CPUID_1_EDX_MCA     BIT(14)

enum bank_register { BANK_CTL, BANK_STATUS, BANK_ADDR, BANK_MISC };

#define STATUS_VALID    BIT(63)
#define STATUS_OVERFLOW BIT(62)
#define STATUS_UC       BIT(61)
#define STATUS_MISC_OK  BIT(59)
#define STATUS_ADDR_OK  BIT(58)
#define STATUS_PCC      BIT(57)

static unsigned int nr_banks(void)
{
    u64 cap;

    if (!(cpuid(1, 0).d & CPUID_1_EDX_MCA) || rdmsr_safe(MSR_MCG_CAP, &cap))
        return 0;
    return MIN((unsigned int)(cap & MCG_CAP_BANKS), MAX_BANKS);
}

static u64 bank_read(unsigned int bank, enum bank_register what)
{
    u64 val;

    return rdmsr_safe(MSR_BANK(bank, what), &val) ? 0 : val;
}

static void bank_write(unsigned int bank, enum bank_register what, u64 val)
{
    (void)msr_access(MSR_BANK(bank, what), &val, true);
}

/* The compound error codes that all vendors share. */
static const char *error_class(u32 code)
{
    code &= 0xefff; /* bit 12 only says that errors are filtered */
    if (code & 0x0800)
        return "bus or interconnect";
    if (code & 0x0400)
        return "inside the CPU";
    if (code & 0x0100)
        return "cache";
    if (code & 0x0080)
        return "memory controller";
    if (code & 0x0010)
        return "TLB";
    if ((code & 0x000c) == 0x000c)
        return "cache";
    return code ? "inside the CPU" : "no error code";
}

static void show_bank(unsigned int bank, u64 status)
{
    printk(XLOG_ERR "  bank %u: status %016lx: %s, %s%s%s (code %04x)\n", bank,
           (unsigned long)status, error_class((u32)status & 0xffff),
           status & STATUS_UC ? "not corrected" : "corrected",
           status & STATUS_PCC ? ", CPU state damaged" : "",
           status & STATUS_OVERFLOW ? ", others lost" : "", (u32)status & 0xffff);
    if (status & STATUS_ADDR_OK)
        printk(XLOG_ERR "  bank %u: address %016lx\n", bank,
               (unsigned long)bank_read(bank, BANK_ADDR));
    if (status & STATUS_MISC_OK)
        printk(XLOG_ERR "  bank %u: misc %016lx\n", bank,
               (unsigned long)bank_read(bank, BANK_MISC));
}

/* Returns the number of banks that hold an error. */
static unsigned int show_banks(void)
{
    unsigned int found = 0;

    for (unsigned int i = 0, nr = nr_banks(); i < nr; i++) {
        u64 status = bank_read(i, BANK_STATUS);

        if (!(status & STATUS_VALID))
            continue;
        show_bank(i, status);
        found++;
    }
    return found;
}

void mce_report(void)
{
    u64 status;

    if (rdmsr_safe(MSR_MCG_STATUS, &status))
        status = 0;
    printk(XLOG_ERR "Machine check on CPU %u, %u banks, global status %lx (%s, %s)\n",
           smp_processor_id(), nr_banks(), (unsigned long)status,
           status & MCG_STATUS_RIPV ? "could be continued" : "cannot be continued",
           status & MCG_STATUS_EIPV ? "by the instruction at rip" : "rip is not its cause");
    if (!show_banks())
        printk(XLOG_ERR "  no bank holds an error\n");
}

/* Early Core CPUs leave bank 0 to their firmware. */
static bool bank_is_ours(unsigned int bank)
{
    u32 sig = cpu_caps.signature, model = (sig >> 4 & 0xf) | (sig >> 12 & 0xf0);

    return bank || !cpu_caps.intel || (sig >> 8 & 0xf) != 6 || model >= INTEL_FIRST_NEHALEM;
}

/* What the firmware left from before the last reset is worth a message: it may explain that one. */
void mce_init_cpu(void)
{
    unsigned int nr = nr_banks();
    u64 all = ~0ULL, cap;

    if (!nr || rdmsr_safe(MSR_MCG_CAP, &cap))
        return;
    if (cap & MCG_CAP_CTL_P)
        (void)msr_access(MSR_MCG_CTL, &all, true);
    for (unsigned int i = 0; i < nr; i++) {
        u64 status = bank_read(i, BANK_STATUS);

        if (status & STATUS_VALID) {
            printk(XLOG_WARN "Machine check before this start, CPU %u:\n", smp_processor_id());
            show_bank(i, status);
        }
        if (bank_is_ours(i))
            bank_write(i, BANK_CTL, ~0ULL);
        bank_write(i, BANK_STATUS, 0);
    }
}

/* SPDX-License-Identifier: MIT */
/*
 * msi.c - message interrupts: the address and data in a device's MSI capability or MSI-X table.
 *
 * The hardware domain's driver sets the enable bits of the capability; we write messages and mask
 * bits. A block of MSI vectors is aligned, because the device replaces the low bits of the data.
 *
 * Locks: setup, restore and teardown run under pirq_lock; masking and retargeting under desc->lock,
 * also in interrupt context. The MSI mask register is shared by a block: msi_lock.
 * References: PCI 3.0 section 6.8; Intel SDM volume 3, section 11.11 (message format).
 */
#include <xen/lib.h>
#include <xen/mm.h>
#include <asm/apic.h>
#include "private.h"

#define PCI_VENDOR_ID      0x00
#define PCI_COMMAND        0x04
#define PCI_COMMAND_MEMORY 0x2
#define PCI_BAR(n)         (0x10 + 4 * (n))
#define PCI_CAP_MSI        0x05
#define PCI_CAP_MSIX       0x11

#define MSI_CTRL        2
#define MSI_ENABLE      0x0001
#define MSI_MMC(ctrl)   ((ctrl) >> 1 & 7) /* log2 of the vectors the device can use */
#define MSI_MME_MASK    0x0070
#define MSI_MME_SHIFT   4
#define MSI_64BIT       0x0080
#define MSI_PER_VECTOR  0x0100
#define MSI_ADDR_LO     4
#define MSI_ADDR_HI     8
#define MSI_MAX_VECTORS 32

#define MSIX_SIZE(ctrl) (((ctrl)&0x7ff) + 1U)
#define MSIX_TABLE      4
#define MSIX_ENTRY_LEN  16
#define MSIX_MASKED     1U

#define MSG_ADDRESS 0xfee00000U

static DEFINE_SPINLOCK(msi_lock, LOCK_RANK_MSI);

static bool same_dev(pci_sbdf_t a, pci_sbdf_t b)
{
    return a.seg == b.seg && a.bus == b.bus && a.devfn == b.devfn;
}

/* Fixed delivery, physical destination, edge. */
static u32 message_address(const struct irq_desc *desc)
{
    return MSG_ADDRESS | (cpu_apicid[desc->cpu] & 0xff) << 12;
}

/* --- MSI --- */

static void write_msi_message(const struct irq_desc *desc)
{
    pci_sbdf_t dev = desc->msi.dev;
    unsigned int cap = desc->msi.cap;
    u32 ctrl = pci_read(dev, cap + MSI_CTRL, 2);

    pci_write(dev, cap + MSI_ADDR_LO, 4, message_address(desc));
    if (ctrl & MSI_64BIT) {
        pci_write(dev, cap + MSI_ADDR_HI, 4, 0);
        pci_write(dev, cap + 12, 2, desc->vector);
    } else {
        pci_write(dev, cap + 8, 2, desc->vector);
    }
    ctrl &= ~(u32)MSI_MME_MASK;
    ctrl |= highest_bit(desc->msi.nr) << MSI_MME_SHIFT;
    pci_write(dev, cap + MSI_CTRL, 2, ctrl);
}

static void set_msi_mask(const struct irq_desc *desc, bool mask)
{
    pci_sbdf_t dev = desc->msi.dev;
    u32 ctrl = pci_read(dev, desc->msi.cap + MSI_CTRL, 2), bits;
    unsigned int reg = desc->msi.cap + (ctrl & MSI_64BIT ? 16 : 12);
    unsigned long flags;

    if (!(ctrl & MSI_PER_VECTOR) || ctrl == 0xffff)
        return;
    spin_lock_irqsave(&msi_lock, flags);
    bits = pci_read(dev, reg, 4);
    bits = mask ? bits | 1U << desc->msi.entry : bits & ~(1U << desc->msi.entry);
    pci_write(dev, reg, 4, bits);
    spin_unlock_irqrestore(&msi_lock, flags);
}

/* --- MSI-X --- */

static void write_msix_message(const struct irq_desc *desc)
{
    volatile u32 *e = desc->msi.table;
    u32 ctrl = e[3];

    /* A message must not change while its entry is unmasked. */
    e[3] = ctrl | MSIX_MASKED;
    e[0] = message_address(desc);
    e[1] = 0;
    e[2] = desc->vector;
    e[3] = ctrl;
    (void)e[3];
}

/* Address of a memory BAR as the device has it; 0: none (or a virtual function's, which reads as
 * 0). */
static u64 read_bar(pci_sbdf_t dev, unsigned int n)
{
    u32 low = pci_read(dev, PCI_BAR(n), 4);
    u64 high = 0;

    if (low & 1)
        return 0;
    if ((low & 6) == 4 && n < 5)
        high = pci_read(dev, PCI_BAR(n + 1), 4);
    return high << 32 | (low & ~15U);
}

/* Whether we manage RAM there: no device's table can be in it. */
static bool overlaps_ram(u64 ma)
{
    mfn_t mfn = _mfn(ma >> PAGE_SHIFT);

    return mfn_valid(mfn) && !(mfn_to_page(mfn)->count_info & PGC_RESERVED);
}

static int map_msix_entry(const struct msi_request *req, unsigned int cap, volatile u32 **ret_entry)
{
    u32 ctrl = pci_read(req->dev, cap + MSI_CTRL, 2);
    u32 table = pci_read(req->dev, cap + MSIX_TABLE, 4);
    u64 bar, ma;
    void *va;

    if (req->entry >= MSIX_SIZE(ctrl) || (table & 7) > 5)
        return -EINVAL;
    if (!(pci_read(req->dev, PCI_COMMAND, 2) & PCI_COMMAND_MEMORY) &&
        pci_read(req->dev, PCI_VENDOR_ID, 2) != 0xffff)
        return -ENXIO;
    bar = read_bar(req->dev, table & 7);
    if (!req->bar || (bar && bar != req->bar) || req->bar >> 52)
        return -EINVAL;
    ma = req->bar + (table & ~7U) + (u64)req->entry * MSIX_ENTRY_LEN;
    if (overlaps_ram(ma))
        return -EINVAL;
    va = ioremap(ma, MSIX_ENTRY_LEN);
    if (!va)
        return -ENOMEM;
    *ret_entry = va;
    return 0;
}

/* --- both --- */

static void write_message(const struct irq_desc *desc)
{
    if (desc->kind == IRQ_KIND_MSIX)
        write_msix_message(desc);
    else if (desc->msi.entry == 0) /* the block's first line speaks for all */
        write_msi_message(desc);
}

void msi_set_mask_locked(struct irq_desc *desc, bool mask)
{
    volatile u32 *e = desc->msi.table;

    ASSERT(spin_is_locked(&desc->lock));
    if (desc->kind == IRQ_KIND_MSI) {
        set_msi_mask(desc, mask);
    } else if (desc->kind == IRQ_KIND_MSIX) {
        e[3] = mask ? e[3] | MSIX_MASKED : e[3] & ~MSIX_MASKED;
        (void)e[3]; /* the posted write has arrived when the read returns */
    }
}

/* Lines of an MSI block share one address: they move when the first one moves. */
void msi_retarget_locked(struct irq_desc *desc)
{
    ASSERT(spin_is_locked(&desc->lock));
    if (desc->kind == IRQ_KIND_MSIX)
        write_msix_message(desc);
    else if (desc->kind == IRQ_KIND_MSI && desc->msi.entry == 0)
        pci_write(desc->msi.dev, desc->msi.cap + MSI_ADDR_LO, 4, message_address(desc));
}

/* An MSI line conflicts with all of a device's, an MSI-X line with its entry's. */
static bool conflicts(const struct irq_desc *desc, const struct msi_request *req)
{
    if (desc->kind != IRQ_KIND_MSI && desc->kind != IRQ_KIND_MSIX)
        return false;
    if (!same_dev(desc->msi.dev, req->dev))
        return false;
    return desc->kind == IRQ_KIND_MSI || !req->msix || desc->msi.entry == req->entry;
}

static int check_request(const struct msi_request *req, unsigned int *ret_cap)
{
    unsigned int cap;

    if (pci_read(req->dev, PCI_VENDOR_ID, 2) == 0xffff && !req->msix)
        return -ENODEV;
    cap = pci_find_cap(req->dev, req->msix ? PCI_CAP_MSIX : PCI_CAP_MSI);
    if (!cap)
        return -ENODEV;
    if (!req->msix && (!req->nr || req->nr > MSI_MAX_VECTORS))
        return -EDOM;
    if (!req->msix && req->nr > 1U << MSI_MMC(pci_read(req->dev, cap + MSI_CTRL, 2)))
        return -EINVAL;
    for (unsigned int v = VECTOR_DYNAMIC_FIRST; v <= VECTOR_DYNAMIC_LAST; v++)
        if (conflicts(&msi_descs[v], req))
            return -EEXIST;
    *ret_cap = cap;
    return 0;
}

static void prepare_line(u8 vector, const struct msi_request *req, unsigned int cap,
                         unsigned int entry, unsigned int block, volatile u32 *table)
{
    struct irq_desc *desc = &msi_descs[vector];
    unsigned long flags;

    spin_lock_irqsave(&desc->lock, flags);
    desc->kind = req->msix ? IRQ_KIND_MSIX : IRQ_KIND_MSI;
    desc->vector = vector;
    desc->level = desc->awaits_eoi = false;
    desc->cpu = irq_target_cpu(0);
    desc->count = 0;
    desc->msi = (struct msi_place){
        .dev = req->dev, .cap = (u8)cap, .entry = (u16)entry, .nr = (u16)block, .table = table};
    msi_set_mask_locked(desc, true);
    write_message(desc);
    spin_unlock_irqrestore(&desc->lock, flags);
}

int msi_setup(const struct msi_request *req, u8 *ret_first)
{
    unsigned int cap, block = 1, nr = req->msix ? 1 : req->nr;
    volatile u32 *table = NULL;
    u8 first;
    int rc;

    ASSERT(spin_is_locked(&pirq_lock));
    rc = check_request(req, &cap);
    if (rc)
        return rc;
    while (block < nr)
        block *= 2;
    if (req->msix) {
        rc = map_msix_entry(req, cap, &table);
        if (rc)
            return rc;
    }
    rc = irq_alloc_msi_vectors(block, &first);
    if (rc) {
        if (table)
            iounmap((void *)(unsigned long)table, MSIX_ENTRY_LEN);
        return rc;
    }
    for (unsigned int i = 0; i < block; i++)
        prepare_line((u8)(first + i), req, cap, req->msix ? req->entry : i, block, table);
    *ret_first = first;
    return 0;
}

static void clear_line(struct irq_desc *desc)
{
    unsigned long flags;
    u8 vector = desc->vector;

    spin_lock_irqsave(&desc->lock, flags);
    msi_set_mask_locked(desc, true);
    desc->kind = IRQ_KIND_NONE;
    desc->vector = 0;
    desc->msi.table = NULL;
    spin_unlock_irqrestore(&desc->lock, flags);
    irq_free_msi_vectors(vector, 1);
}

/* desc: an MSI-X line, or the first of an MSI block, which goes as a whole. No owner is left. */
void msi_teardown(struct irq_desc *desc)
{
    struct msi_place msi = desc->msi;

    ASSERT(spin_is_locked(&pirq_lock) && !desc->owner);
    if (desc->kind == IRQ_KIND_MSIX) {
        clear_line(desc);
        iounmap((void *)(unsigned long)msi.table, MSIX_ENTRY_LEN);
        return;
    }
    ASSERT(desc->kind == IRQ_KIND_MSI && msi.entry == 0);
    if (pci_read(msi.dev, PCI_VENDOR_ID, 2) != 0xffff) {
        u32 ctrl = pci_read(msi.dev, msi.cap + MSI_CTRL, 2);

        /* Without mask bits only this keeps the device from using vectors that others may get. */
        pci_write(msi.dev, msi.cap + MSI_CTRL, 2, ctrl & ~(u32)MSI_ENABLE);
    }
    for (unsigned int i = 0; i < msi.nr; i++)
        clear_line(desc + i);
}

void msi_restore(pci_sbdf_t dev)
{
    ASSERT(spin_is_locked(&pirq_lock));
    for (unsigned int v = VECTOR_DYNAMIC_FIRST; v <= VECTOR_DYNAMIC_LAST; v++) {
        struct irq_desc *desc = &msi_descs[v];
        unsigned long flags;

        spin_lock_irqsave(&desc->lock, flags);
        if (desc->kind != IRQ_KIND_NONE && same_dev(desc->msi.dev, dev)) {
            write_message(desc);
            msi_set_mask_locked(desc, !desc->owner);
        }
        spin_unlock_irqrestore(&desc->lock, flags);
    }
}

bool msi_in_use(pci_sbdf_t dev)
{
    ASSERT(spin_is_locked(&pirq_lock));
    for (unsigned int v = VECTOR_DYNAMIC_FIRST; v <= VECTOR_DYNAMIC_LAST; v++)
        if (msi_descs[v].kind != IRQ_KIND_NONE && same_dev(msi_descs[v].msi.dev, dev))
            return true;
    return false;
}

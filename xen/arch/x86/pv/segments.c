/* SPDX-License-Identifier: MIT */
/*
 * segments.c - GDT, LDT and segment bases of PV guests.
 *
 * Each vCPU has a window of 32 pages in the per-domain area: pages 0 to 13 are its GDT frames, 14
 * the running CPU's own GDT page, 16 to 31 its LDT. Frames in it are typed PGT_SEG_DESC: their
 * contents were checked and nobody has them writable.
 */
#include <xen/fill.h>
#include <xen/guest-access.h>
#include <xen/hypercall.h>
#include <xen/lib.h>
#include <xen/logdirty.h>
#include <xen/mm.h>
#include <xen/sched.h>
#include <asm/mm.h>
#include <asm/page.h>
#include <asm/pv.h>
#include <asm/setup.h>
#include <asm/traps.h>
#include "private.h"

#define WINDOW_PTE   (PTE_P | PTE_RW | PTE_A | PTE_D | PTE_NX)
#define CPU_GDT_SLOT FIRST_RESERVED_GDT_PAGE

void pv_map_cpu_gdt(struct vcpu *v)
{
    WRITE_ONCE(v->arch.gdt_l1[CPU_GDT_SLOT],
               virt_to_maddr(cpu_gdt_page(smp_processor_id())) | WINDOW_PTE);
}

void pv_load_gdt(struct vcpu *v)
{

    lgdt(GDT_VIRT(v->vcpu_id), GDT_LIMIT);
}

void pv_load_ldt(struct vcpu *v)
{
    u64 *desc = (u64 *)cpu_gdt_page(smp_processor_id()) + (LDT_SELECTOR & 0xfff) / 8;
    u64 base = LDT_VIRT(v->vcpu_id), limit = v->arch.ldt_ents * 8UL - 1;

    if (!v->arch.ldt_ents) {
        lldt(0);
        return;
    }
    desc[0] = (limit & 0xffff) | (base & 0xffffff) << 16 | 0x82ULL << 40 |
              (limit >> 16 & 0xf) << 48 | (base >> 24 & 0xff) << 56;
    desc[1] = base >> 32;
    lldt(LDT_SELECTOR);
}

static void forget_window(struct vcpu *v, unsigned int first, unsigned int n)
{
    for (unsigned int i = first; i < first + n; i++) {
        unsigned long e = xchg(&v->arch.gdt_l1[i], 0);

        if (!(e & PTE_P))
            continue;
        invlpg(GDT_VIRT(v->vcpu_id) + i * PAGE_SIZE);
        put_page_and_type(mfn_to_page(_mfn(pte_mfn(e))));
    }
}

void pv_forget_ldt(struct vcpu *v)
{
    forget_window(v, 16, 16);
}

void pv_forget_gdt(struct vcpu *v)
{
    forget_window(v, 0, FIRST_RESERVED_GDT_PAGE);
    v->arch.gdt_ents = 0;
}

static void drop_gdt_frames(const unsigned long *frames, unsigned int n)
{
    while (n--)
        put_page_and_type(mfn_to_page(_mfn(frames[n])));
}

int pv_take_gdt_frames(struct domain *d, const unsigned long *frames, unsigned int n)
{
    for (unsigned int i = 0; i < n; i++) {
        int rc = -EINVAL;

        if (mfn_valid(_mfn(frames[i])))
            rc = get_page_and_type(mfn_to_page(_mfn(frames[i])), d, PGT_SEG_DESC);
        if (rc) {
            drop_gdt_frames(frames, i);
            return -EINVAL;
        }
    }
    return 0;
}

void pv_install_gdt(struct vcpu *v, const unsigned long *frames, unsigned int ents)
{
    pv_forget_gdt(v);
    for (unsigned int i = 0; i < DIV_ROUND_UP(ents, 512); i++) {
        v->arch.gdt_mfns[i] = frames[i];
        v->arch.gdt_l1[i] = mfn_to_maddr(_mfn(frames[i])) | WINDOW_PTE;
    }
    v->arch.gdt_ents = ents;
}

long do_set_gdt(unsigned long uframes, unsigned long entries)
{
    unsigned long frames[FIRST_RESERVED_GDT_PAGE];
    struct vcpu *v = current;
    unsigned int n;
    int rc;

    if (entries > FIRST_RESERVED_GDT_ENTRY)
        return -EINVAL;
    n = DIV_ROUND_UP((unsigned int)entries, 512u);
    if (copy_from_guest(frames, uframes, n * sizeof(frames[0])))
        return -EFAULT;
    rc = pv_take_gdt_frames(v->domain, frames, n);
    if (!rc)
        pv_install_gdt(v, frames, (unsigned int)entries);
    return rc;
}

long do_update_descriptor(unsigned long maddr, unsigned long desc)
{
    struct domain *d = current->domain;
    struct page_info *pg;
    u64 checked = desc;
    int rc = -EINVAL;

    if (maddr & 7)
        return -EINVAL;
    pg = get_page_from_gfn(d, maddr >> PAGE_SHIFT);
    if (!pg)
        return -EINVAL;
    if (descriptor_check(&checked) || !page_filled(pg))
        goto out;
    if ((READ_ONCE(pg->type_info) & PGT_COUNT_MASK) &&
        (pg->type_info & PGT_TYPE_MASK) == PGT_SEG_DESC)
        rc = get_page_type(pg, PGT_SEG_DESC);
    else
        rc = get_page_type(pg, PGT_WRITABLE);
    if (rc) {
        rc = -EINVAL;
        goto out;
    }
    WRITE_ONCE(*(u64 *)((char *)page_to_virt(pg) + (maddr & ~PAGE_MASK)), checked);
    page_dirtied(pg);
    put_page_type(pg);
out:
    put_page(pg);
    return rc;
}

/* Loads a selector into the user's GS; one that faults becomes the null selector. */
static void load_user_gs(u16 sel)
{
    __asm__ volatile("swapgs\n"
                     "1: mov %w0,%%gs\n"
                     "2: swapgs\n"
                     ".pushsection .text.fixup,\"ax\"\n"
                     "3: xor %k0,%k0\n"
                     "   jmp 1b\n"
                     ".popsection\n" ASM_EXTABLE(1b, 3b)
                     : "+r"(sel)::"memory");
}

long do_set_segment_base(unsigned long which, unsigned long base)
{
    struct vcpu *v = current;

    if (which != SEGBASE_GS_USER_SEL && !is_canonical(base))
        return -EINVAL;
    switch (which) {
    case SEGBASE_FS:
        wrmsr(MSR_FS_BASE, base);
        v->arch.fs_base = base;
        return 0;
    case SEGBASE_GS_USER:
        wrmsr(MSR_SHADOW_GS_BASE, base);
        v->arch.gs_base_user = base;
        return 0;
    case SEGBASE_GS_KERNEL:
        wrmsr(MSR_GS_BASE, base);
        v->arch.gs_base_kernel = base;
        return 0;
    case SEGBASE_GS_USER_SEL:
        load_user_gs((u16)base);
        return 0;
    }
    return -EINVAL;
}

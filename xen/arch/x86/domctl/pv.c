/* SPDX-License-Identifier: MIT */
/* pv.c - domctl operations on what only PV domains have: pages by type, stubs, word size. */
#include <xen/fill.h>
#include <xen/guest-access.h>
#include <xen/hypercall.h>
#include <xen/lib.h>
#include <xen/logdirty.h>
#include <xen/mm.h>
#include <xen/sched.h>
#include <asm/page.h>
#include <asm/pv.h>
#include <xen/domctl-table.h>

long domctl_hypercall_init(struct domain *d, struct xen_domctl *op)
{
    unsigned long mfn = op->u.hypercall_init.gmfn;
    struct page_info *pg;

    if (!mfn_valid(_mfn(mfn)))
        return -EINVAL;
    pg = mfn_to_page(_mfn(mfn));
    if (get_page_and_type(pg, d, PGT_WRITABLE))
        return -EINVAL;
    if (page_unfilled(pg)) {
        put_page_and_type(pg);
        return -EBUSY;
    }
    pv_fill_hypercall_page(page_to_virt(pg));
    page_dirtied(pg);
    put_page_and_type(pg);
    return 0;
}

/* --- kinds of pages, for saving --- */

static u64 kind_of(struct domain *d, unsigned long mfn)
{
    struct page_info *pg = get_page_from_gfn(d, mfn);
    u64 kind = XEN_DOMCTL_PFINFO_NOTAB;
    unsigned long type;

    if (!pg)
        return XEN_DOMCTL_PFINFO_XTAB;
    type = READ_ONCE(pg->type_info);
    if (pg->count_info & PGC_XEN_HEAP)
        kind = XEN_DOMCTL_PFINFO_XTAB;
    else if (type & PGT_COUNT_MASK)
        switch (type & PGT_TYPE_MASK) {
        case PGT_L1:
            kind = XEN_DOMCTL_PFINFO_L1TAB;
            break;
        case PGT_L2:
            kind = XEN_DOMCTL_PFINFO_L2TAB;
            break;
        case PGT_L3:
            kind = XEN_DOMCTL_PFINFO_L3TAB;
            break;
        case PGT_L4:
            kind = XEN_DOMCTL_PFINFO_L4TAB;
            break;
        }
    if (type & PGT_PINNED)
        kind |= XEN_DOMCTL_PFINFO_LPINTAB;
    put_page(pg);
    return kind;
}

long domctl_getpageframeinfo3(struct domain *d, struct xen_domctl *op)
{
    const struct xen_domctl_getpageframeinfo3 *g = &op->u.getpageframeinfo3;
    u64 entry;

    if (g->num > 1024)
        return -E2BIG;
    for (u64 i = 0; i < g->num; i++) {
        if (copy_elem_from_guest(&entry, g->array, i, sizeof(entry)))
            return -EFAULT;
        entry = kind_of(d, entry);
        if (copy_elem_to_guest(g->array, i, &entry, sizeof(entry)))
            return -EFAULT;
    }
    return 0;
}

/* --- 64-bit only --- */

long domctl_set_address_size(struct domain *d, struct xen_domctl *op)
{
    (void)d;
    if (op->u.address_size.size == 32)
        return -EOPNOTSUPP;
    return op->u.address_size.size == 64 ? 0 : -EINVAL;
}

long domctl_get_address_size(struct domain *d, struct xen_domctl *op)
{
    (void)d;
    op->u.address_size.size = 64;
    return 0;
}

/* Of machine checks a guest sees that many banks, and may have control registers for them. */
#define MCG_CAP_COUNT 0xffU
#define MCG_CTL_P     (1U << 8)

/* Entry points for 32-bit programs are not offered: such a guest gets int 0x80. */
long domctl_get_ext_vcpucontext(struct domain *d, struct xen_domctl *op)
{
    struct xen_domctl_ext_vcpucontext *c = &op->u.ext_vcpucontext;
    u32 id = c->vcpu;

    if (d == current->domain || !domain_vcpu(d, id))
        return -ESRCH;
    memset(c, 0, sizeof(*c));
    c->vcpu = id;
    c->size = sizeof(*c);
    return 0;
}

long domctl_set_ext_vcpucontext(struct domain *d, struct xen_domctl *op)
{
    const struct xen_domctl_ext_vcpucontext *c = &op->u.ext_vcpucontext;

    if (d == current->domain || !domain_vcpu(d, c->vcpu))
        return -ESRCH;
    if (c->size < offsetof(struct xen_domctl_ext_vcpucontext, vmce))
        return -EINVAL;
    if (!is_canonical(c->syscall32_callback_eip) || !is_canonical(c->sysenter_callback_eip))
        return -EINVAL;
    if (c->size >= offsetof(struct xen_domctl_ext_vcpucontext, vmce.mci_ctl2_bank0) &&
        (c->vmce.caps & ~(u64)(MCG_CAP_COUNT | MCG_CTL_P)))
        return -EINVAL;
    return 0;
}

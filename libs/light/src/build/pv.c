/* SPDX-License-Identifier: MIT */
/* pv.c - builds a PV guest. */
#include "guest.h"
#include "pv-layout.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define FLAT_CS     0xe033 /* the hypervisor's descriptors for 64-bit guests */
#define FLAT_SS     0xe02b
#define RFLAGS_IF   0x200
#define DR6_DEFAULT 0xffff0ff0U
#define DR7_DEFAULT 0x400
#define VCPUS_INFO  XEN_LEGACY_MAX_VCPUS

struct pv {
    const struct xlight__build *b;
    struct xlight__guest g;
    struct xlight__pv_layout l;
    struct xen_domctl_getdomaininfo info;
};

static int ctrl_failed(struct pv *pv, int rc)
{
    return xlight__why_ctrl(pv->g.why, pv->b->h, rc);
}

static int prepare(struct pv *pv)
{
    const struct xlight__build *b = pv->b;
    size_t len = b->cmdline ? strlen(b->cmdline) : 0;
    int rc;

    if (len >= MAX_GUEST_CMDLINE)
        return xlight__why(pv->g.why, -E2BIG,
                           "the command line has %zu characters, PV kernels take %d", len,
                           MAX_GUEST_CMDLINE - 1);
    rc = xlight__pv_layout(&b->kernel->elf, b->pages, b->ramdisk ? b->ramdisk->size : 0, &pv->l,
                           pv->g.why);
    if (rc)
        return rc;
    rc = xlight__guest_check_caps(&pv->g, "xen-3.0-x86_64");
    if (rc)
        return rc;
    pv->g.p2m = malloc(b->pages * sizeof(*pv->g.p2m));
    if (!pv->g.p2m)
        return xlight__why(pv->g.why, -ENOMEM, "no memory for the list of the domain's frames");
    rc = xctl_domain_set_address_size(b->h, b->domid, 64);
    if (!rc)
        rc = xctl_domain_info(b->h, b->domid, &pv->info);
    return rc ? ctrl_failed(pv, rc) : 0;
}

static int fill_p2m(void *arg, uint64_t at, void *to, size_t size, struct xlight__why *why)
{
    struct pv *pv = arg;
    uint64_t rest = pv->l.nr_pages * sizeof(xen_pfn_t) - at;
    size_t n = rest < size ? (size_t)rest : size;

    (void)why;
    memcpy(to, (const char *)pv->g.p2m + at, n);
    memset((char *)to + n, 0, size - n);
    return 0;
}

static int put_content(struct pv *pv)
{
    const struct xlight__pv_layout *l = &pv->l;
    int rc = xlight__guest_put_kernel(&pv->g, l->kernel_pfn, l->kernel_pages, l->kernel_paddr,
                                      pv->b->kernel);

    if (!rc && l->ramdisk_pages)
        rc = xlight__guest_put_blob(&pv->g, l->ramdisk_pfn, pv->b->ramdisk);
    if (!rc)
        rc = xlight__guest_write(&pv->g, l->p2m_pfn, l->p2m_pages, fill_p2m, pv);
    return rc;
}

static void make_start_info(const struct pv *pv, struct start_info *si)
{
    const struct xlight__pv_layout *l = &pv->l;
    const struct xlight__build *b = pv->b;

    strcpy(si->magic, "xen-3.0-x86_64");
    si->nr_pages = l->nr_pages;
    si->shared_info = pv->info.shared_info_frame << XCTL_PAGE_SHIFT;
    si->store_mfn = pv->g.p2m[l->store_pfn];
    si->store_evtchn = b->store_port;
    si->console.domU.mfn = pv->g.p2m[l->console_pfn];
    si->console.domU.evtchn = b->console_port;
    si->pt_base = xlight__pv_va(l, l->pt_pfn);
    si->nr_pt_frames = l->nr_pt;
    si->mfn_list = l->p2m_va;
    si->first_p2m_pfn = l->first_p2m_pfn;
    si->nr_p2m_frames = l->nr_p2m;
    if (l->ramdisk_pages) {
        si->flags = l->ramdisk_mapped ? 0 : SIF_MOD_START_PFN;
        si->mod_start = l->ramdisk_mapped ? xlight__pv_va(l, l->ramdisk_pfn) : l->ramdisk_pfn;
        si->mod_len = b->ramdisk->size;
    }
    if (b->cmdline)
        memcpy(si->cmd_line, b->cmdline, strlen(b->cmdline));
}

/* Page tables of the p2m list are beside it; the others are in the window of start_info. */
static int fill_tables(struct pv *pv, char *window, char *p2m_tables)
{
    const struct xlight__pv_layout *l = &pv->l;
    uint64_t **pages = malloc(l->nr_tables * sizeof(*pages));

    if (!pages)
        return xlight__why(pv->g.why, -ENOMEM, "no memory for a list of page tables");
    for (uint64_t i = 0; i < l->nr_tables; i++)
        pages[i] =
            (uint64_t *)(void *)(i < l->nr_pt ? window + ((l->pt_pfn - l->start_info_pfn + i)
                                                          << XCTL_PAGE_SHIFT)
                                              : p2m_tables + ((i - l->nr_pt) << XCTL_PAGE_SHIFT));
    xlight__pv_fill_tables(l, pv->g.p2m, pages);
    free(pages);
    return 0;
}

/* start_info, rings, page tables and stack lie in a row: one mapping does for all. */
static int put_start(struct pv *pv)
{
    const struct xlight__pv_layout *l = &pv->l;
    uint64_t nr = l->stack_pfn + 1 - l->start_info_pfn, nr_p2m_tables = l->nr_tables - l->nr_pt;
    void *window, *tables = NULL;
    int rc = xlight__guest_map(&pv->g, l->start_info_pfn, nr, &window), rc2;

    if (rc)
        return rc;
    memset(window, 0, nr << XCTL_PAGE_SHIFT);
    if (nr_p2m_tables)
        rc = xlight__guest_map(&pv->g, l->tables[l->nr_pt].pfn, nr_p2m_tables, &tables);
    if (!rc && tables)
        memset(tables, 0, nr_p2m_tables << XCTL_PAGE_SHIFT);
    if (!rc) {
        make_start_info(pv, window);
        rc = fill_tables(pv, window, tables);
    }
    if (tables) {
        rc2 = xlight__guest_unmap(&pv->g, tables, nr_p2m_tables);
        rc = rc ? rc : rc2;
    }
    rc2 = xlight__guest_unmap(&pv->g, window, nr);
    return rc ? rc : rc2;
}

/* No page table may be mapped writable any more, not even here. */
static int pin_tables(struct pv *pv)
{
    const struct mmuext_op op = {.cmd = MMUEXT_PIN_L4_TABLE, .arg1.mfn = pv->g.p2m[pv->l.pt_pfn]};
    int rc = 0;

    if (pv->l.has_hypercall_page)
        rc = xctl_domain_hypercall_init(pv->b->h, pv->b->domid, pv->g.p2m[pv->l.hypercall_pfn]);
    if (!rc)
        rc = xctl_mmuext(pv->b->h, pv->b->domid, &op, 1, NULL);
    return rc ? ctrl_failed(pv, rc) : 0;
}

static int put_shared_info(struct pv *pv)
{
    const xen_pfn_t frame = pv->info.shared_info_frame;
    struct shared_info *si;
    void *p;
    int rc = xctl_foreign_map(pv->b->h, pv->b->domid, PROT_READ | PROT_WRITE, &frame, 1, NULL, &p);

    if (rc)
        return ctrl_failed(pv, rc);
    memset(p, 0, XCTL_PAGE_SIZE);
    si = p;
    for (unsigned int i = 0; i < VCPUS_INFO; i++)
        si->vcpu_info[i].evtchn_upcall_mask = 1;
    rc = xctl_foreign_unmap(pv->b->h, p, 1);
    return rc ? ctrl_failed(pv, rc) : 0;
}

static int start_vcpu(struct pv *pv)
{
    const struct xlight__pv_layout *l = &pv->l;
    struct vcpu_guest_context *ctx = calloc(1, sizeof(*ctx));
    int rc;

    if (!ctx)
        return xlight__why(pv->g.why, -ENOMEM, "no memory for the registers of a vCPU");
    ctx->flags = VGCF_in_kernel | VGCF_online;
    ctx->user_regs.rip = l->entry;
    ctx->user_regs.rsp = ctx->kernel_sp = xlight__pv_va(l, l->stack_pfn + 1);
    ctx->user_regs.rsi = xlight__pv_va(l, l->start_info_pfn);
    ctx->user_regs.rflags = RFLAGS_IF;
    ctx->user_regs.cs = FLAT_CS;
    ctx->user_regs.ss = FLAT_SS;
    ctx->kernel_ss = FLAT_SS;
    ctx->ctrlreg[3] = pv->g.p2m[l->pt_pfn] << XCTL_PAGE_SHIFT;
    ctx->debugreg[6] = DR6_DEFAULT;
    ctx->debugreg[7] = DR7_DEFAULT;
    rc = xctl_vcpu_set_context(pv->b->h, pv->b->domid, 0, ctx);
    free(ctx);
    return rc ? ctrl_failed(pv, rc) : 0;
}

/* All of it is RAM; what is above pages is for the guest to grow into. */
static int set_map(struct pv *pv)
{
    const struct xlight__build *b = pv->b;
    uint64_t top = b->max_pages > b->pages ? b->max_pages : b->pages;
    const struct xctl_e820_entry ram = {0, top << XCTL_PAGE_SHIFT, 1};
    int rc = xctl_memory_set_map(b->h, b->domid, &ram, 1);

    return rc ? ctrl_failed(pv, rc) : 0;
}

static int build(struct pv *pv)
{
    int rc = prepare(pv);

    if (!rc)
        rc = set_map(pv);
    if (!rc)
        rc = xlight__guest_claim(&pv->g, pv->b, pv->b->pages);
    if (rc)
        return rc;
    rc = xlight__guest_populate_pv(&pv->g, pv->b->pages);
    xlight__guest_unclaim(&pv->g, pv->b);
    if (!rc)
        rc = put_content(pv);
    if (!rc)
        rc = put_start(pv);
    if (!rc)
        rc = pin_tables(pv);
    if (!rc)
        rc = put_shared_info(pv);
    if (!rc)
        rc = start_vcpu(pv);
    if (!rc)
        rc = xlight__guest_seed_grants(&pv->g, pv->b, pv->g.p2m[pv->l.console_pfn],
                                       pv->g.p2m[pv->l.store_pfn]);
    return rc;
}

int xlight__build_pv(const struct xlight__build *b, struct xlight__built *ret_built,
                     struct xlight__why *why)
{
    struct pv pv = {.b = b, .g = {.h = b->h, .domid = b->domid, .why = why}};
    int rc = build(&pv);

    if (!rc)
        *ret_built = (struct xlight__built){pv.g.p2m[pv.l.store_pfn], pv.g.p2m[pv.l.console_pfn]};
    else
        xlight__why(why, rc, "cannot build PV domain %u", b->domid);
    free(pv.g.p2m);
    xlight__pv_layout_free(&pv.l);
    return rc;
}

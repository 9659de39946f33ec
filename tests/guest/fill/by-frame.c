/* SPDX-License-Identifier: MIT */
/*
 * Pages that are not filled, used by their frame numbers: by the domain, which then waits, and by
 * others, who are refused.
 */
#include "parent.h"

/* Operations that change the content come after the content. */
static void check_page_ops(void)
{
    uint64_t p = take(1), q = take(2), r = take(2);

    CHECK_EQ(child_mmuext(MMUEXT_CLEAR_PAGE, p, 0), 0);
    for (int i = 0; i < 2; i++) {
        CHECK_EQ(request(REQ_PEEK, va(p), 0, 0), 0);
        CHECK_EQ(request(REQ_PEEK, va(p + 1) - 8, 0, 0), 0);
        fill_page(p);
    }
    CHECK_WANTED(p, 1);
    CHECK_EQ(child_mmuext(MMUEXT_COPY_PAGE, q, q + 1), 0);
    CHECK_WANTED(q, 2);
    fill_page(q);
    CHECK_EQ(request(REQ_COMPARE, q + 1, 1, 0), 0);
    CHECK_EQ(request(REQ_PEEK, va(q) + 8, 0, 0), filled(q + 1, 1));
    /* One of the two is there. */
    fill_page(r);
    CHECK_EQ(child_mmuext(MMUEXT_COPY_PAGE, r, r + 1), 0);
    CHECK_WANTED(r + 1, 1);
    CHECK_EQ(request(REQ_PEEK, va(r) + 8, 0, 0), filled(r + 1, 1));
}

static void check_words(void)
{
    uint64_t p = take(2);

    CHECK_EQ(child_mmu_update(child_mfn(p) << 12 | 40, 0x1234), 0);
    CHECK_WANTED(p, 1);
    CHECK_CHANGED(p, 40, 48);
    CHECK_EQ(request(REQ_PEEK, va(p) + 40, 0, 0), 0x1234);
    /* Not its content: */
    CHECK_EQ(child_mmu_update(child_mfn(p + 1) << 12 | MMU_MACHPHYS_UPDATE, p + 1), 0);
    CHECK_WANTED_NONE();
}

/* The second vCPU's information, before that has run. */
static void check_vcpu_info(void)
{
    struct vcpu_register_vcpu_info info = {.offset = 256};
    uint64_t p = take(1);
    struct vcpu_info vi;

    info.mfn = child_mfn(p);
    CHECK_EQ(child_call(vcpu_op, VCPUOP_register_vcpu_info, 1, give(&info, sizeof(info))), 0);
    CHECK_WANTED(p, 1);
    CHECK_CHANGED(p, 256, 256 + sizeof(vi));
    look(va(p) + 256, &vi, sizeof(vi));
    CHECK_EQ(vi.arch.cr2, 0);
    CHECK_EQ(child_call(vcpu_op, VCPUOP_register_vcpu_info, 1, give(&info, sizeof(info))),
             -XEN_EINVAL);
}

void check_by_frame(void)
{
    check_page_ops();
    check_words();
    check_vcpu_info();
}

/* --- others --- */

static int64_t grant_copy(uint64_t pfn)
{
    static uint64_t target[PAGE_SIZE / 8] __attribute__((aligned(4096)));
    struct gnttab_copy c = {.source.domid = child.id, .dest.domid = DOMID_SELF, .len = 8};

    c.source.u.gmfn = child_mfn(pfn);
    c.dest.u.gmfn = mfn_of(target);
    NEED(hypercall(grant_table_op, GNTTABOP_copy, &c, 1) == 0);
    return c.status;
}

static int64_t own_mmuext(uint32_t cmd, uint64_t pfn)
{
    struct mmuext_op op = {.cmd = cmd, .arg1.mfn = child_mfn(pfn)};

    return hypercall(mmuext_op, &op, 1, 0, child.id);
}

/* A vCPU cannot be told to run on it. */
static void check_context(uint64_t pfn)
{
    static struct vcpu_guest_context c;

    vcpu_context_fill(&c, worker_main, pfn_va(pfn + 1));
    c.ctrlreg[3] = child_mfn(pfn) << 12;
    CHECK_EQ(domctl_plain(XEN_DOMCTL_pausedomain, child.id), 0);
    ctl_clear();
    ctl.u.vcpucontext.vcpu = 1;
    ctl.u.vcpucontext.ctxt = (uintptr_t)&c;
    CHECK(domctl(XEN_DOMCTL_setvcpucontext, child.id) < 0);
    CHECK_EQ(domctl_plain(XEN_DOMCTL_unpausedomain, child.id), 0);
}

/* Nobody else can map it, nor has it changed by what they tried. */
void check_foreign(void)
{
    static char *at;
    uint64_t p = take(1), before = unfilled();
    struct mmu_update u = {.val = child_mfn(p) << 12 | PTE_RO};

    if (!at)
        at = page_alloc();
    u.ptr = entry_maddr(entry_of((uint64_t)at, 1));
    for (int i = 0; i < 3; i++) {
        CHECK_EQ(map_frame_of(at, child_mfn(p), child.id), -XEN_ENOENT);
        CHECK_EQ(hypercall(update_va_mapping_otherdomain, at, child_mfn(p) << 12 | PTE_RO,
                           UVMF_INVLPG | UVMF_ALL, child.id),
                 -XEN_ENOENT);
        CHECK_EQ(hypercall(mmu_update, &u, 1, 0, child.id), -XEN_ENOENT);
        CHECK(own_mmuext(MMUEXT_CLEAR_PAGE, p) < 0);
        CHECK(own_mmuext(MMUEXT_PIN_L1_TABLE, p) < 0);
    }
    u.ptr = child_mfn(p) << 12;
    CHECK(hypercall(mmu_update, &u, 1, 0, (uint32_t)(child.id + 1) << 16 | child.id) < 0);
    CHECK_EQ(grant_copy(p), GNTST_permission_denied);
    check_context(p);
    ctl_clear();
    ctl.u.hypercall_init.gmfn = child_mfn(p);
    CHECK_EQ(domctl(XEN_DOMCTL_hypercall_init, child.id), -XEN_EBUSY);
    CHECK_EQ(unfilled(), before);
    fill_page(p);
    CHECK_EQ(unfilled(), before - 1);
    CHECK_EQ(map_frame_of(at, child_mfn(p), child.id), 0);
    CHECK_EQ(*(volatile uint64_t *)at, filled(p, 0));
    NEED(set_writable(at, true) == 0);
    CHECK_EQ(request(REQ_COMPARE, p, 1, 0), 0);
    CHECK_WANTED_NONE();
}

/* The parent takes a frame away. */
void check_reservations(void)
{
    uint64_t p = take(1), mfn = child_mfn(p), before = unfilled();
    struct xen_memory_reservation r = {.nr_extents = 1, .domid = child.id};

    r.extent_start = (uintptr_t)&mfn;
    set_entry(p, 0);
    CHECK_EQ(hypercall(memory_op, XENMEM_decrease_reservation, &r), 1);
    CHECK_EQ(unfilled(), before - 1);
    CHECK_EQ(fill_op(XEN_DOMCTL_FILL_FILL, &mfn, child.box, 1), 0);
    CHECK_EQ(fo->unfilled, before - 1);
}

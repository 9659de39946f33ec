/* SPDX-License-Identifier: MIT */
/*
 * Tables that were left half checked, named as plain memory by calls that never come back to a
 * table: taking each of them apart stops where it can, also when one of the same level waits.
 */
#include "guest.h"

#define NR_TREES  2
#define NR_L1     8
#define PIECES    5 /* L1s that were checked when a tree is left */
#define ABANDONED 12345

struct table {
    uint64_t e[512];
} __attribute__((aligned(4096)));

static struct tree {
    struct table l4, l3, l2, l1[NR_L1];
} tree[NR_TREES];
static struct table data;

static uint64_t entry_for(const void *page)
{
    return mfn_of(page) * PAGE_SIZE | PTE_KERN;
}

static void build(struct tree *t)
{
    unsigned int i;

    for (i = 0; i < NR_L1; i++) {
        t->l1[i].e[i] = entry_for(&data);
        t->l2.e[i] = entry_for(&t->l1[i]);
        NEED(set_writable(&t->l1[i], false) == 0);
    }
    t->l3.e[0] = entry_for(&t->l2);
    t->l4.e[0] = entry_for(&t->l3);
    NEED(set_writable(&t->l2, false) == 0);
    NEED(set_writable(&t->l3, false) == 0);
    NEED(set_writable(&t->l4, false) == 0);
}

/* The upcall finds a call that is to be made again, and the kernel has other plans. */
static bool abandon(struct trap_frame *frame)
{
    const uint8_t *insn = (const uint8_t *)frame->rip;

    events_scan();
    frame->saved_mask = 1;
    if (insn[0] == 0x0f && insn[1] == 0x05) {
        frame->rip += 2;
        frame->rax = ABANDONED;
    }
    return true;
}

/* As far as PIECES of its L1s, since every look at whether to stop says yes (hv-args). */
static void leave_half_checked(struct tree *t)
{
    volatile struct vcpu_info *vi = this_vcpu_info();
    struct mmuext_op op = {.cmd = MMUEXT_PIN_L4_TABLE, .arg1.mfn = mfn_of(&t->l4)};
    unsigned int i;

    for (i = 0; i < PIECES; i++) {
        vi->evtchn_upcall_pending = 1;
        vi->evtchn_upcall_mask = 0;
        NEED(hypercall(mmuext_op, &op, 1, 0, DOMID_SELF) == ABANDONED);
    }
}

static long write_as_memory(struct tree *t)
{
    return hypercall(update_descriptor, mfn_of(&t->l4) * PAGE_SIZE + 8, 0);
}

/* Each call does a part, so that it works in the end. */
static void take_apart(struct tree *t)
{
    unsigned int i = 0;

    while (i < 100 && write_as_memory(t))
        i++;
    CHECK(i < 100);
}

/* All are plain memory, and nothing waits for this vCPU. */
static void take_all_apart(void)
{
    unsigned int i;

    for (i = 0; i < NR_TREES; i++)
        take_apart(&tree[i]);
    CHECK_EQ(mmuext1(MMUEXT_TLB_FLUSH_LOCAL, 0, 0), 0);
}

static void check_two_trees(void)
{
    leave_half_checked(&tree[0]);
    leave_half_checked(&tree[1]);
    CHECK_EQ(write_as_memory(&tree[0]), -XEN_EINVAL);
    /* With one L4 waiting, this one must not be taken apart without a stop. */
    CHECK_EQ(write_as_memory(&tree[1]), -XEN_EINVAL);
    take_all_apart();
}

/* The same by a list of copies, whose elements follow each other without a break. */
static void check_copies(void)
{
    struct gnttab_copy c[NR_TREES];
    unsigned int i;

    memset(c, 0, sizeof(c));
    for (i = 0; i < NR_TREES; i++) {
        leave_half_checked(&tree[i]);
        c[i].source.u.gmfn = mfn_of(&data);
        c[i].source.domid = c[i].dest.domid = DOMID_SELF;
        c[i].dest.u.gmfn = mfn_of(&tree[i].l4);
        c[i].len = 8;
        c[i].dest.offset = 8;
    }
    CHECK_EQ(hypercall(grant_table_op, GNTTABOP_copy, c, NR_TREES), 0);
    CHECK_EQ(c[0].status, GNTST_general_error);
    CHECK_EQ(c[1].status, GNTST_general_error);
    take_all_apart();
}

void test_main(void)
{
    struct frame_counts before;
    unsigned int i;

    trap_hook[VEC_EVENT] = abandon;
    for (i = 0; i < NR_TREES; i++)
        build(&tree[i]);
    frames_count(&before);
    check_two_trees();
    check_copies();
    for (i = 0; i < NR_TREES; i++) {
        /* Whole again, and plain memory again. */
        CHECK_EQ(mmuext1(MMUEXT_PIN_L4_TABLE, mfn_of(&tree[i].l4), 0), 0);
        CHECK_EQ(mmuext1(MMUEXT_UNPIN_TABLE, mfn_of(&tree[i].l4), 0), 0);
        CHECK_EQ(set_writable(&tree[i].l2, true), 0);
        CHECK_EQ(set_writable(&tree[i].l2, false), 0);
    }
    CHECK_FRAMES(&before);
    success();
}

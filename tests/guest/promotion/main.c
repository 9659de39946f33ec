/* SPDX-License-Identifier: MIT */
/*
 * Big trees of page tables: checked and let go through every call that can do so, refused in the
 * middle, changed by two vCPUs at once, and of a domain that dies meanwhile. After each part all
 * counts of frames, references and uses are what they were.
 */
#include "guest.h"

#define NR_L3   3
#define NR_L2   4 /* for each L3 */
#define NR_L1   6 /* for each L2 */
#define NR_DATA 8

struct table {
    uint64_t e[512];
} __attribute__((aligned(4096)));

static struct table l4, l3[NR_L3], l2[NR_L3][NR_L2], l1[NR_L3][NR_L2][NR_L1], data[NR_DATA];
static struct frame_counts before;

static uint64_t entry_for(const void *page)
{
    return mfn_of(page) * PAGE_SIZE | PTE_KERN;
}

static void fill_l1(struct table *t)
{
    unsigned int i;

    for (i = 0; i < 512; i += 3)
        t->e[i] = entry_for(&data[i % NR_DATA]);
    NEED(set_writable(t, false) == 0);
}

static void fill_l2(unsigned int i, unsigned int k)
{
    unsigned int n;

    for (n = 0; n < NR_L1; n++) {
        fill_l1(&l1[i][k][n]);
        l2[i][k].e[n * 71] = entry_for(&l1[i][k][n]);
        l2[i][k].e[n * 71 + 1] = entry_for(&l1[i][0][n]); /* shared */
    }
    NEED(set_writable(&l2[i][k], false) == 0);
}

static void build_tree(void)
{
    unsigned int i, k;

    for (i = 0; i < NR_L3; i++) {
        for (k = 0; k < NR_L2; k++) {
            fill_l2(i, k);
            l3[i].e[k * 100] = entry_for(&l2[i][k]);
        }
        NEED(set_writable(&l3[i], false) == 0);
        l4.e[i * 100] = entry_for(&l3[i]);
    }
    l4.e[400] = entry_for(&l3[0]);
    NEED(set_writable(&l4, false) == 0);
}

static long pin_l4(void)
{
    return mmuext1(MMUEXT_PIN_L4_TABLE, mfn_of(&l4), 0);
}

static long unpin_l4(void)
{
    return mmuext1(MMUEXT_UNPIN_TABLE, mfn_of(&l4), 0);
}

static void check_pin(void)
{
    CHECK_EQ(pin_l4(), 0);
    CHECK_EQ(set_writable(&l1[2][3][5], true), -XEN_EBUSY);
    CHECK_EQ(set_writable(&l3[1], true), -XEN_EBUSY);
    CHECK_EQ(unpin_l4(), 0);
    CHECK_FRAMES(&before);
    /* It is the guest's own memory again at once. */
    CHECK_EQ(set_writable(&l1[2][3][5], true), 0);
    CHECK_EQ(set_writable(&l1[2][3][5], false), 0);
    CHECK_EQ(set_writable(&l4, true), 0);
    CHECK_EQ(set_writable(&l4, false), 0);
    CHECK_FRAMES(&before);
}

/* One bad entry in a table makes the tree unfit; nothing stays behind. */
static void expect_unfit(int line, struct table *t, unsigned int index, uint64_t bad)
{
    uint64_t old = t->e[index];
    long rc;

    NEED(set_writable(t, true) == 0);
    t->e[index] = bad;
    NEED(set_writable(t, false) == 0);
    rc = pin_l4();
    if (rc != -XEN_EINVAL)
        failure("line %d: pin gives %ld", line, rc);
    frames_compare(line, &before);
    NEED(set_writable(t, true) == 0);
    t->e[index] = old;
    NEED(set_writable(t, false) == 0);
}

static void check_unfit(void)
{
    uint64_t table_rw = mfn_of((void *)start_info->pt_base) * PAGE_SIZE | PTE_KERN;

    expect_unfit(__LINE__, &l1[0][0][0], 0, table_rw);
    expect_unfit(__LINE__, &l1[2][3][5], 511, table_rw);
    expect_unfit(__LINE__, &l1[1][2][0], 511, PTE_ADDR | PTE_P);
    expect_unfit(__LINE__, &l2[2][3], 511, entry_for(&l1[0][0][0]) | PTE_PSE);
    expect_unfit(__LINE__, &l2[0][0], 511, entry_for(&data[0]));
    expect_unfit(__LINE__, &l3[2], 511, entry_for(&l1[0][0][0]));
    expect_unfit(__LINE__, &l3[1], 511, entry_for(&l3[1]));
    expect_unfit(__LINE__, &l3[0], 511, entry_for(&l2[0][0]) | PTE_G);
    expect_unfit(__LINE__, &l4, 511, entry_for(&l4));
    expect_unfit(__LINE__, &l4, 511, entry_for(&l2[0][0]));
    expect_unfit(__LINE__, &l4, 300, PTE_ADDR | PTE_P);
}

/* The tree hangs on the live tables, and is cut off again. */
static void check_link(void)
{
    uint64_t *boot_l4 = (uint64_t *)start_info->pt_base;
    uint64_t slot = entry_maddr(&boot_l4[300]);
    struct mmu_update u[3] = {
        {slot, entry_for(&l3[0])}, {slot, entry_for(&l3[1])}, {slot, entry_for(&l3[2])}};
    uint32_t done = 7;

    CHECK_EQ(mmu_update1(slot, entry_for(&l3[0])), 0);
    CHECK_EQ(mmu_update1(slot, entry_for(&l3[1])), 0);
    CHECK_EQ(set_writable(&l1[0][0][0], true), 0);
    CHECK_EQ(set_writable(&l1[0][0][0], false), 0);
    CHECK_EQ(mmu_update1(slot, entry_for(&l2[0][0])), -XEN_EINVAL);
    CHECK_EQ(set_writable(&l1[1][0][0], true), -XEN_EBUSY);
    CHECK_EQ(mmu_update1(slot, 0), 0);
    CHECK_FRAMES(&before);
    CHECK_EQ(hypercall(mmu_update, u, 3, &done, DOMID_SELF), 0);
    CHECK_EQ(done, 3);
    u[0].val = 0;
    u[1].val = entry_for(&data[0]);
    CHECK_EQ(hypercall(mmu_update, u, 3, &done, DOMID_SELF), -XEN_EINVAL);
    CHECK_EQ(done, 1);
    CHECK_EQ(set_writable(&l3[2], true), 0);
    CHECK_EQ(set_writable(&l3[2], false), 0);
    CHECK_FRAMES(&before);
}

static void check_base_pointers(void)
{
    const uint64_t *boot_l4 = (const uint64_t *)start_info->pt_base;
    unsigned int i;

    CHECK_EQ(mmuext1(MMUEXT_NEW_USER_BASEPTR, mfn_of(&l4), 0), 0);
    CHECK_EQ(set_writable(&l2[1][1], true), -XEN_EBUSY);
    CHECK_EQ(mmuext1(MMUEXT_NEW_USER_BASEPTR, mfn_of(&l3[0]), 0), -XEN_EINVAL);
    CHECK_EQ(mmuext1(MMUEXT_NEW_USER_BASEPTR, 0, 0), 0);
    CHECK_FRAMES(&before);
    /* With the kernel in it, also as the kernel's own table. */
    NEED(set_writable(&l4, true) == 0);
    for (i = 0; i < 512; i++)
        if (!l4.e[i] && (i < 256 || i > 271))
            l4.e[i] = boot_l4[i];
    NEED(set_writable(&l4, false) == 0);
    CHECK_EQ(mmuext1(MMUEXT_NEW_BASEPTR, mfn_of(&l4), 0), 0);
    CHECK_EQ(try_read(VIRT_BASE, NULL), -1);
    CHECK_EQ(mmuext1(MMUEXT_NEW_BASEPTR, mfn_of(boot_l4), 0), 0);
    CHECK_FRAMES(&before);
}

/* Sees a mistake only after the tables were checked, which takes several calls. */
static void check_vcpu_context(void)
{
    static struct vcpu_guest_context c;

    c.flags = VGCF_in_kernel;
    c.ctrlreg[3] = mfn_of(&l4) << 12;
    c.ctrlreg[1] = mfn_of(&l3[0]) << 12;
    CHECK_EQ(hypercall(vcpu_op, VCPUOP_initialise, 1, &c), -XEN_EINVAL);
    c.ctrlreg[1] = 0;
    c.gdt_ents = 512;
    c.gdt_frames[0] = mfn_of(&data[0]);
    CHECK_EQ(hypercall(vcpu_op, VCPUOP_initialise, 1, &c), -XEN_EINVAL);
    CHECK_EQ(mmuext1(MMUEXT_TLB_FLUSH_LOCAL, 0, 0), 0);
    CHECK_FRAMES(&before);
}

static void check_multicall(void)
{
    static struct multicall_entry mc[3];
    static struct mmuext_op op[3];
    uint32_t done = 0;

    op[0] = (struct mmuext_op){.cmd = MMUEXT_PIN_L4_TABLE, .arg1.mfn = mfn_of(&l4)};
    op[1] = (struct mmuext_op){.cmd = MMUEXT_PIN_L3_TABLE, .arg1.mfn = mfn_of(&l3[1])};
    op[2] = (struct mmuext_op){.cmd = MMUEXT_UNPIN_TABLE, .arg1.mfn = mfn_of(&l4)};
    mc[0] = (struct multicall_entry){.op = __HYPERVISOR_mmuext_op,
                                     .args = {(uintptr_t)op, 3, (uintptr_t)&done, DOMID_SELF}};
    mc[1] = mc[2] = mc[0];
    CHECK_EQ(hypercall(multicall, mc, 2), 0);
    CHECK_EQ((long)mc[0].result, 0);
    CHECK_EQ((long)mc[1].result, -XEN_EINVAL); /* the L3 is pinned already, the L4 now too */
    CHECK_EQ(done, 1);
    CHECK_EQ(unpin_l4(), 0);
    CHECK_EQ(mmuext1(MMUEXT_UNPIN_TABLE, mfn_of(&l3[1]), 0), 0);
    CHECK_FRAMES(&before);
}

/* --- races --- */

static volatile bool stop;

static uint32_t next_random(uint32_t *state)
{
    *state = *state * 1103515245 + 12345;
    return *state >> 16;
}

/* Results do not matter here: the other vCPU does the same. */
static void random_step(uint32_t *state)
{
    unsigned int i = next_random(state) % NR_L3, k = next_random(state) % NR_L2;
    unsigned int n = next_random(state) % NR_L1;

    switch (next_random(state) % 10) {
    case 0:
        pin_l4();
        break;
    case 1:
        unpin_l4();
        break;
    case 2:
        mmuext1(MMUEXT_PIN_L3_TABLE, mfn_of(&l3[i]), 0);
        break;
    case 3:
        mmuext1(MMUEXT_UNPIN_TABLE, mfn_of(&l3[i]), 0);
        break;
    case 4:
        mmuext1(MMUEXT_PIN_L2_TABLE, mfn_of(&l2[i][k]), 0);
        break;
    case 5:
        mmuext1(MMUEXT_UNPIN_TABLE, mfn_of(&l2[i][k]), 0);
        break;
    case 6: /* an L2 out of its L3 and back, whatever the L3 is now */
        mmu_update1(mfn_of(&l3[i]) * PAGE_SIZE + k * 800,
                    next_random(state) & 1 ? entry_for(&l2[i][k]) : 0);
        break;
    case 7:
        mmu_update1(mfn_of(&l1[i][k][n]) * PAGE_SIZE + n * 24, entry_for(&data[k]));
        break;
    case 8: /* mostly in vain */
        set_writable(&l1[i][k][n], true);
        set_writable(&l1[i][k][n], false);
        break;
    default:
        mmuext1(MMUEXT_NEW_USER_BASEPTR, next_random(state) & 1 ? mfn_of(&l4) : 0, 0);
        break;
    }
}

static void racer(void)
{
    uint32_t state = 77;

    while (!stop)
        random_step(&state);
    mmuext1(MMUEXT_NEW_USER_BASEPTR, 0, 0);
}

static void unpin_all(void)
{
    unsigned int i, k;

    unpin_l4();
    for (i = 0; i < NR_L3; i++) {
        mmuext1(MMUEXT_UNPIN_TABLE, mfn_of(&l3[i]), 0);
        for (k = 0; k < NR_L2; k++)
            mmuext1(MMUEXT_UNPIN_TABLE, mfn_of(&l2[i][k]), 0);
    }
}

/* The race may have left out L2s; with everything unpinned the L3s are plain memory. */
static void repair_tree(void)
{
    unsigned int i, k;

    for (i = 0; i < NR_L3; i++)
        for (k = 0; k < NR_L2; k++)
            CHECK_EQ(mmu_update1(mfn_of(&l3[i]) * PAGE_SIZE + k * 800, entry_for(&l2[i][k])), 0);
}

/* Whatever the race wrote and left half checked, all of it is plain memory again. */
static void all_plain(void)
{
    struct table *t;
    unsigned int i, k;

    for (i = 0; i < 1 + NR_L3 + NR_L3 * NR_L2; i++) {
        k = i - 1 - NR_L3;
        t = i == 0 ? &l4 : i <= NR_L3 ? &l3[i - 1] : &l2[k / NR_L2][k % NR_L2];
        CHECK_EQ(set_writable(t, true), 0);
        CHECK_EQ(set_writable(t, false), 0);
    }
}

static void check_race(unsigned int ms)
{
    uint64_t end;
    uint32_t state = 4711;
    unsigned long rounds = 0;

    NEED(second_start(racer));
    end = system_time() + ms * 1000000UL;
    while (system_time() < end) {
        random_step(&state);
        rounds++;
    }
    stop = true;
    CHECK(second_wait(10000));
    stop = false;
    mmuext1(MMUEXT_NEW_USER_BASEPTR, 0, 0);
    unpin_all();
    print("%lu rounds\n", rounds);
    all_plain();
    CHECK_FRAMES(&before);
    repair_tree();
}

/* --- tables of another domain --- */

#define F_L4     0
#define F_L3     1
#define F_L2     2
#define F_L1     (F_L2 + 3)
#define F_DATA   (F_L1 + 12)
#define F_FRAMES (F_DATA + 2)

static domid_t foreign;
static uint64_t frame[F_FRAMES];

static long foreign_op(unsigned int cmd, uint64_t mfn)
{
    struct mmuext_op op = {.cmd = cmd, .arg1.mfn = mfn};

    return hypercall(mmuext_op, &op, 1, 0, foreign);
}

/* Writes an entry into a frame of the foreign domain, through a mapping of it. */
static void foreign_write(unsigned int table, unsigned int index, unsigned int what)
{
    static struct table window;
    struct mmu_update u = {entry_maddr(entry_of((uintptr_t)&window, 1)),
                           frame[table] * PAGE_SIZE | PTE_KERN};

    NEED(hypercall(mmu_update, &u, 1, 0, foreign) == 0);
    NEED(mmuext1(MMUEXT_INVLPG_LOCAL, (uintptr_t)&window, 0) == 0);
    window.e[index] = frame[what] * PAGE_SIZE | PTE_KERN;
    NEED(set_writable(&window, true) == 0);
}

static void foreign_build(void)
{
    struct xen_memory_reservation r = {.extent_start = (uintptr_t)frame, .nr_extents = F_FRAMES};
    unsigned int i;

    foreign = domain_make(1, true);
    ctl_clear();
    ctl.u.max_mem.max_memkb = 4096;
    NEED(domctl(XEN_DOMCTL_max_mem, foreign) == 0);
    r.domid = foreign;
    for (i = 0; i < F_FRAMES; i++)
        frame[i] = i;
    NEED(hypercall(memory_op, XENMEM_populate_physmap, &r) == F_FRAMES);
    for (i = 0; i < 12; i++) {
        foreign_write(F_L1 + i, i, F_DATA + i % 2);
        foreign_write(F_L2 + i / 4, i, F_L1 + i);
    }
    for (i = 0; i < 3; i++)
        foreign_write(F_L3, 10 + i, F_L2 + i);
    foreign_write(F_L4, 3, F_L3);
    foreign_write(F_L4, 300, F_L3);
}

static void foreign_racer(void)
{
    while (foreign_op(MMUEXT_TLB_FLUSH_LOCAL, 0) == -XEN_EPERM) { /* it exists */
        foreign_op(MMUEXT_PIN_L4_TABLE, frame[F_L4]);
        foreign_op(MMUEXT_PIN_L2_TABLE, frame[F_L2]);
        foreign_op(MMUEXT_UNPIN_TABLE, frame[F_L4]);
        if (stop)
            break;
    }
}

static void check_foreign(void)
{
    struct counts counts;
    unsigned int round;

    /* The first round fills the caches of the heap. */
    for (round = 0; round < 4; round++) {
        if (round == 1)
            counts_take(&counts);
        foreign_build();
        CHECK_EQ(foreign_op(MMUEXT_PIN_L4_TABLE, frame[F_DATA]), 0); /* all zeros */
        CHECK_EQ(foreign_op(MMUEXT_UNPIN_TABLE, frame[F_DATA]), 0);
        CHECK_EQ(foreign_op(MMUEXT_PIN_L4_TABLE, frame[F_L1]), -XEN_EINVAL);
        CHECK_EQ(foreign_op(MMUEXT_PIN_L4_TABLE, frame[F_L4]), 0);
        NEED(second_start(foreign_racer));
        domain_end(foreign);
        stop = true;
        CHECK(second_wait(10000));
        stop = false;
    }
    CHECK_COUNTS(&counts);
    CHECK_EQ(foreign_op(MMUEXT_UNPIN_TABLE, frame[F_L4]), -XEN_ESRCH);
    CHECK_FRAMES(&before);
}

/* --- a hostile domain that is destroyed at any moment --- */

static void child_race(void)
{
    uint32_t state = 99;

    build_tree();
    NEED(second_start(racer));
    child_box.word[0] = 1;
    for (;;)
        random_step(&state);
}

static void check_dying(void)
{
    static struct child c;
    struct counts counts;
    unsigned int round;
    uint64_t end;

    for (round = 0; round < 6; round++) {
        if (round == 1) {
            counts_take(&counts);
            frames_count(&before);
        }
        child_start(&c, child_race, 2);
        end = system_time() + 5000000000UL;
        while (!c.box->word[0] && system_time() < end)
            hypercall(sched_op, SCHEDOP_yield, 0);
        CHECK_EQ(c.box->word[0], 1);
        wait_until(system_time() + 7000000UL * round);
        child_end(&c);
    }
    CHECK_COUNTS(&counts);
    CHECK_FRAMES(&before);
}

void test_main(void)
{
    build_tree();
    frames_count(&before);
    check_pin();
    check_unfit();
    check_link();
    check_vcpu_context();
    check_multicall();
    NEED(second_start(NULL));
    CHECK(second_wait(10000));
    frames_count(&before); /* with the second vCPU's references */
    check_race(700);
    check_pin();
    check_base_pointers();
    check_foreign();
    check_dying();
    success();
}

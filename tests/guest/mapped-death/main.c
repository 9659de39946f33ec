/* SPDX-License-Identifier: MIT */
/*
 * A domain that is destroyed while another still maps pages of the hypervisor that it shared with
 * that domain: it stays, dying, until they are let go, and then nothing of it is left. As 4.17.
 */
#include "guest.h"

#define MS 1000000UL

struct page {
    uint64_t word[512];
} __attribute__((aligned(4096)));
static struct page window[2];

static bool exists(domid_t id)
{
    ctl_clear();
    return domctl(XEN_DOMCTL_getdomaininfo, id) == 0 && ctl.domain == id;
}

static bool gone_after(domid_t id, unsigned int ms)
{
    uint64_t end = system_time() + ms * MS;

    while (exists(id) && system_time() < end)
        hypercall(sched_op, SCHEDOP_yield, 0);
    return !exists(id);
}

static long grant_frame(domid_t id, uint32_t index, uint64_t *ret_mfn)
{
    struct xen_mem_acquire_resource r = {.domid = id,
                                         .type = XENMEM_resource_grant_table,
                                         .frame = index,
                                         .nr_frames = 1,
                                         .frame_list = (uintptr_t)ret_mfn};

    return hypercall(memory_op, XENMEM_acquire_resource, &r);
}

/* What window[i] showed before, in place of the page of the other domain. */
static void put_back(unsigned int i, uint64_t mfn)
{
    CHECK_EQ(hypercall(update_va_mapping, &window[i], mfn * PAGE_SIZE | PTE_KERN,
                       UVMF_INVLPG | UVMF_LOCAL),
             0);
}

static void one_death(void)
{
    uint64_t mine[2] = {mfn_of(&window[0]), mfn_of(&window[1])}, grants = 0, more = 0;
    domid_t id = domain_make(1, true);

    NEED(grant_frame(id, 0, &grants) == 0);
    NEED(map_frame_of(&window[0], domain_info(id)->shared_info_frame, id) == 0);
    NEED(map_frame_of(&window[1], grants, id) == 0);
    domain_end(id);
    CHECK(!gone_after(id, 50));
    CHECK(exists(id) && (ctl.u.getdomaininfo.flags & XEN_DOMINF_dying));
    window[0].word[511] = 1; /* no harm to anyone */
    put_back(0, mine[0]);
    CHECK(!gone_after(id, 50));
    /* What was not shared with it before is not any more. */
    CHECK(grant_frame(id, 1, &more) < 0);
    put_back(1, mine[1]);
    CHECK(gone_after(id, 1000));
}

/* It has shared pages by the time it is refused. */
static void stillborn(void)
{
    ctl_fill_create(1);
    ctl.u.createdomain.cpupool_id = 77;
    CHECK_EQ(domctl(XEN_DOMCTL_createdomain, 0), -XEN_ESRCH);
}

void test_main(void)
{
    struct counts before;

    one_death(); /* fills the caches of the heap */
    stillborn();
    counts_take(&before);
    one_death();
    one_death();
    stillborn();
    CHECK_COUNTS(&before);
    success();
}

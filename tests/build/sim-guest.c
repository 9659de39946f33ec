/* SPDX-License-Identifier: MIT */
/* sim-guest.c - domains of the simulated host. Linked with --wrap=xctl_memory_populate. */
#include "build/sim-guest.h"
#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define KEPT 1024

int sim_junk = 1;
xctl_handle *sim_h;
static struct {
    void *addr;
    domid_t domid;
    xen_pfn_t frame;
} kept[KEPT];

int64_t __real_xctl_memory_populate(xctl_handle *h, domid_t domid, unsigned int order,
                                    unsigned int flags, xen_pfn_t *frames, unsigned long count);
int64_t __wrap_xctl_memory_populate(xctl_handle *h, domid_t domid, unsigned int order,
                                    unsigned int flags, xen_pfn_t *frames, unsigned long count);

/* Counts as calls: not together with planned failures. */
static void spoil(domid_t domid, xen_pfn_t first, unsigned int nr)
{
    xen_pfn_t *list = malloc(nr * sizeof(*list));
    void *p;

    for (unsigned int i = 0; i < nr; i++)
        list[i] = first + i;
    if (!xctl_foreign_map(sim_h, domid, PROT_READ | PROT_WRITE, list, nr, NULL, &p)) {
        memset(p, JUNK, (size_t)nr * XCTL_PAGE_SIZE);
        if (xctl_foreign_unmap(sim_h, p, nr))
            abort();
    }
    free(list);
}

int64_t __wrap_xctl_memory_populate(xctl_handle *h, domid_t domid, unsigned int order,
                                    unsigned int flags, xen_pfn_t *frames, unsigned long count)
{
    int64_t done = __real_xctl_memory_populate(h, domid, order, flags, frames, count);

    for (int64_t i = 0; sim_junk && !(flags & XENMEMF_populate_on_demand) && i < done; i++)
        spoil(domid, frames[i], 1U << order);
    return done;
}

void sim_start(const char *options)
{
    ck_assert_int_eq(xctl_open(options, &sim_h), 0);
}

void sim_stop(void)
{
    char why[512];

    sim_pages_forget();
    ck_assert_int_eq(xctl_sim_fail_clear(sim_h, NULL), 0);
    if (xctl_sim_audit(sim_h)) {
        xctl_error_format(sim_h, why, sizeof(why));
        ck_abort_msg("%s", why);
    }
    xctl_close(sim_h);
    sim_h = NULL;
}

struct xlight__why sim_why;

const char *sim_why_text(void)
{
    static char buf[1024];

    xlight__why_format(&sim_why, buf, sizeof(buf));
    return buf;
}

void sim_input_make(struct sim_input *in, size_t ramdisk)
{
    tiny_make(&in->tiny, &in->elf);
    in->elf_blob = xlight__blob_memory(in->elf.data, in->elf.len);
    sim_why.nr = 0;
    if (xlight__kernel_load(&in->elf_blob, NULL, &in->kernel, &sim_why))
        ck_abort_msg("%s", sim_why_text());
    bytes_fill(&in->ramdisk, 0, ramdisk);
    for (size_t i = 0; i < ramdisk; i++)
        in->ramdisk.data[i] = (uint8_t)(i * 13 + i / 4096 + 5);
    in->ramdisk_blob = xlight__blob_memory(in->ramdisk.data, ramdisk);
}

void sim_input_free(struct sim_input *in)
{
    xlight__kernel_free(in->kernel);
    bytes_free(&in->elf);
    bytes_free(&in->ramdisk);
}

uint64_t sim_free_pages(void)
{
    struct xen_sysctl_physinfo info;

    ck_assert_int_eq(xctl_host_info(sim_h, &info), 0);
    return info.free_pages - info.outstanding_pages;
}

uint64_t sim_set_aside(void)
{
    struct xen_sysctl_physinfo info;

    ck_assert_int_eq(xctl_host_info(sim_h, &info), 0);
    return info.outstanding_pages;
}

struct xlight__build sim_domain_make(bool hvm, uint64_t pages, unsigned int vcpus)
{
    struct xen_domctl_createdomain c = {.flags = hvm ? XEN_DOMCTL_CDF_hvm | XEN_DOMCTL_CDF_hap : 0,
                                        .max_vcpus = vcpus,
                                        .max_evtchn_port = 1023,
                                        .max_grant_frames = -1,
                                        .grant_opts = XEN_DOMCTL_GRANT_version(1),
                                        .arch.emulation_flags = hvm ? XEN_X86_EMU_LAPIC : 0};
    struct xlight__build b = {
        .h = sim_h, .pages = pages, .max_vcpus = vcpus, .claim = true, .console_domid = 0};

    ck_assert_int_eq(xctl_domain_create(sim_h, 0, &c, &b.domid), 0);
    ck_assert_int_eq(xctl_domain_set_max_vcpus(sim_h, b.domid, vcpus), 0);
    ck_assert_int_eq(xctl_domain_set_max_mem(sim_h, b.domid, pages * 4 + 1024), 0);
    ck_assert_int_eq(xctl_domain_alloc_port(sim_h, b.domid, 0, &b.store_port), 0);
    ck_assert_int_eq(xctl_domain_alloc_port(sim_h, b.domid, 0, &b.console_port), 0);
    return b;
}

void sim_domain_drop(domid_t domid)
{
    struct xen_domctl_getdomaininfo info;

    sim_pages_forget();
    ck_assert_int_eq(xctl_domain_destroy(sim_h, domid), 0);
    ck_assert_int_eq(xctl_domain_info(sim_h, domid, &info), -ESRCH);
}

const void *sim_page_of(domid_t domid, xen_pfn_t frame)
{
    unsigned int i = (unsigned int)(frame % KEPT);

    if (kept[i].addr && kept[i].domid == domid && kept[i].frame == frame)
        return kept[i].addr;
    if (kept[i].addr && xctl_foreign_unmap(sim_h, kept[i].addr, 1))
        ck_abort_msg("cannot unmap a page");
    kept[i].addr = NULL;
    kept[i].domid = domid;
    kept[i].frame = frame;
    if (xctl_foreign_map(sim_h, domid, PROT_READ, &frame, 1, NULL, &kept[i].addr))
        ck_abort_msg("domain %u has no frame 0x%lx", domid, frame);
    return kept[i].addr;
}

void sim_pages_forget(void)
{
    for (unsigned int i = 0; i < KEPT; i++) {
        if (kept[i].addr && xctl_foreign_unmap(sim_h, kept[i].addr, 1))
            ck_abort_msg("cannot unmap a page");
        kept[i].addr = NULL;
    }
}

/* A new domain, and what the builder is to make of it. */
static struct xlight__build domain_for(const struct sim_build *s)
{
    struct xlight__build b = sim_domain_make(s->hvm, s->pages, s->vcpus);

    b.kernel = s->in->kernel;
    b.ramdisk = &s->in->ramdisk_blob;
    b.max_pages = s->max_pages;
    sim_why.nr = 0;
    return b;
}

void sim_each_call_fails(const struct sim_build *s, const char *wish, unsigned int least)
{
    uint64_t before = sim_free_pages();
    bool failed = true;
    unsigned int n;

    for (n = 1; failed; n++) {
        struct xlight__build b = domain_for(s);
        struct xlight__built built;
        unsigned int left;
        int rc;

        ck_assert_int_eq(xctl_sim_fail(sim_h, XCTL_SIM_ANY, XCTL_SIM_ANY_CMD, n, EIO), 0);
        rc = s->build(&b, &built, &sim_why);
        ck_assert_int_eq(xctl_sim_fail_clear(sim_h, &left), 0);
        failed = !left;
        /* Letting go of what was set aside may fail: it goes with the domain. */
        ck_assert_msg(rc == 0 || (failed && rc < 0), "call %u: %d", n, rc);
        ck_assert_uint_eq(sim_why.nr > 0, rc < 0);
        ck_assert_uint_eq(sim_set_aside(), 0);
        if (rc)
            ck_assert_ptr_nonnull(strstr(sim_why_text(), wish));
        sim_domain_drop(b.domid);
        ck_assert_uint_eq(sim_free_pages(), before);
        ck_assert_int_eq(xctl_sim_audit(sim_h), 0);
    }
    ck_assert_uint_gt(n, least);
}

void sim_each_allocation_fails(const struct sim_build *s, int *fail_in, int least)
{
    uint64_t before = sim_free_pages();
    bool failed = true;
    int n;

    for (n = 1; failed; n++) {
        struct xlight__build b = domain_for(s);
        struct xlight__built built;
        int rc;

        *fail_in = n;
        rc = s->build(&b, &built, &sim_why);
        failed = !*fail_in;
        *fail_in = 0;
        ck_assert_int_eq(rc, failed ? -ENOMEM : 0);
        sim_domain_drop(b.domid);
        ck_assert_uint_eq(sim_free_pages(), before);
    }
    ck_assert_int_gt(n, least);
}

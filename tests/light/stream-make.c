/* SPDX-License-Identifier: MIT */
/* stream-make.c - see stream-make.h. */
#include "light/stream-make.h"
#include <endian.h>
#include <string.h>
#include <xenolith/public/domctl.h>

/* What has been added since the last part has this name. */
static void part(struct made *m, const char *name)
{
    size_t begin = m->nr ? m->parts[m->nr - 1].at + m->parts[m->nr - 1].size : 0;

    m->parts[m->nr].name = name;
    m->parts[m->nr].at = begin;
    m->parts[m->nr++].size = m->out.used - begin;
}

static void record(struct made *m, uint32_t type, const void *body, size_t size)
{
    xlight__out_record(&m->out, type, NULL, 0, body, size);
    part(m, xlight__record_name(type));
}

static void pages(struct made *m)
{
    static const unsigned int types[MAKE_PAGES] = {0, 4 | STREAM_PIN, STREAM_NONE, STREAM_ALLOC, 1};
    uint64_t body[1 + MAKE_PAGES + 3 * 512];

    body[0] = MAKE_PAGES;
    for (uint64_t i = 0; i < MAKE_PAGES; i++)
        body[1 + i] = i | (uint64_t)types[i] << STREAM_TYPE_SHIFT;
    for (uint64_t i = 0; i < 3 * 512; i++)
        body[1 + MAKE_PAGES + i] = i * 0x123456789;
    record(m, STREAM_PAGE_DATA, body, sizeof(body));
}

static void vcpu(struct made *m, uint32_t type, size_t size)
{
    const uint8_t nothing[sizeof(struct vcpu_guest_context)] = {0};
    const struct stream_vcpu v = {.vcpu = 0};

    xlight__out_record(&m->out, type, &v, sizeof(v), nothing, size);
    part(m, xlight__record_name(type));
}

static void make_pv(struct made *m, bool verify)
{
    const uint8_t page[STREAM_PAGE] = {1};
    const uint64_t frames[] = {(uint64_t)(MAKE_PAGES - 1) << 32, 2};

    record(m, STREAM_PV_P2M_FRAMES, frames, sizeof(frames));
    pages(m);
    pages(m);
    if (verify) {
        record(m, STREAM_VERIFY, NULL, 0);
        pages(m);
    }
    record(m, STREAM_TSC_INFO, page, sizeof(struct stream_tsc));
    record(m, STREAM_SHARED_INFO, page, sizeof(page));
    vcpu(m, STREAM_PV_VCPU_BASIC, sizeof(struct vcpu_guest_context));
    vcpu(m, STREAM_PV_VCPU_EXTENDED, 64);
    vcpu(m, STREAM_PV_VCPU_XSAVE, 16 + 576);
    vcpu(m, STREAM_PV_VCPU_MSRS, 32);
}

static void make_hvm(struct made *m)
{
    const uint64_t params[] = {1, 15, 7};

    pages(m);
    record(m, STREAM_TSC_INFO, params, sizeof(params));
    record(m, STREAM_HVM_CONTEXT, "abcdefg", 7);
    record(m, STREAM_HVM_PARAMS, params, sizeof(params));
}

void stream_make(struct made *m, unsigned int flags)
{
    const struct stream_pv_info info = {.width = 8, .levels = 4};
    const uint8_t leaves[2 * sizeof(struct xen_cpuid_leaf)] = {7};
    const uint8_t msrs[sizeof(struct xen_msr_entry)] = {9};

    *m = (struct made){0};
    xlight__out_container(&m->out, "{ \"c_info\": { \"name\": \"g\" } }");
    part(m, "container");
    xlight__out_light_header(&m->out);
    part(m, "light header");
    xlight__out_light_record(&m->out, LIGHT_GUEST, NULL, 0);
    part(m, "LIBXC_CONTEXT");
    xlight__out_guest_headers(&m->out, flags & MAKE_HVM ? STREAM_HVM : STREAM_PV);
    if (flags & MAKE_V2)
        m->out.data[m->out.used - sizeof(struct stream_domain) - 9] = 2;
    part(m, "guest headers");
    if (!(flags & MAKE_HVM))
        record(m, STREAM_PV_INFO, &info, sizeof(info));
    if (!(flags & MAKE_V2)) {
        record(m, STREAM_CPUID_POLICY, leaves, sizeof(leaves));
        record(m, STREAM_MSR_POLICY, msrs, sizeof(msrs));
        record(m, STREAM_STATIC_DATA_END, NULL, 0);
    }
    if (flags & MAKE_HVM)
        make_hvm(m);
    else
        make_pv(m, flags & MAKE_VERIFY);
    record(m, STREAM_END, NULL, 0);
    if (flags & MAKE_HVM) {
        xlight__out_light_record(&m->out, LIGHT_EMULATOR_STORE, "\2\0\0\0\0\0\0\0a\0b", 12);
        part(m, "EMULATOR_XENSTORE_DATA");
        xlight__out_light_record(&m->out, LIGHT_EMULATOR_STATE, "\2\0\0\0\0\0\0\0state", 13);
        part(m, "EMULATOR_CONTEXT");
    }
    xlight__out_light_record(&m->out, LIGHT_END, NULL, 0);
    part(m, "END");
}

/* SPDX-License-Identifier: MIT */
/*
 * check.c - what a record must be like, and which ones must be there before it.
 *
 * A guest is: what never changes (PV_INFO, policies, STATIC_DATA_END), its memory in any number of
 * records, the rest of its state once it is stopped, END. Memory behind that rest would be of
 * another moment, so it is an error.
 */
#include "stream.h"
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <xenolith/public/domctl.h>

#define VCPUS 8192U

struct check {
    struct xlight__seen *s;
    const uint8_t *body;
    size_t length;
    struct xlight__why *why;
};

static int bad(struct check *c, const char *what)
{
    return xlight__why(c->why, -EBADMSG, "%s", what);
}

static int check_size(struct check *c, size_t size)
{
    if (c->length == size)
        return 0;
    return xlight__why(c->why, -EBADMSG, "it has %zu bytes, not %zu", c->length, size);
}

/* At least a header, and entries of a size behind it. */
static int check_entries(struct check *c, size_t head, size_t entry)
{
    if (c->length >= head && (c->length - head) % entry == 0)
        return 0;
    return xlight__why(c->why, -EBADMSG, "it has %zu bytes, not %zu and a multiple of %zu",
                       c->length, head, entry);
}

static bool set(bool *flag)
{
    bool was = *flag;

    *flag = true;
    return was;
}

static int check_first(struct check *c, bool *flag)
{
    return set(flag) ? bad(c, "there was one already") : 0;
}

static int check_fixed(struct check *c)
{
    /* Version 2 has no record that says so. */
    if (c->s->version < 3)
        c->s->fixed = true;
    return c->s->fixed ? 0 : bad(c, "it comes before STATIC_DATA_END");
}

static int check_before_fixed(struct check *c)
{
    return c->s->fixed ? bad(c, "it comes behind STATIC_DATA_END") : 0;
}

/* Memory, and what belongs to it. */
static int check_running(struct check *c)
{
    int rc = check_fixed(c);

    if (!rc && c->s->tail)
        rc = bad(c, "it comes behind the state of the stopped guest");
    return rc;
}

/* What is of the stopped guest. */
static int check_stopped(struct check *c)
{
    int rc = check_fixed(c);

    if (!rc && !c->s->pages)
        rc = bad(c, "it comes before any PAGE_DATA");
    c->s->tail = true;
    return rc;
}

static int check_end(struct check *c)
{
    const struct xlight__seen *s = c->s;
    int rc = check_size(c, 0);

    if (!rc)
        rc = check_fixed(c);
    if (rc)
        return rc;
    if (!s->pages)
        return bad(c, "there was no PAGE_DATA");
    if (s->type == STREAM_PV && !s->shared_info)
        return bad(c, "there was no SHARED_INFO");
    if (s->type == STREAM_PV && !s->vcpu0)
        return bad(c, "there was no X86_PV_VCPU_BASIC of vCPU 0");
    if (s->type == STREAM_HVM && !s->context)
        return bad(c, "there was no HVM_CONTEXT");
    return 0;
}

static int check_page(struct check *c, uint32_t i, uint64_t entry, uint64_t *data)
{
    uint64_t pfn = entry & STREAM_PFN_MASK;
    unsigned int type = (unsigned int)(entry >> STREAM_TYPE_SHIFT);

    if (entry & ~STREAM_PFN_MASK & ~(15ULL << STREAM_TYPE_SHIFT))
        return xlight__why(c->why, -EBADMSG, "entry %" PRIu32 " is 0x%" PRIx64, i, entry);
    if (type > 4 && type < 9)
        return xlight__why(c->why, -EBADMSG, "there is no type %u of pages, as in entry %" PRIu32,
                           type, i);
    if (c->s->type == STREAM_PV && pfn > c->s->max_pfn)
        return xlight__why(c->why, -EBADMSG,
                           "entry %" PRIu32 " is page 0x%" PRIx64 ", and 0x%" PRIx64
                           " is the last one",
                           i, pfn, c->s->max_pfn);
    *data += xlight__page_has_data(type);
    return 0;
}

static int check_pages(struct check *c)
{
    const struct stream_pages *p = (const void *)c->body;
    uint64_t data = 0;
    int rc = check_running(c);

    if (!rc && c->s->type == STREAM_PV && !c->s->frames)
        rc = bad(c, "it comes before X86_PV_P2M_FRAMES");
    if (!rc && (c->length < sizeof(*p) || !p->count || p->zero))
        rc = bad(c, "its head makes no sense");
    if (!rc && (c->length - sizeof(*p)) / sizeof(p->pfns[0]) < p->count)
        rc = xlight__why(c->why, -EBADMSG, "it has no room for %" PRIu32 " entries", p->count);
    for (uint32_t i = 0; !rc && i < p->count; i++)
        rc = check_page(c, i, p->pfns[i], &data);
    if (!rc)
        rc = check_size(c, sizeof(*p) + p->count * sizeof(p->pfns[0]) + data * STREAM_PAGE);
    c->s->pages = true;
    return rc;
}

static int check_info(struct check *c)
{
    const struct stream_pv_info *p = (const void *)c->body;
    int rc = check_before_fixed(c);

    if (!rc)
        rc = check_size(c, sizeof(*p));
    if (!rc)
        rc = check_first(c, &c->s->info);
    if (rc)
        return rc;
    if (p->width == 4 && p->levels == 3)
        return xlight__why(c->why, -EOPNOTSUPP, "it is a 32-bit guest");
    for (size_t i = 0; i < sizeof(p->zero); i++)
        if (p->zero[i])
            return bad(c, "bytes are set that nobody knows");
    return p->width == 8 && p->levels == 4 ? 0 : bad(c, "no guest has such page tables");
}

static int check_frames(struct check *c)
{
    const struct stream_frames *p = (const void *)c->body;
    size_t nr;
    int rc = check_running(c);

    if (!rc && !c->s->info)
        rc = bad(c, "it comes before X86_PV_INFO");
    if (!rc && (c->length < sizeof(*p) || p->first > p->last))
        rc = bad(c, "its head makes no sense");
    if (rc)
        return rc;
    nr = p->last / STREAM_PER_FRAME - p->first / STREAM_PER_FRAME + 1;
    rc = check_size(c, sizeof(*p) + nr * sizeof(p->pfns[0]));
    /* What is added later follows what is there. */
    if (!rc && p->first > (c->s->frames ? c->s->max_pfn + 1 : 0))
        rc = bad(c, "pages before it are missing");
    if (rc)
        return rc;
    if (!c->s->frames || p->last > c->s->max_pfn)
        c->s->max_pfn = p->last;
    c->s->frames = true;
    for (size_t i = 0; i < nr; i++)
        if (p->pfns[i] > c->s->max_pfn)
            return xlight__why(c->why, -EBADMSG, "entry %zu is page 0x%" PRIx64, i, p->pfns[i]);
    return 0;
}

static int check_vcpu(struct check *c, uint32_t type)
{
    const struct stream_vcpu *p = (const void *)c->body;
    int rc = check_stopped(c);

    if (!rc && (c->length < sizeof(*p) || p->zero || p->vcpu >= VCPUS))
        rc = bad(c, "its head makes no sense");
    /* Of vCPUs that have nothing to say. */
    if (rc || c->length == sizeof(*p))
        return rc;
    switch (type) {
    case STREAM_PV_VCPU_BASIC:
        if (!p->vcpu)
            c->s->vcpu0 = true;
        return check_size(c, sizeof(*p) + sizeof(struct vcpu_guest_context));
    case STREAM_PV_VCPU_EXTENDED:
        return c->length <= sizeof(*p) + 128 ? 0 : bad(c, "it is too long");
    case STREAM_PV_VCPU_XSAVE:
        return c->length >= sizeof(*p) + 16 ? 0 : bad(c, "it is too short");
    default:
        return check_entries(c, sizeof(*p), sizeof(struct xen_domctl_vcpu_msr));
    }
}

static int check_shared_info(struct check *c)
{
    int rc = check_stopped(c);

    c->s->shared_info = true;
    return rc ? rc : check_size(c, STREAM_PAGE);
}

static int check_tsc(struct check *c)
{
    const struct stream_tsc *p = (const void *)c->body;
    int rc = check_stopped(c);

    if (!rc)
        rc = check_size(c, sizeof(*p));
    return !rc && p->zero ? bad(c, "bytes are set that nobody knows") : rc;
}

static int check_params(struct check *c)
{
    uint32_t count;
    int rc = check_stopped(c);

    if (!rc)
        rc = check_entries(c, 8, 16);
    if (rc)
        return rc;
    memcpy(&count, c->body, sizeof(count));
    c->s->params = true;
    return check_size(c, 8 + (size_t)count * 16);
}

static int check_policy(struct check *c, bool *flag, size_t entry)
{
    int rc = check_before_fixed(c);

    if (!rc)
        rc = check_first(c, flag);
    return rc ? rc : check_entries(c, 0, entry);
}

static int check_static_end(struct check *c)
{
    int rc = check_size(c, 0);

    if (!rc && c->s->type == STREAM_PV && !c->s->info)
        rc = bad(c, "it comes before X86_PV_INFO");
    return rc ? rc : check_first(c, &c->s->fixed);
}

static int check_verify(struct check *c)
{
    int rc = check_size(c, 0);

    if (!rc)
        rc = check_first(c, &c->s->verify);
    return rc ? rc : check_running(c);
}

static bool is_of(uint32_t type, uint32_t kind)
{
    switch (type) {
    case STREAM_PV_INFO:
    case STREAM_PV_P2M_FRAMES:
    case STREAM_PV_VCPU_BASIC:
    case STREAM_PV_VCPU_EXTENDED:
    case STREAM_PV_VCPU_XSAVE:
    case STREAM_PV_VCPU_MSRS:
    case STREAM_SHARED_INFO:
        return kind == STREAM_PV;
    case STREAM_HVM_CONTEXT:
    case STREAM_HVM_PARAMS:
        return kind == STREAM_HVM;
    default:
        return true;
    }
}

static int check(struct check *c, uint32_t type)
{
    switch (type) {
    case STREAM_END:
        return check_end(c);
    case STREAM_PAGE_DATA:
        return check_pages(c);
    case STREAM_PV_INFO:
        return check_info(c);
    case STREAM_PV_P2M_FRAMES:
        return check_frames(c);
    case STREAM_PV_VCPU_BASIC:
    case STREAM_PV_VCPU_EXTENDED:
    case STREAM_PV_VCPU_XSAVE:
    case STREAM_PV_VCPU_MSRS:
        return check_vcpu(c, type);
    case STREAM_SHARED_INFO:
        return check_shared_info(c);
    case STREAM_TSC_INFO:
        return check_tsc(c);
    case STREAM_HVM_CONTEXT:
        c->s->context = true;
        return check_stopped(c);
    case STREAM_HVM_PARAMS:
        return check_params(c);
    case STREAM_TOOLSTACK:
        return 0;
    case STREAM_VERIFY:
        return check_verify(c);
    case STREAM_CHECKPOINT:
    case STREAM_CHECKPOINT_PFNS:
        return xlight__why(c->why, -EOPNOTSUPP, "it is of a guest that is saved again and again");
    case STREAM_STATIC_DATA_END:
        return check_static_end(c);
    case STREAM_CPUID_POLICY:
        return check_policy(c, &c->s->cpuid, sizeof(struct xen_cpuid_leaf));
    case STREAM_MSR_POLICY:
        return check_policy(c, &c->s->msr, sizeof(struct xen_msr_entry));
    default:
        return type & STREAM_OPTIONAL ? 0
                                      : xlight__why(c->why, -EOPNOTSUPP, "nobody knows this type");
    }
}

int xlight__check_record(struct xlight__seen *seen, uint32_t type, const void *body, size_t length,
                         struct xlight__why *why)
{
    struct check c = {seen, body, length, why};

    if (!is_of(type, seen->type))
        return bad(&c, "it does not belong to this kind of guest");
    return check(&c, type);
}

/* Strings, in pairs of name and value. */
static bool are_pairs(const uint8_t *text, size_t length)
{
    size_t zeros = 0;

    for (size_t i = 0; i < length; i++)
        zeros += !text[i];
    return !length || (!text[length - 1] && zeros % 2 == 0);
}

int xlight__check_light_record(const struct xlight__seen *seen, uint32_t type, const void *body,
                               size_t length, struct xlight__why *why)
{
    struct check c = {NULL, body, length, why};

    switch (type) {
    case LIGHT_END:
    case LIGHT_GUEST:
        return check_size(&c, 0);
    case LIGHT_EMULATOR_STORE:
    case LIGHT_EMULATOR_STATE:
        if (seen->type != STREAM_HVM)
            return bad(&c, "it does not belong to this kind of guest");
        if (length < 8)
            return bad(&c, "it is too short");
        return type == LIGHT_EMULATOR_STATE || are_pairs(c.body + 8, length - 8)
                   ? 0
                   : bad(&c, "its content is no list of names and values");
    case LIGHT_CHECKPOINT_END:
    case LIGHT_CHECKPOINT_STATE:
        return xlight__why(why, -EOPNOTSUPP, "it is of a guest that is saved again and again");
    default:
        return type & STREAM_OPTIONAL ? 0 : xlight__why(why, -EOPNOTSUPP, "nobody knows this type");
    }
}

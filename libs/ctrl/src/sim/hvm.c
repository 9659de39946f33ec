/* SPDX-License-Identifier: MIT */
/*
 * hvm.c - HVM and PVH domains of the simulated host: parameters, saved state, device models.
 *
 * The state is a chain of records as Xen has it. Nothing in them means anything here, except which
 * vCPUs they bring up: records that are set replace those of the same kind and instance.
 */
#include "sim.h"

#define REC_END    0
#define REC_HEADER 1
#define REC_CPU    2
#define REC_MTRR   14
#define MAGIC      0x54381286U

struct record {
    uint16_t type, instance;
    uint32_t length; /* of what follows */
};

struct header {
    uint32_t magic, version;
    uint64_t changeset;
    uint32_t cpuid, tsc_khz;
};
#define MTRR_SIZE 240

static char *put(char *p, uint16_t type, uint16_t instance, const void *body, uint32_t len)
{
    struct record r = {type, instance, len};

    memcpy(p, &r, sizeof(r));
    if (body)
        memcpy(p + sizeof(r), body, len);
    return p + sizeof(r) + len;
}

/* A new domain: a header, and memory types for each vCPU. */
int sim_hvm_init(struct sim_host *s, struct sim_domain *d)
{
    struct header h = {MAGIC, 1, ~0ULL, 0x506e3, SIM_CPU_KHZ};
    uint32_t size = (uint32_t)(sizeof(struct record) * 2 + sizeof(h) +
                               d->max_vcpus * (sizeof(struct record) + MTRR_SIZE));
    char *blob = sim_alloc(s, size), *p;

    if (!blob)
        return -ENOMEM;
    p = put(blob, REC_HEADER, 0, &h, sizeof(h));
    for (uint32_t i = 0; i < d->max_vcpus; i++)
        p = put(p, REC_MTRR, (uint16_t)i, NULL, MTRR_SIZE);
    put(p, REC_END, 0, NULL, 0);
    d->hvm_blob = sim_offset(s, blob);
    d->hvm_size = d->hvm_room = size;
    d->params[HVM_PARAM_CALLBACK_IRQ] = 0;
    return 0;
}

/* The record at p, if it lies within the rest; *ret_next points behind it. */
static bool get(const char *p, const char *end, struct record *ret_r, const char **ret_next)
{
    if ((size_t)(end - p) < sizeof(*ret_r))
        return false;
    memcpy(ret_r, p, sizeof(*ret_r));
    if (ret_r->length > (size_t)(end - p) - sizeof(*ret_r))
        return false;
    *ret_next = p + sizeof(*ret_r) + ret_r->length;
    return true;
}

static const char *find(const char *p, const char *end, uint16_t type, uint16_t instance,
                        struct record *ret_r)
{
    const char *next;

    for (; get(p, end, ret_r, &next) && ret_r->type != REC_END; p = next)
        if (ret_r->type == type && ret_r->instance == instance)
            return p + sizeof(*ret_r);
    return NULL;
}

/* Starts with a header of ours, ends with an end, and whole records between. */
static int check_chain(const char *p, uint32_t size)
{
    const char *end = p + size, *next;
    struct record r;
    uint32_t magic;

    if (!get(p, end, &r, &next) || r.type != REC_HEADER || r.length != sizeof(struct header))
        return -EINVAL;
    memcpy(&magic, p + sizeof(r), sizeof(magic));
    if (magic != MAGIC)
        return -EINVAL;
    for (p = next; get(p, end, &r, &next); p = next)
        if (r.type == REC_END)
            return r.length ? -EINVAL : 0;
    return -EINVAL;
}

static int set_context(struct sim_host *s, struct sim_domain *d, const char *blob, uint32_t size)
{
    const char *old = sim_at(s, d->hvm_blob), *end = blob + size, *next, *p;
    uint32_t room = size + d->hvm_size;
    struct record r, unused;
    char *fresh, *to;

    if (!d->pause_count)
        return -EINVAL;
    if (size > SIM_HVM_BLOB_MAX || check_chain(blob, size))
        return -EINVAL;
    fresh = sim_alloc(s, room);
    if (!fresh)
        return -ENOMEM;
    to = fresh;
    for (p = old; get(p, old + d->hvm_size, &r, &next) && r.type != REC_END; p = next)
        if (!find(blob, end, r.type, r.instance, &unused))
            to = put(to, r.type, r.instance, p + sizeof(r), r.length);
    /* The header must come first, and the new one counts. */
    find(blob, end, REC_HEADER, 0, &r);
    memmove(fresh + sizeof(r) + r.length, fresh, (size_t)(to - fresh));
    memcpy(fresh, blob, sizeof(r) + r.length);
    to += sizeof(r) + r.length;
    for (uint32_t i = 0; i < d->nr_vcpus; i++)
        sim_vcpu(s, d, i)->online = 0;
    for (p = blob; get(p, end, &r, &next) && r.type != REC_END; p = next) {
        struct sim_vcpu *v = r.type == REC_CPU ? sim_vcpu(s, d, r.instance) : NULL;

        if (v)
            v->online = v->initialised = 1;
        if (r.type != REC_HEADER)
            to = put(to, r.type, r.instance, p + sizeof(r), r.length);
    }
    to = put(to, REC_END, 0, NULL, 0);
    sim_free(s, sim_at(s, d->hvm_blob), d->hvm_room);
    d->hvm_blob = sim_offset(s, fresh);
    d->hvm_size = (uint32_t)(to - fresh);
    d->hvm_room = room;
    return 0;
}

static int get_context(struct sim_host *s, struct sim_domain *d, struct xen_domctl_hvmcontext *c)
{
    uint32_t room = c->size;

    c->size = d->hvm_size;
    if (!c->buffer)
        return 0;
    if (room < d->hvm_size)
        return -ENOSPC;
    memcpy((void *)(uintptr_t)c->buffer, sim_at(s, d->hvm_blob), d->hvm_size);
    return 0;
}

static int get_record(struct sim_host *s, struct sim_domain *d,
                      struct xen_domctl_hvmcontext_partial *c)
{
    const char *blob = sim_at(s, d->hvm_blob), *body;
    uint64_t room = c->bufsz;
    struct record r;

    if (c->type == REC_END || c->type > UINT16_MAX)
        return -EINVAL;
    body = find(blob, blob + d->hvm_size, (uint16_t)c->type, (uint16_t)c->instance, &r);
    if (!body)
        return -ENODATA;
    c->bufsz = r.length;
    if (!c->buffer)
        return 0;
    if (room < r.length)
        return -ENOBUFS;
    memcpy((void *)(uintptr_t)c->buffer, body, r.length);
    return 0;
}

int sim_domctl_hvm(struct sim *sim, struct sim_domain *d, struct xen_domctl *op)
{
    if (op->cmd != XEN_DOMCTL_gethvmcontext && op->cmd != XEN_DOMCTL_sethvmcontext &&
        op->cmd != XEN_DOMCTL_gethvmcontext_partial)
        return -ENOSYS;
    if (!d->hvm || d->domid == sim->domid)
        return -EINVAL;
    switch (op->cmd) {
    case XEN_DOMCTL_gethvmcontext:
        return get_context(sim->host, d, &op->u.hvmcontext);
    case XEN_DOMCTL_gethvmcontext_partial:
        return get_record(sim->host, d, &op->u.hvmcontext_partial);
    default:
        return set_context(sim->host, d, (const char *)(uintptr_t)op->u.hvmcontext.buffer,
                           op->u.hvmcontext.size);
    }
}

static bool obsolete(uint32_t index)
{
    return index == 4 || index == 13 || (index >= 20 && index <= 26) || index == 30;
}

static bool once(uint32_t index)
{
    return index == HVM_PARAM_VIRIDIAN || index == HVM_PARAM_IOREQ_PFN ||
           index == HVM_PARAM_BUFIOREQ_PFN || index == HVM_PARAM_IOREQ_SERVER_PFN ||
           index == HVM_PARAM_NR_IOREQ_SERVER_PAGES || index == HVM_PARAM_ALTP2M ||
           index == HVM_PARAM_MCA_CAP;
}

static int param(struct sim *sim, struct xen_hvm_param *p, bool set)
{
    struct sim_domain *d;
    int rc;

    if (p->index >= HVM_NR_PARAMS || obsolete(p->index))
        return -EINVAL;
    rc = sim_target(sim, p->domid, &d);
    if (rc)
        return rc;
    if (!d->hvm)
        return -EINVAL;
    if (!set) {
        p->value = d->params[p->index];
        return 0;
    }
    if (once(p->index) && d->params[p->index] && d->params[p->index] != p->value)
        return -EEXIST;
    d->params[p->index] = p->value;
    return 0;
}

static int mem_type(struct sim *sim, struct xen_hvm_get_mem_type *t)
{
    struct sim_domain *d;
    uint64_t *e;
    int rc = sim_target(sim, t->domid, &d);

    if (rc)
        return rc;
    if (!d->hvm)
        return -EINVAL;
    e = sim_p2m_entry(sim->host, d, t->pfn, false);
    t->mem_type = e && *e ? HVMMEM_ram_rw : HVMMEM_mmio_dm;
    return 0;
}

int sim_hvm_op(struct sim *sim, unsigned int cmd, void *arg)
{
    switch (cmd) {
    case HVMOP_set_param:
    case HVMOP_get_param:
        return param(sim, arg, cmd == HVMOP_set_param);
    case HVMOP_get_mem_type:
        return mem_type(sim, arg);
    default:
        return -ENOSYS;
    }
}

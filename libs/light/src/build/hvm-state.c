/* SPDX-License-Identifier: MIT */
/*
 * hvm-state.c - saved state with just what a guest needs to start.
 *
 * State is a chain of records: type, instance and length, then content; a header is first, an end
 * mark last. What is not in it stays as it is. The header must be the hypervisor's own, so all of
 * its state is fetched first.
 */
#include "hvm-state.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { REC_END = 0, REC_HEADER = 1, REC_CPU = 2, REC_MTRR = 14 };

struct record {
    uint16_t type, instance;
    uint32_t length;
};

/* Registers: bytes in the record. Segments are cs ds es fs gs ss tr ldtr, then idtr and gdtr. */
#define CPU_SIZE     1032U
#define CPU_RBX      520U
#define CPU_RIP      640U
#define CPU_RFLAGS   648U
#define CPU_CR0      656U
#define CPU_DR6      720U
#define CPU_DR7      728U
#define CPU_LIMITS   768U /* 32 bits each */
#define CPU_ARBYTES  888U
#define SEG_CS       0U
#define SEG_DS       1U
#define SEG_ES       2U
#define SEG_SS       5U
#define SEG_TR       6U
#define CR0_PE_ET    0x11U
#define CODE         0xc9bU
#define DATA         0xc93U
#define TSS          0x8bU
#define TSS_LIMIT    0x67U
#define DR6_DEFAULT  0xffff0ff0U
#define DR7_DEFAULT  0x400U
#define RFLAGS_FIXED 2U

#define MTRR_SIZE     240U
#define MTRR_DEF_TYPE 232U
#define MTRR_WB_ON    0x806U

static void put32(uint8_t *p, uint32_t v)
{
    memcpy(p, &v, sizeof(v));
}

static void put64(uint8_t *p, uint64_t v)
{
    memcpy(p, &v, sizeof(v));
}

/* Content of a record, or NULL; nothing is believed that leads out of the buffer. */
static const uint8_t *find(const uint8_t *state, size_t size, unsigned int type,
                           unsigned int instance, uint32_t want)
{
    struct record r;

    for (size_t at = 0; size - at >= sizeof(r); at += sizeof(r) + r.length) {
        memcpy(&r, state + at, sizeof(r));
        if (r.type == REC_END || r.length > size - at - sizeof(r))
            return NULL;
        if (r.type == type && r.instance == instance)
            return r.length >= want ? state + at + sizeof(r) : NULL;
    }
    return NULL;
}

static uint8_t *add(uint8_t *to, unsigned int type, unsigned int instance, const void *content,
                    uint32_t len)
{
    const struct record r = {(uint16_t)type, (uint16_t)instance, len};

    memcpy(to, &r, sizeof(r));
    if (len)
        memcpy(to + sizeof(r), content, len);
    return to + sizeof(r) + len;
}

static void set_segment(uint8_t *cpu, unsigned int seg, uint32_t limit, uint32_t arbytes)
{
    put32(cpu + CPU_LIMITS + seg * 4, limit);
    put32(cpu + CPU_ARBYTES + seg * 4, arbytes);
}

static void make_cpu(uint8_t *cpu, uint32_t entry, uint32_t ebx)
{
    put64(cpu + CPU_RBX, ebx);
    put64(cpu + CPU_RIP, entry);
    put64(cpu + CPU_RFLAGS, RFLAGS_FIXED);
    put64(cpu + CPU_CR0, CR0_PE_ET);
    put64(cpu + CPU_DR6, DR6_DEFAULT);
    put64(cpu + CPU_DR7, DR7_DEFAULT);
    set_segment(cpu, SEG_CS, ~0U, CODE);
    set_segment(cpu, SEG_DS, ~0U, DATA);
    set_segment(cpu, SEG_ES, ~0U, DATA);
    set_segment(cpu, SEG_SS, ~0U, DATA);
    set_segment(cpu, SEG_TR, TSS_LIMIT, TSS);
}

static int get_state(xctl_handle *h, domid_t domid, uint8_t **ret_state, uint32_t *ret_size,
                     struct xlight__why *why)
{
    uint32_t size = 0;
    uint8_t *state;
    int rc = xctl_hvm_get_context(h, domid, NULL, &size);

    if (rc)
        return xlight__why_ctrl(why, h, rc);
    state = malloc(size ? size : 1);
    if (!state)
        return xlight__why(why, -ENOMEM, "no memory for the state of the virtual machine");
    rc = xctl_hvm_get_context(h, domid, state, &size);
    if (rc) {
        free(state);
        return xlight__why_ctrl(why, h, rc);
    }
    *ret_state = state;
    *ret_size = size;
    return 0;
}

/*
 * Header, memory types of each vCPU, the CPU, end. Without memory types that are on, Linux would
 * not use its PAT.
 */
static int compose(const uint8_t *state, size_t size, unsigned int vcpus, uint32_t entry,
                   uint32_t ebx, uint8_t *to, uint32_t *ret_size, struct xlight__why *why)
{
    const uint8_t *header = find(state, size, REC_HEADER, 0, 0);
    uint8_t content[CPU_SIZE], *start = to;
    struct record r;

    if (!header || header != state + sizeof(r))
        return xlight__why(why, -EPROTO, "the hypervisor's state does not begin with a header");
    memcpy(&r, state, sizeof(r));
    to = add(to, REC_HEADER, 0, header, r.length);
    for (unsigned int i = 0; i < vcpus; i++) {
        const uint8_t *mtrr = find(state, size, REC_MTRR, i, MTRR_SIZE);

        if (!mtrr)
            return xlight__why(why, -EPROTO, "the hypervisor has no memory types of vCPU %u", i);
        memcpy(content, mtrr, MTRR_SIZE);
        put64(content + MTRR_DEF_TYPE, MTRR_WB_ON);
        to = add(to, REC_MTRR, i, content, MTRR_SIZE);
    }
    memset(content, 0, CPU_SIZE);
    make_cpu(content, entry, ebx);
    to = add(to, REC_CPU, 0, content, CPU_SIZE);
    to = add(to, REC_END, 0, NULL, 0);
    *ret_size = (uint32_t)(to - start);
    return 0;
}

int xlight__hvm_start_state(xctl_handle *h, domid_t domid, unsigned int vcpus, uint32_t entry,
                            uint32_t ebx, struct xlight__why *why)
{
    uint8_t *state = NULL, *mine = NULL;
    uint32_t size = 0, len = 0;
    int rc = get_state(h, domid, &state, &size, why);

    if (rc)
        return rc;
    /* The header is part of what was fetched. */
    mine = malloc(size + sizeof(struct record) * (vcpus + 2) + vcpus * MTRR_SIZE + CPU_SIZE);
    if (mine)
        rc = compose(state, size, vcpus, entry, ebx, mine, &len, why);
    else
        rc = xlight__why(why, -ENOMEM, "no memory for the state of the virtual machine");
    if (!rc) {
        rc = xctl_hvm_set_context(h, domid, mine, len);
        if (rc)
            xlight__why_ctrl(why, h, rc);
    }
    free(mine);
    free(state);
    return rc;
}

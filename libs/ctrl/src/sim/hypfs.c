/* SPDX-License-Identifier: MIT */
/* hypfs.c - the simulated host's settings: a few options, one of each type. */
#include <xenolith/public/hypfs.h>
#include "sim.h"

#define PTR(arg) ((void *)(uintptr_t)(arg))

struct entry {
    const char *path;
    uint8_t type;
    uint32_t size, writable; /* bytes; writable 0: not at all */
    void *content;
};

static bool find(struct sim_host *s, const char *path, struct entry *ret)
{
    const struct entry entries[] = {
        {"/", XEN_HYPFS_TYPE_DIR, 0, 0, NULL},
        {"/params", XEN_HYPFS_TYPE_DIR, 0, 0, NULL},
        {"/params/loglvl", XEN_HYPFS_TYPE_STRING, (uint32_t)strlen(s->options.loglvl) + 1,
         sizeof(s->options.loglvl), s->options.loglvl},
        {"/params/noreboot", XEN_HYPFS_TYPE_BOOL, sizeof(s->options.noreboot),
         sizeof(s->options.noreboot), &s->options.noreboot},
        {"/params/tdt", XEN_HYPFS_TYPE_UINT, sizeof(s->options.tdt), sizeof(s->options.tdt),
         &s->options.tdt},
        {"/params/sync_console", XEN_HYPFS_TYPE_BOOL, sizeof(s->options.fixed), 0,
         &s->options.fixed},
    };

    for (size_t i = 0; i < sizeof(entries) / sizeof(entries[0]); i++)
        if (!strcmp(entries[i].path, path)) {
            *ret = entries[i];
            return true;
        }
    return false;
}

static int64_t op_read(const struct entry *e, void *to, uint64_t size)
{
    const struct xen_hypfs_direntry head = {
        .type = e->type, .content_len = e->size, .max_write_len = e->writable};

    if (size < sizeof(head))
        return -EINVAL;
    memcpy(to, &head, sizeof(head));
    if (size - sizeof(head) < e->size)
        return -ENOBUFS;
    if (e->size)
        memcpy((char *)to + sizeof(head), e->content, e->size);
    return 0;
}

static int64_t op_write(const struct entry *e, const void *from, uint64_t size)
{
    if (!e->writable)
        return -EACCES;
    if (size > e->writable)
        return -ENOSPC;
    if (e->type == XEN_HYPFS_TYPE_STRING
            ? !size || memchr(from, 0, size) != (const char *)from + size - 1
            : size != e->size)
        return -EINVAL;
    memcpy(e->content, from, size);
    return 0;
}

int64_t sim_hypfs_op(struct sim *sim, const uint64_t args[5])
{
    struct entry e;

    if (!sim_domain(sim->host, sim->domid)->privileged)
        return -EPERM;
    if (args[0] == XEN_HYPFS_OP_get_version)
        return XEN_HYPFS_VERSION;
    if (args[2] < 2 || args[2] > XEN_HYPFS_MAX_PATHLEN ||
        strnlen(PTR(args[1]), args[2]) != args[2] - 1)
        return -EINVAL;
    if (!find(sim->host, PTR(args[1]), &e))
        return -ENOENT;
    if (args[0] == XEN_HYPFS_OP_read)
        return op_read(&e, PTR(args[3]), args[4]);
    return args[0] == XEN_HYPFS_OP_write_contents ? op_write(&e, PTR(args[3]), args[4]) : -ENOSYS;
}

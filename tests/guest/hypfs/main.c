/* SPDX-License-Identifier: MIT */
/*
 * hypfs_op: a walk over the whole tree as a tool does it, the values of the build, and every wrong
 * way to ask.
 */
#include "guest.h"
#include <public/hypfs.h>

static _Alignas(4096) uint8_t buffer[4096];

static long read_path(const char *path, unsigned long size)
{
    return hypercall(hypfs_op, XEN_HYPFS_OP_read, path, strlen(path) + 1, buffer, size);
}

static unsigned int walk(const char *dir, unsigned int depth)
{
    const struct xen_hypfs_direntry *head = (void *)buffer;
    static struct {
        char names[64][32];
        uint8_t type[64];
        unsigned int nr;
    } level[4];
    unsigned int leaves = 0;
    char path[128];

    CHECK_EQ(read_path(dir, sizeof(buffer)), 0);
    CHECK_EQ(head->type, XEN_HYPFS_TYPE_DIR);
    CHECK_EQ(head->max_write_len, 0);
    level[depth].nr = 0;
    for (uint32_t at = 0; at < head->content_len;) {
        const struct xen_hypfs_dirlistentry *e = (void *)(buffer + sizeof(*head) + at);

        CHECK(level[depth].nr < 64 && strlen(e->name) < 32);
        memcpy(level[depth].names[level[depth].nr], e->name, strlen(e->name) + 1);
        level[depth].type[level[depth].nr++] = e->e.type;
        if (!e->off_next)
            break;
        at += e->off_next;
    }
    for (unsigned int i = 0; i < level[depth].nr; i++) {
        size_t n = strlen(dir) > 1 ? strlen(dir) : 0;

        memcpy(path, dir, n);
        path[n] = '/';
        memcpy(path + n + 1, level[depth].names[i], strlen(level[depth].names[i]) + 1);
        if (level[depth].type[i] == XEN_HYPFS_TYPE_DIR) {
            CHECK(depth < 3);
            leaves += walk(path, depth + 1);
        } else {
            CHECK_EQ(read_path(path, sizeof(buffer)), 0);
            CHECK_EQ(((const struct xen_hypfs_direntry *)(void *)buffer)->type,
                     level[depth].type[i]);
            leaves++;
        }
    }
    return leaves;
}

static void check_values(void)
{
    const struct xen_hypfs_direntry *head = (void *)buffer;
    const uint8_t *content = buffer + sizeof(*head);
    static xen_changeset_info_t changeset;
    uint32_t minor;

    CHECK_EQ(read_path("/buildinfo/version/minor", sizeof(buffer)), 0);
    CHECK_EQ(head->type, XEN_HYPFS_TYPE_UINT);
    CHECK_EQ(head->content_len, 4);
    memcpy(&minor, content, 4);
    CHECK_EQ(minor, 17);
    CHECK_EQ(hypercall(xen_version, XENVER_changeset, changeset), 0);
    CHECK_EQ(read_path("/buildinfo/changeset", sizeof(buffer)), 0);
    CHECK_EQ(head->type, XEN_HYPFS_TYPE_STRING);
    CHECK_EQ(head->content_len, strlen(changeset) + 1);
    CHECK_EQ(memcmp(content, changeset, head->content_len), 0);
}

static void check_misuse(void)
{
    const struct xen_hypfs_direntry *head = (void *)buffer;
    static const char dir[] = "/buildinfo/", plain[] = "buildinfo", good[] = "/buildinfo/version/minor";

    CHECK_EQ(read_path("/nothing", sizeof(buffer)), -XEN_ENOENT);
    CHECK_EQ(read_path("/buildinfo/version/minor/x", sizeof(buffer)), -XEN_ENOENT);
    CHECK_EQ(read_path("/build", sizeof(buffer)), -XEN_ENOENT);
    CHECK_EQ(read_path(plain, sizeof(buffer)), -XEN_EINVAL);
    CHECK_EQ(read_path(dir, sizeof(buffer)), 0);
    /* A length that is not the string's. */
    CHECK_EQ(hypercall(hypfs_op, XEN_HYPFS_OP_read, good, 0, buffer, 4096), -XEN_EINVAL);
    CHECK_EQ(hypercall(hypfs_op, XEN_HYPFS_OP_read, good, 5, buffer, 4096), -XEN_EINVAL);
    CHECK_EQ(hypercall(hypfs_op, XEN_HYPFS_OP_read, good, 1025, buffer, 4096), -XEN_EINVAL);
    CHECK_EQ(hypercall(hypfs_op, XEN_HYPFS_OP_read, NONCANON, sizeof(good), buffer, 4096),
             -XEN_EFAULT);
    CHECK_EQ(hypercall(hypfs_op, XEN_HYPFS_OP_read, good, sizeof(good), NONCANON, 4096),
             -XEN_EFAULT);
    /* Too small for the content: the head says how much is needed. */
    head = (void *)buffer;
    memset(buffer, 0, 64);
    CHECK_EQ(read_path(good, sizeof(*head) + 3), -XEN_ENOBUFS);
    CHECK_EQ(head->content_len, 4);
    CHECK_EQ(read_path(good, sizeof(*head) - 1), -XEN_EINVAL);
    CHECK_EQ(hypercall(hypfs_op, XEN_HYPFS_OP_write_contents, good, sizeof(good), buffer, 4),
             -XEN_EACCES);
    CHECK_EQ(hypercall(hypfs_op, XEN_HYPFS_OP_get_version, 0, 0, 0, 0), XEN_HYPFS_VERSION);
    CHECK_EQ(hypercall(hypfs_op, XEN_HYPFS_OP_get_version, 1, 0, 0, 0), -XEN_EINVAL);
    CHECK_EQ(hypercall(hypfs_op, 3, good, sizeof(good), buffer, 4096), -XEN_EOPNOTSUPP);
}

void test_main(void)
{
    CHECK(walk("/", 0) > 8);
    check_values();
    check_misuse();
    success();
}

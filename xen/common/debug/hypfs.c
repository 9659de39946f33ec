/* SPDX-License-Identifier: MIT */
/*
 * hypfs.c - hypercall hypfs_op: a read-only tree of what this build is and how it is set up.
 *
 *   /buildinfo    changeset, compileinfo, version: what version.c says
 *   /params       options of the command line, as they are
 *
 * Entries are rows with whole paths; a directory is what rows have in common. All of it is constant
 * after boot, so no lock.
 */
#include <xen/guest-access.h>
#include <xen/hypercall.h>
#include <xen/lib.h>
#include <xen/mm.h>
#include <xen/param.h>
#include <xen/sched.h>
#include <public/hypfs.h>
#include "private.h"

#define ENTRY_ALIGN _Alignof(struct xen_hypfs_direntry)
#define NAME_OFFSET offsetof(struct xen_hypfs_dirlistentry, name)
#define MAX_CONTENT (PAGE_SIZE - sizeof(struct xen_hypfs_direntry))

extern const struct param __params_start[], __params_end[];
extern const char __init_start[], __init_end[];

struct entry {
    char path[96];
    u8 type;
    u32 len;
    const void *content;
};

static const struct entry build_rows[] = {
#define TEXT(p, t)                                   \
    {                                                \
        p, XEN_HYPFS_TYPE_STRING, 0, &version_info.t \
    }
#define NUMBER(p, n)                                         \
    {                                                        \
        p, XEN_HYPFS_TYPE_UINT, sizeof(u32), &version_info.n \
    }
    TEXT("/buildinfo/changeset", changeset),
    TEXT("/buildinfo/compileinfo/compile_by", compile_by),
    TEXT("/buildinfo/compileinfo/compile_date", compile_date),
    TEXT("/buildinfo/compileinfo/compile_domain", compile_domain),
    TEXT("/buildinfo/compileinfo/compiler", compiler),
    TEXT("/buildinfo/version/extra", extra),
    NUMBER("/buildinfo/version/major", major),
    NUMBER("/buildinfo/version/minor", minor),
};

static void set_text(struct entry *e, const char *text)
{
    e->type = XEN_HYPFS_TYPE_STRING;
    e->content = text;
    e->len = (u32)strlen(text) + 1;
}

/*
 * An option with a value that is still there. Others do something when they are read, or were only
 * looked at while booting.
 */
static bool param_entry(const struct param *p, struct entry *e)
{
    if ((const char *)p->var >= __init_start && (const char *)p->var < __init_end)
        return false;
    snprintf(e->path, sizeof(e->path), "/params/%s", p->name);
    e->content = p->var;
    switch (p->kind) {
    case PARAM_BOOL:
        e->type = XEN_HYPFS_TYPE_BOOL;
        e->len = sizeof(bool);
        return true;
    case PARAM_UINT:
        e->type = XEN_HYPFS_TYPE_UINT;
        e->len = sizeof(u32);
        return true;
    case PARAM_SIZE:
        e->type = XEN_HYPFS_TYPE_UINT;
        e->len = sizeof(u64);
        return true;
    case PARAM_STRING:
        set_text(e, p->var);
        return true;
    case PARAM_CUSTOM:
        break;
    }
    return false;
}

/* Row number i, -ENOENT at the end, or -EAGAIN where there is none to see. */
static int get_entry(unsigned int i, struct entry *e)
{
    const struct param *p;

    if (i < ARRAY_SIZE(build_rows)) {
        *e = build_rows[i];
        if (e->type == XEN_HYPFS_TYPE_STRING)
            set_text(e, *(const char *const *)e->content);
        return 0;
    }
    p = __params_start + (i - ARRAY_SIZE(build_rows));
    if (p >= __params_end)
        return -ENOENT;
    return param_entry(p, e) ? 0 : -EAGAIN;
}

/* The name below dir that path leads through; its length, 0: path is not below dir. */
static size_t component_below(const char *path, const char *dir, const char **ret_name)
{
    size_t n = strlen(dir), len = 0;

    if (n == 1)
        n = 0; /* the root: "/" */
    if (strncmp(path, dir, n) || path[n] != '/')
        return 0;
    *ret_name = path + n + 1;
    while ((*ret_name)[len] && (*ret_name)[len] != '/')
        len++;
    return len;
}

/* --- reading --- */

struct output {
    u8 *content;
    u32 len;
    struct xen_hypfs_dirlistentry *last;
};

static bool listed(const struct output *out, const char *name, size_t len)
{
    for (u32 at = 0; out->last && at < out->len;) {
        struct xen_hypfs_dirlistentry *item = (void *)(out->content + at);

        if (strlen(item->name) == len && !strncmp(item->name, name, len))
            return true;
        if (!item->off_next)
            break;
        at += item->off_next;
    }
    return false;
}

static int list_one(struct output *out, const struct entry *e, const char *name, size_t len)
{
    u32 size = (u32)ROUNDUP(NAME_OFFSET + len + 1, ENTRY_ALIGN);
    struct xen_hypfs_dirlistentry *item = (void *)(out->content + out->len);
    bool is_dir = name[len] == '/';

    if (listed(out, name, len))
        return 0;
    if (size > MAX_CONTENT - out->len)
        return -ENOBUFS;
    item->e.type = is_dir ? XEN_HYPFS_TYPE_DIR : e->type;
    item->e.content_len = is_dir ? 0 : e->len;
    memcpy(item->name, name, len); /* the page is zeroed */
    if (out->last)
        out->last->off_next = (u16)((u8 *)item - (u8 *)out->last);
    out->last = item;
    out->len += size;
    return 0;
}

static int read_dir(const char *path, struct output *out)
{
    struct entry e;
    const char *name;
    int rc;

    for (unsigned int i = 0; (rc = get_entry(i, &e)) != -ENOENT; i++) {
        size_t len = rc ? 0 : component_below(e.path, path, &name);

        rc = len ? list_one(out, &e, name, len) : 0;
        if (rc)
            return rc;
    }
    return out->last ? 0 : -ENOENT;
}

static int read_path(const char *path, struct xen_hypfs_direntry *ret_head, struct output *out)
{
    struct entry e;
    int rc;

    for (unsigned int i = 0; (rc = get_entry(i, &e)) != -ENOENT; i++) {
        if (rc || strcmp(e.path, path))
            continue;
        if (e.len > MAX_CONTENT)
            return -ENOBUFS;
        memcpy(out->content, e.content, e.len);
        out->len = e.len;
        ret_head->type = e.type;
        ret_head->content_len = e.len;
        return 0;
    }
    rc = read_dir(path, out);
    if (rc)
        return rc;
    ret_head->type = XEN_HYPFS_TYPE_DIR;
    ret_head->content_len = out->len;
    return 0;
}

static long op_read(const char *path, unsigned long ubuf, unsigned long size)
{
    struct xen_hypfs_direntry head = {.encoding = XEN_HYPFS_ENC_PLAIN};
    struct output out = {.content = alloc_xenheap_page()};
    long rc;

    if (!out.content)
        return -ENOMEM;
    rc = read_path(path, &head, &out);
    if (!rc && size < sizeof(head))
        rc = -EINVAL;
    if (!rc && copy_to_guest(ubuf, &head, sizeof(head)))
        rc = -EFAULT;
    /* The caller learns from the head how much it needs. */
    if (!rc && size - sizeof(head) < out.len)
        rc = -ENOBUFS;
    if (!rc && copy_to_guest(ubuf + sizeof(head), out.content, out.len))
        rc = -EFAULT;
    free_xenheap_page(out.content);
    return rc;
}

static long op_write(const char *path)
{
    struct xen_hypfs_direntry head;
    struct output out = {.content = alloc_xenheap_page()};
    long rc;

    if (!out.content)
        return -ENOMEM;
    rc = read_path(path, &head, &out);
    free_xenheap_page(out.content);
    return rc ? rc : -EACCES;
}

static int get_path(char *path, unsigned long upath, unsigned long len)
{
    if (len < 2 || len > XEN_HYPFS_MAX_PATHLEN)
        return -EINVAL;
    if (copy_from_guest(path, upath, len))
        return -EFAULT;
    if (path[0] != '/' || strnlen(path, len) != len - 1)
        return -EINVAL;
    if (len > 2 && path[len - 2] == '/')
        path[len - 2] = '\0'; /* "/dir/" means "/dir" */
    return 0;
}

long do_hypfs_op(unsigned long cmd, unsigned long upath, unsigned long len, unsigned long ubuf,
                 unsigned long size)
{
    static char path[XEN_HYPFS_MAX_PATHLEN]; /* too large for the stack; path_lock */
    static DEFINE_SPINLOCK(path_lock, LOCK_RANK_DOMCTL);
    long rc;

    if (!current->domain->is_control)
        return -EPERM;
    if ((u32)cmd == XEN_HYPFS_OP_get_version)
        return upath || len || ubuf || size ? -EINVAL : XEN_HYPFS_VERSION;
    if ((u32)cmd != XEN_HYPFS_OP_read && (u32)cmd != XEN_HYPFS_OP_write_contents)
        return -EOPNOTSUPP;
    if (!spin_trylock(&path_lock))
        return hypercall_continue(__HYPERVISOR_hypfs_op, 5, cmd, upath, len, ubuf, size);
    rc = get_path(path, upath, len);
    if (!rc)
        rc = (u32)cmd == XEN_HYPFS_OP_read ? op_read(path, ubuf, size) : op_write(path);
    spin_unlock(&path_lock);
    return rc;
}

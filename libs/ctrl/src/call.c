/* SPDX-License-Identifier: MIT */
/* call.c - hypercalls of each shape: argument and buffers in, call, results out, failure told. */
#include "private.h"
#include <stdio.h>

/* The call itself. Swappable buffers can be missing at the wrong moment: then once more. */
int64_t xctl__hypervisor(xctl_handle *h, unsigned int op, const uint64_t args[5])
{
    int64_t rc;

    for (int try = 0;; try++) {
        rc = h->restricted ? -EPERM : h->be->hypercall(h, op, args);
        if (rc != -EFAULT || try >= h->efault_retries)
            return rc;
    }
}

/* For operations that are one structure: op(arg). */
static int64_t call_struct(xctl_handle *h, unsigned int op, void *arg, size_t size,
                           struct xctl__bounce *b, unsigned int nr)
{
    uint64_t args[5] = {0};
    int64_t rc = xctl__bounce_start(h, b, nr);
    void *copy = NULL;

    if (rc)
        return rc;
    copy = xctl__buf_get(h, size);
    if (!copy) {
        xctl__bounce_end(h, b, nr, false);
        return -ENOMEM;
    }
    memcpy(copy, arg, size);
    args[0] = (uintptr_t)copy;
    rc = xctl__hypervisor(h, op, args);
    memcpy(arg, copy, size);
    xctl__buf_put(h, copy, size);
    xctl__bounce_end(h, b, nr, rc >= 0);
    return rc;
}

/*
 * -EACCES from domctl or sysctl means another version nearly always. Which one it is the
 * hypervisor does not say, but it can be found out with a harmless operation.
 */
static int find_version(xctl_handle *h, bool domctl, uint32_t *ret_version)
{
    for (uint32_t v = 1; v < 0x80; v++) {
        struct xen_domctl d = {.cmd = XEN_DOMCTL_getdomaininfo, .interface_version = v};
        struct xen_sysctl s = {.cmd = XEN_SYSCTL_sched_id, .interface_version = v};
        int64_t rc = domctl ? call_struct(h, __HYPERVISOR_domctl, &d, sizeof(d), NULL, 0)
                            : call_struct(h, __HYPERVISOR_sysctl, &s, sizeof(s), NULL, 0);

        if (rc != -EACCES) {
            *ret_version = v;
            return rc < 0 && rc != -ESRCH ? (int)rc : 0;
        }
    }
    return -ENOENT;
}

static int tell_version(xctl_handle *h, domid_t domid, bool domctl, uint32_t ours, const char *verb)
{
    const char *name = domctl ? "domctl" : "sysctl";
    uint32_t theirs;

    if (find_version(h, domctl, &theirs))
        xctl__fail(h, -EACCES, domid,
                   "we speak %s 0x%x (Xen " XCTL_XEN_RELEASE
                   "), the hypervisor another version that could not be found out",
                   name, ours);
    else if (theirs == ours)
        return xctl__failed(h, -EACCES, domid, verb, name);
    else
        xctl__fail(h, -EACCES, domid,
                   "we speak %s 0x%x (Xen " XCTL_XEN_RELEASE "), the hypervisor 0x%x", name, ours,
                   theirs);
    return xctl__wrap(h, -EACCES, domid, "cannot %s", verb);
}

int xctl__domctl(xctl_handle *h, struct xen_domctl *op, struct xctl__bounce *b, unsigned int nr,
                 const char *verb)
{
    char part[32];
    int64_t rc;

    op->interface_version = XEN_DOMCTL_INTERFACE_VERSION;
    rc = call_struct(h, __HYPERVISOR_domctl, op, sizeof(*op), b, nr);
    if (rc >= 0)
        return (int)rc;
    if (rc == -EACCES)
        return tell_version(h, op->domain, true, XEN_DOMCTL_INTERFACE_VERSION, verb);
    snprintf(part, sizeof(part), "domctl %u", op->cmd);
    return xctl__failed(h, (int)rc, op->domain, verb, part);
}

int xctl__sysctl(xctl_handle *h, struct xen_sysctl *op, struct xctl__bounce *b, unsigned int nr,
                 const char *verb)
{
    char part[32];
    int64_t rc;

    op->interface_version = XEN_SYSCTL_INTERFACE_VERSION;
    rc = call_struct(h, __HYPERVISOR_sysctl, op, sizeof(*op), b, nr);
    if (rc >= 0)
        return (int)rc;
    if (rc == -EACCES)
        return tell_version(h, XCTL_NO_DOMAIN, false, XEN_SYSCTL_INTERFACE_VERSION, verb);
    snprintf(part, sizeof(part), "sysctl %u", op->cmd);
    return xctl__failed(h, (int)rc, XCTL_NO_DOMAIN, verb, part);
}

int xctl__platform(xctl_handle *h, struct xen_platform_op *op, struct xctl__bounce *b,
                   unsigned int nr, const char *verb)
{
    char part[32];
    int64_t rc;

    op->interface_version = XENPF_INTERFACE_VERSION;
    rc = call_struct(h, __HYPERVISOR_platform_op, op, sizeof(*op), b, nr);
    if (rc >= 0)
        return (int)rc;
    snprintf(part, sizeof(part), "platform operation %u", op->cmd);
    return xctl__failed(h, (int)rc, XCTL_NO_DOMAIN, verb, part);
}

/* op(cmd, arg) */
static int64_t call_cmd(xctl_handle *h, unsigned int op, unsigned int cmd, void *arg, size_t size,
                        struct xctl__bounce *b, unsigned int nr)
{
    uint64_t args[5] = {cmd};
    int64_t rc = xctl__bounce_start(h, b, nr);
    void *copy = NULL;

    if (rc)
        return rc;
    if (arg) {
        copy = xctl__buf_get(h, size);
        if (!copy) {
            xctl__bounce_end(h, b, nr, false);
            return -ENOMEM;
        }
        memcpy(copy, arg, size);
        args[1] = (uintptr_t)copy;
    }
    if (op == __HYPERVISOR_grant_table_op)
        args[2] = 1;
    rc = xctl__hypervisor(h, op, args);
    if (arg)
        memcpy(arg, copy, size);
    xctl__buf_put(h, copy, size);
    xctl__bounce_end(h, b, nr, rc >= 0);
    return rc;
}

int64_t xctl__simple(xctl_handle *h, unsigned int op, unsigned int cmd, domid_t domid, void *arg,
                     size_t size, struct xctl__bounce *b, unsigned int nr, const char *verb)
{
    int64_t rc = call_cmd(h, op, cmd, arg, size, b, nr);
    char part[40];

    if (rc >= 0)
        return rc;
    snprintf(part, sizeof(part), "hypercall %u, operation %u", op, cmd);
    return xctl__failed(h, (int)rc, domid, verb, part);
}

/* A multicall of one entry: its result field has 64 bits, the kernel's own answer only 32. */
static int64_t call_memory(xctl_handle *h, unsigned int cmd, void *arg, size_t size,
                           struct xctl__bounce *b, unsigned int nr)
{
    struct multicall_entry *entry = NULL;
    uint64_t args[5] = {0, 1};
    int64_t rc = xctl__bounce_start(h, b, nr);
    void *copy = NULL;

    if (rc)
        return rc;
    entry = xctl__buf_get(h, sizeof(*entry));
    copy = arg ? xctl__buf_get(h, size) : NULL;
    if (!entry || (arg && !copy)) {
        rc = -ENOMEM;
    } else {
        memset(entry, 0, sizeof(*entry));
        if (arg)
            memcpy(copy, arg, size);
        entry->op = __HYPERVISOR_memory_op;
        entry->args[0] = cmd;
        entry->args[1] = (uintptr_t)copy;
        args[0] = (uintptr_t)entry;
        rc = xctl__hypervisor(h, __HYPERVISOR_multicall, args);
        if (rc >= 0)
            rc = (int64_t)entry->result;
        if (arg)
            memcpy(arg, copy, size);
    }
    xctl__buf_put(h, copy, size);
    xctl__buf_put(h, entry, sizeof(*entry));
    xctl__bounce_end(h, b, nr, rc >= 0);
    return rc;
}

int64_t xctl__memory(xctl_handle *h, unsigned int cmd, domid_t domid, void *arg, size_t size,
                     struct xctl__bounce *b, unsigned int nr, const char *verb)
{
    int64_t rc = call_memory(h, cmd, arg, size, b, nr);
    char part[40];

    if (rc >= 0)
        return rc;
    snprintf(part, sizeof(part), "memory operation %u", cmd);
    return xctl__failed(h, (int)rc, domid, verb, part);
}

int xctl__mmu_list(xctl_handle *h, unsigned int op, domid_t domid, const void *list,
                   size_t entry_size, unsigned int count, unsigned int *ret_done, const char *verb)
{
    uint64_t args[5] = {0, count, 0, domid};
    unsigned int done = 0;
    struct xctl__bounce b[] = {
        BOUNCE(args[0], list, entry_size * count, IN),
        BOUNCE(args[2], &done, sizeof(done), OUT),
    };
    int64_t rc = xctl__bounce_start(h, b, ARRAY_SIZE(b));
    char part[40];

    if (rc)
        return xctl__failed(h, (int)rc, domid, verb, "hypercall buffer");
    rc = xctl__hypervisor(h, op, args);
    /* How many were done matters most when something failed. */
    memcpy(&done, b[1].copy, sizeof(done));
    xctl__bounce_end(h, b, ARRAY_SIZE(b), false);
    if (ret_done)
        *ret_done = done;
    if (rc >= 0)
        return 0;
    snprintf(part, sizeof(part), "hypercall %u, entry %u of %u", op, done, count);
    return xctl__failed(h, (int)rc, domid, verb, part);
}

int xctl_hypercall(xctl_handle *h, unsigned int op, const uint64_t args[5], int64_t *ret_result)
{
    int64_t rc = xctl__hypervisor(h, op, args);
    char part[32];

    if (rc < 0) {
        snprintf(part, sizeof(part), "hypercall %u", op);
        return xctl__failed(h, (int)rc, XCTL_NO_DOMAIN, "make a hypercall", part);
    }
    if (ret_result)
        *ret_result = rc;
    return 0;
}

int xctl_check_version(xctl_handle *h)
{
    struct xen_domctl d = {.cmd = XEN_DOMCTL_getdomaininfo};
    struct xen_sysctl s = {.cmd = XEN_SYSCTL_sched_id};
    int rc = xctl__sysctl(h, &s, NULL, 0, "talk to the hypervisor");

    if (!rc)
        rc = xctl__domctl(h, &d, NULL, 0, "talk to the hypervisor");
    return rc;
}

/* SPDX-License-Identifier: MIT */
/* build.c - the domain gets its content, its place in the store, and its start. */
#include "life.h"
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#define CONSOLE_MS 10000 /* until the console daemon must have answered */

static int open_file(struct life_create *k, const char *path, int *ret_fd,
                     struct xlight__blob *ret_b)
{
    int rc = 0;

    k->h->why.nr = 0;
    /* A pipe without a writer would keep us here. */
    *ret_fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
    if (*ret_fd < 0)
        rc = xlight__fail(k->h, -errno, k->domid, "%s", strerrordesc_np(errno));
    else
        rc = xlight__blob_file(*ret_fd, ret_b, &k->h->why);
    return rc ? xlight__wrap(k->h, rc, k->domid, "cannot read %s", path) : 0;
}

static int load(struct life_create *k, const char *kernel, const char *ramdisk)
{
    const struct xlight__kernel_options o = {.cache_dir = k->h->cache_dir};
    int rc = open_file(k, kernel, &k->kernel_fd, &k->kernel_file);

    if (!rc && ramdisk)
        rc = open_file(k, ramdisk, &k->ramdisk_fd, &k->ramdisk);
    if (rc)
        return rc;
    k->h->why.nr = 0;
    rc = xlight__kernel_load(&k->kernel_file, &o, &k->kernel, &k->h->why);
    return rc ? xlight__wrap(k->h, rc, k->domid, "cannot use %s as kernel", kernel) : 0;
}

/* What a boot loader finds is loaded when it has done so. */
int life_load(xlight_op *op, void *state)
{
    struct life_create *k = state;

    (void)op;
    return k->c->bootloader ? 0 : load(k, k->c->kernel, k->c->ramdisk);
}

int life_boot(xlight_op *op, void *state)
{
    struct life_create *k = state;

    return k->c->bootloader ? xlight__boot_add(op, k->domid, k->c, &k->boot) : 0;
}

/* The files are open then, and copies of them are not needed any more. */
int life_load_chosen(xlight_op *op, void *state)
{
    struct life_create *k = state;
    char *args = k->boot.args;
    int rc = k->boot.kernel ? load(k, k->boot.kernel, k->boot.ramdisk) : 0;

    (void)op;
    k->boot.args = NULL;
    xlight__boot_forget(&k->boot);
    k->boot.args = args;
    return rc;
}

/* Where a daemon runs; in Dom0 unless it says otherwise. */
static int find_daemon(struct life_create *k, const char *path, domid_t *ret_domid)
{
    uint64_t domid = 0;
    int rc = k->h->store ? xstore_read_u64(k->h->store, XBT_NULL, path, &domid) : -ENOTCONN;

    if (rc && rc != -ENOENT && k->h->store)
        return xlight__fail_store(k->h, rc, k->domid, "cannot see where the daemons are");
    if (rc && rc != -ENOENT)
        return xlight__fail(k->h, rc, k->domid, "this host has no store");
    if (domid >= DOMID_FIRST_RESERVED)
        return xlight__fail(k->h, -ERANGE, k->domid, "%s is no domain's id", path);
    *ret_domid = (domid_t)domid;
    return 0;
}

int life_settle(xlight_op *op, void *state)
{
    struct life_create *k = state;
    const struct xlight__home home = {k->domid, k->c->name, k->c->uuid, k->c->type, k->moved};
    struct xlight__build *b = &k->build;
    int rc = find_daemon(k, "/tool/xenstored/domid", &b->store_domid);

    (void)op;
    if (!rc)
        rc = find_daemon(k, "/tool/xenconsoled/domid", &b->console_domid);
    if (rc)
        return rc;
    /* Whatever comes of it: nothing else can have put nodes there. */
    k->home = true;
    rc = xlight__home_create(k->h, &home);
    if (rc == -EEXIST)
        k->home = false;
    return rc;
}

int life_settle_undo(xlight_op *op, void *state)
{
    struct life_create *k = state;

    (void)op;
    return k->home ? life_remove_home(k->h, k->domid) : 0;
}

static unsigned int online_vcpus(const struct xlight_config *c)
{
    unsigned int nr = 0;

    while (nr < c->avail_vcpus.nr && c->avail_vcpus.bytes[nr / 8] >> nr % 8 & 1)
        nr++;
    return nr;
}

/* The guest's ends of its connections to the daemons. */
int life_make_ports(struct life_create *k)
{
    struct xlight__build *b = &k->build;
    int rc = xctl_domain_alloc_port(k->h->ctrl, k->domid, b->store_domid, &b->store_port);

    if (!rc)
        rc = xctl_domain_alloc_port(k->h->ctrl, k->domid, b->console_domid, &b->console_port);
    return rc ? xlight__fail_ctrl(k->h, rc, k->domid, "cannot make event channels") : 0;
}

int life_build(xlight_op *op, void *state)
{
    struct life_create *k = state;
    struct xlight__build *b = &k->build;
    int rc;

    (void)op;
    b->h = k->h->ctrl;
    b->domid = k->domid;
    b->kernel = k->kernel;
    b->ramdisk = k->ramdisk_fd >= 0 ? &k->ramdisk : NULL;
    b->cmdline = k->boot.args ? k->boot.args : k->c->cmdline;
    b->pages = k->c->memory_kb / 4;
    b->max_pages = k->c->max_memory_kb / 4;
    b->max_vcpus = (unsigned int)k->c->max_vcpus;
    b->vcpus = online_vcpus(k->c);
    b->claim = k->c->claim_mode != XLIGHT_NO;
    rc = life_make_ports(k);
    if (rc)
        return rc;
    k->h->why.nr = 0;
    rc = life_is_hvm(k->c) ? xlight__build_pvh(b, &k->built, &k->h->why)
                           : xlight__build_pv(b, &k->built, &k->h->why);
    if (rc)
        xlight__why_domain(&k->h->why, k->domid);
    /* It can have hundreds of megabytes. */
    xlight__kernel_free(k->kernel);
    k->kernel = NULL;
    return rc;
}

int life_publish(xlight_op *op, void *state)
{
    struct life_create *k = state;
    const struct xlight__home home = {k->domid, k->c->name, k->c->uuid, k->c->type, k->moved};
    const struct xlight__home_built b = {k->built.store_frame, k->built.console_frame,
                                         k->build.store_port, k->build.console_port,
                                         k->build.console_domid};

    (void)op;
    return xlight__home_publish(k->h, &home, k->c, &b);
}

int life_await_console(xlight_op *op, void *state)
{
    struct life_create *k = state;
    char path[XSTORE_PATH_SIZE], *tty = NULL;
    bool there, late = xlight__op_expired(op, CONSOLE_MS);
    int rc;

    xstore_path(path, "/local/domain/%u/console/tty", k->domid);
    rc = xlight__op_watch(op, path);
    if (rc)
        return rc;
    rc = xstore_read(k->h->store, XBT_NULL, path, &tty, NULL);
    if (rc)
        return xlight__fail_store(k->h, rc, k->domid, "cannot see the console");
    there = *tty;
    free(tty);
    if (there)
        return 0;
    return late ? xlight__fail(k->h, -ETIMEDOUT, k->domid,
                               "the domain gets no console within %d s; does xenconsoled run?",
                               CONSOLE_MS / 1000)
                : -EAGAIN;
}

int life_save(xlight_op *op, void *state)
{
    struct life_create *k = state;

    (void)op;
    return xlight__state_save(k->h, k->domid, k->c->uuid, k->c);
}

int life_save_undo(xlight_op *op, void *state)
{
    struct life_create *k = state;

    (void)op;
    return xlight__state_remove(k->h, k->domid, k->c->uuid);
}

int life_start(xlight_op *op, void *state)
{
    struct life_create *k = state;
    int rc = k->paused ? 0 : xctl_domain_unpause(k->h->ctrl, k->domid);

    (void)op;
    return rc ? xlight__fail_ctrl(k->h, rc, k->domid, "cannot start the domain") : 0;
}

/* SPDX-License-Identifier: MIT */
/*
 * home.c - the nodes of a domain in the store: /local/domain/D for itself, /vm/UUID, and /libxl/D
 * for toolstacks. Names, values and permissions are those of Xen's toolstack, so that all others
 * find what they look for.
 */
#include "../device/dev.h"
#include "state.h"
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/time.h>

#define LIMIT 1048576 /* bytes of console output that are kept when nobody reads */

/* Requests of one transaction; after a failure the others are left out. */
struct writer {
    xlight_handle *h;
    xs_transaction_t t;
    domid_t domid;
    int rc;
    char root[64]; /* what paths are below */
};

static const char *make_path(char buf[XSTORE_PATH_SIZE], const struct writer *w, const char *name)
{
    return xstore_path(buf, "%s%s%s", w->root, *name ? "/" : "", name);
}

__attribute__((format(printf, 3, 4))) static void put(struct writer *w, const char *name,
                                                      const char *format, ...)
{
    char path[XSTORE_PATH_SIZE], value[2048];
    va_list args;

    if (w->rc)
        return;
    va_start(args, format);
    if (vsnprintf(value, sizeof(value), format, args) >= (int)sizeof(value))
        w->rc = -E2BIG;
    va_end(args);
    if (!w->rc)
        w->rc = xstore_write_string(w->h->store, w->t, make_path(path, w, name), value);
}

/* Who may: Dom0 as owner and the guest reads, or the guest owns, or Dom0 alone. */
enum access { GUEST_READS, GUEST_OWNS, NOBODY, FRONTEND };

static void allow(struct writer *w, const char *name, enum access access)
{
    struct xs_permissions p[2] = {{.id = 0, .perms = XS_PERM_NONE},
                                  {.id = w->domid, .perms = XS_PERM_READ}};
    char path[XSTORE_PATH_SIZE];

    if (access == GUEST_OWNS || access == FRONTEND)
        p[0].id = w->domid;
    if (access == FRONTEND)
        p[1].id = 0;
    if (!w->rc)
        w->rc = xstore_set_perms(w->h->store, w->t, make_path(path, w, name), p,
                                 access == GUEST_READS || access == FRONTEND ? 2 : 1);
}

static void make(struct writer *w, const char *name, enum access access)
{
    char path[XSTORE_PATH_SIZE];

    if (!w->rc)
        w->rc = xstore_mkdir(w->h->store, w->t, make_path(path, w, name));
    allow(w, name, access);
}

static void drop(struct writer *w, const char *path)
{
    if (w->rc)
        return;
    w->rc = xstore_rm(w->h->store, w->t, path);
    /* Not even the node above. */
    if (w->rc == -ENOENT)
        w->rc = 0;
}

__attribute__((format(printf, 2, 3))) static void go(struct writer *w, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(w->root, sizeof(w->root), format, args);
    va_end(args);
}

/* 1: this node of domid, "name" or "vm", has this value, and the domain is there; 0: not. */
static int has_value(xlight_handle *h, xs_transaction_t t, unsigned int domid, const char *node,
                     const char *wanted)
{
    struct xen_domctl_getdomaininfo info;
    char *value;
    int rc =
        xstore_read(h->store, t, XSTORE_PATH("/local/domain/%u/%s", domid, node), &value, NULL);
    bool same;

    if (rc)
        return rc == -ENOENT ? 0
                             : xlight__fail_store(h, rc, domid, "cannot see a domain's %s", node);
    same = !strcmp(value, wanted);
    free(value);
    if (!same)
        return 0;
    /* A toolstack that was killed can have left the nodes of a domain that is gone. */
    rc = xctl_domain_info(h->ctrl, (domid_t)domid, &info);
    if (rc && rc != -ESRCH)
        return xlight__fail_ctrl(h, rc, domid, "cannot see domain %u", domid);
    return rc ? 0 : 1;
}

/* The domain, but for one, whose node has this value, or XLIGHT_NO_DOMAIN. */
static int find(xlight_handle *h, xs_transaction_t t, const char *node, const char *value,
                uint32_t except, uint32_t *ret_domid)
{
    char **ids = NULL;
    unsigned int nr = 0;
    uint32_t found = XLIGHT_NO_DOMAIN;
    int rc = xstore_list(h->store, t, "/local/domain", &ids, &nr), is = 0;

    if (rc && rc != -ENOENT)
        return xlight__fail_store(h, rc, XLIGHT_NO_DOMAIN, "cannot list the domains");
    for (unsigned int i = 0; i < nr && is >= 0 && found == XLIGHT_NO_DOMAIN; i++) {
        unsigned long id = strtoul(ids[i], NULL, 10);

        if (id < DOMID_FIRST_RESERVED && id != except)
            is = has_value(h, t, (unsigned int)id, node, value);
        if (is > 0)
            found = (uint32_t)id;
    }
    free(ids);
    if (is < 0)
        return is;
    *ret_domid = found;
    return 0;
}

int xlight__home_find(xlight_handle *h, xs_transaction_t t, const char *name, uint32_t *ret_domid)
{
    return find(h, t, "name", name, XLIGHT_NO_DOMAIN, ret_domid);
}

int xlight__home_twin(xlight_handle *h, xs_transaction_t t, domid_t domid, const uint8_t uuid[16],
                      uint32_t *ret_domid)
{
    char text[XLIGHT__UUID_TEXT];

    xlight__uuid_format(uuid, text);
    return find(h, t, "vm", XSTORE_PATH("/vm/%s", text), domid, ret_domid);
}

/* An error of the library that came up inside of a transaction has its explanation already. */
struct task {
    struct writer w;
    const struct xlight__home *home;
    const struct xlight_config *c;
    const struct xlight__home_built *built;
    const char *name;
    bool shared; /* another domain is the same guest, and has /vm/UUID already */
    bool explained;
};

static int check_name(struct task *k, const char *name)
{
    uint32_t other;
    int rc = xlight__home_find(k->w.h, k->w.t, name, &other);

    if (!rc && other != XLIGHT_NO_DOMAIN)
        rc = xlight__fail(k->w.h, -EEXIST, other, "domain %u has the name \"%s\" already", other,
                          name);
    k->explained = rc != 0;
    return rc;
}

/*
 * Two domains with one UUID would share /vm/UUID, and pass for one guest where disks are concerned.
 * What a killed toolstack left of an earlier domain with this id does not count. A guest that moves
 * is one guest.
 */
static int check_uuid(struct task *k, const char *uuid)
{
    xlight_handle *h = k->w.h;
    uint32_t other;
    char *name = NULL;
    int rc = xlight__home_twin(h, k->w.t, k->w.domid, k->home->uuid, &other);

    k->shared = !rc && other != XLIGHT_NO_DOMAIN;
    if (k->shared && k->home->moved)
        return 0;
    if (!rc && other != XLIGHT_NO_DOMAIN) {
        if (xstore_read(h->store, k->w.t, XSTORE_PATH("/local/domain/%u/name", other), &name, NULL))
            name = NULL;
        rc = xlight__fail(h, -EEXIST, other, "domain %u (\"%s\") has the UUID %s already", other,
                          name ? name : "", uuid);
        free(name);
    }
    k->explained = rc != 0;
    return rc;
}

/* Runs fn in a transaction; says what failed. */
static int run(struct task *k, xstore_transaction_fn *fn, const char *what)
{
    xlight_handle *h = k->w.h;
    int rc;

    if (!h->store)
        return xlight__fail(h, -ENOTCONN, k->w.domid, "this host has no store");
    rc = xstore_transaction(h->store, fn, k);
    if (rc && !k->explained)
        return xlight__fail_store(h, rc, k->w.domid, "cannot %s", what);
    return rc;
}

static void make_vm(struct writer *w, const struct xlight__home *home, const char *uuid)
{
    drop(w, XSTORE_PATH("/vm/%s", uuid));
    go(w, "/vm/%s", uuid);
    make(w, "", GUEST_READS);
    put(w, "uuid", "%s", uuid);
    put(w, "name", "%s", home->name);
}

static const struct {
    const char *name;
    enum access access;
} skeleton[] = {
    {"cpu", GUEST_READS},
    {"memory", GUEST_READS},
    {"device", GUEST_READS},
    {"control", GUEST_READS},
    {"device/suspend/event-channel", GUEST_OWNS},
    {"control/shutdown", GUEST_OWNS},
    {"control/feature-poweroff", GUEST_OWNS},
    {"control/feature-reboot", GUEST_OWNS},
    {"control/feature-suspend", GUEST_OWNS},
    {"control/sysrq", GUEST_OWNS},
    {"data", GUEST_OWNS},
    {"drivers", GUEST_OWNS},
    {"feature", GUEST_OWNS},
    {"attr", GUEST_OWNS},
    {"error", GUEST_OWNS},
};

static const char *const type_names[] = {
    [XLIGHT_HVM] = "hvm", [XLIGHT_PV] = "pv", [XLIGHT_PVH] = "pvh"};

static int create(xstore_handle *xs, xs_transaction_t t, void *arg)
{
    struct task *k = arg;
    struct writer *w = &k->w;
    char uuid[XLIGHT__UUID_TEXT];
    int rc;

    (void)xs;
    w->t = t;
    w->rc = 0;
    rc = check_name(k, k->home->name);
    xlight__uuid_format(k->home->uuid, uuid);
    if (!rc)
        rc = check_uuid(k, uuid);
    if (rc)
        return rc;
    drop(w, XSTORE_PATH("/local/domain/%u", w->domid));
    drop(w, XSTORE_PATH("/libxl/%u", w->domid));
    if (!k->shared)
        make_vm(w, k->home, uuid);
    go(w, "/libxl/%u", w->domid);
    make(w, "", NOBODY);
    make(w, "device", NOBODY);
    put(w, "type", "%s", type_names[k->home->type]);
    put(w, "dm-version", "qemu_xen");
    go(w, "/local/domain/%u", w->domid);
    make(w, "", GUEST_READS);
    put(w, "vm", "/vm/%s", uuid);
    put(w, "name", "%s", k->home->name);
    for (size_t i = 0; i < sizeof(skeleton) / sizeof(skeleton[0]); i++)
        make(w, skeleton[i].name, skeleton[i].access);
    put(w, "control/platform-feature-multiprocessor-suspend", "1");
    put(w, "control/platform-feature-xs_reset_watches", "1");
    return w->rc;
}

int xlight__home_create(xlight_handle *h, const struct xlight__home *home)
{
    struct task k = {.w = {.h = h, .domid = home->domid}, .home = home};

    return run(&k, create, "make the domain's home in the store");
}

static void put_vcpus(struct writer *w, const struct xlight_config *c)
{
    for (int i = 0; i < c->max_vcpus; i++) {
        const struct xlight_bits *b = &c->avail_vcpus;
        bool on = (unsigned int)i < b->nr && b->bytes[i / 8] >> i % 8 & 1;
        char name[32];

        snprintf(name, sizeof(name), "cpu/%d/availability", i);
        put(w, name, "%s", on || !b->nr ? "online" : "offline");
    }
}

/* What Xen's toolstack shows of PV guests. */
static void put_image(struct writer *w, const struct xlight_config *c)
{
    put(w, "image/ostype", "linux");
    if (c->kernel) /* or a boot loader finds one */
        put(w, "image/kernel", "%s", c->kernel);
    if (c->ramdisk)
        put(w, "image/ramdisk", "%s", c->ramdisk);
    if (c->cmdline)
        put(w, "image/cmdline", "%s", c->cmdline);
}

/* The console of the store's nodes: the guest's side is Dom0's, as the guest must not change it. */
static void put_console(struct writer *w, const struct xlight__home_built *b)
{
    domid_t be = b->console_domid;
    char back[64];

    snprintf(back, sizeof(back), "/local/domain/%u/backend/console/%u", be, w->domid);
    go(w, "%s/0", back);
    make(w, "", GUEST_READS);
    put(w, "frontend", "/local/domain/%u/console", w->domid);
    put(w, "frontend-id", "%u", w->domid);
    put(w, "online", "1");
    put(w, "state", "1");
    put(w, "protocol", "vt100");
    go(w, "/libxl/%u/device/console/0", w->domid);
    put(w, "frontend", "/local/domain/%u/console", w->domid);
    put(w, "frontend-id", "%u", w->domid);
    put(w, "backend", "%s/0", back);
    put(w, "online", "1");
    put(w, "state", "1");
    put(w, "protocol", "vt100");
    go(w, "/local/domain/%u/console", w->domid);
    make(w, "", GUEST_READS);
    put(w, "backend", "%s/0", back);
    put(w, "backend-id", "%u", be);
    allow(w, "backend-id", FRONTEND);
    put(w, "limit", "%d", LIMIT);
    put(w, "type", "xenconsoled");
    put(w, "output", "pty");
    put(w, "tty", "%s", "");
    put(w, "port", "%" PRIu32, b->console_port);
    put(w, "ring-ref", "%" PRIu64, b->console_frame);
}

static int publish(xstore_handle *xs, xs_transaction_t t, void *arg)
{
    struct task *k = arg;
    struct writer *w = &k->w;
    const struct xlight_config *c = k->c;
    char uuid[XLIGHT__UUID_TEXT];
    struct timeval now;

    (void)xs;
    w->t = t;
    w->rc = 0;
    go(w, "/local/domain/%u", w->domid);
    put(w, "memory/static-max", "%" PRIu64, c->max_memory_kb);
    put(w, "memory/target", "%" PRIu64, c->memory_kb);
    put(w, "memory/videoram", "0");
    put(w, "domid", "%u", w->domid);
    put(w, "store/port", "%" PRIu32, k->built->store_port);
    put(w, "store/ring-ref", "%" PRIu64, k->built->store_frame);
    put_vcpus(w, c);
    xlight__uuid_format(k->home->uuid, uuid);
    go(w, "/vm/%s", uuid);
    gettimeofday(&now, NULL);
    if (!k->shared)
        put(w, "start_time", "%ld.%02ld", (long)now.tv_sec, (long)now.tv_usec / 10000);
    if (k->home->type == XLIGHT_PV)
        put_image(w, c);
    put_console(w, k->built);
    return w->rc;
}

int xlight__home_publish(xlight_handle *h, const struct xlight__home *home,
                         const struct xlight_config *c, const struct xlight__home_built *b)
{
    struct task k = {.w = {.h = h, .domid = home->domid}, .home = home, .c = c, .built = b};
    uint32_t twin = XLIGHT_NO_DOMAIN;
    int rc = home->moved ? xlight__home_twin(h, XBT_NULL, home->domid, home->uuid, &twin) : 0;

    k.shared = twin != XLIGHT_NO_DOMAIN;
    if (!rc)
        rc = run(&k, publish, "tell the domain what it needs to know");

    if (rc)
        return rc;
    rc = xstore_introduce(h->store, home->domid, b->store_frame, b->store_port);
    return rc ? xlight__fail_store(h, rc, home->domid, "cannot connect the domain to the store")
              : 0;
}

/* The back end's side of a kind of device, and what is empty above it then. */
static void drop_backend(struct writer *w, const char *kind)
{
    if (!w->rc)
        w->rc =
            xlight__erase(w->h, w->t, XSTORE_PATH("/local/domain/0/backend/%s/%u", kind, w->domid));
    if (w->rc == -ENOENT)
        w->rc = 0;
}

/* What two domains have in common for a while, of a guest that moves, stays to the other one. */
static void drop_vm(struct task *k, const char *vm)
{
    struct writer *w = &k->w;
    uint32_t other;

    w->rc = find(w->h, w->t, "vm", vm, w->domid, &other);
    k->explained = w->rc != 0;
    if (!w->rc && other == XLIGHT_NO_DOMAIN)
        drop(w, vm);
}

static int drop_all(xstore_handle *xs, xs_transaction_t t, void *arg)
{
    struct task *k = arg;
    struct writer *w = &k->w;
    char **kinds = NULL, *vm = NULL;
    unsigned int nr = 0;

    w->t = t;
    w->rc = xstore_list(xs, t, "/local/domain/0/backend", &kinds, &nr);
    if (w->rc == -ENOENT)
        w->rc = 0;
    for (unsigned int i = 0; i < nr; i++)
        drop_backend(w, kinds[i]);
    free(kinds);
    if (!w->rc)
        w->rc = xstore_read(xs, t, XSTORE_PATH("/local/domain/%u/vm", w->domid), &vm, NULL);
    if (!w->rc && !strncmp(vm, "/vm/", 4))
        drop_vm(k, vm);
    if (w->rc == -ENOENT)
        w->rc = 0;
    free(vm);
    drop(w, XSTORE_PATH("/libxl/%u", w->domid));
    drop(w, XSTORE_PATH("/local/domain/%u", w->domid));
    return w->rc;
}

int xlight__home_remove(xlight_handle *h, domid_t domid)
{
    struct task k = {.w = {.h = h, .domid = domid}};

    return run(&k, drop_all, "remove the domain from the store");
}

static int rename_in(xstore_handle *xs, xs_transaction_t t, void *arg)
{
    struct task *k = arg;
    struct writer *w = &k->w;
    char *vm = NULL;
    int rc;

    w->t = t;
    w->rc = 0;
    rc = check_name(k, k->name);
    if (rc)
        return rc;
    rc = xstore_read(xs, t, XSTORE_PATH("/local/domain/%u/vm", w->domid), &vm, NULL);
    if (rc && rc != -ENOENT)
        return rc;
    go(w, "/local/domain/%u", w->domid);
    put(w, "name", "%s", k->name);
    if (vm && !strncmp(vm, "/vm/", 4) && strlen(vm) < sizeof(w->root)) {
        go(w, "%s", vm);
        put(w, "name", "%s", k->name);
        /* It can have been another domain's until now. */
        if (w->domid)
            allow(w, "", GUEST_READS);
    }
    free(vm);
    return w->rc;
}

int xlight__home_rename(xlight_handle *h, domid_t domid, const char *name)
{
    struct task k = {.w = {.h = h, .domid = domid}, .name = name};

    return run(&k, rename_in, "change the domain's name");
}

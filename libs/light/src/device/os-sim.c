/* SPDX-License-Identifier: MIT */
/*
 * os-sim.c - loop devices and network interfaces of a simulated host, in memory. Regular files are
 * those of the machine that we run on; block devices and interfaces are what the test makes.
 */
#include "os.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>

#define NR_LOOPS 64
#define NR_NETS  64
#define NR_DISKS 16

struct sim {
    struct xlight__os os; /* first */
    struct {
        bool used;
        dev_t dev;
        ino_t ino;
    } loops[NR_LOOPS];
    struct xlight__sim_net nets[NR_NETS]; /* name "": none */
    struct {
        char path[64];
        dev_t number;
    } disks[NR_DISKS];
    unsigned int fail_in; /* calls until one fails, that one included; 0: none does */
    int fail_error;
};

static struct sim *sim_of(struct xlight__os *os)
{
    return (struct sim *)os;
}

/* The error that this call was told to have, or 0. */
static int told(struct sim *s)
{
    return s->fail_in && !--s->fail_in ? -s->fail_error : 0;
}

static int sim_image(struct xlight__os *os, const char *path, struct xlight__disk_image *ret_image)
{
    struct sim *s = sim_of(os);
    int rc = told(s);

    if (rc)
        return rc;
    for (unsigned int i = 0; i < NR_DISKS; i++)
        if (s->disks[i].path[0] && !strcmp(s->disks[i].path, path)) {
            *ret_image = (struct xlight__disk_image){
                .block = true, .number = s->disks[i].number, .writable = true};
            return 0;
        }
    return xlight__image_of(os, path, ret_image);
}

static int sim_loop_free(struct xlight__os *os, unsigned int *ret_nr)
{
    struct sim *s = sim_of(os);
    int rc = told(s);

    if (rc)
        return rc;
    for (unsigned int i = 0; i < NR_LOOPS; i++)
        if (!s->loops[i].used) {
            *ret_nr = i;
            return 0;
        }
    return -ENOSPC;
}

static int sim_loop_attach(struct xlight__os *os, unsigned int nr, const char *file, bool readonly)
{
    struct sim *s = sim_of(os);
    struct xlight__disk_image image;
    int rc = told(s);

    if (!rc)
        rc = xlight__image_of(os, file, &image);
    if (rc)
        return rc;
    if (!image.regular)
        return -EINVAL;
    if (!readonly && !image.writable)
        return -EACCES;
    if (nr >= NR_LOOPS || s->loops[nr].used)
        return -EBUSY;
    s->loops[nr].used = true;
    s->loops[nr].dev = image.dev;
    s->loops[nr].ino = image.ino;
    return 0;
}

static int sim_loop_detach(struct xlight__os *os, unsigned int nr)
{
    struct sim *s = sim_of(os);

    if (nr >= NR_LOOPS || !s->loops[nr].used)
        return -ENXIO;
    s->loops[nr].used = false;
    return 0;
}

static int sim_loop_list(struct xlight__os *os, struct xlight__loop **ret_list,
                         unsigned int *ret_nr)
{
    struct sim *s = sim_of(os);
    struct xlight__loop *list = calloc(NR_LOOPS, sizeof(*list));
    unsigned int nr = 0;
    int rc = told(s);

    if (!list || rc) {
        free(list);
        return rc ? rc : -ENOMEM;
    }
    for (unsigned int i = 0; i < NR_LOOPS; i++)
        if (s->loops[i].used)
            list[nr++] = (struct xlight__loop){i, s->loops[i].dev, s->loops[i].ino};
    *ret_list = list;
    *ret_nr = nr;
    return 0;
}

static struct xlight__sim_net *find_net(struct sim *s, const char *name)
{
    for (unsigned int i = 0; i < NR_NETS; i++)
        if (s->nets[i].name[0] && !strcmp(s->nets[i].name, name))
            return &s->nets[i];
    return NULL;
}

static int get_net(struct xlight__os *os, const char *name, struct xlight__sim_net **ret_net)
{
    int rc = told(sim_of(os));

    if (rc)
        return rc;
    *ret_net = find_net(sim_of(os), name);
    return *ret_net ? 0 : -ENODEV;
}

static bool sim_net_exists(struct xlight__os *os, const char *name)
{
    return find_net(sim_of(os), name);
}

static int sim_net_rename(struct xlight__os *os, const char *name, const char *to)
{
    struct xlight__sim_net *net;
    int rc = get_net(os, name, &net);

    if (rc)
        return rc;
    if (!*to || strlen(to) >= sizeof(net->name))
        return -EINVAL;
    if (find_net(sim_of(os), to))
        return -EEXIST;
    strcpy(net->name, to);
    return 0;
}

static int sim_net_set_mac(struct xlight__os *os, const char *name, const uint8_t mac[6])
{
    struct xlight__sim_net *net;
    int rc = get_net(os, name, &net);

    if (!rc)
        memcpy(net->mac, mac, 6);
    return rc;
}

static int sim_net_get_mtu(struct xlight__os *os, const char *name, unsigned int *ret_mtu)
{
    struct xlight__sim_net *net;
    int rc = get_net(os, name, &net);

    if (!rc)
        *ret_mtu = net->mtu;
    return rc;
}

static int sim_net_set_mtu(struct xlight__os *os, const char *name, unsigned int mtu)
{
    struct xlight__sim_net *net;
    int rc = get_net(os, name, &net);

    if (rc)
        return rc;
    if (mtu < 68 || mtu > 65535)
        return -EINVAL;
    net->mtu = mtu;
    return 0;
}

static int sim_net_set_up(struct xlight__os *os, const char *name, bool up)
{
    struct xlight__sim_net *net;
    int rc = get_net(os, name, &net);

    if (!rc)
        net->up = up;
    return rc;
}

static bool sim_net_is_bridge(struct xlight__os *os, const char *name)
{
    const struct xlight__sim_net *net = find_net(sim_of(os), name);

    return net && net->bridge;
}

static int sim_bridge_has(struct xlight__os *os, const char *bridge, const char *port)
{
    const struct xlight__sim_net *net = find_net(sim_of(os), port);

    return net && !strcmp(net->master, bridge);
}

static int sim_bridge_add(struct xlight__os *os, const char *bridge, const char *port)
{
    struct xlight__sim_net *net;
    int rc = get_net(os, port, &net);

    if (rc)
        return rc;
    if (!sim_net_is_bridge(os, bridge))
        return -EOPNOTSUPP;
    if (net->master[0])
        return -EBUSY;
    strcpy(net->master, bridge);
    return 0;
}

static int sim_bridge_remove(struct xlight__os *os, const char *bridge, const char *port)
{
    struct xlight__sim_net *net;
    int rc = get_net(os, port, &net);

    if (rc)
        return rc;
    if (strcmp(net->master, bridge))
        return -EINVAL;
    net->master[0] = 0;
    return 0;
}

static const struct xlight__os_ops ops = {
    .image = sim_image,
    .loop_free = sim_loop_free,
    .loop_attach = sim_loop_attach,
    .loop_detach = sim_loop_detach,
    .loop_list = sim_loop_list,
    .net_exists = sim_net_exists,
    .net_rename = sim_net_rename,
    .net_set_mac = sim_net_set_mac,
    .net_get_mtu = sim_net_get_mtu,
    .net_set_mtu = sim_net_set_mtu,
    .net_set_up = sim_net_set_up,
    .net_is_bridge = sim_net_is_bridge,
    .bridge_has = sim_bridge_has,
    .bridge_add = sim_bridge_add,
    .bridge_remove = sim_bridge_remove,
};

int xlight__os_sim(struct xlight__os **ret_os)
{
    struct sim *s = calloc(1, sizeof(*s));

    if (!s)
        return -ENOMEM;
    s->os = (struct xlight__os){
        .ops = &ops, .script_dir = "/etc/xen/scripts", .wait_ms = XLIGHT__WAIT_MS};
    *ret_os = &s->os;
    return 0;
}

int xlight__sim_net(struct xlight__os *os, const char *name, bool bridge)
{
    struct sim *s = sim_of(os);

    if (!*name || strlen(name) >= sizeof(s->nets[0].name))
        return -EINVAL;
    if (find_net(s, name))
        return -EEXIST;
    for (unsigned int i = 0; i < NR_NETS; i++)
        if (!s->nets[i].name[0]) {
            s->nets[i] = (struct xlight__sim_net){.mtu = 1500, .bridge = bridge};
            strcpy(s->nets[i].name, name);
            return 0;
        }
    return -ENOSPC;
}

void xlight__sim_net_gone(struct xlight__os *os, const char *name)
{
    struct xlight__sim_net *net = find_net(sim_of(os), name);

    if (net)
        net->name[0] = 0;
}

int xlight__sim_disk(struct xlight__os *os, const char *path, unsigned int major,
                     unsigned int minor)
{
    struct sim *s = sim_of(os);

    if (strlen(path) >= sizeof(s->disks[0].path))
        return -EINVAL;
    for (unsigned int i = 0; i < NR_DISKS; i++)
        if (!s->disks[i].path[0]) {
            strcpy(s->disks[i].path, path);
            s->disks[i].number = makedev(major, minor);
            return 0;
        }
    return -ENOSPC;
}

unsigned int xlight__sim_loops(const struct xlight__os *os)
{
    const struct sim *s = (const struct sim *)os;
    unsigned int nr = 0;

    for (unsigned int i = 0; i < NR_LOOPS; i++)
        nr += s->loops[i].used;
    return nr;
}

void xlight__sim_fail(struct xlight__os *os, unsigned int nth, int error)
{
    sim_of(os)->fail_in = nth;
    sim_of(os)->fail_error = error;
}

const struct xlight__sim_net *xlight__sim_find_net(const struct xlight__os *os, const char *name)
{
    return find_net((struct sim *)(uintptr_t)os, name);
}

/* SPDX-License-Identifier: MIT */
/* kind-more.c - channels, screens, keyboards, shared folders; and what serves them. */
#include "../config/read.h"
#include "dev.h"
#include "hotplug.h"

#define CONSOLE_LIMIT "1048576" /* bytes that are kept while nobody reads them */

/* Nodes that all devices have. */
static void usual_nodes(struct xlight__nodes *n, const struct xlight__dev *dev)
{
    xlight__node_number(n, XLIGHT__BACK, "frontend-id", dev->domid);
    xlight__node(n, XLIGHT__BACK, "online", "1");
    xlight__node_number(n, XLIGHT__BACK, "state", XLIGHT__INITIALISING);
    xlight__node_number(n, XLIGHT__FRONT, "backend-id", dev->server_domid);
    xlight__node_number(n, XLIGHT__FRONT, "state", XLIGHT__INITIALISING);
}

static int no_memory(const struct xlight__client *c)
{
    return xlight__fail(c->h, -ENOMEM, c->domid, "no memory for a device");
}

/*
 * Channels get the next ids whatever the configuration says: what it counts are channels, and the
 * domain's own console comes before them.
 */
static int prepare_channel(const struct xlight__client *c, void *conf)
{
    struct xlight_channel *ch = conf;

    if (!ch->name)
        return xlight__fail(c->h, -EINVAL, c->domid, "a channel without a name");
    if (ch->connection != XLIGHT_CHANNEL_PTY && ch->connection != XLIGHT_CHANNEL_SOCKET)
        return xlight__fail(c->h, -EINVAL, c->domid, "channel %s has no connection", ch->name);
    if (ch->connection == XLIGHT_CHANNEL_SOCKET && !ch->path)
        return xlight__fail(c->h, -EINVAL, c->domid, "channel %s has no path", ch->name);
    ch->devid = -1;
    return 0;
}

static const char *console_server(const void *conf)
{
    (void)conf;
    return "console";
}

static void channel_nodes(struct xlight__nodes *n, const struct xlight__client *c,
                          const struct xlight__dev *dev, const void *conf)
{
    const struct xlight_channel *ch = conf;
    bool socket = ch->connection == XLIGHT_CHANNEL_SOCKET;

    (void)c;
    usual_nodes(n, dev);
    xlight__node(n, XLIGHT__BACK, "protocol", "vt100");
    xlight__node(n, XLIGHT__FRONT_READONLY, "limit", CONSOLE_LIMIT);
    xlight__node(n, XLIGHT__FRONT_READONLY, "tty", "");
    xlight__node(n, XLIGHT__BACK, "name", ch->name);
    xlight__node(n, XLIGHT__FRONT_READONLY, "name", ch->name);
    xlight__node(n, XLIGHT__BACK, "connection", socket ? "socket" : "pty");
    if (socket)
        xlight__node(n, XLIGHT__BACK, "path", ch->path);
    xlight__node(n, XLIGHT__FRONT_READONLY, "type", "ioemu");
    if (socket)
        xlight__node_format(n, XLIGHT__FRONT_READONLY, "output", "chardev:libxl-channel%d",
                            dev->devid);
    else
        xlight__node(n, XLIGHT__FRONT_READONLY, "output", "pty");
    xlight__node(n, XLIGHT__FRONT, "protocol", "vt100");
}

const struct xlight__kind xlight__kind_channel = {
    .name = "console",
    .word = "console",
    .type = &xlight__channel_type,
    .list = offsetof(struct xlight_config, channels),
    .nr = offsetof(struct xlight_config, nr_channels),
    .backend_domid = offsetof(struct xlight_channel, backend_domid),
    .backend_domain = offsetof(struct xlight_channel, backend_domain),
    .devid = offsetof(struct xlight_channel, devid),
    .first_devid = 1,
    .prepare = prepare_channel,
    .server = console_server,
    .nodes = channel_nodes,
};

static int prepare_vkb(const struct xlight__client *c, void *conf)
{
    struct xlight_vkb *k = conf;

    (void)c;
    if (!k->backend_type)
        k->backend_type = XLIGHT_VKB_QEMU;
    return 0;
}

static const char *vkb_server(const void *conf)
{
    const struct xlight_vkb *k = conf;

    return k->backend_type == XLIGHT_VKB_LINUX ? "vinput" : "vkbd";
}

static void if_set(struct xlight__nodes *n, const char *key, uint32_t value)
{
    if (value)
        xlight__node_number(n, XLIGHT__BACK, key, value);
}

static void vkb_nodes(struct xlight__nodes *n, const struct xlight__client *c,
                      const struct xlight__dev *dev, const void *conf)
{
    const struct xlight_vkb *k = conf;

    (void)c;
    usual_nodes(n, dev);
    xlight__node(n, XLIGHT__BACK, "unique-id", k->unique_id);
    if_set(n, "feature-disable-keyboard", k->disable_keyboard);
    if_set(n, "feature-disable-pointer", k->disable_pointer);
    if_set(n, "feature-abs-pointer", k->abs_pointer);
    if_set(n, "feature-raw-pointer", k->raw_pointer);
    if (k->multi_touch) {
        xlight__node(n, XLIGHT__BACK, "feature-multi-touch", "1");
        xlight__node_number(n, XLIGHT__BACK, "multi-touch-width", k->multi_touch_width);
        xlight__node_number(n, XLIGHT__BACK, "multi-touch-height", k->multi_touch_height);
        xlight__node_number(n, XLIGHT__BACK, "multi-touch-num-contacts", k->multi_touch_contacts);
    }
    if_set(n, "width", k->width);
    if_set(n, "height", k->height);
}

const struct xlight__kind xlight__kind_vkb = {
    .name = "vkbd",
    .word = "keyboard",
    .type = &xlight__vkb_type,
    .list = offsetof(struct xlight_config, vkbs),
    .nr = offsetof(struct xlight_config, nr_vkbs),
    .backend_domid = offsetof(struct xlight_vkb, backend_domid),
    .backend_domain = offsetof(struct xlight_vkb, backend_domain),
    .devid = offsetof(struct xlight_vkb, devid),
    .prepare = prepare_vkb,
    .server = vkb_server,
    .nodes = vkb_nodes,
};

static int prepare_vfb(const struct xlight__client *c, void *conf)
{
    struct xlight_vfb *f = conf;

    if (f->vnc.enable == XLIGHT_DEFAULT)
        f->vnc.enable = XLIGHT_YES;
    if (f->vnc.enable == XLIGHT_YES && !f->vnc.listen &&
        xlight__set_string(&f->vnc.listen, "127.0.0.1"))
        return no_memory(c);
    if (f->vnc.find_unused == XLIGHT_DEFAULT)
        f->vnc.find_unused = f->vnc.enable;
    if (f->sdl.enable == XLIGHT_DEFAULT)
        f->sdl.enable = XLIGHT_NO;
    if (f->sdl.opengl == XLIGHT_DEFAULT)
        f->sdl.opengl = XLIGHT_NO;
    return 0;
}

static const char *vfb_server(const void *conf)
{
    (void)conf;
    return "vfb";
}

static const char *yes_or_no(int8_t value)
{
    return value == XLIGHT_YES ? "1" : "0";
}

static void vfb_nodes(struct xlight__nodes *n, const struct xlight__client *c,
                      const struct xlight__dev *dev, const void *conf)
{
    const struct xlight_vfb *f = conf;

    (void)c;
    usual_nodes(n, dev);
    xlight__node(n, XLIGHT__BACK, "vnc", yes_or_no(f->vnc.enable));
    xlight__node(n, XLIGHT__BACK, "vnclisten", f->vnc.listen);
    /* Not the password: the guest can read here, and QEMU gets it in another way. */
    xlight__node_number(n, XLIGHT__BACK, "vncdisplay", (uint64_t)f->vnc.display);
    xlight__node(n, XLIGHT__BACK, "vncunused", yes_or_no(f->vnc.find_unused));
    xlight__node(n, XLIGHT__BACK, "sdl", yes_or_no(f->sdl.enable));
    xlight__node(n, XLIGHT__BACK, "opengl", yes_or_no(f->sdl.opengl));
    xlight__node(n, XLIGHT__BACK, "xauthority", f->sdl.xauthority);
    xlight__node(n, XLIGHT__BACK, "display", f->sdl.display);
}

const struct xlight__kind xlight__kind_vfb = {
    .name = "vfb",
    .word = "screen",
    .type = &xlight__vfb_type,
    .list = offsetof(struct xlight_config, vfbs),
    .nr = offsetof(struct xlight_config, nr_vfbs),
    .backend_domid = offsetof(struct xlight_vfb, backend_domid),
    .backend_domain = offsetof(struct xlight_vfb, backend_domain),
    .devid = offsetof(struct xlight_vfb, devid),
    .prepare = prepare_vfb,
    .server = vfb_server,
    .nodes = vfb_nodes,
};

static int prepare_p9(const struct xlight__client *c, void *conf)
{
    const struct xlight_p9 *p = conf;

    if (p->tag && p->path && p->security_model)
        return 0;
    return xlight__fail(c->h, -EINVAL, c->domid,
                        "a shared folder needs tag, path and security_model");
}

static const char *p9_server(const void *conf)
{
    (void)conf;
    return "9pfs";
}

static void p9_nodes(struct xlight__nodes *n, const struct xlight__client *c,
                     const struct xlight__dev *dev, const void *conf)
{
    const struct xlight_p9 *p = conf;

    (void)c;
    usual_nodes(n, dev);
    xlight__node(n, XLIGHT__BACK, "path", p->path);
    xlight__node(n, XLIGHT__BACK, "security_model", p->security_model);
    xlight__node(n, XLIGHT__FRONT, "tag", p->tag);
}

const struct xlight__kind xlight__kind_p9 = {
    .name = "9pfs",
    .word = "shared folder",
    .type = &xlight__p9_type,
    .list = offsetof(struct xlight_config, p9s),
    .nr = offsetof(struct xlight_config, nr_p9s),
    .backend_domid = offsetof(struct xlight_p9, backend_domid),
    .backend_domain = offsetof(struct xlight_p9, backend_domain),
    .devid = offsetof(struct xlight_p9, devid),
    .prepare = prepare_p9,
    .server = p9_server,
    .nodes = p9_nodes,
};

const struct xlight__kind *const xlight__kinds[] = {&xlight__kind_disk,
                                                    &xlight__kind_nic,
                                                    &xlight__kind_channel,
                                                    &xlight__kind_p9,
                                                    &xlight__kind_vfb,
                                                    &xlight__kind_vkb,
                                                    NULL};

const struct xlight__kind *xlight__kind(const char *name)
{
    for (const struct xlight__kind *const *k = xlight__kinds; *k; k++)
        if (!strcmp((*k)->name, name))
            return *k;
    return NULL;
}

static const struct xlight__server servers[] = {
    {.name = "vbd", .hotplug = &xlight__hotplug_block},
    {.name = "vif", .hotplug = &xlight__hotplug_vif},
    {.name = "qdisk", .qemu = true},
    {.name = "vkbd", .qemu = true},
    {.name = "vfb", .qemu = true},
    {.name = "9pfs", .qemu = true},
    {.name = "qusb", .qemu = true},
    {.name = "console", .plain = true},
    {.name = "vuart", .plain = true},
    {.name = "?"},
};

const struct xlight__server *xlight__server(const char *name)
{
    const struct xlight__server *s = servers;

    while (strcmp(s->name, "?") && strcmp(s->name, name))
        s++;
    return s;
}

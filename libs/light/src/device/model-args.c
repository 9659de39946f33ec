/* SPDX-License-Identifier: MIT */
/* model-args.c - the arguments of the device model of PV and PVH guests, those of Xen's toolstack.
 */
#include "model.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void add(struct xlight__args *a, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
static void add(struct xlight__args *a, const char *format, ...)
{
    char **list = realloc(a->list, (a->nr + 2) * sizeof(*list)), *text = NULL;
    va_list args;
    int len;

    if (!list) {
        a->no_memory = true;
        return;
    }
    a->list = list;
    va_start(args, format);
    len = vsnprintf(NULL, 0, format, args);
    va_end(args);
    text = len < 0 ? NULL : malloc((size_t)len + 1);
    if (text) {
        va_start(args, format);
        vsnprintf(text, (size_t)len + 1, format, args);
        va_end(args);
        list[a->nr++] = text;
    } else {
        a->no_memory = true;
    }
    list[a->nr] = NULL;
}

void xlight__args_free(struct xlight__args *a)
{
    while (a->nr)
        free(a->list[--a->nr]);
    free(a->list);
    a->list = NULL;
}

/* A value within an option, where commas are doubled. To be freed; NULL: no memory. */
static char *value(struct xlight__args *a, const char *text)
{
    char *doubled = malloc(2 * strlen(text) + 1), *to = doubled;

    if (!doubled) {
        a->no_memory = true;
        return NULL;
    }
    for (; *text; text++) {
        if (*text == ',')
            *to++ = ',';
        *to++ = *text;
    }
    *to = 0;
    return doubled;
}

/* Two sockets for commands: ours, and one for whoever shows statistics. */
static void add_monitor(struct xlight__args *a, uint32_t domid, const char *dir, const char *id,
                        const char *name)
{
    char *path = dir ? value(a, dir) : NULL;

    if (!path)
        return;
    add(a, "-chardev");
    add(a, "socket,id=%s,path=" XLIGHT__MODEL_SOCKET ",server=on,wait=off", id, path, name, domid);
    free(path);
    add(a, "-mon");
    add(a, "chardev=%s,mode=control", id);
}

static void add_channel(struct xlight__args *a, const struct xlight_channel *ch)
{
    char *path = ch->connection == XLIGHT_CHANNEL_SOCKET ? value(a, ch->path) : NULL;

    add(a, "-chardev");
    if (path)
        add(a, "socket,id=libxl-channel%d,path=%s,server=on,wait=off", ch->devid, path);
    else
        add(a, "pty,id=libxl-channel%d", ch->devid);
    free(path);
}

static void add_vnc(struct xlight__args *a, const struct xlight_vnc *vnc)
{
    char *listen = value(a, vnc->listen ? vnc->listen : "127.0.0.1");
    const char *password = vnc->password && *vnc->password ? ",password=on" : "";
    const char *unused = vnc->find_unused == XLIGHT_YES ? ",to=99" : "";

    if (!listen)
        return;
    add(a, "-vnc");
    if (strchr(listen, ':'))
        add(a, "%s%s%s", listen, password, unused);
    else
        add(a, "%s:%d%s%s", listen, vnc->display, password, unused);
    free(listen);
}

static void add_screen(struct xlight__args *a, const struct xlight_config *c)
{
    const struct xlight_vfb *f = c->nr_vfbs ? &c->vfbs[0] : NULL;

    if (f && f->vnc.enable == XLIGHT_YES) {
        add_vnc(a, &f->vnc);
    } else {
        add(a, "-vnc");
        add(a, "none");
    }
    add(a, "-display");
    add(a, f && f->sdl.enable == XLIGHT_YES ? "sdl" : "none");
    if (f && f->keymap) {
        add(a, "-k");
        add(a, "%s", f->keymap);
    }
}

static void add_name(struct xlight__args *a, const char *name)
{
    char *text = value(a, name);

    if (!text)
        return;
    add(a, "-name");
    add(a, "%s", text);
    free(text);
}

static void add_all(struct xlight__args *a, char *const *list, unsigned int nr)
{
    for (unsigned int i = 0; i < nr; i++)
        add(a, "%s", list[i]);
}

const char *xlight__model_program(const struct xlight_config *c)
{
    static const char *const usual[] = {"/usr/libexec/xen-qemu-system-i386",
                                        "/usr/lib/xen-4.17/bin/qemu-system-i386",
                                        "/usr/bin/qemu-system-i386"};

    if (c->device_model)
        return c->device_model;
    for (unsigned int i = 0; i < sizeof(usual) / sizeof(usual[0]) - 1; i++)
        if (!access(usual[i], X_OK))
            return usual[i];
    return usual[sizeof(usual) / sizeof(usual[0]) - 1];
}

int xlight__model_args(const struct xlight_config *c, uint32_t domid, const char *run_dir,
                       struct xlight__args *ret_args)
{
    struct xlight__args a = {.nr = 0};
    uint64_t kb = c->max_memory_kb == XLIGHT_UNSET_KB ? c->memory_kb : c->max_memory_kb;

    add(&a, "%s", xlight__model_program(c));
    add(&a, XLIGHT__MODEL_DOMID);
    add(&a, "%u", domid);
    add(&a, "-no-shutdown");
    add_monitor(&a, domid, run_dir, "libxl-cmd", "libxl");
    add_monitor(&a, domid, run_dir, "libxenstat-cmd", "libxenstat");
    for (unsigned int i = 0; i < c->nr_channels; i++)
        add_channel(&a, &c->channels[i]);
    add(&a, "-nodefaults");
    add(&a, "-no-user-config");
    add(&a, "-xen-attach");
    if (c->name)
        add_name(&a, c->name);
    add_screen(&a, c);
    add_all(&a, c->device_model_args, c->nr_device_model_args);
    add(&a, "-machine");
    add(&a, "xenpv");
    add_all(&a, c->device_model_args_pv, c->nr_device_model_args_pv);
    add(&a, "-m");
    add(&a, "%llu", (unsigned long long)(kb == XLIGHT_UNSET_KB ? 32 : (kb + 1023) / 1024));
    if (a.no_memory) {
        xlight__args_free(&a);
        return -ENOMEM;
    }
    *ret_args = a;
    return 0;
}

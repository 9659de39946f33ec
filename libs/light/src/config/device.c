/* SPDX-License-Identifier: MIT */
/* device.c - specifications of devices, of all types. */
#include "read.h"

static int missing(xlight_messages *m, const struct xlight__place *at, const char *what)
{
    return xlight__error(m, at, "%s is missing", what);
}

static int special_usbdev(xlight_messages *m, const struct xlight__place *at, void *obj,
                          const char *key, const char *value)
{
    (void)obj;
    if (!value || strcmp(key, "type"))
        return 1;
    return strcmp(value, "hostdev") ? xlight__error(m, at, "\"%s\" is not hostdev", value) : 0;
}

static int check_vkb(xlight_messages *m, const struct xlight__place *at, struct xlight_vkb *k)
{
    if (!k->backend_type)
        return missing(m, at, "backend-type");
    if (k->multi_touch_width || k->multi_touch_height || k->multi_touch_contacts)
        k->multi_touch = true;
    else if (k->multi_touch)
        return missing(m, at, "multi-touch-width, -height or -num-contacts");
    return 0;
}

static int check_p9(xlight_messages *m, const struct xlight__place *at, const struct xlight_p9 *p)
{
    if (!p->tag)
        return missing(m, at, "tag");
    if (!p->path)
        return missing(m, at, "path");
    return p->security_model ? 0 : missing(m, at, "security_model");
}

static int check_channel(xlight_messages *m, const struct xlight__place *at,
                         const struct xlight_channel *c)
{
    if (!c->connection)
        return missing(m, at, "connection");
    if (c->connection == XLIGHT_CHANNEL_SOCKET && !c->path)
        return missing(m, at, "path, of the socket,");
    return 0;
}

static int check(xlight_messages *m, const struct xlight__place *at, const struct xlight_type *type,
                 void *obj)
{
    if (type == &xlight__vkb_type)
        return check_vkb(m, at, obj);
    if (type == &xlight__p9_type)
        return check_p9(m, at, obj);
    if (type == &xlight__channel_type)
        return check_channel(m, at, obj);
    if (type == &xlight__vtpm_type && !((struct xlight_vtpm *)obj)->backend_domain)
        return missing(m, at, "backend");
    return 0;
}

int xlight__read_device(xlight_messages *m, const struct xlight__place *at,
                        const struct xlight_type *type, void *obj, const char *text)
{
    xlight__special_fn *special = type == &xlight__usbdev_type ? special_usbdev : NULL;
    int rc;

    if (type == &xlight__disk_type)
        return xlight__read_disk(m, at, obj, text);
    if (type == &xlight__nic_type)
        return xlight__read_nic(m, at, obj, text);
    if (type == &xlight__pci_type)
        return xlight__read_pci(m, at, obj, text);
    rc = xlight__read_spec(m, at, type, special, obj, text);
    return rc ? rc : check(m, at, type, obj);
}

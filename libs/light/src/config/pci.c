/* SPDX-License-Identifier: MIT */
/* pci.c - specifications of PCI devices, xl-pci-configuration(5). */
#include "read.h"

#define ALL_FUNCTIONS 0xffffffffU

/* Hexadecimal digits up to one of the ends; *text goes behind them. False: no such number. */
static bool hex(const char **text, const char *ends, unsigned long max, uint32_t *ret_value)
{
    size_t n = strspn(*text, "0123456789abcdefABCDEF");
    unsigned long value = n && n <= 8 ? strtoul(*text, NULL, 16) : max + 1;

    *text += n;
    if (value > max || (**text ? !strchr(ends, **text) : !strchr(ends, '$')))
        return false;
    *ret_value = (uint32_t)value;
    return true;
}

/* "[DDDD:]BB:DD.F", and with slot "@SLOT" */
static bool read_bdf(const char *text, struct xlight_pci *p, bool slot)
{
    uint32_t first, second, vslot = 0;

    if (!hex(&text, ":", 0xffff, &first) || *text++ != ':' || !hex(&text, ":.", 0xff, &second))
        return false;
    if (*text++ == ':') {
        p->domain = (int)first;
        p->bus = second;
        if (!hex(&text, ".", 0x1f, &p->device) || *text++ != '.')
            return false;
    } else {
        if (first > 0xff || second > 0x1f)
            return false;
        p->domain = 0;
        p->bus = first;
        p->device = second;
    }
    p->function = 0;
    p->vfunc_mask = 1;
    if (*text == '*') {
        p->vfunc_mask = ALL_FUNCTIONS;
        text++;
    } else if (!hex(&text, "$@", 7, &p->function)) {
        return false;
    }
    if (slot && *text == '@') {
        text++;
        if (!hex(&text, "$", 0x1f, &vslot))
            return false;
        p->vdevfn = vslot << 3;
    }
    return !*text;
}

static int special(xlight_messages *m, const struct xlight__place *at, void *obj, const char *key,
                   const char *value)
{
    struct xlight_pci *p = obj;
    struct xlight__place whole = *at;
    int64_t slot = 0;
    int rc;

    whole.part = value ? at->part : NULL;
    if (value && !strcmp(key, "vslot")) {
        rc = xlight__read_number(m, at, value, 16, 0, 0x1f, &slot);
        p->vdevfn = (uint32_t)slot << 3;
        return rc;
    }
    if (value && strcmp(key, "bdf"))
        return 1;
    if (p->vfunc_mask)
        return xlight__error(m, &whole, "there is more than one device in it");
    if (!read_bdf(value ? value : key, p, !value))
        return xlight__error(m, &whole, "\"%s\" is not a device like 0000:03:10.1 or 03:10.1%s",
                             value ? value : key, value ? "" : "@5");
    return 0;
}

int xlight__read_pci(xlight_messages *m, const struct xlight__place *at, struct xlight_pci *p,
                     const char *text)
{
    int rc = xlight__read_spec(m, at, &xlight__pci_type, special, p, text);

    if (rc)
        return rc;
    if (p->vfunc_mask && p->name)
        return xlight__error(m, at, "bdf and name cannot be given together");
    if (!p->vfunc_mask && !p->name)
        return xlight__error(m, at, "bdf is missing, or name");
    return 0;
}

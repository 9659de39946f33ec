/* SPDX-License-Identifier: MIT */
/* write-device.c - devices as specifications. */
#include <inttypes.h>
#include "write.h"

static void put_disk(FILE *out, const struct xlight_disk *d)
{
    const struct xlight_type *type = &xlight__disk_type;
    static const char *const keys[] = {"format",      "vdev",   "backend",
                                       "backendtype", "script", "specification"};

    fprintf(out, "%s", d->cdrom ? "devtype=cdrom" : d->readwrite ? "access=rw" : "access=ro");
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        const struct xlight_field *f = xlight__by_key(type, keys[i]);

        if (xlight__is_preset(f, d))
            continue;
        fprintf(out, ",%s=", keys[i]);
        xlight__put_plain(out, f, d);
    }
    if (d->direct_io_safe)
        fputs(",direct-io-safe", out);
    if (d->discard)
        fputs(d->discard == XLIGHT_YES ? ",discard" : ",no-discard", out);
    if (d->trusted)
        fputs(d->trusted == XLIGHT_YES ? ",trusted" : ",untrusted", out);
    if (d->target)
        fprintf(out, ",target=%s", d->target);
}

/* The speed of which the interval's part, rounded down, is what is meant. */
static void put_rate(FILE *out, const struct xlight_nic *n)
{
    uint64_t usecs = n->rate_interval_usecs, bytes = n->rate_bytes_per_interval;

    if (usecs && bytes < UINT64_MAX / 1000000)
        fprintf(out, ",rate=%" PRIu64 "B/s@%" PRIu64 "us", (bytes * 1000000 + usecs - 1) / usecs,
                usecs);
}

static void put_bdf(FILE *out, const struct xlight_pci *p)
{
    if (p->vfunc_mask == 1)
        fprintf(out, "%04x:%02x:%02x.%x", (unsigned int)p->domain, p->bus, p->device, p->function);
    else if (p->vfunc_mask)
        fprintf(out, "%04x:%02x:%02x.*", (unsigned int)p->domain, p->bus, p->device);
    if (p->vdevfn)
        fprintf(out, ",vslot=%x", p->vdevfn >> 3);
}

static void put_fields(FILE *out, const struct xlight_type *type, const void *obj)
{
    const char *comma = "";

    for (unsigned int i = 0; i < type->nr_fields; i++) {
        const struct xlight_field *f = &type->fields[i];

        if (!f->key || f->kind == XLIGHT_NOTHING || xlight__is_preset(f, obj))
            continue;
        fprintf(out, "%s%s=", comma, f->key);
        xlight__put_plain(out, f, obj);
        comma = ",";
    }
}

void xlight__put_device(FILE *out, const struct xlight_type *type, const void *obj)
{
    char *text = NULL;
    size_t len = 0;
    FILE *spec = open_memstream(&text, &len);
    const struct xlight_nic *n = obj;

    if (!spec)
        return; /* What is missing will be noticed. */
    if (type == &xlight__disk_type) {
        put_disk(spec, obj);
    } else if (type == &xlight__pci_type) {
        put_bdf(spec, obj);
        putc(',', spec);
        put_fields(spec, type, obj);
    } else {
        put_fields(spec, type, obj);
    }
    if (type == &xlight__nic_type) {
        put_rate(spec, n);
        if (n->trusted)
            fputs(n->trusted == XLIGHT_YES ? ",trusted" : ",untrusted", spec);
    }
    if (!fclose(spec))
        xlight__put_quoted(out, text);
    free(text);
}

/* SPDX-License-Identifier: MIT */
/*
 * disk.c - specifications of disks, xl-disk-configuration(5).
 *
 * Parts are separated by commas. Those with "=", and flags, may stand anywhere; "target=" takes the
 * rest of the text. The others are, in their order, target, format, vdev and access. Old prefixes,
 * as in "phy:/dev/sda,xvda,w", are read too; behind one there is no format.
 */
#include "read.h"
#include <stdio.h>

struct disk_reader {
    xlight_messages *m;
    struct xlight__place at;
    struct xlight_disk *d;
    bool old, access;
    int rc;
};

static void result(struct disk_reader *r, int rc)
{
    if (rc && r->rc != -ENOMEM)
        r->rc = rc;
}

static struct xlight__place part_of(const struct disk_reader *r, const char *part)
{
    struct xlight__place at = r->at;

    at.part = part;
    return at;
}

/* A text that may be given once; an empty one counts as not given. */
static void set_once(struct disk_reader *r, const char *key, char **string, const char *value)
{
    struct xlight__place at = part_of(r, key);

    if (*string && **string)
        result(r, xlight__error(r->m, &at, "is given twice, as \"%s\" and \"%s\"", *string, value));
    else
        result(r, xlight__set_string(string, value));
}

static void set_name(struct disk_reader *r, const char *key, int *field, const char *value)
{
    struct xlight__place at = part_of(r, key);
    const struct xlight_name *names = xlight__by_key(&xlight__disk_type, key)->names;
    int was = *field, now;
    int rc = xlight__read_name(r->m, &at, value, names, &now);

    if (!rc && was && was != now)
        rc = xlight__error(r->m, &at, "is given twice, as \"%s\" and \"%s\"",
                           xlight__key_of(xlight__name_of(names, was)), value);
    if (!rc)
        *field = now;
    result(r, rc);
}

static void set_format(struct disk_reader *r, const char *value)
{
    set_name(r, "format", &r->d->format, *value ? value : "raw");
}

static void set_access(struct disk_reader *r, const char *value)
{
    struct xlight__place at = part_of(r, "access");

    if (!strcmp(value, "r") || !strcmp(value, "ro"))
        r->d->readwrite = 0;
    else if (!strcmp(value, "w") || !strcmp(value, "rw") || !*value)
        r->d->readwrite = 1;
    else
        result(r, xlight__error(r->m, &at, "\"%s\" is none of r, ro, w, rw", value));
}

static void set_devtype(struct disk_reader *r, const char *value)
{
    struct xlight__place at = part_of(r, "devtype");

    if (!strcmp(value, "cdrom"))
        r->d->cdrom = 1;
    else if (!strcmp(value, "disk"))
        r->d->cdrom = 0;
    else
        result(r, xlight__error(r->m, &at, "\"%s\" is neither disk nor cdrom", value));
}

/* "hdc:cdrom", the old way to say devtype. False: there is no ":". */
static bool vdev_and_devtype(struct disk_reader *r, char *value)
{
    char *colon = strrchr(value, ':');

    if (!colon)
        return false;
    *colon = 0;
    set_once(r, "vdev", &r->d->vdev, value);
    set_devtype(r, colon + 1);
    return true;
}

static bool flag(struct disk_reader *r, const char *part)
{
    if (!strcmp(part, "cdrom"))
        r->d->cdrom = 1;
    else if (!strcmp(part, "direct-io-safe"))
        r->d->direct_io_safe = true;
    else if (!strcmp(part, "discard"))
        r->d->discard = XLIGHT_YES;
    else if (!strcmp(part, "no-discard"))
        r->d->discard = XLIGHT_NO;
    else if (!strcmp(part, "trusted"))
        r->d->trusted = XLIGHT_YES;
    else if (!strcmp(part, "untrusted"))
        r->d->trusted = XLIGHT_NO;
    else
        return false;
    return true;
}

static void named(struct disk_reader *r, const char *key, const char *value)
{
    struct xlight_disk *d = r->d;

    if (!strcmp(key, "format"))
        set_format(r, value);
    else if (!strcmp(key, "vdev"))
        set_once(r, key, &d->vdev, value);
    else if (!strcmp(key, "access"))
        set_access(r, value);
    else if (!strcmp(key, "devtype"))
        set_devtype(r, value);
    else if (!strcmp(key, "backend"))
        set_once(r, key, &d->backend_domain, value);
    else if (!strcmp(key, "backendtype"))
        set_name(r, key, &d->backend, value);
    else if (!strcmp(key, "script"))
        set_once(r, key, &d->script, value);
    else if (!strcmp(key, "specification"))
        set_name(r, key, &d->specification, value);
    else
        result(r, xlight__unknown_part(r->m, &r->at, &xlight__disk_type, key));
}

static void positional(struct disk_reader *r, char *part)
{
    struct xlight_disk *d = r->d;

    if (!d->target) {
        result(r, xlight__set_string(&d->target, part));
    } else if (!r->old && !d->format) {
        if (!*d->target && vdev_and_devtype(r, part))
            d->format = XLIGHT_FORMAT_EMPTY;
        else
            set_format(r, part);
    } else if (!d->vdev) {
        if (!vdev_and_devtype(r, part))
            set_once(r, "vdev", &d->vdev, part);
    } else if (!r->access) {
        r->access = true;
        set_access(r, part);
    } else {
        result(r, xlight__error(r->m, &r->at, "\"%s\" is one part too many", part));
    }
}

/* Takes old prefixes off the beginning of a part. */
static char *prefixes(struct disk_reader *r, char *part)
{
    static const char *const ignored[] = {"tapdisk", "tap", "tap2", "aio", "ioemu", "file", "phy"};
    static const char *const formats[] = {"raw", "qcow", "qcow2", "vhd"};
    static const char *const scripts[] = {"iscsi", "nbd", "enbd", "drbd"};
    char *colon, script[16];

again:
    colon = strchr(part, ':');
    if (!colon)
        return part;
    *colon = 0;
    for (size_t i = 0; i < sizeof(ignored) / sizeof(ignored[0]); i++)
        if (!strcmp(part, ignored[i]))
            goto found;
    for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++)
        if (!strcmp(part, formats[i])) {
            set_format(r, part);
            goto found;
        }
    for (size_t i = 0; i < sizeof(scripts) / sizeof(scripts[0]); i++)
        if (!strcmp(part, scripts[i])) {
            snprintf(script, sizeof(script), "block-%s", part);
            set_once(r, "script", &r->d->script, script);
            goto found;
        }
    *colon = ':';
    return part;
found:
    r->old = true;
    part = colon + 1;
    goto again;
}

/* "word:/path" that is not a prefix which we know. */
static bool strange_prefix(const char *part)
{
    size_t n = strspn(part, "abcdefghijklmnopqrstuvwxyz0123456789");

    return n && part[0] > '9' && part[n] == ':' && part[n + 1] == '/';
}

static void one_part(struct disk_reader *r, char *part)
{
    char *equals = strchr(part, '=');

    if (equals) {
        *equals = 0;
        named(r, part, equals + 1);
    } else if (flag(r, part)) {
        return;
    } else {
        part = prefixes(r, part);
        if (!r->d->target && strange_prefix(part))
            result(r, xlight__error(r->m, &r->at,
                                    "unknown prefix in \"%s\"; target= takes any text", part));
        else
            positional(r, part);
    }
}

static int check(struct disk_reader *r)
{
    struct xlight_disk *d = r->d;

    if (r->rc)
        return r->rc;
    if (!d->format)
        d->format = XLIGHT_FORMAT_RAW;
    if (d->cdrom) {
        d->removable = 1;
        d->readwrite = 0;
        if (!d->target || !*d->target)
            d->format = XLIGHT_FORMAT_EMPTY;
    }
    if (!d->vdev || !*d->vdev)
        return xlight__error(r->m, &r->at, "vdev is missing, what the guest calls the disk");
    if ((!d->target || !*d->target) && !d->removable)
        return xlight__error(r->m, &r->at, "target is missing; only a cdrom can be empty");
    return 0;
}

int xlight__read_disk(xlight_messages *m, const struct xlight__place *at, struct xlight_disk *d,
                      const char *text)
{
    struct disk_reader r = {.m = m, .at = *at, .d = d};
    char *copy = strdup(text), *next = copy, *part;

    if (!copy)
        return -ENOMEM;
    d->readwrite = 1;
    while (next && !r.rc) {
        next += strspn(next, " \t\n");
        if (!*next)
            break;
        if (!strncmp(next, "target=", 7)) {
            set_once(&r, "target", &d->target, next + 7);
            break;
        }
        part = strsep(&next, ",");
        one_part(&r, part);
    }
    free(copy);
    return check(&r);
}

/* SPDX-License-Identifier: MIT */
/* spec.c - specifications of devices: key=value,key=value,... */
#include "read.h"

int xlight__unknown_part(xlight_messages *m, const struct xlight__place *at,
                         const struct xlight_type *type, const char *key)
{
    const char *near = xlight_nearest_key(type, key);

    if (type->lenient)
        return xlight__warning(m, at, "unknown parameter \"%s\"%s%s%s", key,
                               near ? "; did you mean \"" : "", near ? near : "",
                               near ? "\"?" : "");
    return xlight__error(m, at, "unknown parameter \"%s\"%s%s%s", key,
                         near ? "; did you mean \"" : "", near ? near : "", near ? "\"?" : "");
}

static int read_part(xlight_messages *m, const struct xlight__place *at,
                     const struct xlight_type *type, xlight__special_fn *special, void *obj,
                     const char *key, const char *value)
{
    struct xlight__place part = *at;
    const struct xlight_field *f;
    int rc = 1;

    part.part = key;
    if (special)
        rc = special(m, &part, obj, key, value);
    if (rc <= 0)
        return rc;
    f = xlight__by_key(type, key);
    if (!f)
        return xlight__unknown_part(m, at, type, key);
    if (!value)
        return xlight__error(m, &part, "must have a value, %s=...", key);
    if (f->kind == XLIGHT_NOTHING)
        return xlight__error(m, &part, "is a flag, without a value");
    return xlight__read_field(m, &part, f, obj, value);
}

/* Cuts blanks off both ends. */
static char *trim(char *text)
{
    char *end;

    while (*text == ' ' || *text == '\t' || *text == '\n')
        text++;
    end = text + strlen(text);
    while (end > text && (end[-1] == ' ' || end[-1] == '\t' || end[-1] == '\n'))
        *--end = 0;
    return text;
}

int xlight__read_spec(xlight_messages *m, const struct xlight__place *at,
                      const struct xlight_type *type, xlight__special_fn *special, void *obj,
                      const char *text)
{
    char *copy = strdup(text), *part, *next = copy;
    int rc = copy ? 0 : -ENOMEM;

    while (rc != -ENOMEM && (part = strsep(&next, ","))) {
        char *value = strchr(part, '=');
        int this = 0;

        if (value)
            *value++ = 0;
        part = trim(part);
        if (*part || value)
            this = read_part(m, at, type, special, obj, part, value ? trim(value) : NULL);
        rc = this ? this : rc;
    }
    free(copy);
    return rc;
}
